"""`sightline review redelivery` and `sightline convert --edits`."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_datasets import TINY_DATASETS
from typer.testing import CliRunner

from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer, Subject, Workspace
from viewer.review.attach import attach_dataset
from viewer.review.commands.edits import ChangeClass
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.edits.reading import edits
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.verdicts.model import VerdictState

runner = CliRunner()


def run(*words):
    return runner.invoke(app, [*map(str, words)])


@pytest.fixture
def reviewed(tmp_path: Path):
    """A KITTI dataset (labels are known by their row), and a workspace with an edit in it."""
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS["kitti_object"][0](tmp_path / "made")
    file = tmp_path / "a.sightline"
    dataset = open_dataset(root)
    scene = dataset.scenes[0]
    label_set = scene.label_sets[0].label_set_id
    labels = scene.reader.read_labels(0, label_set)
    with Workspace.create(file, Reviewer("ann")) as workspace:
        known = attach_dataset(workspace, dataset).dataset_id
        label_id = labels.cuboids.label_ids[0]
        subject = Subject.label(known, scene.scene_id, scene.frames[0].key, label_set, label_id)
        snapshot = snapshot_of(labels, label_id)
        workspace.run(ChangeClass(subject, "Van", snapshot))
        workspace.run(SetVerdict(subject, VerdictState.NEEDS_FIX, snapshot=snapshot))
    dataset.close()
    return root, file


def test_convert_writes_labels_as_edited_in_the_same_layout(reviewed, tmp_path):
    root, file = reviewed
    answer = run("convert", root, tmp_path / "out", "--to", "kitti_object", "--edits", file)
    assert answer.exit_code == 0, answer.output
    answer = run("convert", root, tmp_path / "plain", "--to", "kitti_object")
    assert answer.exit_code == 0, answer.output
    changed = []
    for path in sorted((tmp_path / "out").rglob("*")):
        other = tmp_path / "plain" / path.relative_to(tmp_path / "out")
        if path.is_file() and path.read_bytes() != other.read_bytes():
            changed.append((path.read_text().splitlines(), other.read_text().splitlines()))
    ((new, old),) = changed
    assert [line.split()[0] for line in new] == ["Van", *(line.split()[0] for line in old[1:])]
    assert [line.split()[1:] for line in new] == [line.split()[1:] for line in old]


def test_convert_refuses_a_workspace_that_is_about_something_else(reviewed, tmp_path):
    _, file = reviewed
    (tmp_path / "b").mkdir()
    other = TINY_DATASETS["native"][0](tmp_path / "b")
    answer = run("convert", other, tmp_path / "out", "--to", "native", "--edits", file)
    assert answer.exit_code == 2
    assert "no decisions about" in answer.output
    assert not (tmp_path / "out").exists()


def test_a_new_delivery_is_compared_and_decisions_follow_their_labels(reviewed, tmp_path):
    root, file = reviewed
    answer = run("review", "redelivery", file, root)
    assert answer.exit_code == 0, answer.output
    assert "1 as before, none stale" in answer.output
    path = next(path for path in sorted(root.rglob("label_2/*.txt")) if path.read_text())
    path.write_text("DontCare -1 -1 -10 1 1 2 2 -1 -1 -1 -1000 -1000 -1000 -10\n"
                    + path.read_text().splitlines()[0].replace("Car", "Pedestrian", 1) + "\n"
                    + path.read_text())  # fmt: skip
    answer = run("review", "redelivery", file, root, "--json")
    told = json.loads(answer.output)
    ((move,), stale) = told["moves"], told["stale"]
    assert (told["kept"], stale) == (0, [])
    assert move["label"]["label_id"] != move["to"]
    with Workspace.open(file, Reviewer("ann"), read_only=True) as workspace:
        assert [each[0].label_id for each in edits(workspace.reading)] == [
            move["label"]["label_id"]
        ]
    answer = run("review", "redelivery", file, root, "--accept")
    assert answer.exit_code == 0, answer.output
    assert f"is label {move['to']} now" in answer.output
    with Workspace.open(file, Reviewer("ann"), read_only=True) as workspace:
        assert [each[0].label_id for each in edits(workspace.reading)] == [move["to"]]
        assert workspace.reading.query("SELECT count(*) FROM verdicts") == [(1,)]


def test_what_changed_is_listed_with_the_difference(reviewed, tmp_path):
    root, file = reviewed
    path = next(path for path in sorted(root.rglob("label_2/*.txt")) if path.read_text())
    words = path.read_text().splitlines()[0].split()
    words[10] = f"{float(words[10]) + 0.5:.2f}"
    path.write_text(" ".join(words) + "\n")
    answer = run("review", "redelivery", file, root)
    assert answer.exit_code == 0, answer.output
    assert "0.50 m longer" in answer.output
    moved = tmp_path / "elsewhere" / root.name
    moved.parent.mkdir()
    shutil.move(root, moved)
    answer = run("convert", moved, tmp_path / "out", "--to", "kitti_object", "--edits", file)
    assert answer.exit_code == 0, answer.output
    assert "was delivered otherwise since" in answer.output
