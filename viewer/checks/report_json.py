"""Findings as a JSON document, that a workspace reads as a queue too."""

from collections.abc import Mapping
from typing import Any, Final

from viewer.checks.calibration import Scale
from viewer.checks.catalog import add_ons, all_checks
from viewer.checks.finding import EvidenceBox, Finding, LabelName
from viewer.checks.ranking import rank
from viewer.checks.ranking_json import ranking_document
from viewer.checks.running import CheckRun

SCHEMA: Final = "sightline-findings"
VERSION: Final = 1


def run_document(run: CheckRun, scale: Scale | None = None) -> dict[str, Any]:
    """Return a whole run: findings in the order of scenes, what was skipped, what failed.

    Parameters
    ----------
    scale
        How scores of the ranking are to be read; None for scores.
    """
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "checks": [
            {"id": each.id, "title": each.title, "question": each.question, "group": each.group}
            for each in all_checks()
        ],
        "scenes": [
            {
                "scene": each.scene_id,
                "frames": each.frames,
                "labels": each.labels,
                "findings": len(each.findings),
                "skipped": dict(each.skipped),
                "problems": [str(problem) for problem in each.problems],
            }
            for each in run.scenes
        ],
        "dataset": {
            "findings": len(run.dataset.findings),
            "skipped": dict(run.dataset.skipped),
            "tables": {
                check: {
                    "title": table.title,
                    "columns": list(table.columns),
                    "rows": [list(row) for row in table.rows],
                }
                for check, table in run.dataset.tables.items()
            },
        },
        "failures": dict(run.failures),
        "left_out_add_ons": dict(add_ons().faults),
        "ranking": ranking_document(rank(run.findings), scale or Scale()),
        "findings": [finding_document(each) for each in run.findings],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return one finding; absent things are left out."""
    subject = _names(finding.labels[0]) if finding.labels else {"scene": finding.scene_id}
    if not finding.labels and finding.frame_key is not None:
        subject["frame"] = finding.frame_key
    document: dict[str, Any] = {
        "id": finding.finding_id,
        "check": finding.check,
        "severity": finding.severity.word,
        "score": round(finding.score, 6),
        "subject": subject,
        "class": finding.class_name,
        "evidence": finding.text,
        "numbers": _numbers(finding.evidence.numbers),
    }
    if finding.labels and finding.labels[0].track_id is not None:
        document["track"] = finding.labels[0].track_id
    if finding.whole_track is not None:
        document["whole_track"] = finding.whole_track
    if finding.about:
        document["about"] = finding.about
    if finding.of_dataset:
        document["scope"] = "dataset"
    if finding.sensor_id is not None:
        document["sensor"] = finding.sensor_id
    if len(finding.labels) > 1:
        document["others"] = [_names(each) for each in finding.labels[1:]]
    if finding.evidence.prediction is not None:
        document["prediction"] = _names(finding.evidence.prediction)
    if finding.evidence.pixels is not None:
        document |= {"camera": finding.evidence.camera_id, "pixels": finding.evidence.pixels}
    if finding.evidence.boxes:
        document["boxes"] = [_box(each) for each in finding.evidence.boxes]
    if finding.fix is not None:
        document["fix"] = {
            "kind": finding.fix.kind.value,
            "text": finding.fix.text,
            **finding.fix.values,
        }
    return document


def _names(label: LabelName) -> dict[str, str]:
    return {
        "scene": label.scene_id,
        "frame": label.frame_key,
        "label_set": label.label_set_id,
        "label": label.label_id,
    }


def _numbers(numbers: Mapping[str, float]) -> dict[str, float | None]:
    # JSON has no NaN.
    return {name: None if value != value else value for name, value in numbers.items()}


def _box(box: EvidenceBox) -> dict[str, Any]:
    return {
        "role": box.role.value,
        "frame": box.frame_key,
        "center_m": box.center_m,
        "size_m": box.size_m,
        "rotation_wxyz": box.rotation_wxyz,
    }
