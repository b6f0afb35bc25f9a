"""The benchmark of merging merges files that are sound, and copies what they hold."""

import importlib.util
import sqlite3
from pathlib import Path

import pytest

from viewer.review import Reviewer, Workspace

PATH = Path(__file__).parents[3] / "packaging" / "bench" / "merge.py"


@pytest.fixture
def bench():
    spec = importlib.util.spec_from_file_location("merge_bench", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_both_are_measured(bench):
    (row,) = bench.measure(400)
    assert (row["unit"], row["reference_name"]) == ("ms", "plain sqlite copy")
    assert row["ours"] > 0
    assert row["reference"] > 0


def test_what_it_merges_is_a_workspace_and_the_copy_has_all_rows(bench, tmp_path):
    ann, bob = tmp_path / "ann.sightline", tmp_path / "bob.sightline"
    bench.build(ann, "ann", "a" * 32, 0, 300)
    bench.build(bob, "bob", "b" * 32, 200, 300)
    for path in (ann, bob):
        with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
            assert workspace.journal.last_seq == 303
    plain = tmp_path / "plain.sqlite"
    bench.copy_plainly(ann, bob, plain)
    connection = sqlite3.connect(plain)
    assert connection.execute("SELECT count(*) FROM verdicts").fetchone() == (600,)
    assert connection.execute("SELECT count(*), max(seq) FROM commands").fetchone() == (606, 606)
    connection.close()
