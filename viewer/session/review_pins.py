"""Pins of the shown frame's open issues, and coming back to what one of them is about."""

import numpy as np

from viewer.geometry.cuboids import Cuboid
from viewer.geometry.transform_tree import TransformTreeError
from viewer.review.issues.model import Element, Pixel, Point
from viewer.review.issues.on_subjects import open_elements_in_frame
from viewer.session.changes import Change, FrameShown, SceneClosed
from viewer.session.frame_content import FrameContent
from viewer.session.pins import Pin, Pins
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    BoxSought,
    DecisionsChanged,
    DeskChange,
    PinsShown,
    WorkspaceClosed,
    WorkspaceOpened,
    concerns_issues,
)
from viewer.session.review_walk import QueueWalk

AROUND_M = 4.0
"""What is shown around a point in 3D."""


class IssuePins:
    """Tells which pins there are whenever the frame or the issues change."""

    def __init__(self, board: ReviewBoard, walk: QueueWalk) -> None:
        self._board, self._session, self._walk = board, board.session, walk
        self._told: Pins = ()
        self._wanted: Element | None = None
        self._unsubscribe = (
            board.session.subscribe(self._on_change),
            board.subscribe(self._on_board_change),
        )

    def dispose(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    @property
    def pins(self) -> Pins:
        """Pins of the shown frame."""
        return self._told

    def show(self, element: Element) -> bool:
        """Bring what an element is about into view, its point or pixel included."""
        self._wanted = element if isinstance(element.anchor, Point | Pixel) else None
        shown = self._walk.show(element.subject)
        self._arrive()
        return shown

    def _arrive(self) -> None:
        element, content = self._wanted, self._session.content
        if element is None or content is None:
            return
        subject = element.subject
        is_here = subject.frame_key in (None, content.frame.key)
        if content.scene.scene_id != subject.scene_id or not is_here:
            return
        self._wanted = None
        anchor = element.anchor
        if isinstance(anchor, Pixel) and anchor.sensor_id in content.scene.camera_ids:
            self._session.set_large_camera(anchor.sensor_id)
        elif isinstance(anchor, Point):
            position = in_world(content, anchor)
            if position is not None:
                around = np.full(3, AROUND_M)
                unturned = np.array([1.0, 0.0, 0.0, 0.0])
                box = Cuboid(np.array(position), around, unturned, "world")
                self._board.emit(BoxSought(box))

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._tell(again=True)
            self._arrive()
        elif isinstance(change, SceneClosed):
            self._wanted = None
            self._tell()

    def _on_board_change(self, change: DeskChange) -> None:
        told = WorkspaceOpened | WorkspaceClosed
        if isinstance(change, told) or (
            isinstance(change, DecisionsChanged) and concerns_issues(change)
        ):
            self._tell()

    def _tell(self, *, again: bool = False) -> None:
        """Say which pins there are; `again` also where views forgot them with the frame."""
        found = self._find()
        if found != self._told or (again and found):
            self._told = found
            self._board.emit(PinsShown(found))

    def _find(self) -> Pins:
        content, reading = self._session.content, self._board.reading
        dataset_id = self._board.dataset_id
        if content is None or reading is None or dataset_id is None:
            return ()
        found: list[Pin] = []
        scene_id, frame_key = content.scene.scene_id, content.frame.key
        for placed in open_elements_in_frame(reading, dataset_id, scene_id, frame_key):
            anchor, issue_id = placed.element.anchor, placed.element.issue_id
            if isinstance(anchor, Pixel):
                pixel = (anchor.u_px, anchor.v_px)
                found.append(Pin(issue_id, placed.title, anchor.sensor_id, pixel))
            elif isinstance(anchor, Point):
                position = in_world(content, anchor)
                if position is not None:
                    found.append(Pin(issue_id, placed.title, position=position))
        return tuple(found)


def in_world(content: FrameContent, anchor: Point) -> tuple[float, float, float] | None:
    """Return where a point is in world; None where no pose leads there."""
    try:
        matrix = content.world_from(anchor.coord_frame_id, content.timestamp_ns)
    except TransformTreeError:
        return None
    x, y, z = (float(each) for each in matrix[:3, :3] @ anchor.position_m + matrix[:3, 3])
    return x, y, z
