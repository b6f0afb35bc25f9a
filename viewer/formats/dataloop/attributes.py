"""What an annotation says beside its shape: attributes of both generations, status, track, score.

Keys are those of ``metadata.system.attributes`` (second generation). The first generation's list is
kept under ``attributes``; its object form is merged. ``status``, ``description``, ``creator`` and
``updatedBy`` stand beside them, plain values of ``metadata.user`` under ``user.NAME``.
"""

from collections.abc import Mapping
from typing import Any

from viewer.formats.dataloop.document import mapping_of, system_of, user_of
from viewer.formats.dataloop.timeline import State
from viewer.formats.json_numbers import is_number

LISTED, STATUS, DESCRIPTION, USER = "attributes", "status", "description", "user."
MAKERS = ("creator", "updatedBy")
"""Who made an annotation, and who changed it last."""
ANNOTATIONS, PREDICTIONS = "annotations", "predictions"
MODEL, PREDICTION_MARK, TRACK = "model", "annotation_type", "trackId"


def attributes_of(annotation: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Return the attributes of a label."""
    found: dict[str, Any] = dict(state.named_attributes)
    if isinstance(state.attributes, dict):
        found.update(state.attributes)
    elif isinstance(state.attributes, list) and state.attributes:
        found[LISTED] = state.attributes
    system = system_of(annotation)
    described = annotation.get(DESCRIPTION, system.get(DESCRIPTION))
    makers = ((key, annotation.get(key)) for key in MAKERS)
    for key, value in ((STATUS, system.get(STATUS)), (DESCRIPTION, described), *makers):
        if isinstance(value, str) and value:
            found.setdefault(key, value)
    for key, value in user_of(annotation).items():
        if key not in (MODEL, PREDICTION_MARK, TRACK) and isinstance(
            value, str | int | float | bool
        ):
            found.setdefault(f"{USER}{key}", value)
    return found


def score_of(annotation: Mapping[str, Any]) -> float:
    """Return the model's confidence, NaN where there is none."""
    confidence = mapping_of(user_of(annotation).get(MODEL)).get("confidence")
    return float(confidence) if is_number(confidence) else float("nan")


def track_of(annotation: Mapping[str, Any]) -> str | None:
    """Return the object id, which is the same on all frames and items.

    It can only be digits; a track of another name has that in ``metadata.user.trackId``.
    """
    named = user_of(annotation).get(TRACK)
    object_id = named if isinstance(named, str) else system_of(annotation).get("objectId")
    if isinstance(object_id, bool) or not isinstance(object_id, str | int) or object_id == "":
        return None
    return str(object_id)


def label_set_of(annotation: Mapping[str, Any]) -> str:
    """Return the label set: the model's name for a prediction, else that of all annotations."""
    user = user_of(annotation)
    model = mapping_of(user.get(MODEL))
    if not model and user.get(PREDICTION_MARK) != "prediction":
        return ANNOTATIONS
    name = model.get("name")
    return name if isinstance(name, str) and name not in ("", ANNOTATIONS) else PREDICTIONS
