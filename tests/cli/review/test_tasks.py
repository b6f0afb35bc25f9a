"""`sightline review tasks`, `task`, `make-task`, `change-task`, `item-status`."""

import json
from pathlib import Path

import pytest
from cli.review.calling import call, call_json
from cli.review.dataset_hash import hash_of
from review.issues_examples import DATASET

from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.edits import ChangeAttribute
from viewer.review.commands.slices import CreateSlice
from viewer.review.slices.members import Members

FRAMES = [Subject.frame(DATASET, "street_0007", f"{number:06}") for number in range(4)]


def frame(number: int) -> tuple[str, ...]:
    return ("--scene", "street_0007", "--frame", f"{number:06}")


@pytest.fixture
def night(path: Path) -> Path:
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(CreateSlice(new_id(), "night", Members.of(FRAMES)))
    return path


def make(path: Path, name: str = "draw", *options: object):
    told = options or ("--slice", "night")
    return call_json("make-task", path, name, "--kind", "annotation", *told, reviewer="ann")


def test_a_task_is_made_with_all_its_fields_and_parted(night: Path):
    made = make(
        night, "draw", "--slice", "night", "--due", "2026-01-31", "--priority", "high", "--owner",
        "eve", "--instructions", "Occlusion first.", "--mandatory", "occlusion=car,van",
        "--mandatory", "colour", "--share", "ann=75", "--share", "bob=25", "--batch-size", 1,
    )  # fmt: skip
    assert (made["kind"], made["owner"], made["due"], made["priority"], made["overdue"]) == (
        "annotation", "eve", "2026-01-31", "high", True,
    )  # fmt: skip
    assert made["mandatory"] == [
        {"name": "occlusion", "classes": ["car", "van"]}, {"name": "colour", "classes": []},
    ]  # fmt: skip
    assert (made["total"], made["done"], made["origin"]) == (4, 0, "slice night")
    batches = call_json("queue", night, "draw")["batches"]
    assert [each["assignee"] for each in batches] == ["ann", "ann", "ann", "bob"]
    text = call("task", night, "draw")
    assert "occlusion of car and van, colour" in text
    assert "Occlusion first." in text
    assert "due 2026-01-31, overdue" in call("tasks", night)
    assert call_json("tasks", night, "--kind", "qa") == []


def test_statuses_are_counted_and_logged_and_a_second_task_checks_what_is_completed(night: Path):
    make(night)
    told = call_json("item-status", night, "draw", "completed", *frame(1), "--seconds", 12,
                     reviewer="bob")  # fmt: skip
    assert told["status"] == "completed"
    call("item-status", night, "draw", "completed", *frame(2), reviewer="bob")
    call("item-status", night, "draw", "discarded", *frame(2), reviewer="ann")
    call("item-status", night, "draw", "completed", *frame(3), reviewer="ann")
    assert "no status" in call("item-status", night, "draw", "clear", *frame(3), reviewer="ann")
    found = call_json("task", night, "draw")
    assert found["statuses"] == {"completed": 1, "approved": 0, "discarded": 1}
    assert found["by_reviewer"] == {"ann": {"discarded": 1}, "bob": {"completed": 1}}
    assert found["done"] == 2
    log = [(each["reviewer"], each["action"], each["status"]) for each in found["log"]]
    assert log == [
        ("bob", "created", "completed"), ("bob", "created", "completed"),
        ("ann", "changed", "discarded"), ("ann", "created", "completed"),
        ("ann", "cleared", None),
    ]  # fmt: skip
    assert "bob  created  frame 000001 of street_0007: completed" in call("task", night, "draw")
    made = call_json("make-task", night, "check", "--kind", "qa", "--parent", "draw")
    assert (made["parent"], made["total"]) == ("draw", 1)
    assert call_json("task", night, "draw", "--no-log")["subtasks"] == ["check"]
    refused = call("item-status", night, "check", "completed", *frame(1), code=1)
    assert "approved or discarded" in refused
    assert "no item" in call("item-status", night, "check", "approved", *frame(0), code=1)


def test_a_task_is_changed_and_put_away(night: Path):
    make(night, "draw", "--slice", "night", "--due", "2027-01-31", "--mandatory", "occlusion")
    made = call_json("change-task", night, "draw", "--name", "draw all", "--due", "none",
                     "--mandatory", "none", "--priority", "low")  # fmt: skip
    assert (made["name"], made["due"], made["mandatory"], made["priority"]) == (
        "draw all", None, [], "low",
    )  # fmt: skip
    call("change-task", night, "draw all", "--archive")
    assert "no tasks" in call("tasks", night)
    assert [each["name"] for each in call_json("tasks", night, "--archived")] == ["draw all"]
    assert "nothing to change" in call("change-task", night, "draw all", code=2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--due", "soon"], "no date"),
        (["--priority", "urgent"], "none of low, medium, high"),
        (["--mandatory", "=car"], "names no attribute"),
        (["--parent", "other"], "no task other"),
        ([], "what goes in"),
    ],
)
def test_what_is_wrong_with_options_is_told_and_nothing_made(night: Path, options, reason):
    told = call("make-task", night, "draw", "--kind", "annotation", *options, code=2)
    assert reason in told
    assert call_json("tasks", night, "--archived") == []


def test_a_task_takes_labels_by_what_they_are_as_a_queue_does(street):
    path, _scene = street
    labels = ("--label-set", "ground_truth")
    near = (*labels, "--distance", 0, 20, "--points", 50, 1e6)
    queue = call_json("build-queue", path, "near queue", *near)
    task = make(path, "near task", *near)
    everything = make(path, "everything", *labels)
    assert task["origin"] == queue["origin"]
    assert 0 < task["total"] == queue["total"] < everything["total"]


def test_what_lacks_a_mandatory_attribute_is_named_and_blocks_completion(street):
    path, scene = street
    before = hash_of(scene)
    first = json.loads((scene / "labels" / "ground_truth.jsonl").read_text().splitlines()[0])
    cars = [
        label_id
        for columns in (first["cuboids"], first["boxes_2d"])
        for label_id, name in zip(columns["label_id"], columns["class_name"], strict=True)
        if name == "car"
    ]
    there = ("--scene", "street", "--frame", "000000")
    on_label = (*there, "--label-set", "ground_truth", "--label", cars[0])
    call("slice", path, "first", *there)
    call("slice", path, "label", *on_label)
    for name in ("first", "label"):
        make(path, name, "--slice", name, "--mandatory", "colour=car")
    told = call("item-status", path, "first", "completed", *there, code=1)
    assert f"label {cars[0]} (car) lacks colour" in told
    assert f"and {len(cars) - 3} more labels" in told
    assert call_json("task", path, "first")["done"] == 0
    call("item-status", path, "first", "discarded", *there)
    assert "lacks colour" in call("item-status", path, "label", "completed", *on_label, code=1)
    with Workspace.open(path, Reviewer("ann")) as workspace:
        [dataset_id] = workspace.reading.query("SELECT key FROM datasets")[0]
        subject = Subject.label(dataset_id, "street", "000000", "ground_truth", cars[0])
        workspace.run(ChangeAttribute(subject, "colour", "red"))
    done = call_json("item-status", path, "label", "completed", *on_label)
    assert done["status"] == "completed"
    assert hash_of(scene) == before
