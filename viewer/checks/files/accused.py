"""Findings that accuse a file, or all files of a sensor."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from viewer.checks.file_facts import InspectedFile
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.scene_labels import CheckedScene
from viewer.scene.scene import Problem


def of_file(
    check: str,
    scene: CheckedScene,
    file: InspectedFile,
    *,
    severity: Severity,
    score: float,
    text: str,
    about: str = "",
    numbers: Mapping[str, float] | None = None,
) -> Finding:
    """Return a finding on one file; the text begins with its name.

    Parameters
    ----------
    about
        Tells findings of one check on one file apart.
    """
    return Finding(
        check=check, scene_id=scene.scene_id, frame_key=scene.scene.frames[file.frame].key,
        labels=(), class_name="", score=score, severity=severity,
        text=f"{name_of(scene, file)}: {text}", evidence=Evidence(dict(numbers or {})),
        sensor_id=file.sensor_id, about=about,
    )  # fmt: skip


def of_sensor(
    check: str,
    scene: CheckedScene,
    sensor_id: str,
    *,
    severity: Severity,
    score: float,
    text: str,
    about: str = "",
    numbers: Mapping[str, float] | None = None,
) -> Finding:
    """Return a finding on all files of a sensor."""
    return Finding(
        check=check, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
        score=score, severity=severity, text=f"{sensor_id}: {text}",
        evidence=Evidence(dict(numbers or {})), sensor_id=sensor_id, about=about,
    )  # fmt: skip


def damaged(
    check: str, scene: CheckedScene, files: Sequence[InspectedFile], bad: Sequence[InspectedFile],
    most_told: float,
) -> list[Finding]:  # fmt: skip
    """Accuse each damaged file of a sensor, or the sensor where there are many.

    Parameters
    ----------
    most_told
        Share of the sensor's files up to which each is told by itself.
    """
    if len(bad) > max(most_told * len(files), 1):
        first = bad[0]
        all_bad = len(bad) == len(files)
        told = (
            f"none of its {len(files):,} {first.what}s can be read" if all_bad
            else f"{len(bad):,} of its {len(files):,} {first.what}s cannot be read"
        )  # fmt: skip
        return [
            of_sensor(
                check, scene, first.sensor_id, severity=Severity.HIGH, score=1.0,
                text=f"{told}, first {name_of(scene, first)}: {reason_of(first)}",
                numbers={"files": len(bad), "of_files": len(files)},
            )
        ]  # fmt: skip
    return [
        of_file(check, scene, each, severity=Severity.HIGH, score=1.0, text=reason_of(each))
        for each in bad
    ]


def name_of(scene: CheckedScene, file: InspectedFile) -> str:
    """Name of a file within its dataset; the sensor's where it lies in no file of its own."""
    return in_dataset(scene, file.source) or f"{file.what} of {file.sensor_id}"


def in_dataset(scene: CheckedScene, source: str) -> str:
    """Return a path as seen from its scene's folder, or from the one around it."""
    path, root = Path(source), scene.scene.path
    for base in (root, root.parent):
        if path.is_absolute() and path != base and path.is_relative_to(base):
            return str(path.relative_to(base))
    return source


def is_lost(problem: Problem) -> bool:
    """Whether a reader tells that files are missing; it lists no frame's reference to them then."""
    return problem.message.endswith("is missing") or " lack their " in problem.message


def reason_of(file: InspectedFile) -> str:
    """What is wrong with a damaged file, and where."""
    return f"{file.problem} ({file.place})" if file.place else file.problem
