"""`sightline review edit`, `edits`, `merge-tracks`, `split-track`; the edited dataset tells."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.review.calling import call, call_json
from cli.review.dataset_hash import hash_of

from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer, Workspace
from viewer.review.edits.edited_dataset import edited_dataset
from viewer.scene.labels import FrameLabels

IN_SET = ("--scene", "street", "--label-set", "ground_truth")
CAR = (*IN_SET, "--frame", "000000", "--label", "car-01.000")


@pytest.fixture
def path(street) -> Iterator[Path]:
    """A workspace; the dataset is byte-identical afterwards."""
    path, scene = street
    before = hash_of(scene)
    yield path
    assert hash_of(scene) == before


def frames(path: Path) -> list[FrameLabels]:
    """The labels of every frame as they are with the edits of the workspace."""
    with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
        reading = workspace.reading
        [(dataset_id, where)] = reading.query("SELECT key, path FROM datasets")
        opened = open_dataset(Path(where))
        [scene] = edited_dataset(opened, reading, dataset_id).scenes
        found = [scene.reader.read_labels(each.index, "ground_truth") for each in scene.frames]
        opened.close()
    return found


def car(path: Path) -> tuple[FrameLabels, int]:
    labels = frames(path)[0]
    return labels, list(labels.cuboids.label_ids).index("car-01.000")


def test_a_label_changes_in_one_step_that_undo_takes_back(path: Path):
    told = call_json(
        "edit", path, *CAR, "--class", "van", "--track", "v9", "--attribute", "occlusion=half",
        "--attribute", "count=2", "--attribute", "far=1e999", "--attribute", "state=null",
        "--center", 1, "-2", 0.5, "--size", 5, 2, 1.5, "--yaw", 90, reviewer="ann",
    )  # fmt: skip
    assert told["changed"] == [
        "class", "track", "attribute count", "attribute far", "attribute occlusion",
        "attribute state", "box",
    ]  # fmt: skip
    labels, row = car(path)
    cuboids = labels.cuboids
    assert (cuboids.class_names[row], cuboids.track_ids[row]) == ("van", "v9")
    attributes = cuboids.attributes[row]
    assert (attributes["occlusion"], attributes["count"]) == ("half", 2)
    assert attributes["far"] == "1e999"
    assert attributes.get("state") is None
    assert cuboids.cuboids.center[row] == pytest.approx([1, -2, 0.5])
    assert cuboids.cuboids.size[row] == pytest.approx([5, 2, 1.5])
    half = math.sqrt(0.5)
    assert cuboids.cuboids.rotation[row] == pytest.approx([half, 0, 0, half])
    listed = call("edits", path)
    assert "label car-01.000 in street / 000000 of ground_truth  class van, track v9" in listed
    assert "no state, box" in listed
    assert call_json("edits", path, "--scene", "yard") == []
    call("undo", path, reviewer="ann")
    assert "no edits" in call("edits", path)


def test_a_heading_is_flipped_a_label_deleted_and_restored(path: Path):
    before, row = car(path)
    call("edit", path, *CAR, "--flip")
    after, _ = car(path)
    turn = before.cuboids.cuboids.yaw_rad[row] - after.cuboids.cuboids.yaw_rad[row]
    assert abs(abs(turn) - math.pi) < 0.01
    call("edit", path, *CAR, "--delete")
    assert "car-01.000" not in frames(path)[0].cuboids.label_ids
    assert call_json("edits", path)[0]["deleted"] is True
    assert call_json("edit", path, *CAR, "--restore") is None
    again, _ = car(path)
    assert again.cuboids.cuboids.rotation[row] == pytest.approx(
        before.cuboids.cuboids.rotation[row]
    )
    assert call_json("edit", path, *CAR, "--track", "none")["track"] == ""
    assert car(path)[0].cuboids.track_ids[row] is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "what to change"),
        (["--delete", "--class", "van"], "stand alone"),
        (["--restore", "--delete"], "stand alone"),
        (["--yaw", "1", "--rotation", "1", "0", "0", "0"], "one of --yaw"),
        (["--attribute", "occlusion"], "NAME=VALUE"),
        (["--box-px", "1", "2", "3", "4"], "no 2D box"),
        (["--flip", "--unchecked"], "must be there to flip"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_changed(path: Path, options, reason):
    assert reason in call("edit", path, *CAR, *options, code=2)
    assert call_json("edits", path) == []


def test_what_is_not_there_is_told(path: Path):
    other = (*IN_SET, "--frame", "000000", "--label", "nobody")
    assert "no label nobody" in call("edit", path, *other, "--class", "van", code=2)
    assert "negative" in call("edit", path, *CAR, "--size", "-1", 2, 3, code=1)
    flat = (*IN_SET, "--frame", "000000", "--label", flat_label(path))
    assert "no cuboid" in call("edit", path, *flat, "--center", 1, 2, 3, code=2)
    assert call_json("edit", path, *flat, "--box-px", 1, 2, 30, 40)["box_px"] == [1, 2, 30, 40]


def flat_label(path: Path) -> str:
    labels = frames(path)[0]
    return next(each for each in labels.boxes_2d.label_ids if each not in labels.cuboids.label_ids)


def labels_of(path: Path, track_id: str) -> list[tuple[int, str]]:
    return [
        (number, label_id)
        for number, labels in enumerate(frames(path))
        for columns in (labels.cuboids, labels.boxes_2d)
        for label_id, own in zip(columns.label_ids, columns.track_ids, strict=True)
        if own == track_id
    ]


def test_a_track_is_split_and_merged_again(path: Path):
    whole = labels_of(path, "car-03")
    told = call_json("split-track", path, "car-03", "--from", "000010", *IN_SET, reviewer="ann")
    assert told["track"] == "car-03-2"
    assert labels_of(path, "car-03-2") == [each for each in whole if each[0] >= 10]
    assert labels_of(path, "car-03") == [each for each in whole if each[0] < 10]
    assert told["labels"] == sum(number >= 10 for number, _ in whole)
    again = ("split-track", path, "car-03-2", "--from", "000020", *IN_SET)
    assert "already" in call(*again, "--new", "car-01", code=2)
    assert "both sides" in call("split-track", path, "car-03", "--from", "000010", *IN_SET, code=2)
    merged = call_json("merge-tracks", path, "car-03", "car-03-2", *IN_SET, reviewer="ann")
    assert merged["text"] == "Merge track car-03-2 into track car-03"
    assert labels_of(path, "car-03") == whole
    assert call_json("edits", path) == []
    call("undo", path, reviewer="ann")
    assert len(labels_of(path, "car-03-2")) == told["labels"]


def test_tracks_that_share_a_frame_are_not_merged(path: Path):
    told = call("merge-tracks", path, "car-01", "car-03", *IN_SET, code=1)
    assert "two labels in frame 000000" in told
    assert "no track bus-77" in call("merge-tracks", path, "car-01", "bus-77", *IN_SET, code=2)
    assert "once" in call("merge-tracks", path, "car-01", "car-01", *IN_SET, code=2)
    elsewhere = ("--scene", "yard", "--label-set", "ground_truth")
    assert "no scene yard" in call("merge-tracks", path, "a", "b", *elsewhere, code=2)
    assert json.loads(call("edits", path, "--json")) == []
