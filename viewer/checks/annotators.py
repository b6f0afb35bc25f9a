"""Who made a label, and to which batch a scene belongs, as platforms write it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene

Names = npt.NDArray[np.object_]
ANNOTATOR_ATTRIBUTES: Final = (
    "annotator", "annotator_id", "annotator_name", "annotated_by", "annotatedby",
    "labeler", "labeller", "labeled_by", "labelled_by",
    "worker", "worker_id",  # Picsellia
    "creator", "created_by", "createdby",  # Dataloop, CVAT
    "updated_by", "updatedby", "author", "assignee", "user",
)  # fmt: skip
"""Attributes of labels that name their maker, the surest first; in small letters."""
BATCH_KEYS: Final = (
    "batch", "batch_id", "delivery", "delivery_id", "task", "task_id", "job", "job_id",
    "annotator", "vendor", "date", "capture_date", "logfile",
)  # fmt: skip
"""Metadata of scenes that name what was labelled together, the surest first; in small letters."""
_FREE: Final = "user."
"""Before the names of Dataloop's free values."""
SCENE: Final = "scene"
"""Kind of batch where no metadata tell one."""


def annotators_of(scene: CheckedScene) -> Names | None:
    """(N,) who made each label of a scene, empty where none is told; None where none is at all."""
    attributes = scene.labels.attributes
    if attributes is None:
        return None
    key = scene.annotator_attribute or _usual_key(attributes)
    if key is None:
        return None
    names = np.array([_text(each.get(key)) for each in attributes] or [""], dtype=object)
    names = names[: len(attributes)]
    return names if any(names) else None


def batch_of(scene: CheckedScene, policy: Policy) -> tuple[str, str]:
    """Return the kind and name of the batch that a scene belongs to: its own where none is told.

    A pinned key that a scene lacks gives the batch without a name.
    """
    metadata = scene.scene.metadata
    if policy.batch_key is not None:
        return policy.batch_key, _text(metadata.get(policy.batch_key))
    by_name = {str(key).casefold(): key for key in metadata}
    for name in BATCH_KEYS:
        value = _text(metadata.get(by_name[name])) if name in by_name else ""
        if value:
            return name, value
    return SCENE, scene.scene_id


def _usual_key(attributes: Iterable[Mapping[str, Any]]) -> str | None:
    keys: dict[str, str] = {}
    for each in attributes:
        for key, value in each.items():
            if _text(value):
                keys.setdefault(str(key).casefold().removeprefix(_FREE), key)
    return next((keys[name] for name in ANNOTATOR_ATTRIBUTES if name in keys), None)


def _text(value: object) -> str:
    """Name as text; empty for what names nobody."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()
