"""A label whose class or id is not what the dataset knows."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Ints
from viewer.progress import JobContext


class Taxonomy(Check):
    """A class that is listed is unknown too where it is rare and another seems to be meant."""

    id: ClassVar[str] = "taxonomy"
    numbers: ClassVar[tuple[int, ...]] = (8,)
    title: ClassVar[str] = "Unknown class or missing id"
    question: ClassVar[str] = "Does the dataset know the label's class, and has it a track?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_tracked", 0.9, "share of the labels of a scene with a track for one "
                  "without to be wrong", high=1.0),
        Parameter("rarest_share", 0.01, "share of labels below which a class is rare", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        rows = scene.boxes
        known = {entry.name for entry in scene.class_map.entries}
        totals: Counter[str] = Counter()
        for by_class in learned.labels_by_scene.values():
            totals.update(by_class)
        rare = parameters.of("rarest_share") * totals.total()
        for class_name in sorted(set(scene.class_of[rows].tolist())):
            own = rows[scene.class_of[rows] == class_name]
            common = [name for name, count in totals.items() if count > rare and name != class_name]
            meant = _class_of_tracks(scene, own) or next(
                iter(get_close_matches(class_name, common, 1, 0.75)), None
            )
            # Readers list every class that they meet: one that is listed may be wrong too.
            listed = class_name in known or not known
            if listed and not (totals[class_name] <= rare and meant):
                continue
            told = f"; {meant} may be meant" if meant else ""
            fix = None
            if meant:
                fix = Fix(FixKind.CHANGE_CLASS, f"make it a {meant}", {"class_name": meant})
            for row in own.tolist():
                yield self.found(
                    scene, row, score=0.7 if listed else 1.0, severity=Severity.HIGH,
                    text=f"{class_name!r} is hardly a class of the dataset{told}" if listed
                    else f"{class_name!r} is no class of the dataset{told}",
                    numbers={"labels": totals[class_name]}, fix=fix,
                )  # fmt: skip
        yield from self._without_track(scene, parameters)

    def _without_track(self, scene: CheckedScene, parameters: Parameters) -> Iterable[Finding]:
        tracks, rows = scene.labels.track_rows, scene.boxes
        if tracks is None or scene.scene.independent or not len(rows):
            return
        missing = rows[tracks[rows] < 0]
        if 1 - len(missing) / len(rows) < parameters.of("least_tracked"):
            return
        for row in missing.tolist():
            yield self.found(
                scene, row, score=0.9, severity=Severity.MEDIUM,
                text="It has no track, unlike nearly all labels of the scene",
                numbers={"tracked_share": 1 - len(missing) / len(rows)},
            )  # fmt: skip


def _class_of_tracks(scene: CheckedScene, rows: Ints) -> str | None:
    """Class that most other labels of the tracks of some labels have, where it is another."""
    tracks = scene.labels.track_rows
    if tracks is None or scene.scene.independent:
        return None
    own = scene.boxes[np.isin(tracks[scene.boxes], tracks[rows][tracks[rows] >= 0])]
    if not len(own):
        return None
    name = Counter(scene.class_of[own].tolist()).most_common(1)[0][0]
    return None if name == scene.class_of[rows[0]] else str(name)
