"""Slices, tags, marks and bookmarks from the command line."""

import json
import math

import pytest
from cli.review.calling import call, call_json
from review.issues_examples import DATASET

from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.bookmarks import AddBookmark
from viewer.review.marks.reading import marks
from viewer.review.slices.reading import member_keys, slices_named
from viewer.review.tags.reading import tags_of

SCENES = {name: Subject.scene(DATASET, name) for name in "abc"}


def members(reading, name: str) -> set[str]:
    """Scenes in a slice, as the API tells them."""
    keys = reading(lambda r: member_keys(r, slices_named(r, name)[0].slice_id))
    return {scene for scene, subject in SCENES.items() if subject.key in keys}


def test_slices_are_made_by_hand_and_combined(path, reading):
    for name, scenes in {"night": "ab", "rain": "bc"}.items():
        for scene in scenes:
            call("slice", path, name, "--scene", scene, reviewer="ann")
    assert (members(reading, "night"), members(reading, "rain")) == ({"a", "b"}, {"b", "c"})
    for how, expected in {"union": "abc", "intersection": "b", "difference": "a"}.items():
        made = call_json("combine", path, f"the {how}", how, "night", "rain")
        assert members(reading, f"the {how}") == set(expected)
        assert made["count"] == len(expected)
        assert [each["scene"] for each in made["members"]] == sorted(expected)
    call("slice", path, "night", "--scene", "a", "--remove", reviewer="ann")
    assert members(reading, "night") == {"b"}
    assert [each["name"] for each in call_json("slices", path)] == sorted(
        ["night", "rain", "the difference", "the intersection", "the union"]
    )
    assert "rain  2 scenes" in call("slices", path)
    assert "scene b" in call("slice", path, "rain")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["slice", "day"], 2, "no slice day"),
        (["slice", "day", "--scene", "a", "--remove"], 2, "no slice day"),
        (["slice", "day", "--dataset", "street"], 2, "what to put in"),
        (["combine", "x", "union", "day"], 2, "no slice day"),
        (["combine", "x", "sum", "night"], 2, "none of union"),
        (["slice", "night", "--scene", "a", "--frame", "f"], 1, "slice of scenes"),
    ],
)
def test_what_makes_no_slice_is_said(path, arguments, code, reason):
    call("slice", path, "night", "--scene", "a")
    command, *rest = arguments
    assert reason in call(command, path, *rest, code=code)


def test_tags_are_put_on_taken_off_and_filtered(path, reading):
    for scene, tags in {"a": ["night", "rain"], "b": ["night"], "c": ["rain", "done"]}.items():
        for tag in tags:
            call("tag", path, tag, "--scene", scene, reviewer="ann")
    assert reading(lambda r: tags_of(r, SCENES["a"])) == ("night", "rain")

    def scenes(*options: str) -> str:
        return "".join(each["scene"] for each in call_json("tags", path, *options))

    assert scenes("--all", "night", "--all", "rain") == "a"
    assert scenes("--any", "night", "--any", "rain") == "abc"
    assert scenes("--any", "rain", "--none", "done") == "a"
    assert call_json("tags", path) == {"done": 1, "night": 2, "rain": 2}
    told = call_json("tag", path, "rain", "--scene", "a", "--remove", reviewer="ann")
    assert told["tags"] == ["night"]
    assert "night  2" in call("tags", path)
    assert "nothing" in call("tags", path, "--all", "snow")
    assert "what it is about" in call("tag", path, "rain", code=2)


def test_what_is_missing_is_marked_with_its_place(path, reading):
    place = ("--scene", "street_0007", "--frame", "000042")
    made = call_json(
        "mark", path, "cyclist", *place, "--point", 1, -2, 0.5, "--size", 1.8, 0.6, 1.7, "--yaw",
        90, "--pixel", 10, 20, "--camera", "front", "--comment", "behind the bus", reviewer="ann",
    )  # fmt: skip
    [found] = reading(marks)
    assert found.frame == Subject.frame(DATASET, "street_0007", "000042")
    assert (found.position, found.coord_frame_id) == ((1.0, -2.0, 0.5), "world")
    assert found.size == (1.8, 0.6, 1.7)
    assert found.yaw_rad == pytest.approx(math.pi / 2)
    assert (found.pixel, found.sensor_id) == ((10.0, 20.0), "front")
    assert made["class"] == "cyclist"
    assert call_json("marks", path) == [made]
    line = call("marks", path, "--dataset", "street")
    assert (
        "cyclist  frame 000042 of street_0007  (1.00, -2.00, 0.50) m in world and (10, 20)" in line
    )
    call("mark", path, "car", *place, code=1)
    assert len(reading(marks)) == 1


def test_named_views_are_listed_with_their_sight(path):
    assert "no bookmarks" in call("bookmarks", path)
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(AddBookmark(new_id(), "Crossing", {"eye": [1.5]}, DATASET))
    [found] = call_json("bookmarks", path)
    assert (found["name"], found["sight"], found["author"]) == ("Crossing", {"eye": [1.5]}, "ann")
    assert "Crossing  ann" in call("bookmarks", path)


def test_an_issue_tells_its_history_and_what_comments_said_before(path):
    issue_id = call_json("open-issue", path, "Loose box", reviewer="ann")["id"]
    call("comment", path, issue_id, "first", reviewer="ann")
    comment_id = call_json("issue", path, issue_id)["comments"][0]["id"]
    call("comment", path, issue_id, "second", "--edit", comment_id, reviewer="ann")
    call("comment", path, issue_id, "--delete", comment_id, reviewer="bob")
    shown = call_json("issue", path, issue_id)
    [comment] = shown["comments"]
    assert [(each["text"], each["reviewer"]) for each in comment["versions"]] == [
        ("first", "ann"), ("second", "ann"), (None, "bob"),
    ]  # fmt: skip
    assert [each["kind"] for each in shown["history"]] == [
        "open_issue", "add_comment", "edit_comment", "delete_comment",
    ]  # fmt: skip
    assert json.dumps(shown["history"][0]["time"]).endswith('Z"')
