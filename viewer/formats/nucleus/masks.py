"""Masks: a PNG whose values are the indices of segments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.index_image import read_index_image
from viewer.formats.nucleus.schema import Annotation, Segment
from viewer.scene.masks import SemanticMask

MAX_INDEX = 255
SEGMENT_METADATA = "segment_metadata"


def read_mask(
    path: Path, annotation: Annotation, sensor_id: str, label_id: str
) -> tuple[SemanticMask, list[str]]:
    """Read a mask, and say what in it breaks the format's rules.

    Raises
    ------
    DamagedData
        When the PNG cannot be read.
    ValueError
        When a segment has no index.
    """
    names, attributes = _segments(annotation.annotations or ())
    indices = read_index_image(path)
    told = []
    strangers = np.setdiff1d(np.unique(indices), [0, *names])
    if len(strangers):
        told.append(f"the mask has values that no segment names, first {int(strangers[0])}")
    mask = SemanticMask(sensor_id, label_id, indices, names, attributes=attributes)
    return mask, told


def _segments(segments: Sequence[Segment]) -> tuple[dict[int, str], dict[str, Any]]:
    names: dict[int, str] = {}
    metadata: dict[str, Any] = {}
    for segment in segments:
        index = segment_index(segment)
        names[index] = segment.label or ""
        if segment.metadata is not None:
            metadata[str(index)] = segment.metadata
    return names, {SEGMENT_METADATA: metadata} if metadata else {}


def segment_index(segment: Segment) -> int:
    """Return the value of a segment's pixels; the format's own examples give it as text."""
    index = segment.index
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 10:
        index = int(index)
    if not isinstance(index, int) or not 0 <= index <= MAX_INDEX:
        raise ValueError(f"has a segment whose index is not 0 to {MAX_INDEX}")
    return index
