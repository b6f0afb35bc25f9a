"""Handing a review over: the report, exports, merging."""

from PySide6.QtWidgets import QApplication

from viewer.ui.actions.base import Action, ActionContext


def _with_workspace(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.workspace is not None and desk.dataset_id is not None


def _report(context: ActionContext) -> None:
    from viewer.ui.review import hand_over

    desk = context.shell.review.desk
    if desk is not None:
        hand_over.ask_report(desk, QApplication.activeWindow())


def _export(context: ActionContext) -> None:
    from viewer.ui.review import hand_over

    desk = context.shell.review.desk
    if desk is not None:
        hand_over.ask_export(desk, QApplication.activeWindow())


def _merge(context: ActionContext) -> None:
    from viewer.ui.review import merging

    merging.ask_merge(context.shell.review, context.shell, QApplication.activeWindow())


ACTIONS = (
    Action("review.report", "Write report…", "Review", _report, group=5, enabled=_with_workspace,
           tip="One HTML page with figures, charts and the issues' pictures"),
    Action("review.export", "Export decisions…", "Review", _export, group=5,
           enabled=_with_workspace, tip="Verdicts, issues and marks in the shape of another tool"),
    Action("review.merge", "Merge with another workspace…", "Review", _merge, group=5,
           enabled=_with_workspace, tip="What two people decided, in a new file"),
    Action("review.conflicts", "Settle conflicts", "Review",
           lambda c: c.shell.show_panel("conflicts"), group=5, enabled=_with_workspace,
           tip="What merged files say differently, and whose word holds"),
    Action("review.versions", "Compare versions", "Review",
           lambda c: c.shell.show_panel("versions"), group=5, enabled=_with_workspace,
           tip="Name the labels as they are, compare, restore"),
)  # fmt: skip
