"""Decisions go out in every shape and come back as far as the shape holds them."""

import csv
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_drive import make_dataset, make_scene
from viewer.formats.aquarium.issues import read_issues
from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.exchange.catalog import SHAPES, shape_named
from viewer.review.exchange.importing import plan_import
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import (
    IssueRecord,
    ReviewRecords,
    VerdictRecord,
    read_records,
)
from viewer.review.issues.model import (
    Comment,
    Element,
    ElementStatus,
    Finding,
    Issue,
    IssueState,
    IssueType,
    Pixel,
    Point,
    Priority,
    Span,
)
from viewer.review.marks.model import Mark
from viewer.review.verdicts.model import VerdictState

D = "d" * 32
NOON = 1_700_000_000_000_000_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND\xaeB`\x82"


@pytest.fixture(scope="module")
def names():
    return DatasetNames(make_dataset(make_scene()), D)


@pytest.fixture(params=SHAPES, ids=lambda each: each.name)
def shape(request):
    return request.param


def subjects(names):
    scene = names.dataset.scenes[0]
    set_id = scene.label_sets[0].label_set_id
    key = scene.frames[4].key
    (label_id, *_), (track_id, *_) = (
        scene.reader.read_labels(4, set_id).cuboids.label_ids,
        scene.reader.read_labels(4, set_id).cuboids.track_ids,
    )
    return {
        "label": Subject.label(D, scene.scene_id, key, set_id, label_id),
        "frame": Subject.frame(D, scene.scene_id, key),
        "track": Subject.track(D, scene.scene_id, set_id, track_id),
        "scene": Subject.scene(D, scene.scene_id),
    }


def records(names) -> ReviewRecords:
    on = subjects(names)
    verdicts = (
        VerdictRecord(on["scene"], VerdictState.SKIPPED, "bob", NOON + 4),
        VerdictRecord(on["track"], VerdictState.NEEDS_FIX, "bob", NOON + 3, ("id switch",)),
        VerdictRecord(on["frame"], VerdictState.ACCEPTED, "ann", NOON + 2),
        VerdictRecord(
            on["label"], VerdictState.REJECTED, "ann", NOON + 1, ("loose box", "other"),
            'too "wide", =1+1;\nsecond line', "car",
        ),
    )  # fmt: skip
    elements = (
        Element("e1", "i1", on["label"], None, ElementStatus.DONE, "ann", NOON),
        Element("e2", "i1", on["frame"], Pixel("front", 3.25, 7.0), ElementStatus.UNSTARTED,
                "ann", NOON),
        Element("e3", "i1", on["frame"], Point("world", (0.1, -2.0, 1e-9)),
                ElementStatus.UNSTARTED, "bob", NOON + 5),
        Element("e4", "i1", on["track"], Span("000001", "000003"), ElementStatus.UNSTARTED,
                "bob", NOON + 5),
    )  # fmt: skip
    comments = (
        Comment("c1", "i1", None, "bob", "why, @ann?", NOON + 6, mentions=("ann",)),
        Comment("c2", "i1", "e1", "ann", "because", NOON + 7),
    )
    issue = Issue(
        "i1", IssueType.LABEL_QUALITY, IssueState.IN_REVIEW, "Loose boxes", "All of them.", "ann",
        "bob", Priority.HIGH, dt.date(2026, 12, 1), NOON, ("lidar", "night"),
        finding=Finding("size", "4.1 m wide", 0.75),
        element_count=4, done_count=1, comment_count=2,
    )  # fmt: skip
    sight = {"eye": [1, 2, 3], "scene_id": on["frame"].scene_id}
    mark = Mark(
        "m1", on["frame"], "van", None, "world", (1.0, 2.0, 3.0), (4.5, 2.0, 2.0), 0.25, "front",
        (5.0, 6.5), (1.0, 2.0, 3.0, 4.0), "behind the bus", "bob", NOON + 8,
    )  # fmt: skip
    return ReviewRecords(verdicts, (IssueRecord(issue, elements, comments, sight, PNG),), (mark,))


def taken_in(path: Path, told: ReviewRecords) -> ReviewRecords:
    """What a workspace holds after importing into an empty one."""
    with Workspace.create(path, Reviewer("eve")) as workspace:
        workspace.run(AddDataset(D, "drive", "drive", "native"))
        plan = plan_import(workspace.reading, told)
        if plan.batch is not None:
            workspace.run(plan.batch)
        return read_records(workspace.reading, D)


def test_names_are_unique_and_unknown_ones_are_told():
    assert len({each.name for each in SHAPES}) == len(SHAPES)
    with pytest.raises(ValueError, match="choose json, csv"):
        shape_named("nothing")


def test_a_workspace_gives_back_what_it_was_given(names, tmp_path):
    told = records(names)
    held = taken_in(tmp_path / "a.sightline", told)
    assert held.verdicts == told.verdicts
    assert held.marks == told.marks
    (mine,), (theirs,) = held.issues, told.issues
    assert mine.issue.thumbnail_hash is not None
    assert replace(mine, issue=replace(mine.issue, thumbnail_hash=None)) == theirs


def test_everything_written_is_named_counted_and_read_without_complaint(names, shape, tmp_path):
    exported = shape.write(records(names), names, tmp_path)
    assert sorted(exported.files) == sorted(tmp_path.iterdir())
    assert all(count > 0 for count in exported.losses.values())
    received = shape.read(tmp_path, names)
    assert received.problems == ()


def test_nothing_to_tell_is_no_error(names, shape, tmp_path):
    exported = shape.write(ReviewRecords(), names, tmp_path)
    assert not any(exported.counts.values())
    assert exported.losses == {}


def test_importing_twice_changes_nothing(names, shape, tmp_path):
    shape.write(records(names), names, tmp_path)
    told = shape.read(tmp_path, names).records
    with Workspace.create(tmp_path / "a.sightline", Reviewer("eve")) as workspace:
        workspace.run(AddDataset(D, "drive", "drive", "native"))
        first = plan_import(workspace.reading, told)
        assert first.batch is not None
        workspace.run(first.batch)
        held = read_records(workspace.reading, D)
        again = plan_import(workspace.reading, told)
        assert again.batch is None
        assert again.older_verdicts == len(told.verdicts)
        workspace.undo()
        assert read_records(workspace.reading, D) == ReviewRecords()
        workspace.redo()
        assert read_records(workspace.reading, D) == held


def test_damage_is_told_with_the_file_and_the_rest_is_read(names, shape, tmp_path):
    exported = shape.write(records(names), names, tmp_path)
    for file in exported.files:
        if file.suffix == ".csv":
            file.write_text(file.read_text().replace("rejected", "resigned", 1))
            continue
        document = json.loads(file.read_text())
        rows = document["verdicts"] if isinstance(document, dict) else document
        rows.insert(0, ["no object"])
        file.write_text(json.dumps(document))
    received = shape.read(tmp_path, names)
    assert received.problems
    assert {Path(each.source).name for each in received.problems} <= {
        f.name for f in exported.files
    }
    assert received.records.verdicts or received.records.issues


def test_a_file_that_is_none_is_refused(names, shape, tmp_path):
    file = tmp_path / "other.json"
    file.write_text('{"a": [1, 2')
    assert "other.json" in what_is_told(shape, file, names)


def what_is_told(shape, file, names):
    """The refusal, or the problems of a file in which nothing was found."""
    try:
        received = shape.read(file, names)
    except DamagedData as error:
        return str(error)
    assert received.records == ReviewRecords()
    return " ".join(map(str, received.problems))


def test_json_holds_everything(names, tmp_path):
    told = records(names)
    shape_named("json").write(told, names, tmp_path)
    assert shape_named("json").read(tmp_path, names).records == told
    other = DatasetNames(names.dataset, "e" * 32)
    moved = shape_named("json").read(tmp_path, other).records
    assert {each.subject.dataset_id for each in moved.verdicts} == {"e" * 32}


def test_tables_hold_all_but_sights_pictures_and_findings(names, tmp_path):
    told = records(names)
    exported = shape_named("csv").write(told, names, tmp_path)
    with (tmp_path / "verdicts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[3]["comment"] == 'too "wide", =1+1;\nsecond line'
    assert rows[3]["time"] == "2023-11-14T22:13:20.000000001Z"
    assert exported.counts == {
        "verdicts": 4, "issues": 1, "elements": 4, "comments": 2, "marks": 1
    }  # fmt: skip
    back = shape_named("csv").read(tmp_path, names).records
    assert back.verdicts == told.verdicts
    assert back.marks == told.marks
    (mine,), (theirs,) = back.issues, told.issues
    assert mine.elements == theirs.elements
    assert [replace(each, mentions=()) for each in theirs.comments] == list(mine.comments)
    plain = replace(theirs.issue, finding=None, element_count=0, done_count=0, comment_count=0)
    assert mine.issue == plain


def test_aquarium_rows_have_the_clients_fields(names, tmp_path):
    exported = shape_named("aquarium").write(records(names), names, tmp_path)
    frames, labels = json.loads((tmp_path / "aquarium_issues.json").read_text())
    assert set(frames) == {
        "name", "dataset", "elements", "element_type", "created_at", "updated_at", "reporter",
        "assignee", "state", "issue_id", "inference_set", "comments", "template_type",
        "custom_template_fields",
    }  # fmt: skip
    on = subjects(names)
    kinds = {each["element_type"]: each for each in (frames, labels)}
    (crop,) = kinds["crop"]["elements"]
    assert (crop["element_id"], crop["crop_type"]) == (on["label"].label_id, "label")
    assert crop["status"] == "done"
    assert exported.losses["elements that are a track have no place there"] == 1
    assert exported.losses["issues with frames and labels become two issues"] == 1
    problems = ProblemLog()
    again = read_issues([tmp_path / "aquarium_work_queue.json"], problems)
    assert problems.snapshot() == ()
    assert again[0].is_work_queue
    assert [each.status for each in again[0].elements] == ["done"]


def test_dataloop_words(names, tmp_path):
    shape_named("dataloop").write(records(names), names, tmp_path)
    (item,) = json.loads((tmp_path / "dataloop_review.json").read_text())
    assert item["metadata"]["system"]["annotationStatus"] == ["approved"]
    label, note = item["annotations"]
    assert label["metadata"]["system"]["status"] == "issue"
    assert note["type"] == "note"
    assert note["metadata"]["system"]["status"] == "review"
    bodies = [each["body"] for each in note["coordinates"]["note"]["messages"]]
    assert bodies == ["Loose boxes\nAll of them.", "why, @ann?", "because"]
    back = shape_named("dataloop").read(tmp_path, names).records
    (issue,) = back.issues
    assert (issue.issue.title, issue.issue.description) == ("Loose boxes", "All of them.")
    assert issue.issue.state is IssueState.IN_REVIEW
    assert {(v.subject.kind.value, v.state.value) for v in back.verdicts} == {
        ("frame", "accepted"), ("label", "needs_fix"),
    }  # fmt: skip


def test_nucleus_and_picsellia_words(names, tmp_path):
    told = records(names)
    nucleus = shape_named("nucleus").write(told, names, tmp_path)
    rows = json.loads((tmp_path / "nucleus_task_info.json").read_text())
    by_place = {
        (row.get("annotation_id"), row.get("reference_id"), row.get("scene_reference_id")): row
        for row in rows
    }
    on = subjects(names)
    key = (on["label"].label_id, on["label"].frame_key, None)
    assert by_place[key]["task_audit_status"] == "rejected"
    said = 'loose box; other; too "wide", =1+1;\nsecond line'
    assert by_place[key]["task_audit_review_comment"] == said
    assert nucleus.losses["verdicts on a track have no place there"] == 1
    shape_named("picsellia").write(told, names, tmp_path)
    (asset,) = json.loads((tmp_path / "picsellia_status.json").read_text())
    assert (asset["filename"], asset["status"]) == (on["frame"].frame_key, "ACCEPTED")


def test_picsellia_takes_the_worst_of_labels(names, tmp_path):
    label = subjects(names)["label"]
    other = replace(label, label_id="another")
    told = ReviewRecords(
        (
            VerdictRecord(label, VerdictState.ACCEPTED, "ann", NOON),
            VerdictRecord(other, VerdictState.NEEDS_FIX, "bob", NOON + 1),
        )
    )
    shape_named("picsellia").write(told, names, tmp_path)
    (asset,) = json.loads((tmp_path / "picsellia_status.json").read_text())
    assert (asset["status"], asset["worker"]) == ("REFUSED", "bob")
