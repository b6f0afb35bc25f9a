"""Asking which workspaces shall be merged into which new one, and having it done."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.review import WorkspaceError
from viewer.review.merge.merge import Merged
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_hand_over import refuse_inside
from viewer.session.review_merge import merge_files, merged_text
from viewer.ui.review.entry import WORKSPACE_SUFFIX, ReviewEntry
from viewer.ui.review.window import LayoutSwitch

JOB = "review-merge"
_FILTER = f"Sightline workspaces (*{WORKSPACE_SUFFIX})"


def ask_merge(entry: ReviewEntry, layouts: LayoutSwitch, parent: QWidget | None) -> None:
    """Ask for the other workspace and the new file; go on in the merged one."""
    desk = entry.desk
    if desk is None or desk.workspace is None:
        return
    own = desk.workspace.path.absolute()
    other, _ = QFileDialog.getOpenFileName(
        parent, "Merge with the workspace", str(own.parent), _FILTER
    )
    if not other:
        return
    start = own.with_name(f"{own.stem}-merged{WORKSPACE_SUFFIX}")
    chosen, _ = QFileDialog.getSaveFileName(
        parent, "Merge into the new file", str(start), _FILTER,
        options=QFileDialog.Option.DontConfirmOverwrite,
    )  # fmt: skip
    if not chosen:
        return
    into = Path(chosen)
    if into.suffix != WORKSPACE_SUFFIX:
        into = into.with_name(into.name + WORKSPACE_SUFFIX)

    def go_on(merged: Merged) -> None:
        entry.open_file(merged.path)
        desk.session.say(merged_text(merged))
        if merged.conflicts:
            layouts.show_panel("conflicts")

    merge(desk, Path(other), into, go_on)


def merge(desk: ReviewDesk, other: Path, into: Path, then: Callable[[Merged], None]) -> None:
    """Merge the open workspace with another one in the background."""
    workspace, session = desk.workspace, desk.session
    if workspace is None:
        return
    own, dataset, reviewer = workspace.path, session.dataset, desk.reviewer
    try:
        if into.exists():
            raise WorkspaceError(f"{into} is there already: merging makes a new file")
        if other.resolve() == own.resolve():
            raise WorkspaceError(f"{other.name} is the open workspace: choose another one")
        if dataset is not None:
            refuse_inside(into, dataset)
    except WorkspaceError as error:
        session.say(str(error), is_problem=True)
        return
    session.jobs.start(
        JOB,
        lambda context: merge_files(context, own, other, into, dataset, reviewer),
        done=then,
        failed=lambda error: session.say(f"Nothing was merged: {error}", is_problem=True),
        title=f"Merging with {other.name}",
    )
