"""A file that differs from what its sensor usually writes, or from its calibration."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.file_facts import FileFacts, FileState, InspectedFile
from viewer.checks.files.accused import name_of, of_file, of_sensor
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.progress import JobContext

NEIGHBOURS: Final = 3
"""Clouds before and after, to whose number of points one is compared."""


class InconsistentFile(Check):
    """Size, fields, number of points, and copies of the file before."""

    id: ClassVar[str] = "inconsistent-file"
    title: ClassVar[str] = "Inconsistent file"
    question: ClassVar[str] = "Does every file fit its calibration and its sensor's other files?"
    group: ClassVar[Group] = Group.FILES
    needs: ClassVar[frozenset[Need]] = frozenset({Need.FILES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_times", 3.0, "more points, or fewer, than the clouds around it", low=1.0),
        Parameter("least_points", 1000, "of the clouds around it for that to be judged"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        facts = scene.files or FileFacts()
        for sensor_id, files in facts.by_sensor():
            read = [each for each in files if each.state is FileState.READ]
            if not read:
                continue
            yield from self._copies(scene, read)
            if read[0].is_image:
                yield from self._against_calibration(scene, sensor_id, read)
                yield from self._sizes(scene, read)
            else:
                yield from self._fields(scene, read)
                if not scene.scene.independent:
                    yield from self._point_counts(scene, read, parameters)

    def _copies(self, scene: CheckedScene, files: Sequence[InspectedFile]) -> Iterable[Finding]:
        for before, each in pairwise(files):
            # An empty cloud is no copy.
            if before.digest == each.digest and not _is_one(before, each) and each.points != 0:
                yield of_file(
                    self.id, scene, each, severity=Severity.MEDIUM, score=0.9, about="copy",
                    text="its content is that of the frame before, "
                    f"{name_of(scene, before)}",
                )  # fmt: skip

    def _against_calibration(
        self, scene: CheckedScene, sensor_id: str, images: Sequence[InspectedFile]
    ) -> Iterable[Finding]:
        known = [each for each in images if each.calibrated_px is not None]
        other = [each for each in known if each.calibrated_px != (each.width_px, each.height_px)]
        if not other or len(other) <= len(known) // 2:
            # A few are told by their size alone.
            return
        first = other[0]
        wide, high = first.calibrated_px or (0, 0)
        yield of_sensor(
            self.id, scene, sensor_id, severity=Severity.HIGH, score=1.0, about="calibration",
            text=f"its images are {first.width_px} x {first.height_px} px, its calibration is for "
            f"{wide} x {high}; first {name_of(scene, first)}",
            numbers={"images": len(other), "width_px": first.width_px,
                     "calibrated_width_px": wide},
        )  # fmt: skip

    def _sizes(self, scene: CheckedScene, images: Sequence[InspectedFile]) -> Iterable[Finding]:
        sizes = Counter((each.width_px, each.height_px) for each in images)
        usual, often = sizes.most_common(1)[0]
        if often <= len(images) / 2:
            return
        for each in images:
            if (each.width_px, each.height_px) != usual:
                yield of_file(
                    self.id, scene, each, severity=Severity.HIGH, score=often / len(images),
                    text=f"the image is {each.width_px} x {each.height_px} px; the camera's others "
                    f"are {usual[0]} x {usual[1]}", about="size",
                    numbers={"width_px": each.width_px, "usual_width_px": usual[0]},
                )  # fmt: skip

    def _fields(self, scene: CheckedScene, clouds: Sequence[InspectedFile]) -> Iterable[Finding]:
        kinds = Counter(each.fields for each in clouds)
        usual, often = kinds.most_common(1)[0]
        if often <= len(clouds) / 2:
            return
        for each in clouds:
            if each.fields == usual:
                continue
            lacks = sorted(set(usual) - set(each.fields))
            more = sorted(set(each.fields) - set(usual))
            told = [f"lacks {', '.join(lacks)}"] if lacks else []
            told += [f"has {', '.join(more)} besides"] if more else []
            yield of_file(
                self.id, scene, each, severity=Severity.MEDIUM, score=often / len(clouds),
                text=f"its points differ from those of the other clouds: it "
                f"{' and '.join(told) or 'has their fields in another order'}", about="fields",
            )  # fmt: skip

    def _point_counts(
        self, scene: CheckedScene, clouds: Sequence[InspectedFile], parameters: Parameters
    ) -> Iterable[Finding]:
        counts = np.array([each.points for each in clouds], np.float64)
        times = parameters.of("most_times")
        for row, each in enumerate(clouds):
            low, high = max(row - NEIGHBOURS, 0), row + NEIGHBOURS + 1
            around = np.concatenate([counts[low:row], counts[row + 1 : high]])
            usual = float(np.median(around)) if len(around) >= NEIGHBOURS else 0.0
            if usual < parameters.of("least_points") or each.points == 0:
                continue
            ratio = each.points / usual
            if ratio < 1 / times or ratio > times:
                yield of_file(
                    self.id, scene, each, severity=Severity.MEDIUM,
                    score=1.0 - min(ratio, 1 / ratio), about="points",
                    text=f"it has {each.points:,} points; the clouds around it have some "
                    f"{usual:,.0f}",
                    numbers={"points": each.points, "usual_points": usual},
                )  # fmt: skip


def _is_one(before: InspectedFile, after: InspectedFile) -> bool:
    """Whether two frames refer to one file, as those of a slower sensor may."""
    if before.source != after.source:
        return False
    is_file_alone = after.source.lower().endswith((*IMAGE_SUFFIXES, *POINT_SUFFIXES))
    return is_file_alone or before.timestamp_ns == after.timestamp_ns
