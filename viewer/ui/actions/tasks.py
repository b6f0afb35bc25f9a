"""Tasks: what keys and the palette do with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from viewer.ui.actions.base import Action, ActionContext, with_scene

if TYPE_CHECKING:
    from viewer.session.review_tasks import TaskWork


def _with_worked(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.workspace is not None and desk.tasks.worked is not None


def _with_task(context: ActionContext) -> bool:
    desk = context.shell.review.desk
    return desk is not None and desk.workspace is not None and desk.tasks.current is not None


def _on_tasks(act: "Callable[[TaskWork], object]") -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        desk = context.shell.review.desk
        if desk is not None:
            act(desk.tasks)

    return run


def _work(tasks: "TaskWork") -> None:
    current = tasks.current
    if current is not None:
        tasks.work(current)


def _ask(context: ActionContext, what: str) -> None:
    window = QApplication.activeWindow()
    if not context.shell.review.open() or window is None:
        return
    from viewer.ui.review.task_maker import task_maker

    desk = context.shell.review.begin().desk
    maker, current = task_maker(desk, window), desk.tasks.current
    if what == "change" and current is not None:
        maker.ask_change(current)
    elif what != "change":
        maker.ask_new(current if what == "qa" else None)


ACTIONS = (
    Action("review.tasks", "Tasks", "Labels", lambda c: c.shell.show_panel("tasks"), group=7,
           enabled=with_scene, tip="Annotation and QA: by whom, until when, what labels must have"),
    Action("review.task_new", "New task…", "Labels", lambda c: _ask(c, "new"), group=7,
           enabled=with_scene, tip="To annotate or to check frames, tracks, labels or a slice"),
    Action("review.task_work", "Work on the chosen task", "Labels", _on_tasks(_work), group=7,
           enabled=_with_task, tip="Walk its items as a queue"),
    Action("review.task_done", "Complete or approve the item", "Labels",
           _on_tasks(lambda tasks: tasks.say_done()), ("D",), group=7, enabled=_with_worked,
           tip="The item of the task is done; what labels lack is told"),
    Action("review.task_discard", "Discard the item", "Labels",
           _on_tasks(lambda tasks: tasks.discard()), ("Shift+D",), group=7, enabled=_with_worked,
           tip="The item of the task is not to be used"),
    Action("review.task_blocking", "Go to the label that blocks", "Labels",
           _on_tasks(lambda tasks: tasks.show_blocking()), ("Ctrl+Shift+N",),
           enabled=_with_worked, group=7, listed=False),
    Action("review.task_clear", "Clear the item's status", "Labels",
           _on_tasks(lambda tasks: tasks.clear()), enabled=_with_worked, group=7, listed=False),
    Action("review.task_qa", "New QA task of the chosen task…", "Labels",
           lambda c: _ask(c, "qa"), enabled=_with_task, group=7, listed=False),
    Action("review.task_change", "Change the chosen task…", "Labels",
           lambda c: _ask(c, "change"), enabled=_with_task, group=7, listed=False),
)  # fmt: skip
