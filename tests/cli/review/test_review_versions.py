"""Versions, splits and lists of ids from the command line, on the sample scene."""

import json

import pytest
from cli.review.calling import call, call_json

from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.edits import ChangeBox, ChangeClass, DeleteLabel
from viewer.review.datasets.entities import DATASETS


@pytest.fixture
def edited(street):
    """The workspace, its scene, and labels of which one each got a class, a box, and deleted."""
    path, scene = street
    dataset = open_dataset(scene)
    labels = dataset.scenes[0].reader.read_labels(0, "ground_truth").cuboids
    frame = dataset.scenes[0].frames[0].key
    dataset.close()
    ids = list(labels.label_ids[:3])
    center = [float(each) for each in labels.cuboids.center[1]]
    with Workspace.open(path, Reviewer("ann")) as workspace:
        dataset_id = workspace.reading.rows(DATASETS)[0]["key"]
        first, second, third = (
            Subject.label(dataset_id, "street", frame, "ground_truth", each) for each in ids
        )
        workspace.run(ChangeClass(first, "tank"))
        moved = (center[0], center[1] + 3.0, center[2])
        workspace.run(ChangeBox(second, center=moved))
        workspace.run(DeleteLabel(third))
    return path, scene, ids


def test_versions_are_saved_compared_and_restored(edited):
    path, _, ids = edited
    made = call_json("save-version", path, "first", "--label-set", "ground_truth", reviewer="ann")
    assert (made["edited_labels"], made["author"]) == (3, "ann")
    call("undo", path, "--to", "first", reviewer="ann", code=2)

    found = call_json(
        "diff", path, "ground_truth:delivered", "first", "--no-boxes-2d", "--no-attributes"
    )
    told = {each["label"]: each for each in found["labels"]}
    assert set(told) == set(ids)
    assert told[ids[0]]["what"][0].endswith("to tank")
    assert told[ids[1]]["what"] == ["centre 3.00 m"]
    assert told[ids[1]]["center_m"] == pytest.approx(3)
    assert told[ids[2]]["difference"] == "removed"
    assert told[ids[2]]["iou"] is None
    assert (found["all"]["changed"], found["all"]["removed"], found["all"]["added"]) == (2, 1, 0)
    tank = next(each for each in found["classes"] if each["class_name"] == "tank")
    assert (tank["before"], tank["after"], tank["reclassed_to"]) == (0, 1, 1)

    assert call_json("diff", path, "first", "ground_truth")["labels"] == []
    fork = call_json("fork-version", path, "tanks", "--of", "first", "--class", "tank")
    assert fork["parent"] == "first"
    counts = call_json("diff", path, "first", "tanks", "--no-boxes-2d")["all"]
    assert counts["after"] == 1
    call_json("save-version", path, "second", "--label-set", "ground_truth")
    assert "nothing to change" in call("restore-version", path, "first")
    assert [each["name"] for each in call_json("versions", path)] == ["first", "tanks", "second"]
    assert "tanks  ground_truth, 3 labels edited, fork of first" in call("versions", path)


def test_restoring_takes_later_edits_back(edited):
    path, _, ids = edited
    call("save-version", path, "first", "--label-set", "ground_truth")
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.undo()
    assert len(call_json("diff", path, "first", "ground_truth", "--no-boxes-2d")["labels"]) == 1
    assert call_json("restore-version", path, "first", reviewer="ann")["changed"]
    assert "Restore version “first”" in call("undo", path, reviewer="ann")
    assert "Restore version “first”" in call("restore-version", path, "first", reviewer="ann")
    assert call_json("diff", path, "first", "ground_truth")["labels"] == []
    told = call("diff", path, "ground_truth:delivered", "first", "--no-boxes-2d")
    assert "mean changes" in told
    assert f"{ids[1]}: centre 3.00 m" in told


def test_two_label_sets_compare_by_overlap(street):
    path, scene = street
    options = ("--no-ids", "--no-tracks", "--no-attributes", "--no-boxes-2d")
    inside = call_json("diff", path, "ground_truth", "detector", *options)
    other = call_json("diff", path, "ground_truth", f"detector:{scene}", *options)
    assert inside["all"] == other["all"]
    assert inside["all"]["added"] > 0
    assert {each["matched_by"] for each in inside["labels"]} <= {"overlap", None}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["diff", "nowhere", "ground_truth"], "no version nowhere"),
        (["diff", "nowhere:delivered", "ground_truth"], "no label set nowhere; known: detector"),
        (["restore-version", "nowhere"], "no version nowhere"),
        (["split", "v1", "--label-set", "ground_truth"], "1 scenes cannot be split into 3 parts"),
        (["split", "v1", "--label-set", "gt", "--share", "train"], "not PART=SHARE"),
        (["export-slice", "night", "x.txt"], "no slice night"),
    ],
)
def test_what_makes_no_sense_is_said(street, arguments, reason):
    path, _ = street
    command, *rest = arguments
    assert reason in call(command, path, *rest, code=2)


def test_a_split_of_one_part(street):
    path, _ = street
    made = call_json("split", path, "v1", "--label-set", "ground_truth", "--share", "all=1")
    assert [(each["name"], each["scenes"]) for each in made["parts"]] == [("all", 1)]
    classes = {each["class"]: each for each in made["classes"]}
    assert classes["car"]["percents"] == [100.0]
    assert classes["all"]["counts"] == [1560]
    assert call_json("splits", path)[0]["name"] == "v1"
    assert "car" in call("splits", path)
    assert "v1 all  1 scene  100 % of split v1, seed 0" in call("slices", path)


def test_slices_go_out_and_come_back(street, tmp_path):
    path, scene = street
    keys = ("000000", "000003", "000004", "000006")
    for key in keys:
        call("slice", path, "night", "--scene", "street", "--frame", key)
    call("export-slice", path, "night", tmp_path / "n.txt")
    assert (tmp_path / "n.txt").read_text().split() == [f"street/{key}" for key in keys]
    call("export-slice", path, "night", tmp_path / "s.txt", "--short")
    assert (tmp_path / "s.txt").read_text().split() == list(keys)
    call("export-slice", path, "night", tmp_path / "n.json")
    assert json.loads((tmp_path / "n.json").read_text())["count"] == 4
    call("export-slice", path, "night", tmp_path / "tags", "--lightly")
    tags = json.loads((tmp_path / "tags" / "lightly_tags.json").read_text())
    assert tags[1]["bitMaskData"] == "0x59"

    members = call_json("slice", path, "night")["members"]
    drawn = call_json("sample", path, "two", "--of", "night", "--count", "2", "--seed", "3")
    assert drawn["origin"] == "2 of night, seed 3"
    assert all(each in members for each in drawn["members"])
    for name, source in {"a": "n.txt", "b": "s.txt", "c": "n.json"}.items():
        made = call_json("import-slice", path, tmp_path / source, "--name", name)
        assert (made["slices"], made["problems"]) == ({name: 4}, [])
        assert call_json("slice", path, name)["members"] == members
    source = tmp_path / "tags" / "lightly_tags.json"
    call("import-slice", path, source, "--name", "d", code=0)
    assert call_json("slice", path, "d")["members"] == members

    (tmp_path / "n.txt").write_text("street/000001\nstreet/900000\n")
    told = call("import-slice", path, tmp_path / "n.txt")
    assert "n  1" in told
    assert "line 2" in told
    assert "never written" in call("export-slice", path, "night", scene / "x.txt", code=2)
    assert not (scene / "x.txt").exists()
