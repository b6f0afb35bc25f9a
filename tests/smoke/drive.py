"""Runs the real application for a test: tells what it shows, and what is left once it closed.

``python drive.py SCENE STATE_FILE``: the state is one JSON object, replaced as it changes.
"""

import gc
import json
import sys
import threading
from pathlib import Path

import shiboken6
from PySide6.QtCore import QPointF, QTimer
from PySide6.QtWidgets import QApplication
from vtkmodules.vtkCommonCore import vtkObjectBase

from viewer.app import Application
from viewer.session.link import Sight

STATE_MS = 100


class Teller:
    """Writes what the window shows; knows where labels lie on the screen."""

    def __init__(self, application: Application, target: Path) -> None:
        self._application = application
        self._target = target
        self._timer = QTimer()
        self._timer.setInterval(STATE_MS)
        self._timer.timeout.connect(self.tell)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._timer = None
        self._application = None

    def tell(self) -> None:
        session, window = self._application.session, self._application.window
        content = session.content
        key = session.selection
        state = {
            "window": int(window.winId()),
            "frame": session.frame_index,
            "shown": None if content is None else content.index,
            "selection": None if key is None else [key.label_set_id, key.label_id],
            "large_camera": session.large_camera,
            "colour_by": session.view.points.colour_by,
            "playing": session.playback.playing,
            "message": window.status.message,
            "menu_open": window.viewport_bar._menu.isVisible(),
            "palette_open": window.palette_popover.isVisible(),
            "problems": [str(problem) for problem in session.problems()],
            "in_3d": self._label_in_3d() if content is not None else None,
            "in_image": self._label_in_image() if content is not None else None,
            "review": self._review(),
            "compare": self._compare(),
        }
        draft = self._target.with_suffix(".tmp")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self._target)

    def _review(self):
        """What the review shows; None until it has begun."""
        window = self._application.window
        desk = window.review.desk
        if desk is None or desk.workspace is None:
            return None
        focus = QApplication.focusWidget()
        progress, issue = desk.walk.progress, desk.issues.current
        return {
            "layout": window.layouts.current,
            "focus": None if focus is None else focus.accessibleName(),
            "commands": desk.workspace.journal.last_seq,
            "done": None if progress is None else progress.done,
            "total": None if progress is None else progress.total,
            "item": None if desk.walk.item is None else desk.walk.item.label_id,
            "undo": desk.undo_text,
            "redo": desk.redo_text,
            "issue": None if issue is None else [issue.title, issue.comment_count],
        }

    def _compare(self):
        """What the comparison shows; None until it has begun."""
        window = self._application.window
        desk = window.compare.desk
        if desk is None:
            return None
        rows, matrix = desk.walk.rows, desk.figures.value("matrix")
        companion = window.session.companion
        return {
            "layout": window.layouts.current,
            "counts": None if matrix is None else matrix.counts.tolist(),
            "listed": None if rows is None else len(rows),
            "row": desk.walk.row,
            "companion": None if companion is None else companion.label_id,
        }

    def _label_in_3d(self):
        """A label's id and a place on the screen at which the 3D view shows it."""
        viewport = self._application.window.viewport_widget
        for x in range(40, viewport.width() - 40, 23):
            for y in range(40, viewport.height() - 40, 23):
                pick = viewport.pick_at(QPointF(x, y))
                if pick is not None and pick.label is not None:
                    at = viewport.mapToGlobal(QPointF(x, y))
                    return [pick.label.label_id, round(at.x()), round(at.y())]
        return None

    def _label_in_image(self):
        """A label's id and a place on the screen at which the first camera shows it."""
        pane = next(iter(self._application.window.strip.panes.values()))
        if pane.overlay is None:
            return None
        for x in range(6, pane.width() - 6, 3):
            for y in range(6, pane.height() - 6, 3):
                around = [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
                keys = {pane._label_at(*pane.image_position(QPointF(*at))) for at in around}
                if len(keys) == 1 and None not in keys:
                    at = pane.mapToGlobal(QPointF(x, y))
                    return [keys.pop().label_id, round(at.x()), round(at.y())]
        return None


def leftovers() -> dict[str, list[str]]:
    """VTK objects, threads and running timers that are still there."""
    gc.collect()
    timers, vtk = [], []
    for thing in gc.get_objects():
        if isinstance(thing, QTimer) and shiboken6.isValid(thing) and thing.isActive():
            timers.append(repr(thing))
        elif isinstance(thing, vtkObjectBase):
            vtk.append(type(thing).__name__)
    threads = [thread.name for thread in threading.enumerate()]
    threads.remove(threading.main_thread().name)
    return {"timers": timers, "vtk": vtk, "threads": threads}


def main() -> int:
    scene, target = sys.argv[1], Path(sys.argv[2])
    application = Application()
    teller = Teller(application, target)
    application.window.closed.connect(teller.stop)
    application.open_sight(Sight(scene))
    code = application.run()
    del application, teller
    target.with_suffix(".left").write_text(json.dumps(leftovers()), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
