"""Labels of which two people who labelled the same frames think differently."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.dataset_base import (
    DatasetCheck,
    SummaryTable,
    Tally,
    TallyKey,
    percent,
    total,
    under,
)
from viewer.checks.finding import BoxRole, Evidence, Finding, LabelName, Severity
from viewer.checks.learned import Bins, Learned, Usual
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene, evidence_box
from viewer.checks.second_opinions import Comparison, Opinion, comparisons
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

BINS: Final[Mapping[str, Bins]] = MappingProxyType(
    {
        "iou": Bins(0.0, 1.0, 1000),
        "apart_m": Bins(0.0, 5.0, 5000),
        "turn_deg": Bins(0.0, 180.0, 3600),
        "apart_px": Bins(0.0, 500.0, 5000),
    }
)
BOTH, SAME_CLASS, SAME_BOX = "both", "same class", "same box"
ONLY_FIRST, ONLY_SECOND, FRAMES = "only first", "only second", "frames"


class ReviewerAgreement(Check, DatasetCheck):
    """Label sets of people are compared, and annotators within one who labelled the same objects.

    Cuboids are, and 2D boxes where there are none.

    Each label that they see differently is told; which of the two is right is for a person to say.
    The dataset gets a table of how well every two agree.
    """

    id: ClassVar[str] = "reviewer-agreement"
    numbers: ClassVar[tuple[int, ...]] = (35,)
    title: ClassVar[str] = "Annotators disagree"
    question: ClassVar[str] = "Do people who labelled the same frames say the same?"
    group: ClassVar[Group] = Group.DATASET
    needs: ClassVar[frozenset[Need]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.5, "overlap of two people's boxes, in space or on images",
                  "CVAT", high=1.0),
        Parameter("most_apart_m", 0.5, "distance of their centres"),
        Parameter("most_turn_rad", math.radians(20), "difference of their headings",
                  high=math.pi),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        own = [each for each in comparisons(scene) if each.first.set_id == scene.label_set_id]
        if not own:
            raise NotAsked("no frame was labelled by two people")
        for each in job.track(own, "Comparing annotators"):
            yield from self._matched(scene, each, parameters)
            yield from self._unmatched(scene, each)

    def _matched(
        self, scene: CheckedScene, pair: Comparison, parameters: Parameters
    ) -> Iterable[Finding]:
        same = pair.same_class
        for place in np.flatnonzero(~(same & self._same_box(pair, parameters))).tolist():
            row, other = int(pair.first_rows[place]), int(pair.second_rows[place])
            iou, turn = float(pair.iou[place]), float(pair.turn_rad[place])
            name, second = pair.second.class_of(other), pair.second.name
            said = "has it otherwise" if same[place] else f"calls it {name!r}"
            grave = not same[place] or turn > math.pi / 2
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
                labels=(scene.name(row), _name(scene, pair.second, other)),
                class_name=str(scene.class_of[row]),
                score=1.0 if grave else max(1.0 - iou, turn / math.pi),
                severity=Severity.MEDIUM if grave or iou < 0.3 else Severity.LOW,
                text=f"{second} {said}: {_differences(pair, place)}",
                evidence=_evidence(scene, pair, row, other, place), about=_about(pair),
            )  # fmt: skip

    def _unmatched(self, scene: CheckedScene, pair: Comparison) -> Iterable[Finding]:
        first, second = pair.first.name, pair.second.name
        for row in pair.only_first.tolist():
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
                labels=(scene.name(row),), class_name=str(scene.class_of[row]), score=0.7,
                severity=Severity.MEDIUM, text=f"{second} labelled the frame and has nothing here",
                evidence=_alone(pair.first, row, BoxRole.LABEL), about=_about(pair),
            )  # fmt: skip
        for row in pair.only_second.tolist():
            name = pair.second.class_of(row)
            label = _name(scene, pair.second, row)
            same_set = pair.second.set_id == scene.label_set_id
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=label.frame_key,
                labels=(label,) if same_set or pair.first.is_flat else (), class_name=name,
                score=0.7,
                severity=Severity.MEDIUM,
                text=f"{first} labelled the frame and has nothing here" if same_set
                else f"{second} has a {name} here; {first} labelled the frame and has nothing",
                evidence=_alone(pair.second, row, BoxRole.LABEL if same_set else BoxRole.OTHER),
                about=_about(pair),
            )  # fmt: skip

    def _same_box(
        self, pair: Comparison, parameters: Parameters
    ) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        overlaps = pair.iou >= parameters.of("least_iou")
        if pair.first.is_flat:
            return overlaps
        near = pair.apart <= parameters.of("most_apart_m")
        return overlaps & near & (pair.turn_rad <= parameters.of("most_turn_rad"))

    # -- the dataset -------------------------------------------------------------------------

    def count(
        self, scene: CheckedScene, found: Sequence[Finding], policy: Policy
    ) -> Mapping[TallyKey, int]:
        parameters = policy.parameters_of(type(self))
        counted: Counter[TallyKey] = Counter()
        for pair in comparisons(scene):
            names = (pair.first.name, pair.second.name)
            counted[*names, FRAMES] += pair.frames
            counted[*names, BOTH] += len(pair.iou)
            counted[*names, SAME_CLASS] += int(pair.same_class.sum())
            counted[*names, SAME_BOX] += int(self._same_box(pair, parameters).sum())
            counted[*names, ONLY_FIRST] += len(pair.only_first)
            counted[*names, ONLY_SECOND] += len(pair.only_second)
            for quantity, values in _values(pair).items():
                for place in BINS[quantity].places(values).tolist():
                    counted[*names, quantity, place] += 1
        return counted

    def table(self, tallies: Mapping[str, Tally], policy: Policy) -> SummaryTable | None:
        whole = total(tallies.values())
        pairs = sorted({(str(key[0]), str(key[1])) for key in whole})
        if not pairs:
            return None
        columns = (
            "first", "second", "frames", "in both", "same class, %", "same box, %", "overlap (IoU)",
            "centres apart, m", "headings apart, °", "centres apart, px", "only first",
            "only second",
        )  # fmt: skip
        return SummaryTable(
            "Agreement of annotators, medians", columns,
            tuple(_row(whole, first, second) for first, second in pairs),
        )  # fmt: skip


def _row(whole: Mapping[TallyKey, int], first: str, second: str
         ) -> tuple[str | int | float | None, ...]:  # fmt: skip
    def of(what: str) -> int:
        return whole.get((first, second, what), 0)

    both = of(BOTH)
    medians: list[float | None] = []
    for quantity, bins in BINS.items():
        counts = np.zeros(bins.count, np.int64)
        for (place,), count in under(whole, first, second, quantity):
            counts[int(place)] = count
        medians.append(round(Usual(bins, counts).median, 3) if counts.any() else None)
    shares = [percent(of(what), both) for what in (SAME_CLASS, SAME_BOX)]
    return (first, second, of(FRAMES), both, *shares, *medians, of(ONLY_FIRST), of(ONLY_SECOND))


def _about(pair: Comparison) -> str:
    return f"{pair.first.name} and {pair.second.name}"


def _name(scene: CheckedScene, opinion: Opinion, row: int) -> LabelName:
    objects = opinion.objects
    tracks = objects.track_rows
    track = -1 if tracks is None else int(tracks[row])
    return LabelName(
        scene.scene_id, objects.frames.keys[int(objects.frame_rows[row])], opinion.set_id,
        objects.label_ids[row], objects.track_ids[track] if track >= 0 else None,
    )  # fmt: skip


def _values(pair: Comparison) -> dict[str, Floats]:
    """What is told of the boxes that both have, by quantity."""
    if pair.first.is_flat:
        return {"iou": pair.iou, "apart_px": pair.apart}
    return {"iou": pair.iou, "apart_m": pair.apart, "turn_deg": np.degrees(pair.turn_rad)}


def _differences(pair: Comparison, place: int) -> str:
    iou, apart = float(pair.iou[place]), float(pair.apart[place])
    if pair.first.is_flat:
        return f"overlap {iou:.0%}, centres {apart:.0f} px apart"
    turn = math.degrees(float(pair.turn_rad[place]))
    return f"overlap {iou:.0%}, centres {apart:.2f} m apart, {turn:.0f}° turned"


def _evidence(scene: CheckedScene, pair: Comparison, row: int, other: int, place: int) -> Evidence:
    iou, apart = float(pair.iou[place]), float(pair.apart[place])
    if pair.first.is_flat:
        alone = _alone(pair.second, other, BoxRole.OTHER)
        return replace(alone, numbers={"iou": iou, "apart_px": apart})
    return Evidence(
        {"iou": iou, "apart_m": apart, "turn_rad": float(pair.turn_rad[place])},
        (scene.box(row), evidence_box(pair.second.objects, other, BoxRole.OTHER)),
    )


def _alone(opinion: Opinion, row: int, role: BoxRole) -> Evidence:
    """Evidence of one box, in space or on its image."""
    objects = opinion.objects
    if not opinion.is_flat or objects.boxes_px is None or objects.cameras is None:
        return Evidence({}, (evidence_box(objects, row, role),))
    left, top, right, bottom = objects.boxes_px[row].tolist()
    return Evidence({}, camera_id=objects.cameras[row], pixels=(left, top, right, bottom))
