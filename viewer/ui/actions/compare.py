"""Going through errors, and what becomes of them."""

from viewer.ui.actions.base import Action, ActionContext, panel_action, with_scene
from viewer.ui.compare.panels import COMPARE_PANELS


def in_compare(context: ActionContext) -> bool:
    """Possible while the Compare layout is shown."""
    return context.shell.layout_shown("compare") and with_scene(context)


def with_row(context: ActionContext) -> bool:
    """Possible while a row of the list is looked at."""
    desk = context.shell.compare.desk
    return in_compare(context) and desk is not None and desk.walk.row >= 0


def _with_list(context: ActionContext) -> bool:
    desk = context.shell.compare.desk
    rows = None if desk is None else desk.walk.rows
    return in_compare(context) and rows is not None and len(rows) > 0


def open_issue(context: ActionContext) -> None:
    """Open an issue on the present row of the list."""
    desk = context.shell.compare.desk
    if desk is not None:
        desk.work.open_issue()


def _make_queue(context: ActionContext) -> None:
    desk = context.shell.compare.desk
    if desk is not None:
        desk.work.make_queue()


def step(context: ActionContext, count: int) -> None:
    """Look at a following or a former row."""
    desk = context.shell.compare.desk
    if desk is not None:
        desk.walk.step(count)


def _compare(context: ActionContext) -> None:
    desk = context.shell.compare.desk
    if desk is not None:
        desk.compare()


def _load(context: ActionContext, *, folder: bool) -> None:
    context.shell.show_panel("sides")
    room = context.shell.compare.room
    if room is not None:
        room.ask_predictions(folder=folder)


PANEL_ACTIONS = tuple(
    panel_action(place.name, place.title, place.shortcut) for place in COMPARE_PANELS
)

ACTIONS = (
    Action("compare.load_file", "Load predictions from a file…", "Compare",
           lambda c: _load(c, folder=False), enabled=with_scene,
           tip="Predictions for the frames of this dataset, from any format that opens"),
    Action("compare.load_folder", "Load predictions from a folder…", "Compare",
           lambda c: _load(c, folder=True), enabled=with_scene,
           tip="Predictions for the frames of this dataset, from any format that opens"),
    Action("compare.again", "Compare again", "Compare", _compare, ("Shift+F3",),
           enabled=in_compare, tip="Labels with predictions, as both are now"),
    Action("compare.issue", "New issue from the row", "Compare", open_issue, (),
           "issue", group=1, enabled=with_row,
           tip="An issue on the label and the prediction of this row, with this view; I here"),
    Action("compare.queue", "Make a queue of the list", "Compare", _make_queue, ("Shift+Q",),
           "queue", group=1, enabled=_with_list,
           tip="Every row of the list, to be worked through in Review"),
)  # fmt: skip
