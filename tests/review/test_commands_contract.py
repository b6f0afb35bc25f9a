"""What holds for every command of the catalogue."""

import pytest
from review.command_examples import EXAMPLES, prepare
from review.conftest import tables

from viewer.review import Workspace
from viewer.review.commands.catalog import COMMANDS
from viewer.review.entities import ENTITIES
from viewer.review.kinds import NO_STEPS


@pytest.fixture(params=COMMANDS, ids=lambda each: each.kind)
def command(request):
    return EXAMPLES[request.param]()


def test_kinds_are_unique():
    assert len({each.kind for each in COMMANDS}) == len(COMMANDS)


def test_entities_have_tables_with_exactly_their_columns(workspace: Workspace):
    for entity in ENTITIES:
        stored = [row[1] for row in workspace.reading.query(f"PRAGMA table_info({entity.name})")]
        assert stored == ["key", *entity.columns]


def test_undo_and_redo_restore_exactly(workspace: Workspace, command):
    prepare(workspace)
    before = tables(workspace.path)
    entry = workspace.run(command)
    assert entry is not None
    assert entry.kind == command.kind
    assert entry.text == command.text != ""
    after = tables(workspace.path)
    assert after != before
    if command.kind in NO_STEPS:
        assert workspace.undo_text != command.text
        return
    assert workspace.undo_text == command.text
    workspace.undo()
    assert tables(workspace.path) == before
    assert workspace.redo_text == command.text
    workspace.redo()
    assert tables(workspace.path) == after


def test_the_journal_alone_gives_the_state(workspace: Workspace, command, tmp_path):
    prepare(workspace)
    workspace.run(command)
    found: dict[tuple[str, str], dict] = {}
    for entry in workspace.journal.entries():
        for change in workspace.journal.changes(entry.seq):
            place = (change.entity.name, change.key)
            if change.after is None:
                assert found.pop(place) == change.before
            elif change.before is None:
                assert place not in found
                found[place] = change.after
            else:
                assert {n: found[place][n] for n in change.before} == change.before
                found[place] = found[place] | change.after
    for entity in ENTITIES:
        rows = {row.pop("key"): row for row in workspace.reading.rows(entity)}
        assert rows == {key: row for (name, key), row in found.items() if name == entity.name}
