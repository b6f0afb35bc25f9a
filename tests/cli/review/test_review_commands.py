"""`sightline review`: files issues, gives verdicts, reads them back; the API is the oracle."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from cli.review.calling import call, call_json
from cli.review.dataset_hash import hash_of
from review.issues_examples import DATASET, PNG

from viewer.cli.review.catalog import SUBCOMMANDS
from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.issues import ShowIssueAs
from viewer.review.commands.slices import CreateSlice
from viewer.review.issues.model import Pixel, Point, Priority, Span
from viewer.review.issues.reading import comments_of, elements_of, issue, issues
from viewer.review.slices.members import Members
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of

LABEL_OPTIONS = (
    "--scene",
    "street_0007",
    "--frame",
    "000042",
    "--label-set",
    "gt",
    "--label",
    "18",
)
LABEL = Subject.label(DATASET, "street_0007", "000042", "gt", "18")
TRACK = Subject.track(DATASET, "street_0007", "gt", "18")
FRAME = Subject.frame(DATASET, "street_0007", "000042")


def open_issue(path: Path, *options: object, title: str = "Loose box") -> str:
    return call_json("open-issue", path, title, *options, reviewer="ann")["id"]


@pytest.mark.parametrize("command", SUBCOMMANDS, ids=lambda each: each.name)
def test_every_subcommand_has_help_that_teaches(command):
    assert len(call(command.name, "--help").split("\n\n")[1]) > 20


@pytest.mark.parametrize(
    "name", ["info", "issues", "issue", "verdicts", "queue", "slices", "tags", "marks", "journal"]
)
def test_what_lists_prints_json_too(path, name):
    if name == "issue":
        assert call_json(name, path, open_issue(path))["title"] == "Loose box"
    else:
        assert call_json(name, path) is not None


def test_a_workspace_is_made_with_a_dataset_that_stays_as_it_was(tmp_path: Path):
    folder = tmp_path / "data" / "yard"
    folder.mkdir(parents=True)
    np.zeros((5, 4), "<f4").tofile(folder / "000000.bin")
    path = tmp_path / "yard.sightline"
    made = call_json("new", path, folder, reviewer="Ann Lee <ann@example.org>")
    assert made["datasets"] == [
        {"id": made["datasets"][0]["id"], "path": str(folder), "recognised": "new"}
    ]
    assert [each.name for each in folder.iterdir()] == ["000000.bin"]
    moved = folder.rename(tmp_path / "elsewhere")
    again = call_json("attach", path, moved, reviewer="Ann Lee")
    assert again["datasets"][0]["id"] == made["datasets"][0]["id"]
    facts = call_json("info", path)
    assert [each["path"] for each in facts["datasets"]] == [str(moved)]
    assert facts["reviewers"] == ["Ann Lee"]
    with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
        assert workspace.reading.query("SELECT email FROM reviewers") == [("ann@example.org",)]
    assert "exists" in call("new", path, code=3)


def test_a_workspace_needs_its_suffix_and_a_dataset_that_opens(tmp_path: Path):
    assert ".sightline" in call("new", tmp_path / "street.db", code=2)
    assert not (tmp_path / "street.db").exists()
    call("new", tmp_path / "a.sightline", tmp_path / "missing", code=3)


def test_an_issue_is_filed_on_a_label_with_all_its_fields(path: Path, reading):
    thumbnail = path.with_name("view.png")
    thumbnail.write_bytes(PNG)
    issue_id = open_issue(
        path, *LABEL_OPTIONS, "--type", "label quality", "--state", "in_review", "--assignee",
        "bob", "--priority", "HIGH", "--due", "2027-01-31", "--issue-label", "night",
        "--issue-label", "rain", "--description", "half a metre", "--thumbnail", thumbnail,
        "--pixel", "12.5", "300", "--camera", "front",
    )  # fmt: skip
    found = reading(issue, issue_id)
    assert (str(found.type), str(found.state), found.title) == (
        "Label Quality", "inReview", "Loose box",
    )  # fmt: skip
    assert (found.assignee, found.priority, str(found.due)) == ("bob", Priority.HIGH, "2027-01-31")
    assert (found.labels, found.description) == (("night", "rain"), "half a metre")
    assert found.reporter == "ann"
    [element] = reading(elements_of, issue_id)
    assert (element.subject, element.anchor) == (LABEL, Pixel("front", 12.5, 300.0))
    assert reading(lambda r: r.picture(found.thumbnail_hash)) == PNG


@pytest.mark.parametrize(
    ("options", "subject", "anchor"),
    [
        (["--scene", "street_0007"], Subject.scene(DATASET, "street_0007"), None),
        (
            [*LABEL_OPTIONS[:4], "--point", "1", "-2", "0.5", "--coord-frame", "ego"],
            FRAME,
            Point("ego", (1.0, -2.0, 0.5)),
        ),
        (
            ["--scene", "street_0007", "--label-set", "gt", "--track", "18", "--span", "a", "b"],
            TRACK,
            Span("a", "b"),
        ),
    ],
)
def test_elements_are_scenes_points_and_spans_of_tracks(path, reading, options, subject, anchor):
    [element] = reading(elements_of, open_issue(path, *options))
    assert (element.subject, element.anchor) == (subject, anchor)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--label", "18", "--scene", "s"], "a label needs frame"),
        (["--scene", "s", "--frame", "f", "--span", "a", "b"], "a span cannot be on a frame"),
        (["--point", "1", "2", "3"], "where that is"),
        (["--scene", "s", "--pixel", "1", "2"], "belong together"),
        (["--scene", "s", "--point", "1", "2", "nan"], "finite"),
        (["--type", "Bug"], "none of Split, Regression Test"),
        (["--priority", "urgent"], "none of low, medium, high"),
        (["--due", "tomorrow"], "no date"),
        (["--scene", "s", "--dataset", "yard"], "known: street"),
    ],
)
def test_what_is_wrong_with_options_is_said_and_nothing_filed(path, reading, options, reason):
    assert reason in call("open-issue", path, "x", *options, code=2)
    assert reading(issues) == []


def test_an_issue_is_changed_in_one_step_that_undo_takes_back(path: Path, reading):
    issue_id = open_issue(path, *LABEL_OPTIONS, "--issue-label", "night", "--priority", "low")
    [element] = reading(elements_of, issue_id)
    before = reading(issue, issue_id)
    call_json(
        "change-issue", path, issue_id[:8], "--state", "resolved", "--priority", "none",
        "--issue-label", "none", "--title", "Tight box", "--done", element.element_id[:8],
        "--scene", "street_0007", reviewer="ann",
    )  # fmt: skip
    after = reading(issue, issue_id)
    assert (str(after.state), after.priority, after.labels) == ("resolved", None, ())
    assert (after.title, after.element_count, after.done_count) == ("Tight box", 2, 1)
    assert "Change “Loose box”" in call("undo", path, "--dry-run", reviewer="ann")
    assert reading(issue, issue_id) == after
    call("undo", path, reviewer="ann")
    assert reading(issue, issue_id) == before
    call("undo", path, "--redo", reviewer="ann")
    assert reading(issue, issue_id) == after
    call("change-issue", path, issue_id, "--remove", element.element_id, reviewer="ann")
    assert len(reading(elements_of, issue_id)) == 1
    assert "nothing to change" in call("change-issue", path, issue_id, code=2)
    assert "no element" in call("change-issue", path, issue_id, "--done", "zz", code=2)


def test_a_thread_is_written_edited_and_shown(path: Path, reading):
    issue_id = open_issue(path, *LABEL_OPTIONS)
    [element] = reading(elements_of, issue_id)
    call("comment", path, issue_id, "@bob, look", "--element", element.element_id, reviewer="ann")
    [first] = reading(comments_of, issue_id)
    assert (first.text, first.mentions, first.element_id) == (
        "@bob, look", ("bob",), element.element_id,
    )  # fmt: skip
    refused = call(
        "comment", path, issue_id, "no", "--edit", first.comment_id, code=1, reviewer="bob"
    )
    assert "only ann" in refused
    call("comment", path, issue_id, "look closely", "--edit", first.comment_id[:8], reviewer="ann")
    text = call("issue", path, issue_id)
    assert "look closely" in text
    assert "(edited)" in text
    assert "label 18 in street_0007 / 000042" in text
    shown = call_json("comment", path, issue_id, "--delete", first.comment_id[:8], reviewer="bob")
    assert shown["comments"][0]["text"] is None
    assert "no comment" in call("comment", path, issue_id, "x", "--edit", "zz", code=2)
    assert "TEXT" in call("comment", path, issue_id, code=2)


def test_issues_are_listed_by_what_is_asked_for(path: Path):
    open_issue(path, *LABEL_OPTIONS, "--type", "Label Quality", "--assignee", "bob", title="First")
    second = open_issue(path, "--state", "resolved", "--issue-label", "night", title="Second")
    call("comment", path, second, "ask @cleo about the kerb", reviewer="ann")

    def titles(*options: object) -> list[str]:
        return [each["title"] for each in call_json("issues", path, *options)]

    assert titles() == ["Second", "First"]
    assert titles("--order", "oldest", "--limit", 1) == ["First"]
    assert titles("--state", "open") == ["First"]
    assert titles("--state", "resolved", "--state", "triage") == ["Second", "First"]
    assert titles("--type", "label_quality") == ["First"]
    assert titles("--assignee", "bob") == ["First"]
    assert titles("--reporter", "bob") == []
    assert titles("--issue-label", "night") == ["Second"]
    assert titles("--mentions", "Cleo") == ["Second"]
    assert titles("--text", "kerb") == ["Second"]
    assert titles("--scene", "street_0007") == ["First"]
    assert titles("--scene", "street_0008") == []
    assert "no issues" in call("issues", path, "--check", "id_switch")
    assert "First" in call("issues", path)
    assert "none of triage" in call("issues", path, "--state", "done", code=2)


def test_an_issue_is_named_by_a_beginning_that_is_its_alone(path: Path):
    issue_id = open_issue(path)
    assert call_json("issue", path, issue_id[:5].upper())["id"] == issue_id
    assert "there is no issue" in call("issue", path, "zz", code=2)
    call("open-issue", path, "Another")
    assert "there is no issue" in call("issue", path, "", code=2)


def test_the_sight_is_handed_out(path: Path):
    issue_id = open_issue(path)
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(ShowIssueAs(issue_id, {"eye": [1, 2.5]}))
    assert call_json("issue", path, issue_id)["sight"] == {"eye": [1, 2.5]}


def test_verdicts_are_given_listed_and_cleared(path: Path, reading):
    given = call_json(
        "verdict", path, "needs-fix", *LABEL_OPTIONS, "--reason", "loose box", "--comment", "0.5 m",
        reviewer="bob",
    )  # fmt: skip
    assert given["subject"] == {
        "kind": "label", "dataset_id": DATASET, "scene": "street_0007", "frame": "000042",
        "label_set": "gt", "label": "18",
    }  # fmt: skip
    found = reading(verdict_of, LABEL)
    assert (found.state, found.reviewer, found.reasons, found.comment) == (
        VerdictState.NEEDS_FIX, "bob", ("loose box",), "0.5 m",
    )  # fmt: skip
    call("verdict", path, "accepted", *LABEL_OPTIONS[:4], reviewer="ann")
    assert [each["state"] for each in call_json("verdicts", path)] == ["accepted", "needs_fix"]
    assert len(call_json("verdicts", path, "--reviewer", "bob")) == 1
    assert len(call_json("verdicts", path, "--state", "accepted")) == 1
    assert "needs fix  label 18" in call("verdicts", path)
    assert "no reason" in call("verdict", path, "rejected", *LABEL_OPTIONS, "--reason", "x", code=1)
    assert "none of accepted" in call("verdict", path, "fine", *LABEL_OPTIONS, code=2)
    assert "what it is about" in call("verdict", path, "accepted", code=2)
    assert call_json("verdict", path, "clear", *LABEL_OPTIONS, reviewer="bob") is None
    assert reading(verdict_of, LABEL) is None


def test_a_queue_is_made_of_a_slice_and_tells_what_is_next(path: Path):
    frames = [Subject.frame(DATASET, "street_0007", f"{number:06}") for number in range(5)]
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(CreateSlice(new_id(), "night", Members.of(frames)))
    call("verdict", path, "accepted", "--scene", "street_0007", "--frame", "000000", reviewer="ann")
    made = call_json(
        "queue", path, "Night", "--from-slice", "night", "--not-yet-reviewed", "--batch-size", 3
    )
    assert (made["total"], made["done"]) == (4, 0)
    assert [each["size"] for each in made["batches"]] == [3, 1]
    assert made["next"]["frame"] == "000001"
    assert call_json("queue", path)[0]["name"] == "Night"
    assert "frame 000001" in call("queue", path, "Night")
    drawn = ("--from-slice", "night", "--sample", 2, "--seed", 5)
    assert call_json("queue", path, "Two", *drawn)["total"] == 2
    assert "no slice" in call("queue", path, "Day", "--from-slice", "day", code=2)
    assert "no queue" in call("queue", path, "Day", code=2)


def test_the_journal_tells_who_did_what(path: Path):
    issue_id = open_issue(path)
    call("comment", path, issue_id, "hm", reviewer="bob")
    call("undo", path, reviewer="bob")
    entries = call_json("journal", path, "--changes")
    assert [each["kind"] for each in entries[:3]] == ["undo", "add_comment", "introduce"]
    assert entries[0]["reverses"] == entries[1]["id"]
    assert entries[1]["changes"][0]["after"]["text"] == "hm"
    assert [each["reviewer"] for each in call_json("journal", path, "--reviewer", "ann")] == [
        "ann", "ann", "ann",
    ]  # fmt: skip
    assert len(call("journal", path, "--limit", 2).splitlines()) == 2
    assert "undo: Comment on “Loose box”" in call("journal", path)
    assert "nothing to take back" in call("undo", path, code=1, reviewer="bob")


def test_a_held_workspace_is_read_but_not_changed(path: Path):
    with Workspace.open(path, Reviewer("ann")):
        assert "held by ann" in call("open-issue", path, "x", code=1)
        assert call_json("issues", path) == []
        assert "ann" in call_json("info", path)["held_by"]


def test_a_damaged_workspace_is_told_and_its_backup_restored(path: Path):
    open_issue(path)
    assert "sound" in call("check", path)
    call("backup", path)
    copy = path.with_name("copy.sightline")
    assert call_json("backup", path, copy) == {"backup": str(copy)}
    assert [each["title"] for each in call_json("issues", copy)] == ["Loose box"]
    assert "is sound" in call("restore", path, code=1)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 20_000)
    for command in ("check", "info", "issues"):
        assert "damaged" in call(command, path, code=3)
    restored = call_json("restore", path)
    assert Path(restored["former"]).read_bytes().count(b"\xff" * 20_000) == 1
    assert [each["title"] for each in call_json("issues", path)] == ["Loose box"]
    assert call_json("check", path)["sound"] is True
    path.unlink()
    assert call_json("restore", path) == {"workspace": str(path), "former": None}
    assert [each["title"] for each in call_json("issues", path)] == ["Loose box"]
    assert "no backup" in call("restore", path.with_name("other.sightline"), code=3)


def test_what_is_no_workspace_is_told(tmp_path: Path):
    other = tmp_path / "other.sightline"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert "no Sightline workspace" in call("info", other, code=3)
    assert "does not exist" in call("info", tmp_path / "missing.sightline", code=3)
    assert "reviewer" in call("undo", other, "--reviewer", " ", code=2)


def test_what_is_named_must_be_in_the_dataset_which_stays_as_it_was(street):
    path, scene = street
    before = hash_of(scene)
    lines = (scene / "labels" / "ground_truth.jsonl").read_text().splitlines()
    [labels] = [row for row in map(json.loads, lines) if row["frame"] == "000012"]
    label_id, class_name, center = (
        labels["cuboids"][name][3] for name in ("label_id", "class_name", "center")
    )
    there = ("--scene", "street", "--frame", "000012")
    options = (*there, "--label-set", "ground_truth", "--label", label_id)
    given = call_json("verdict", path, "rejected", *options, reviewer="ann")
    assert given["class"] == class_name
    issue_id = open_issue(path, *options)
    with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
        [element] = elements_of(workspace.reading, issue_id)
        snapshot = workspace.reading.snapshot(element.snapshot_hash)
        assert snapshot.geometry[:3] == pytest.approx(center)
    for wrong, reason in (
        (("--scene", "yard"), "no scene yard; known: street"),
        (("--scene", "street", "--frame", "12"), "no frame 12; known: 000000, 000001"),
        ((*there, "--label-set", "gt", "--label", "0"), "known: ground_truth, detector"),
        ((*options[:-1], "nobody"), "no label nobody in street / 000012 of ground_truth"),
    ):
        assert reason in call("verdict", path, "rejected", *wrong, code=2)
    call("verdict", path, "rejected", "--scene", "yard", "--unchecked")
    assert hash_of(scene) == before


def test_a_dataset_that_is_not_there_is_told_and_does_not_stand_in_the_way(path: Path):
    told = call("verdict", path, "accepted", "--scene", "street_0007", reviewer="ann")
    assert "not checked: /data/street is not there" in told
