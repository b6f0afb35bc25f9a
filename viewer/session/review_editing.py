"""Edits of what is selected, be it a label or a mark of a missing object."""

import json
import math
from collections.abc import Sequence
from typing import Any

from viewer.geometry.rotation import quaternion_from_yaw, quaternion_multiply, yaw_from_quaternion
from viewer.review.commands.marks import ChangeMark, RemoveMark
from viewer.scene.labels import CuboidLabels
from viewer.session.box_facts import select_row
from viewer.session.review_board import ReviewBoard
from viewer.session.review_edits import LabelEditing
from viewer.session.review_marks import is_mark, mark_id_of


class SelectionEditing:
    """What the inspector's edits do. Made by the desk."""

    def __init__(self, board: ReviewBoard, labels: LabelEditing) -> None:
        self._board, self._labels = board, labels

    # -- what is selected --------------------------------------------------------------------

    def label(self) -> CuboidLabels | None:
        """The selected cuboid as it is edited, as labels of its own; None where there is none."""
        session = self._board.session
        key, content = session.selection, session.content
        if key is None or content is None or key.frame_index != content.index:
            return None
        labels = content.labels.get(key.label_set_id)
        row = None if labels is None else labels.cuboids.row_of(key.label_id)
        return None if labels is None or row is None else select_row(labels.cuboids, row)

    @property
    def mark_id(self) -> str | None:
        """Id of the selected mark; None where a label is selected, or nothing."""
        key = self._board.session.selection
        return mark_id_of(key.label_id) if key is not None and is_mark(key.label_id) else None

    @property
    def is_edited(self) -> bool:
        """Whether the selected label differs from the delivered one."""
        return self._labels.edit() is not None

    # -- edits -------------------------------------------------------------------------------

    def change_class(self, name: str) -> bool:
        """Give the label, or what a mark says is missing, another class."""
        if not name:
            return False
        if self.mark_id is not None:
            return self._change_mark({"class_name": name.removeprefix("missing ")})
        return self._labels.change_class(name)

    def change_track(self, track_id: str) -> bool:
        """Put the label into another track; an empty id takes it out of its own."""
        return self.mark_id is None and self._labels.change_track(track_id)

    def change_attribute(self, name: str, text: str) -> bool:
        """Give an attribute another value; an empty text takes it away."""
        return self.mark_id is None and self._labels.change_attribute(name, value_of(text))

    def change_box(
        self,
        center: Sequence[float] | None = None,
        size: Sequence[float] | None = None,
        yaw_rad: float | None = None,
    ) -> bool:
        """Move, resize or turn the box, in the coord frame of the label; pitch and roll stay."""
        label = self.label()
        if label is None:
            self._board.session.say("Nothing changed: select a cuboid first", is_problem=True)
            return False
        boxes, rotation = label.cuboids, None
        if yaw_rad is not None:
            turn = quaternion_from_yaw(yaw_rad - float(boxes.yaw_rad[0]))
            rotation = quaternion_multiply(turn, boxes.rotation[0])
        if self.mark_id is None:
            turned = None if rotation is None else rotation.tolist()
            return self._labels.change_box(center, size, turned)
        kept = boxes.rotation[0] if rotation is None else rotation
        return self._change_mark(
            {
                "coord_frame_id": boxes.coord_frame_id,
                "position": list(boxes.center[0].tolist() if center is None else center),
                "size": list(boxes.size[0].tolist() if size is None else size),
                "yaw_rad": float(yaw_from_quaternion(kept)),
            }
        )

    def flip(self) -> bool:
        """Turn the box by half a turn."""
        label = self.label()
        if self.mark_id is not None and label is not None:
            return self.change_box(yaw_rad=float(label.cuboids.yaw_rad[0]) + math.pi)
        return self._labels.flip_heading()

    def delete(self) -> bool:
        """Delete the label or take the mark away; undo brings it back."""
        mark_id, label = self.mark_id, self.label()
        if mark_id is None:
            return self._labels.delete()
        name = "" if label is None else label.class_names[0].removeprefix("missing ")
        done = self._board.run(RemoveMark(mark_id, name))
        if done:
            self._board.session.select(None)
        return done

    def restore(self) -> bool:
        """Make the label as it was delivered again."""
        return self.mark_id is None and self._labels.restore()

    def _change_mark(self, values: dict[str, Any]) -> bool:
        mark_id = self.mark_id
        return mark_id is not None and self._board.run(ChangeMark(mark_id, values))


def value_of(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Read an attribute's value: a number, yes or no, or else the text; empty is None.

    Examples
    --------
    >>> value_of("3"), value_of("0.5"), value_of("yes"), value_of("moving"), value_of("")
    (3, 0.5, True, 'moving', None)
    """
    text = text.strip()
    if not text:
        return None
    if text in ("yes", "no"):
        return text == "yes"
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, float) and not math.isfinite(value):
        return text
    return value
