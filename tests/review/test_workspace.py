"""An open workspace: undo and redo of any sequence, per reviewer and across restarts; listening."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from review import command_examples
from review.conftest import tables
from review.merge_actions import ACTIONS, Desk

from viewer.review import CommandRefused, Reviewer, UndoRefused, Workspace
from viewer.review.applying import apply_change
from viewer.review.change import Change
from viewer.review.commands.base import Batch
from viewer.review.commands.settings import ChangeSetting
from viewer.review.datasets.entities import SETTINGS
from viewer.review.kinds import NO_STEPS

ANN, BOB = Reviewer("ann"), Reviewer("bob")
KINDS = [kind for kind in command_examples.EXAMPLES if kind.kind not in NO_STEPS]
STEPS = st.one_of(
    st.tuples(st.just("example"), st.sampled_from(KINDS)),
    ACTIONS,
    st.just(("reopen",)),
    st.just(("undo",)),
    st.just(("redo",)),
)


class Model:
    """What undo and redo should do: states one after another, and where we are among them."""

    def __init__(self, state: dict) -> None:
        self.states, self.now = [state], 0

    def went_on(self, state: dict) -> None:
        """After a command."""
        self.states[self.now + 1 :] = [state]
        self.now += 1

    def moved(self, by: int) -> bool:
        """After undo (-1) or redo (1): whether there was anything."""
        if not 0 <= self.now + by < len(self.states):
            return False
        self.now += by
        return True


@settings(
    max_examples=300 if os.environ.get("SIGHTLINE_LONG") else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
)
@given(steps=st.lists(STEPS, min_size=5, max_size=25))
def test_undo_of_any_commands_restores_the_exact_state(steps):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "street.sightline"
        desk = Desk(path, "ann", command_examples.DATASET)
        workspace = Workspace.create(path, ANN)
        command_examples.prepare(workspace)
        workspace.close()
        # Another reviewer: what was done to prepare is not taken back.
        workspace = Workspace.open(path, BOB)
        model = Model(tables(path))
        for step in steps:
            if step == ("reopen",):
                workspace.close()
                workspace = Workspace.open(path, BOB)
            elif step in (("undo",), ("redo",)):
                by = -1 if step == ("undo",) else 1
                entry = workspace.undo() if by < 0 else workspace.redo()
                assert (entry is not None) == model.moved(by)
            else:
                before = workspace.journal.last_seq
                do(workspace, desk, step)
                if workspace.journal.last_seq > before:
                    model.went_on(tables(path))
            assert tables(path) == model.states[model.now]
        while workspace.undo() is not None:
            assert model.moved(-1)
            assert tables(path) == model.states[model.now]
        assert model.now == 0
        while workspace.redo() is not None:
            assert model.moved(1)
        assert tables(path) == model.states[-1]
        workspace.check_integrity()
        workspace.close()


def do(workspace: Workspace, desk: Desk, step: tuple) -> None:
    if step[0] != "example":
        desk.one(workspace, step)
        return
    with suppress(CommandRefused):
        workspace.run(command_examples.EXAMPLES[step[1]]())


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "street.sightline"
    Workspace.create(path, ANN).close()
    return path


def value(workspace: Workspace, name: str) -> object:
    row = workspace.reading.row(SETTINGS, name)
    return None if row is None else row["value"]


def test_undo_is_the_reviewer_s_own_and_works_after_restarts(path):
    for number in range(3):
        with Workspace.open(path, ANN) as workspace:
            workspace.run(ChangeSetting("a", number))
        with Workspace.open(path, BOB) as workspace:
            workspace.run(ChangeSetting("b", number))
    with Workspace.open(path, ANN) as workspace:
        assert workspace.undo_text == "Change a"
        workspace.undo()
        workspace.undo()
        assert (value(workspace, "a"), value(workspace, "b")) == (0, 2)
        assert workspace.redo_text == "Change a"
    with Workspace.open(path, BOB) as workspace:
        assert workspace.redo_text is None
        assert workspace.redo() is None
        workspace.undo()
        assert (value(workspace, "a"), value(workspace, "b")) == (0, 1)
    with Workspace.open(path, ANN) as workspace:
        workspace.redo()
        assert value(workspace, "a") == 1
        workspace.run(ChangeSetting("c", 1))
        assert workspace.redo_text is None


def test_undo_is_refused_with_the_reason_when_another_one_built_on_it(path):
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 1))
    with Workspace.open(path, BOB) as workspace:
        workspace.run(ChangeSetting("a", 2))
    with Workspace.open(path, ANN) as workspace:
        before = tables(path)
        with pytest.raises(UndoRefused, match="“Change a” cannot be undone: bob did “Change a” la"):
            workspace.undo()
        assert tables(path) == before
        assert workspace.undo_text == "Change a"
    with Workspace.open(path, BOB) as workspace:
        workspace.undo()
    with Workspace.open(path, ANN) as workspace:
        workspace.undo()
        assert value(workspace, "a") is None


def test_undo_to_a_step_of_anyone(path):
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 1))
        workspace.run(ChangeSetting("a", 2))
    with Workspace.open(path, BOB) as workspace:
        theirs = workspace.run(ChangeSetting("b", 1))
    with Workspace.open(path, ANN) as workspace:
        for number in (3, 4, 5):
            workspace.run(ChangeSetting("a", number))
        with pytest.raises(CommandRefused, match="no such step"):
            workspace.undo_to(b"0" * 16)
        assert [entry.text for entry in workspace.undo_to(theirs.command_id)] == ["Change a"] * 3
        assert value(workspace, "a") == 2
        assert workspace.undo_to(theirs.command_id) == []
        for _ in range(3):
            workspace.redo()
        assert value(workspace, "a") == 5


def test_a_batch_is_one_step_and_all_or_nothing(path):
    class Refused:
        kind, text = "change_setting", "no"

        def changes(self, ledger):
            raise CommandRefused("not now")

    with Workspace.open(path, ANN) as workspace:
        before = tables(path)
        with pytest.raises(CommandRefused, match="not now"):
            workspace.run(Batch("two", [ChangeSetting("a", 1), Refused()]))
        assert tables(path) == before
        workspace.run(Batch("two", [ChangeSetting("a", 1), ChangeSetting("a", 2)]))
        assert value(workspace, "a") == 2
        workspace.undo()
        assert tables(path) == before
        assert workspace.run(ChangeSetting("a", None)) is None
        assert workspace.undo() is None


def test_every_listener_hears_even_when_one_fails(workspace):
    heard = []
    workspace.subscribe(lambda _changed: 1 / 0)
    end = workspace.subscribe(heard.append)
    with pytest.raises(ZeroDivisionError):
        workspace.run(ChangeSetting("a", 1))
    assert value(workspace, "a") == 1, "it is on disk all the same"
    assert heard[0].touched == {("settings", "a")}
    assert [entry.text for entry in heard[0].entries] == ["Change a"]
    end()
    end()
    with pytest.raises(ZeroDivisionError):
        workspace.undo()
    assert len(heard) == 1


def test_times_grow_when_the_clock_goes_back(workspace, monkeypatch):
    workspace.run(ChangeSetting("a", 1))
    monkeypatch.setattr("time.time_ns", lambda: 5)
    workspace.run(ChangeSetting("a", 2))
    times = [entry.time_ns for entry in workspace.journal.entries()]
    assert times == sorted(set(times))


def test_a_change_of_a_row_that_is_not_there_is_refused(workspace):
    connection = workspace._connection
    for change in (
        Change(SETTINGS, "none", {"value": 1}, {"value": 2}),
        Change(SETTINGS, "none", {"name": "none", "value": 1}, None),
    ):
        with pytest.raises(CommandRefused, match="no longer in settings"):
            apply_change(connection, change)
