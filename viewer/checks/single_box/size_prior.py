"""A box whose size no other of its class has."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.known_sizes import is_known_size
from viewer.checks.learned import Learned, Usual
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.size_limits import SIZE_LIMITS, beyond, pinned_sizes
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

NEAR = 0.08
"""Of the logarithm."""
DIMENSIONS = ("length_m", "width_m", "height_m")


class SizePrior(Check):
    """Far from what half of the class has, and where few of it are: it may have several kinds.

    Lengths differ by factors: deviations are measured in the logarithm. A size that such objects
    are known to have elsewhere, and have all along the track, is a hint.
    """

    id: ClassVar[str] = "size-prior"
    numbers: ClassVar[tuple[int, ...]] = (3,)
    title: ClassVar[str] = "Size outside its class"
    question: ClassVar[str] = "Is the box as large as others of its class are?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_deviations", 4.0, "robust deviations from what half of the class has",
                  "Fixy (KDE of volume by class)"),
        Parameter("least_spread", 0.05, "standard deviation that every class is granted, as a "
                  "share of the size", high=1.0),
        Parameter("rarest_share", 0.05, "share of the class's labels within 8 % of the size below "
                  "which it is rare", high=1.0),
        Parameter("least_labels", 30.0, "labels of a class to learn from"),
        *SIZE_LIMITS,
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        rows = scene.boxes[(scene.labels.sizes_m[scene.boxes] > 0).all(axis=1)]
        for class_name in sorted(set(scene.class_of[rows].tolist())):
            yield from self._beyond_pinned(scene, rows, class_name, parameters)
            usual = [learned.usual(class_name, name) for name in DIMENSIONS]
            if usual[0].total < parameters.of("least_labels", class_name):
                continue
            least = parameters.of("least_spread", class_name)
            most = parameters.of("most_deviations", class_name)
            halves = np.array([each.main_half() for each in usual])
            medians, spreads = halves[:, 0], np.maximum(halves[:, 1], least)
            own = rows[scene.class_of[rows] == class_name]
            away = np.log(scene.labels.sizes_m[own] / medians) / spreads
            least_m, most_m = pinned_sizes(parameters, class_name)
            away[:, (least_m > 0) | np.isfinite(most_m)] = 0.0
            away[beyond(scene.labels.sizes_m[own], least_m, most_m).max(axis=1) > 0] = 0.0
            worst = np.abs(away).argmax(axis=1)
            odd = np.abs(away).max(axis=1) > most
            odd[odd] = _shares_near(scene, own[odd], worst[odd], usual) < parameters.of(
                "rarest_share", class_name
            )
            for place in np.flatnonzero(odd).tolist():
                row, axis = int(own[place]), int(worst[place])
                deviations = abs(float(away[place, axis]))
                size = scene.labels.sizes_m[row]
                known = is_known_size(class_name, size) and _is_of_its_track(scene, row)
                name = DIMENSIONS[axis]
                word = name.removesuffix("_m")
                yield self.found(
                    scene, row, score=1.0 - most / (deviations + most),
                    severity=Severity.LOW if known else Severity.HIGH if deviations > 2 * most
                    else Severity.MEDIUM,
                    text=f"Its {word} is {size[axis]:.2f} m; a {class_name} usually has "
                    f"{medians[axis]:.2f} m",
                    numbers={"deviations": deviations, name: size[axis],
                             f"usual_{name}": medians[axis]},
                    fix=Fix(FixKind.SET_BOX, "give it the usual size of its class",
                            {"size_m": medians.tolist()}),
                )  # fmt: skip

    def _beyond_pinned(
        self, scene: CheckedScene, rows: Ints, class_name: str, parameters: Parameters
    ) -> Iterable[Finding]:
        """What a site pins holds whatever the dataset has."""
        least, most = pinned_sizes(parameters, class_name)
        own = rows[scene.class_of[rows] == class_name]
        by = beyond(scene.labels.sizes_m[own], least, most)
        for place in np.flatnonzero(by.max(axis=1) > 0).tolist():
            row, axis = int(own[place]), int(by[place].argmax())
            name, size_m = DIMENSIONS[axis], float(scene.labels.sizes_m[own[place], axis])
            limit_m = float(least[axis] if size_m < least[axis] else most[axis])
            side = "least" if size_m < least[axis] else "most"
            yield self.found(
                scene, row, score=1.0 - float(np.exp(-by[place, axis])) / 2,
                severity=Severity.HIGH if by[place, axis] > NEAR else Severity.MEDIUM,
                text=f"Its {name.removesuffix('_m')} is {size_m:.2f} m; a {class_name} has at "
                f"{side} {limit_m:.2f} m by the policy",
                numbers={name: size_m, f"{side}_{name}": limit_m},
            )  # fmt: skip


def _shares_near(scene: CheckedScene, rows: Ints, axes: Ints, usual: Sequence[Usual]) -> Floats:
    """(K,) share of the class that is about as large as each label, on an axis of its own.

    Labels of its own track do not speak for it where most of the track has another size.
    """
    shares = np.empty(len(rows))
    for place, (row, axis) in enumerate(zip(rows.tolist(), axes.tolist(), strict=True)):
        size = scene.labels.sizes_m[row, axis]
        count = int(usual[axis].counts_near(np.array([size]), NEAR)[0])
        track = _alike_in_track(scene, row)
        alike = int(track[:, axis].sum())
        if 2 * alike < len(track):
            count -= alike
        shares[place] = max(count, 0) / max(usual[axis].total, 1)
    return shares


def _is_of_its_track(scene: CheckedScene, row: int) -> bool:
    """Whether at least half of the labels of its track are as large as it, whichever way."""
    track = _alike_in_track(scene, row)
    return 2 * int(track.all(axis=1).sum()) >= len(track)


def _alike_in_track(scene: CheckedScene, row: int) -> npt.NDArray[np.bool_]:
    """(T, 3) which labels of its track are about as large, by axis; none where it has no track."""
    sizes, tracks = scene.labels.sizes_m, scene.labels.track_rows
    if tracks is None or tracks[row] < 0:
        return np.empty((0, 3), dtype=bool)
    track = sizes[scene.boxes[tracks[scene.boxes] == tracks[row]]]
    alike: npt.NDArray[np.bool_] = np.abs(np.log(np.maximum(track, 1e-9) / sizes[row])) <= NEAR
    return alike
