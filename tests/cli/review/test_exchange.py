"""`sightline review export`, `import`, `report` on a sample scene, whose folder stays as it is."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from viewer.cli.parser import app
from viewer.review import Reviewer, Workspace
from viewer.review.datasets.entities import DATASETS
from viewer.review.exchange.catalog import SHAPES
from viewer.review.exchange.records import read_records

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"


def call(*arguments: object, code: int = 0) -> str:
    answer = CliRunner().invoke(app, ["review", *map(str, arguments)])
    assert answer.exit_code == code, (answer.output, answer.exception)
    return answer.output


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "a.sightline"
    call("new", path, STREET)
    here = ("--scene", "street", "--frame", "000005")
    label = (*here, "--label-set", "ground_truth", "--label", "car-01.005")
    call("verdict", path, "rejected", *label, "--reason", "loose box", "--reviewer", "ann")
    call("open-issue", path, "Loose boxes", *label, "--reviewer", "bob")
    return path


def held(path: Path):
    with Workspace.open(path, Reviewer("eve"), read_only=True) as opened:
        (dataset,) = opened.reading.rows(DATASETS)
        return read_records(opened.reading, dataset["key"])


def told(records) -> tuple:
    """What is decided, without the dataset's id, which each workspace gives."""
    verdicts = [
        (each.subject.label_id, each.state, each.reviewer, each.time_ns, each.reasons)
        for each in records.verdicts
    ]
    return verdicts, [(each.issue, len(each.elements)) for each in records.issues]


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        total.update(str(file.relative_to(folder)).encode())
        total.update(file.read_bytes() if file.is_file() else b"")
    return total.hexdigest()


@pytest.mark.parametrize("shape", [each.name for each in SHAPES])
def test_every_shape_is_written_and_taken_back(workspace, shape, tmp_path):
    before = digest(STREET)
    out = tmp_path / "out"
    facts = json.loads(call("export", workspace, out, "--to", shape, "--json"))
    assert sorted(facts["files"]) == sorted(map(str, out.iterdir()))
    other = tmp_path / "b.sightline"
    call("new", other, STREET)
    empty = held(other)
    call("import", other, out, "--from", shape, "--dry-run")
    assert held(other) == empty
    taken = json.loads(call("import", other, out, "--from", shape, "--json"))
    assert taken["problems"] == []
    assert taken["verdicts"] + taken["issues"] > 0
    if shape in ("json", "csv"):
        assert told(held(other)) == told(held(workspace))
    assert digest(STREET) == before


@pytest.mark.render
def test_report(workspace, tmp_path):
    out = tmp_path / "review.html"
    found = json.loads(call("report", workspace, "--out", out, "--json"))
    text = out.read_text(encoding="utf-8")
    assert "Loose boxes" in text
    assert text.count("data:image/jpeg;base64,") == 2
    assert (found["report"], found["bytes"]) == (str(out), out.stat().st_size)
    assert found["issues"] == {"all": 1, "open": 1, "by_state": {"triage": 1}, "with_pictures": 1}
    judged = held(workspace)
    assert sum(found["verdicts"].values()) == len({each.subject for each in judged.verdicts})
    assert found["marks"] == len(judged.marks)
    assert call("report", workspace, "--out", out) == f"{out}\n"


def test_what_cannot_be_done_is_said(workspace, tmp_path):
    inside = STREET / "review"
    assert "never written to" in call("export", workspace, inside, code=2)
    assert not inside.exists()
    assert "choose json, csv" in call("export", workspace, tmp_path, "--to", "xml", code=2)
    nowhere = tmp_path / "nowhere"
    assert "no longer at" in call("report", workspace, "--data", nowhere, code=2)
