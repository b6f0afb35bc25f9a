"""Rows of all frames of a scene to annotations with keyframes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from viewer.formats.writers.dataloop.rows import (
    ObjectIds,
    Row,
    annotation_of,
    listed_attributes,
    named_attributes,
    own_attributes,
)
from viewer.formats.writers.losses import LossLog


@dataclass(slots=True)
class _Span:
    rows: list[tuple[int, Row]] = field(default_factory=list)


class Spans:
    """Collects the rows of one label set, frame by frame; rows of one track are one annotation."""

    def __init__(self, where: str, model_name: str | None, ids: ObjectIds, losses: LossLog) -> None:
        self._where = where
        self._model_name = model_name
        self._ids = ids
        self._losses = losses
        self._spans: dict[tuple[str, ...], _Span] = {}

    def add(self, frame: int, rows: Iterable[Row]) -> None:
        """Add the rows of a frame; frames come in order."""
        for number, row in enumerate(rows):
            if row.track_id is None:
                key: tuple[str, ...] = ("label", str(frame), str(number))
            else:
                key = ("track", row.track_id, row.kind)
                span = self._spans.get(key)
                if span is not None and span.rows[-1][0] == frame:
                    told = "a track has one label a frame; the further one is its own annotation"
                    self._losses.add("second label of a track", self._where, told)
                    key = ("label", str(frame), str(number))
                    row.track_id = None
            self._spans.setdefault(key, _Span()).rows.append((frame, row))

    def annotations(self) -> list[dict[str, Any]]:
        """Return one annotation a track, or a label without one."""
        taken: set[str] = set()
        return [self._annotation(span, taken) for span in self._spans.values()]

    def _annotation(self, span: _Span, taken: set[str]) -> dict[str, Any]:
        start, first = span.rows[0]
        end = span.rows[-1][0]
        ids = {row.label_id for _, row in span.rows}
        if len(ids) > 1:
            told = "one id for all frames of a track"
            self._losses.add("label id", self._where, told, len(span.rows) - 1)
        scores = {row.score for _, row in span.rows if row.score == row.score}
        if self._model_name is not None and len(scores) > 1:
            told = "one confidence for all frames of a track; the first is written"
            self._losses.add("confidence", self._where, told, len(span.rows) - 1)
        own = own_attributes(first.attributes)
        for _, row in span.rows[1:]:
            if own_attributes(row.attributes) != own:
                told = "stands on a track as a whole; the first is written"
                self._losses.add("status, description or user value", self._where, told)
        annotation = annotation_of(first, self._ids, self._model_name)
        if annotation["id"] in taken:
            annotation["id"] = f"{annotation['id']}@{start}"
        taken.add(annotation["id"])
        system = annotation["metadata"]["system"]
        system.update(frame=start, endFrame=end, snapshots_=_snapshots(span))
        return annotation


def _snapshots(span: _Span) -> list[dict[str, Any]]:
    """Return the states after the first; a state that is held and no keyframe needs none."""
    states = []
    last_frame, held = span.rows[0]
    shown = _content(held)
    for frame, row in span.rows[1:]:
        content = _content(row)
        if frame > last_frame + 1:
            states.append(_state(last_frame + 1, shown, fixed=True, visible=False))
            states.append(_state(frame, content, fixed=row.keyframe, visible=True))
        elif row.keyframe or content != shown:
            states.append(_state(frame, content, fixed=row.keyframe, visible=True))
        last_frame, shown = frame, content
    return states


def _content(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "data": row.coordinates,
        "attributes": listed_attributes(row.attributes),
        "namedAttributes": named_attributes(row.attributes),
    }


def _state(frame: int, content: dict[str, Any], *, fixed: bool, visible: bool) -> dict[str, Any]:
    marks = {"frame": frame, "fixed": fixed, "objectVisible": visible, "type": "transition"}
    return {**marks, **content}
