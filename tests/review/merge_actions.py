"""Small actions on workspaces for the merge tests, as plain values that hypothesis can shrink."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from viewer.review import CommandRefused, Reviewer, Subject, Workspace
from viewer.review.commands.comments import AddComment
from viewer.review.commands.datasets import AddDataset, RecordDelivery
from viewer.review.commands.issues import ChangeIssue, OpenIssue
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.slices import AddToSlice, CreateSlice, DeleteSlice
from viewer.review.commands.tags import AddTag, RemoveTag
from viewer.review.commands.verdicts import ClearVerdict, SetVerdict
from viewer.review.slices.members import Members
from viewer.review.verdicts.model import VerdictState

Action = tuple
ACTIONS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from("ab"), st.integers(0, 2)),
    st.tuples(st.just("unset"), st.sampled_from("ab")),
    st.tuples(st.just("judge"), st.integers(0, 2), st.sampled_from(list(VerdictState))),
    st.tuples(st.just("clear"), st.integers(0, 2)),
    st.tuples(st.just("tag"), st.integers(0, 2), st.sampled_from(["rain", "night"])),
    st.tuples(st.just("untag"), st.integers(0, 2), st.sampled_from(["rain", "night"])),
    st.tuples(st.just("issue"), st.integers(0, 1)),
    st.tuples(st.just("title"), st.integers(0, 1), st.sampled_from(["x", "y"])),
    st.tuples(st.just("comment"), st.integers(0, 1)),
    st.tuples(st.just("slice"), st.integers(0, 1)),
    st.tuples(st.just("more"), st.integers(0, 1), st.integers(0, 2)),
    st.tuples(st.just("unslice"), st.integers(0, 1)),
    st.tuples(st.just("queue"), st.integers(0, 1)),
    st.tuples(st.just("finish"), st.integers(0, 1), st.integers(0, 2)),
    st.just(("undo",)),
    st.just(("undo",)),
    st.just(("redo",)),
)
SOME = st.lists(ACTIONS, max_size=8)


class Desk:
    """Somebody's copy; ids of what they make are theirs and the same in each run."""

    def __init__(self, path: Path, name: str, dataset: str) -> None:
        self.path, self.name, self.dataset = path, name, dataset
        self.made = 0

    def begin(self) -> None:
        """Make the file with a dataset of known content."""
        with Workspace.create(self.path, Reviewer(self.name)) as workspace:
            workspace.run(AddDataset(self.dataset, "street", f"/{self.name}/street", "native"))
            workspace.run(RecordDelivery(self.dataset, "content"))

    def do(self, actions: Sequence[Action]) -> None:
        """Do what makes sense; the rest is refused."""
        with Workspace.open(self.path, Reviewer(self.name)) as workspace:
            for action in actions:
                self.one(workspace, action)

    def one(self, workspace: Workspace, action: Action) -> None:
        """Do one action."""
        try:
            if action == ("undo",):
                workspace.undo()
            elif action == ("redo",):
                workspace.redo()
            else:
                workspace.run(self._command(workspace, action))
        except CommandRefused:
            pass

    def _command(self, workspace: Workspace, action: Action):
        dataset = workspace.reading.query("SELECT min(key) FROM datasets")[0][0]

        def label(number: int) -> Subject:
            return Subject.label(dataset, "s", "000042", "gt", str(number))

        def made(table: str, number: int) -> str:
            ids = workspace.reading.query(f"SELECT key FROM {table} ORDER BY key")
            return ids[number % len(ids)][0] if ids else "none"

        def new_id() -> str:
            self.made += 1
            return f"{self.name}{self.made:04}".rjust(32, "0")

        match action:
            case "set", name, value:
                return ChangeSetting(name, value)
            case "unset", name:
                return ChangeSetting(name, None)
            case "judge", number, state:
                return SetVerdict(label(number), state)
            case "clear", number:
                return ClearVerdict(label(number))
            case "tag", number, tag:
                return AddTag(tag, (label(number),))
            case "untag", number, tag:
                return RemoveTag(tag, (label(number),))
            case "issue", _:
                return OpenIssue(new_id(), "boxes")
            case "title", number, title:
                return ChangeIssue(made("issues", number), title=title)
            case "comment", number:
                return AddComment(new_id(), made("issues", number), "hm")
            case "slice", _:
                return CreateSlice(new_id(), "some", Members.of([label(0)]))
            case "more", number, member:
                return AddToSlice(made("slices", number), Members.of([label(member)]))
            case "unslice", number:
                return DeleteSlice(made("slices", number), "some")
            case "queue", _:
                return CreateQueue(new_id(), "all", tuple(map(label, range(3))), 2)
            case "finish", number, item:
                return FinishItem(made("queues", number), label(item).key, 1.0)
            case _:
                raise ValueError(action)
