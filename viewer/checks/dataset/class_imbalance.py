"""Classes that are hardly there, or never used."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from viewer.checks.base import Group, NotAsked, Parameter
from viewer.checks.dataset_base import (
    DatasetCheck,
    SummaryTable,
    Tally,
    TallyKey,
    first_most,
    percent,
    total,
    under,
)
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene

NAMED: Final = 12
"""So many unused classes are named."""


class ClassImbalance(DatasetCheck):
    """What a model is to find it must have seen; no label is at fault."""

    id: ClassVar[str] = "class-imbalance"
    numbers: ClassVar[tuple[int, ...]] = (34,)
    title: ClassVar[str] = "Class imbalance"
    question: ClassVar[str] = "Has every class of the taxonomy labels enough?"
    group: ClassVar[Group] = Group.DATASET
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("rarest_share", 0.005, "of all labels, below which a class is told", high=1.0),
        Parameter("least_labels", 200, "of the dataset for shares to mean anything", low=1),
    )

    def count(
        self, scene: CheckedScene, found: Sequence[Finding], policy: Policy
    ) -> Mapping[TallyKey, int]:
        counted: dict[TallyKey, int] = {
            ("taxonomy", entry.name): 1 for entry in scene.class_map.entries
        }
        # 2D boxes of an object that has a cuboid are the same object once more for every camera.
        names = scene.class_of[scene.boxes] if len(scene.boxes) else scene.class_of
        for name in names.tolist():
            key = ("labels", str(name))
            counted[key] = counted.get(key, 0) + 1
        return counted

    def judge(self, tallies: Mapping[str, Tally], policy: Policy) -> Iterable[Finding]:
        parameters = policy.parameters_of(type(self))
        whole = total(tallies.values())
        labels = {str(name): count for (name,), count in under(whole, "labels")}
        all_labels = sum(labels.values())
        if all_labels < parameters.of("least_labels"):
            raise NotAsked(f"the dataset has only {all_labels:,} labels" if all_labels
                           else "there are no labels")  # fmt: skip
        most = max(labels, key=lambda name: labels[name])
        for name, count in labels.items():
            share, rarest = count / all_labels, parameters.of("rarest_share", name)
            if share < rarest:
                yield Finding(
                    check=self.id, scene_id=first_most(tallies, "labels", name), frame_key=None,
                    labels=(), class_name=name, score=1.0 - share / rarest,
                    severity=Severity.INFO, about=name,
                    text=f"{name!r} has {count:,} of {all_labels:,} labels ({share:.2%}), "
                    f"{most!r} has {labels[most]:,}",
                    evidence=Evidence({"labels": float(count), "share": share}),
                )  # fmt: skip
        yield from self._unused(tallies, [str(name) for (name,), _ in under(whole, "taxonomy")],
                                labels)  # fmt: skip

    def _unused(
        self, tallies: Mapping[str, Tally], taxonomy: Sequence[str], labels: Mapping[str, int]
    ) -> Iterable[Finding]:
        unused = [name for name in taxonomy if not labels.get(name)]
        if unused:
            named = ", ".join(unused[:NAMED]) + (", ..." if len(unused) > NAMED else "")
            yield Finding(
                check=self.id, scene_id=next(iter(tallies)), frame_key=None, labels=(),
                class_name="", score=len(unused) / len(taxonomy), severity=Severity.INFO,
                about="unused classes",
                text=f"{len(unused):,} of {len(taxonomy):,} classes of the taxonomy are never "
                f"used: {named}",
                evidence=Evidence({"classes": float(len(unused))}),
            )  # fmt: skip

    def table(self, tallies: Mapping[str, Tally], policy: Policy) -> SummaryTable | None:
        whole = total(tallies.values())
        labels = [(str(name), count) for (name,), count in under(whole, "labels")]
        if not labels:
            return None
        all_labels = sum(count for _, count in labels)
        rows = tuple(
            (name, count, percent(count, all_labels),
             sum(("labels", name) in tally for tally in tallies.values()))
            for name, count in sorted(labels, key=lambda each: (-each[1], each[0]))
        )  # fmt: skip
        return SummaryTable("Labels by class", ("class", "labels", "share, %", "scenes"), rows)
