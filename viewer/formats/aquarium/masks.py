"""Masks: a PNG of class ids, or of object numbers with a label for each object."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.aquarium.attributes import shown_attributes
from viewer.formats.aquarium.merge import LabelRecord
from viewer.formats.aquarium.schema import DEFAULT_SENSOR_ID
from viewer.formats.base import DamagedData
from viewer.formats.data_urls import UnmappedUrl
from viewer.formats.index_image import read_index_image
from viewer.formats.problem_log import ProblemLog
from viewer.scene.masks import InstanceMask, Mask, RunLengths, SemanticMask

INSTANCE = "INSTANCE_LABEL_2D"
INSTANCE_URL = "INSTANCE_LABEL_URL_2D"
SEMANTIC_URL = "SEMANTIC_LABEL_URL_2D"
RESIZE_MODE = "resize_mode"
_OWN_KEYS = frozenset({"id", "url", "asset_uuid", RESIZE_MODE})

Resolve = Callable[[str, LabelRecord], Path]


def read_masks(
    records: Sequence[LabelRecord],
    class_names: Mapping[int, str],
    resolve: Resolve,
    problems: ProblemLog,
) -> list[Mask]:
    """Return the masks of a frame; one that cannot be read is noted and left out.

    An object's label is called ``<label id of the mask>_<number in the mask>``.
    """
    objects = {record.uuid: record for record in records if record.label_type == INSTANCE}
    found: list[Mask] = []
    for record in records:
        if record.label_type == INSTANCE:
            continue
        try:
            indices = _indices(record, resolve)
        except DamagedData as damage:
            problems.add_damage(damage)
        except (ValueError, UnmappedUrl) as error:
            problems.add(record.row.path, record.place, f"{error}; it is left out")
        else:
            if record.label_type == SEMANTIC_URL:
                found.append(_semantic(record, indices, class_names))
            else:
                found += _instances(record, indices, objects)
    return found


def _indices(record: LabelRecord, resolve: Resolve) -> npt.NDArray[np.int32]:
    url = record.attributes.get("url")
    if not isinstance(url, str) or not url:
        raise ValueError("is a mask in a file of assets, not an image of its own")
    return read_index_image(resolve(url, record))


def _semantic(
    record: LabelRecord, indices: npt.NDArray[np.int32], class_names: Mapping[int, str]
) -> SemanticMask:
    present = {int(value) for value in np.unique(indices)}
    names = {index: name for index, name in class_names.items() if index in present}
    return SemanticMask(
        record.coordinate_frame or DEFAULT_SENSOR_ID,
        record.uuid,
        indices,
        names,
        attributes=_attributes(record, keep_mode=True),
    )


def _instances(
    record: LabelRecord, indices: npt.NDArray[np.int32], objects: Mapping[str, LabelRecord]
) -> list[Mask]:
    found: list[Mask] = []
    for uuid, each in objects.items():
        number = each.attributes.get("id")
        if not uuid.startswith(f"{record.uuid}_") or type(number) is not int:
            continue
        found.append(
            InstanceMask(
                record.coordinate_frame or DEFAULT_SENSOR_ID,
                uuid,
                each.class_name,
                RunLengths.of(indices == number),
                attributes=_attributes(each),
            )
        )
    return found


def _attributes(record: LabelRecord, *, keep_mode: bool = False) -> dict[str, Any]:
    """Return attributes beside those of the mask itself; objects have theirs without a prefix."""
    shown = shown_attributes(record.attributes)
    kept = {key: value for key, value in shown.items() if key not in _OWN_KEYS}
    if keep_mode and shown.get(RESIZE_MODE) is not None:
        kept[RESIZE_MODE] = shown[RESIZE_MODE]
    return kept
