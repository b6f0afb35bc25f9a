"""Labels of which two people who labelled the same frames think differently."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, NotAsked, Parameter, Parameters
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
from viewer.progress import JobContext

BINS: Final[Mapping[str, Bins]] = MappingProxyType(
    {
        "iou": Bins(0.0, 1.0, 1000),
        "apart_m": Bins(0.0, 5.0, 5000),
        "turn_deg": Bins(0.0, 180.0, 3600),
    }
)
BOTH, SAME_CLASS, SAME_BOX = "both", "same class", "same box"
ONLY_FIRST, ONLY_SECOND, FRAMES = "only first", "only second", "frames"


class ReviewerAgreement(Check, DatasetCheck):
    """Label sets of people are compared, and annotators within one who labelled the same objects.

    Each label that they see differently is told; which of the two is right is for a person to say.
    The dataset gets a table of how well every two agree.
    """

    id: ClassVar[str] = "reviewer-agreement"
    numbers: ClassVar[tuple[int, ...]] = (35,)
    title: ClassVar[str] = "Annotators disagree"
    question: ClassVar[str] = "Do people who labelled the same frames say the same?"
    group: ClassVar[Group] = Group.DATASET
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.5, "volume overlap of two people's boxes", high=1.0),
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
            iou, apart, turn = (float(each[place]) for each in (pair.iou, pair.apart_m,
                                                                pair.turn_rad))  # fmt: skip
            name, second = pair.second.class_of(other), pair.second.name
            told = f"overlap {iou:.0%}, centres {apart:.2f} m apart, {math.degrees(turn):.0f}° "
            text = (f"{second} has it otherwise: {told}turned" if same[place]
                    else f"{second} calls it {name!r}: {told}turned")  # fmt: skip
            grave = not same[place] or turn > math.pi / 2
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
                labels=(scene.name(row), _name(scene, pair.second, other)),
                class_name=str(scene.class_of[row]),
                score=1.0 if grave else max(1.0 - iou, turn / math.pi),
                severity=Severity.MEDIUM if grave or iou < 0.3 else Severity.LOW, text=text,
                evidence=Evidence(
                    {"iou": iou, "apart_m": apart, "turn_rad": turn},
                    (scene.box(row), evidence_box(pair.second.objects, other, BoxRole.OTHER)),
                ),
                about=_about(pair),
            )  # fmt: skip

    def _unmatched(self, scene: CheckedScene, pair: Comparison) -> Iterable[Finding]:
        first, second = pair.first.name, pair.second.name
        for row in pair.only_first.tolist():
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
                labels=(scene.name(row),), class_name=str(scene.class_of[row]), score=0.7,
                severity=Severity.MEDIUM, text=f"{second} labelled the frame and has nothing here",
                evidence=Evidence({}, (scene.box(row),)), about=_about(pair),
            )  # fmt: skip
        for row in pair.only_second.tolist():
            objects, name = pair.second.objects, pair.second.class_of(row)
            label = _name(scene, pair.second, row)
            same_set = pair.second.set_id == scene.label_set_id
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=label.frame_key,
                labels=(label,) if same_set else (), class_name=name, score=0.7,
                severity=Severity.MEDIUM,
                text=f"{first} labelled the frame and has nothing here" if same_set
                else f"{second} has a {name} here; {first} labelled the frame and has nothing",
                evidence=Evidence({}, (evidence_box(
                    objects, row, BoxRole.LABEL if same_set else BoxRole.OTHER),)),
                about=_about(pair),
            )  # fmt: skip

    def _same_box(
        self, pair: Comparison, parameters: Parameters
    ) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return (
            (pair.iou >= parameters.of("least_iou"))
            & (pair.apart_m <= parameters.of("most_apart_m"))
            & (pair.turn_rad <= parameters.of("most_turn_rad"))
        )

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
            values = {"iou": pair.iou, "apart_m": pair.apart_m,
                      "turn_deg": np.degrees(pair.turn_rad)}  # fmt: skip
            for quantity, bins in BINS.items():
                for place in bins.places(values[quantity]).tolist():
                    counted[*names, quantity, place] += 1
        return counted

    def table(self, tallies: Mapping[str, Tally], policy: Policy) -> SummaryTable | None:
        whole = total(tallies.values())
        pairs = sorted({(str(key[0]), str(key[1])) for key in whole})
        if not pairs:
            return None
        columns = (
            "first", "second", "frames", "in both", "same class, %", "same box, %", "overlap (IoU)",
            "centres apart, m", "headings apart, °", "only first", "only second",
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
        medians.append(round(Usual(bins, counts).median, 3) if both else None)
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
