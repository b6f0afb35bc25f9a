"""Masks: a PNG whose values are the indices of segments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.nucleus.schema import Annotation, Segment
from viewer.scene.masks import MAX_MASK_PX, SemanticMask

MAX_INDEX = 255
SEGMENT_METADATA = "segment_metadata"
_PLAIN_MODES = ("L", "P", "1")


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
    indices = _read_indices(path)
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


def _read_indices(path: Path) -> npt.NDArray[np.int32]:
    from PIL import Image as pillow  # noqa: N813 - the module, beside our own Image

    width, height = image_size(path)
    if width * height > MAX_MASK_PX:
        raise DamagedData(path, "header", f"claims {width} x {height} pixels")
    try:
        with pillow.open(path, formats=("PNG",)) as image:
            if image.mode not in _PLAIN_MODES:
                problem = f"is a PNG of kind {image.mode} where 8 bits a pixel belong"
                raise DamagedData(path, "header", problem)
            return np.array(image).astype(np.int32)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        reason = str(error).split("\n", 1)[0][:160]
        raise DamagedData(path, "", f"cannot be decoded: {reason}") from None
