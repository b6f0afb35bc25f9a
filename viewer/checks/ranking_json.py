"""The ranking in the JSON document of a run: worst first, and how its numbers are to be read."""

from collections.abc import Sequence
from typing import Any

from viewer.checks.calibration import LEAST_VERDICTS, PlattCurve, Scale
from viewer.checks.ranking import Ranked


def ranking_document(ranked: Sequence[Ranked], scale: Scale) -> dict[str, Any]:
    """Return the ranking; `findings` of an entry are ids of the document's findings."""
    return {
        "is": scale.word,
        "verdicts": scale.judged,
        "verdicts_needed": LEAST_VERDICTS,
        **_calibration(scale),
        "entries": [_entry(each, scale) for each in ranked],
    }


def _calibration(scale: Scale) -> dict[str, Any]:
    known = scale.calibration
    if known is None:
        return {}
    method = "platt" if isinstance(known.curve, PlattCurve) else "isotonic"
    told: dict[str, Any] = {"method": method, "wrong": known.wrong}
    if known.held is not None:
        told["held_out"] = {
            "brier": known.held.brier,
            "brier_of_share": known.held.brier_of_share,
            "calibration_error": known.held.ece,
        }
    return {"calibration": told}


def _entry(each: Ranked, scale: Scale) -> dict[str, Any]:
    first, label = each.findings[0], each.label
    document: dict[str, Any] = {"score": round(each.score, 6)}
    if scale.calibration is not None:
        document["probability"] = round(scale.value(each.score), 6)
    document["scene"] = first.scene_id
    document["frame"] = first.frame_key if label is None else label.frame_key
    if label is not None:
        document |= {"label_set": label.label_set_id, "label": label.label_id}
    if each.track is not None:
        document |= {"track": each.track, "frames": each.frames}
    document["class"] = first.class_name
    document["adds"] = {check: round(value, 4) for check, value in each.contributions.items()}
    document["findings"] = [finding.finding_id for finding in each.findings]
    return document
