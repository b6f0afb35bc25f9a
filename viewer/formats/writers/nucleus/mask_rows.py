"""Masks of a frame as one PNG an image, and the segments that name its values."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.nucleus.masks import MAX_INDEX, SEGMENT_METADATA
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_metadata
from viewer.scene.masks import InstanceMask, Mask, SemanticMask

Pixels = npt.NDArray[np.uint8]


def mask_rows(
    masks: Sequence[Mask], refs: Mapping[str, str], where: str, losses: LossLog
) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Yield (sensor, row without its mask_url, PNG) of each image that has a mask."""
    by_sensor: dict[str, list[Mask]] = {}
    for mask in masks:
        by_sensor.setdefault(mask.sensor_id, []).append(mask)
    for sensor_id, own in by_sensor.items():
        if sensor_id not in refs:
            losses.add("mask", where, "belongs to no image of its frame", len(own))
            continue
        semantic = [each for each in own if isinstance(each, SemanticMask)]
        instances = [each for each in own if isinstance(each, InstanceMask)]
        if semantic:
            why = "an image has one mask; the first is written"
            losses.add("mask", where, why, len(own) - 1)
            found = _semantic(semantic[0], where, losses)
        else:
            found = _joined(instances, where, losses)
        if found is not None:
            pixels, segments, label_id = found
            row = {
                "type": "mask",
                "mask_url": "",
                "annotations": segments,
                "annotation_id": label_id or None,
                "reference_id": refs[sensor_id],
            }
            yield sensor_id, row, _png(pixels)


def _semantic(
    mask: SemanticMask, where: str, losses: LossLog
) -> tuple[Pixels, list[dict[str, Any]], str] | None:
    indices = mask.class_indices
    named = [index for index in mask.class_names if not 0 <= index <= MAX_INDEX]
    if named or (indices.size and (indices.min() < 0 or indices.max() > MAX_INDEX)):
        losses.add("mask", where, f"has values outside 0 to {MAX_INDEX}")
        return None
    if mask.instances is not None:
        losses.add("instances of a mask", where, "a mask tells classes only")
    attributes = dict(mask.attributes)
    details = attributes.pop(SEGMENT_METADATA, {})
    losses.add("attribute of a mask", where, "a mask has none", len(attributes))
    segments = []
    for index, name in mask.class_names.items():
        segment: dict[str, Any] = {"label": name, "index": index}
        if isinstance(details, Mapping) and str(index) in details:
            segment["metadata"] = plain_metadata(details[str(index)], where, losses)
        segments.append(segment)
    return indices.astype(np.uint8), segments, mask.label_id


def _joined(
    masks: Sequence[InstanceMask], where: str, losses: LossLog
) -> tuple[Pixels, list[dict[str, Any]], str] | None:
    """Put the masks of objects into one, a value each; where two meet the later is on top."""
    first = masks[0].runs
    pixels = np.zeros((first.height_px, first.width_px), dtype=np.uint8)
    segments: list[dict[str, Any]] = []
    for mask in masks:
        if len(segments) == MAX_INDEX or (mask.runs.width_px, mask.runs.height_px) != (
            first.width_px,
            first.height_px,
        ):
            why = f"a mask holds {MAX_INDEX} objects of one image size"
            losses.add("mask of an object", where, why)
            continue
        inside = mask.runs.decoded()
        overlap = int((pixels[inside] > 0).any())
        losses.add("mask of an object", where, "covers an earlier one in places", overlap)
        index = len(segments) + 1
        pixels[inside] = index
        metadata = plain_metadata(mask.attributes, where, losses)
        segment: dict[str, Any] = {"label": mask.class_name, "index": index}
        segments.append(segment | ({"metadata": metadata} if metadata else {}))
        losses.add("mask of an object", where, "becomes a value of one mask an image")
        losses.add("track of a mask", where, "a segment has none", int(mask.track_id is not None))
        scored = mask.score == mask.score
        losses.add("confidence of a mask", where, "a segment has none", int(scored))
        losses.add("crowd mark", where, "Nucleus marks no crowds", int(mask.is_crowd))
    return pixels, segments, ""


def _png(pixels: Pixels) -> bytes:
    from PIL import Image as PilImage

    buffer = io.BytesIO()
    PilImage.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()
