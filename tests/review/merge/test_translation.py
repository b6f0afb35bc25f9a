"""After merging, nothing names a dataset that is not there."""

import json
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review.merge_actions import SOME
from review.test_merge import ANN, BOB, Shared, slow

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.bookmarks import AddBookmark
from viewer.review.commands.issues import AddElement, OpenIssue, ShowIssueAs
from viewer.review.commands.settings import ChangeSetting
from viewer.review.entities import entity_named
from viewer.review.entity import to_json
from viewer.review.issues.entities import ISSUES
from viewer.review.issues.model import Finding, NewElement
from viewer.review.ledger import new_id
from viewer.review.merge.translation import Translation
from viewer.review.subject_rows import subject_row

DATASET, SUBJECT = "DATASET", "SUBJECT"
SCALARS = st.one_of(
    st.just(DATASET), st.just(SUBJECT), st.text(max_size=5), st.integers(), st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False), st.none(), st.just('a "quote" \\'),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=3), st.just(DATASET)), inner, max_size=3),
    ),
    max_leaves=8,
)
SIGHTS = st.dictionaries(st.text(max_size=4), JSON, max_size=3)


def named(value, dataset_id):
    """The value with the ids that somebody's file has."""
    key = Subject.label(dataset_id, "s", "000042", "gt", "0").key
    text = to_json(value).replace(f'"{DATASET}"', f'"{dataset_id}"')
    return json.loads(text.replace(f'"{SUBJECT}"', f'"{key}"'))


def everything(path):
    """Every text of every table."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'issue_search%'"
        ).fetchall()
        for (name,) in names:
            for row in connection.execute(f"SELECT * FROM {name}"):
                yield from ((name, each) for each in row if isinstance(each, str))
    finally:
        connection.close()


@slow
@given(before=SOME, ann=SOME, bob=SOME, sights=st.lists(SIGHTS, min_size=4, max_size=4))
def test_no_dataset_id_is_unknown(before, ann, bob, sights):
    with tempfile.TemporaryDirectory() as name:
        shared = Shared(Path(name), one_start=False)
        shared.part(before)
        shared.ann.do(ann)
        shared.bob.do(bob)
        for desk, dataset_id in ((shared.ann, ANN), (shared.bob, BOB)):
            label = Subject.label(dataset_id, "s", "000042", "gt", "0")
            issue, own = new_id(), [named(each, dataset_id) for each in sights]
            with Workspace.open(desk.path, Reviewer(desk.name)) as workspace:
                workspace.run(
                    OpenIssue(issue, "x", sight=own[0], finding=Finding("c", to_json(own[1]), 0.5))
                )
                workspace.run(AddElement(issue, NewElement(new_id(), label, external=own[2])))
                workspace.run(ShowIssueAs(issue, own[3], None))
                workspace.run(AddBookmark(new_id(), "here", own[0], dataset_id))
                workspace.run(ChangeSetting(f"of {desk.name}", [own[1]]))
                workspace.undo()
                workspace.redo()
        for pair in ((shared.ann, shared.bob), (shared.bob, shared.ann)):
            merged = shared.merge(*(each.path for each in pair))
            gone = {BOB, *keys_of(shared.bob.path, BOB)}
            left = [
                (table, text) for table, text in everything(merged)
                if gone & {text, *re.findall('"([0-9a-f]{32})"', text)}
            ]  # fmt: skip
            assert not left
            with Workspace.open(merged, Reviewer("eve")) as workspace:
                workspace.check_integrity()
                found = [row["sight"] for row in workspace.reading.rows(ISSUES)]
                wanted = named(sights[3], ANN)
                assert found.count(wanted) >= 2, "both sights are those of the one dataset"


def keys_of(path, dataset_id):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT key FROM subjects WHERE dataset_id = ?", (dataset_id,))
        return {key for (key,) in found}
    finally:
        connection.close()


LABEL = Subject.label(BOB, "s", "0", "gt", "1")
RENAMED = Subject.label(ANN, "s", "0", "gt", "1")


@pytest.mark.parametrize("dataset_id", [BOB, "a name of its own"])
@given(JSON)
def test_text_is_translated_as_what_it_means(dataset_id, value):
    """The quick way through the text is the slow one through the values."""
    translation = Translation({dataset_id: ANN}, {LABEL.key: RENAMED.key})
    issues = entity_named("issues")
    row = {"sight": value, "title": "x", "state": "triage"}
    told = to_json(row).replace(f'"{DATASET}"', to_json(dataset_id))
    told = told.replace(f'"{SUBJECT}"', f'"{LABEL.key}"')
    told = to_json(json.loads(told))
    renamed = translation.row(issues, json.loads(told))
    assert translation.text(issues, told) == to_json(renamed)
    assert translation.json_text(to_json(json.loads(told)["sight"])) == to_json(renamed["sight"])
    wanted = json.loads(
        to_json(row).replace(f'"{DATASET}"', f'"{ANN}"').replace(f'"{SUBJECT}"', f'"{RENAMED.key}"')
    )
    assert renamed == wanted


def test_a_subject_s_row_is_the_same_however_it_is_made():
    from viewer.review.merge.translation import _subject_row

    for subject in (
        Subject.dataset(BOB), Subject.scene(BOB, 'a "b" \\ é \n'), Subject.frame(BOB, "s", "0"),
        Subject.track(BOB, "s", "gt", "7"), LABEL,
    ):  # fmt: skip
        row = subject_row(subject)
        assert _subject_row(row.kind, BOB, row[3:]) == row
