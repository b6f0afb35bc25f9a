"""Deciding: verdicts, queues, undo, marks."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.ui.actions import compare
from viewer.ui.actions.base import (
    Action,
    ActionContext,
    panel_action,
    with_scene,
    with_selection,
)
from viewer.ui.review.panels import REVIEW_PANELS

if TYPE_CHECKING:
    from viewer.review import Entry


def in_review(context: ActionContext) -> bool:
    """Possible while the Review layout is shown."""
    return context.shell.layout_shown("review") and with_scene(context)


def _with_workspace(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.workspace is not None


def _undo_name(context: ActionContext) -> str:
    desk = context.shell.review.desk
    text = None if desk is None else desk.undo_text
    return "Undo" if text is None else f"Undo “{text}”"


def _redo_name(context: ActionContext) -> str:
    desk = context.shell.review.desk
    text = None if desk is None else desk.redo_text
    return "Redo" if text is None else f"Redo “{text}”"


def _can_undo(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.undo_text is not None


def _can_redo(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.redo_text is not None


def _show_subject(context: ActionContext, entry: "Entry | None") -> None:
    """In the Review layout, what was undone or done again comes into view."""
    room = context.shell.review.room
    if entry is not None and room is not None and context.shell.layout_shown("review"):
        room.show_subject_of(entry)


def _undo(context: ActionContext) -> None:
    desk = context.shell.review.desk
    if desk is not None:
        _show_subject(context, desk.undo())


def _redo(context: ActionContext) -> None:
    desk = context.shell.review.desk
    if desk is not None:
        _show_subject(context, desk.redo())


def _judge(state: str) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        room = context.shell.review.room
        if room is not None:
            room.centre.bar.judge(state)

    return run


def _clear(context: ActionContext) -> None:
    desk = context.shell.review.desk
    if desk is not None:
        desk.judging.clear()


def _comment(context: ActionContext) -> None:
    room = context.shell.review.room
    if room is not None:
        room.centre.bar.edit_comment()


def _widen(context: ActionContext) -> None:
    desk = context.shell.review.desk
    if desk is not None:
        desk.judging.next_scope()


def _in_review_or_compare(context: ActionContext) -> bool:
    return in_review(context) or compare.in_compare(context)


def _open_issue(context: ActionContext) -> None:
    if compare.with_row(context):
        compare.open_issue(context)
        return
    if context.shell.review.open() and context.shell.review.room is not None:
        context.shell.review.room.open_issue()


def _discuss(context: ActionContext) -> None:
    if context.shell.review.open() and context.shell.review.room is not None:
        context.shell.review.room.discuss()


def _keep_view(context: ActionContext) -> None:
    if context.shell.review.open() and context.shell.review.room is not None:
        context.shell.review.room.keep_view()


def _walk(step: int) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        if compare.in_compare(context):
            compare.step(context, step)
            return
        desk = context.shell.review.desk
        if desk is not None:
            (desk.walk.next if step > 0 else desk.walk.previous)()

    return run


def _can_edit(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.dataset_id is not None and with_selection(context)


def _edit(context: ActionContext, name: str) -> None:
    desk = context.shell.review.desk
    if desk is not None:
        (desk.selected.flip if name == "flip" else desk.selected.delete)()


def _open_edits(context: ActionContext) -> None:
    room = context.shell.review.room
    if room is not None:
        room.marks.edits.set_open(True)


PANEL_ACTIONS = tuple(
    panel_action(place.name, place.title, place.shortcut) for place in REVIEW_PANELS
)

ACTIONS = (
    Action("review.undo", "Undo", "Review", _undo, ("Ctrl+Z",), "undo", enabled=_can_undo,
           name=_undo_name),
    Action("review.redo", "Redo", "Review", _redo, ("Ctrl+Shift+Z",), "redo", enabled=_can_redo,
           name=_redo_name),
    Action("review.accepted", "Accept", "Review", _judge("accepted"), ("A",), group=1,
           enabled=in_review),
    Action("review.rejected", "Reject", "Review", _judge("rejected"), ("R",), group=1,
           enabled=in_review, tip="Reject: a digit gives the reason, the same key again none"),
    Action("review.needs_fix", "Needs fix", "Review", _judge("needs_fix"), ("F",), group=1,
           enabled=in_review, tip="Needs fix: a digit gives the reason, the same key again none"),
    Action("review.skipped", "Skip", "Review", _judge("skipped"), ("S",), group=1,
           enabled=in_review, tip="Skip: decide later, or leave it to someone else"),
    Action("review.clear", "Take the verdict back", "Review", _clear, ("Backspace",), group=1,
           enabled=in_review),
    Action("review.comment", "Comment", "Review", _comment, ("C",), "comment", group=1,
           enabled=in_review, tip="Write a comment on the verdict"),
    Action("review.scope", "Label, track, frame or scene", "Review", _widen, ("J",), group=1,
           enabled=in_review, tip="What a verdict is about: label, track, frame, scene"),
    Action("review.open_issue", "New issue", "Review", _open_issue, ("I",), "issue", group=2,
           enabled=with_scene,
           tip="On what is selected; else on the pixel or point under the pointer"),
    Action("review.discuss", "Comment in an issue", "Review", _discuss, ("Shift+C",), "comment",
           group=2, enabled=with_scene,
           tip="Say something in the issue on what is selected; opens one where there is none"),
    Action("review.keep_view", "Keep this view…", "Review", _keep_view, ("Ctrl+D",), group=2,
           enabled=with_scene, tip="A bookmark: comes back from the Bookmarks panel"),
    Action("review.next", "Next in the queue or list", "Review", _walk(1), ("]",), "next", group=2,
           enabled=_in_review_or_compare),
    Action("review.previous", "Previous in the queue or list", "Review", _walk(-1), ("[",),
           "previous", group=2, enabled=_in_review_or_compare),
    Action("review.queue", "Choose or build a queue", "Review",
           lambda c: c.shell.show_panel("queue"), ("Q",), "queue", group=2, enabled=with_scene),
    Action("review.mark", "Mark a missing object", "Review",
           lambda c: c.shell.review.toggle_marking(), ("N",), "mark", group=3, enabled=with_scene,
           tip="Then click a point, or a pixel of an image",
           checked=lambda c: c.shell.review.marking),
    Action("review.flip", "Flip the heading", "Review", lambda c: _edit(c, "flip"), ("Y",), group=3,
           enabled=_can_edit, tip="Turn the selected box by half a turn"),
    Action("review.delete", "Delete the label", "Review", lambda c: _edit(c, "delete"), ("Del",),
           group=3, enabled=_can_edit, tip="Delete the label or mark; undo brings it back"),
    Action("review.edit", "Edit the label", "Review", _open_edits, ("Ctrl+E",), group=3,
           enabled=_can_edit, tip="Class, track, attributes and the box in numbers"),
    Action("review.open_workspace", "Open workspace…", "Review",
           lambda c: c.shell.review.ask_open(), group=4,
           tip="A file with decisions, and its dataset"),
    Action("review.copy_workspace", "Go on in a copy of the workspace…", "Review",
           lambda c: c.shell.review.ask_copy(), group=4, enabled=_with_workspace,
           tip="E.g. beside a medium that cannot be written, or to try something"),
    Action("review.new_workspace", "New workspace…", "Review", lambda c: c.shell.review.ask_new(),
           group=4, enabled=with_scene, tip="Another file for decisions on this dataset"),
)  # fmt: skip
