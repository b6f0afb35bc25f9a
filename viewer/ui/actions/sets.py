"""Slices and tags: what keys and the palette do with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from viewer.ui.actions.base import Action, ActionContext, with_scene

if TYPE_CHECKING:
    from viewer.session.review_desk import ReviewDesk


def _desk(context: ActionContext) -> "ReviewDesk | None":
    return context.shell.review.desk


def _with_slice(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and desk.workspace is not None and bool(desk.slices.chosen)


def _with_slices(context: ActionContext) -> bool:
    desk = _desk(context)
    return desk is not None and desk.workspace is not None and len(desk.slices.chosen) > 1


def _on_slices(act: "Callable[[ReviewDesk], object]") -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        desk = _desk(context)
        if desk is not None:
            act(desk)

    return run


def _combine(name: str) -> Callable[[ActionContext], None]:
    def run(desk: "ReviewDesk") -> None:
        from viewer.review.slices.algebra import Operation

        desk.slices.combine(Operation(name))

    return _on_slices(run)


def _new(context: ActionContext) -> None:
    from viewer.ui.review.slice_maker import ask_slice

    window = QApplication.activeWindow()
    if context.shell.review.open() and window is not None:
        room = context.shell.review.begin()
        ask_slice(room.desk, window)


def _export(form: str) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        from viewer.session.review_slice_files import SliceForm
        from viewer.ui.review.slice_export import ask_export

        desk, window = _desk(context), QApplication.activeWindow()
        if desk is not None and window is not None:
            ask_export(desk, SliceForm(form), window)

    return run


def _queue(desk: "ReviewDesk") -> None:
    from viewer.ui.review.slice_queue import queue_of_slice

    queue_of_slice(desk)


def _tag(context: ActionContext) -> None:
    if context.shell.review.open() and context.shell.review.room is not None:
        context.shell.review.room.tag_selection()


def _thresholds(context: ActionContext) -> None:
    if context.shell.review.open() and context.shell.review.room is not None:
        context.shell.review.room.show_thresholds()


ACTIONS = (
    Action("review.tag", "Tag the selection…", "Labels", _tag, ("W",), group=6,
           enabled=with_scene, tip="Put tags on the label, track, frame, scene or issue"),
    Action("review.tags", "Tags", "Labels", lambda c: c.shell.show_panel("tags"), group=6,
           enabled=with_scene, tip="All tags, and what carries any or all of some"),
    Action("review.slices", "Slices", "Labels", lambda c: c.shell.show_panel("slices"), group=6,
           enabled=with_scene, tip="Named sets of scenes, frames, tracks and labels"),
    Action("review.slice_new", "New slice…", "Labels", _new, group=6, enabled=with_scene,
           tip="Of the selection, of what the filters show, of a query or a sample"),
    Action("review.slice_add", "Add the selection to the slice", "Labels",
           _on_slices(lambda desk: desk.slices.add_selection()), ("Shift+W",), group=6,
           enabled=_with_slice, tip="Put what is selected into the chosen slice"),
    Action("review.slice_remove", "Take selection out of the slice", "Labels",
           _on_slices(lambda desk: desk.slices.remove_selection()), ("Ctrl+Shift+X",), group=6,
           enabled=_with_slice, tip="Take what is selected out of the chosen slice"),
    Action("review.slice_queue", "Queue of the slice", "Labels", _on_slices(_queue), group=6,
           enabled=_with_slice, tip="Build a queue of the chosen slice's members"),
    Action("review.thresholds", "Thresholds…", "Labels", _thresholds, group=6, enabled=with_scene,
           tip="From which score predictions count, when two boxes are the same, how large a mark"),
    Action("review.slice_union", "Union of the chosen slices", "Labels", _combine("union"),
           enabled=_with_slices, group=6, listed=False),
    Action("review.slice_intersection", "Intersection of the chosen slices", "Labels",
           _combine("intersection"), enabled=_with_slices, group=6, listed=False),
    Action("review.slice_difference", "Difference of the chosen slices", "Labels",
           _combine("difference"), enabled=_with_slices, group=6, listed=False),
    Action("review.slice_delete", "Delete the chosen slices", "Labels",
           _on_slices(lambda desk: desk.slices.delete()), enabled=_with_slice, group=6,
           listed=False),
    Action("review.slice_ids", "Write the slice as a list of ids…", "Labels", _export("ids"),
           enabled=_with_slice, group=6, listed=False),
    Action("review.slice_json", "Write the slice as JSON…", "Labels", _export("json"),
           enabled=_with_slice, group=6, listed=False),
    Action("review.slice_lightly", "Write the slices as Lightly tags…", "Labels",
           _export("lightly"), enabled=_with_slice, group=6, listed=False),
)  # fmt: skip
