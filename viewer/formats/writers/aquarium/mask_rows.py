"""Masks of a frame as PNG files, and the labels that name their values."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.writers.losses import LossLog
from viewer.scene.masks import InstanceMask, Mask, SemanticMask

MASK_CLASS = "__mask"
MAX_VALUE = 255
Row = dict[str, Any]
Pixels = npt.NDArray[np.uint8]


class MaskFile:
    """One PNG and the labels that belong to it.

    Parameters
    ----------
    label_id
        Of the mask itself.
    instances
        The objects of an instance mask by value; None for a semantic one.
    """

    def __init__(
        self,
        sensor_id: str,
        label_id: str,
        pixels: Pixels,
        instances: Mapping[int, InstanceMask] | None,
    ) -> None:
        self.sensor_id = sensor_id
        self.label_id = label_id
        self.pixels = pixels
        self.instances = instances

    def png(self) -> bytes:
        """Return the file."""
        from PIL import Image as PilImage

        buffer = io.BytesIO()
        PilImage.fromarray(self.pixels).save(buffer, format="PNG")
        return buffer.getvalue()


def mask_files(
    masks: Sequence[Mask], class_ids: Mapping[str, int], where: str, losses: LossLog
) -> Iterator[MaskFile]:
    """Yield a file a semantic mask and one for the objects of each image.

    `class_ids` are the numbers that the project file gives to classes.
    """
    objects: dict[str, list[InstanceMask]] = {}
    for mask in masks:
        if isinstance(mask, InstanceMask):
            objects.setdefault(mask.sensor_id, []).append(mask)
            continue
        pixels = _semantic(mask, class_ids, where, losses)
        if pixels is not None:
            yield MaskFile(mask.sensor_id, mask.label_id, pixels, None)
    for sensor_id, own in objects.items():
        yield _joined(sensor_id, own, where, losses)


def _semantic(
    mask: SemanticMask, class_ids: Mapping[str, int], where: str, losses: LossLog
) -> Pixels | None:
    values = {index: class_ids.get(name, -1) for index, name in mask.class_names.items()}
    if any(not 0 <= value <= MAX_VALUE for value in values.values()):
        losses.add("mask", where, f"has a class with a number outside 0 to {MAX_VALUE}")
        return None
    unnamed = np.setdiff1d(mask.class_indices, list(values))
    losses.add("pixels without a class", where, "become those of value 255", len(unnamed))
    if mask.instances is not None:
        losses.add("instances of a mask", where, "a semantic mask tells classes only")
    losses.add("attribute of a mask", where, "masks have none", len(mask.attributes))
    pixels = np.full(mask.class_indices.shape, MAX_VALUE, dtype=np.uint8)
    for index, value in values.items():
        pixels[mask.class_indices == index] = value
    return pixels


def _joined(sensor_id: str, masks: Sequence[InstanceMask], where: str, losses: LossLog) -> MaskFile:
    """Put the masks of objects into one, a value each; where two meet the later is on top."""
    first = masks[0].runs
    pixels = np.zeros((first.height_px, first.width_px), dtype=np.uint8)
    instances: dict[int, InstanceMask] = {}
    for mask in masks:
        same = (mask.runs.width_px, mask.runs.height_px) == (first.width_px, first.height_px)
        if len(instances) == MAX_VALUE or not same:
            why = f"a mask holds {MAX_VALUE} objects of one image size; it is left out"
            losses.add("mask of an object", where, why)
            continue
        inside = mask.runs.decoded()
        covers = int((pixels[inside] > 0).any())
        losses.add("mask of an object", where, "covers an earlier one in places", covers)
        instances[len(instances) + 1] = mask
        pixels[inside] = len(instances)
        losses.add("track of a mask", where, "masks have none", int(mask.track_id is not None))
        scored = int(mask.score == mask.score)
        losses.add("confidence of a mask", where, "masks have none", scored)
        losses.add("crowd mark", where, "masks have none", int(mask.is_crowd))
    return MaskFile(sensor_id, f"instances_{sensor_id}", pixels, instances)
