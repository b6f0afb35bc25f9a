"""Two solid objects in one place."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.frame.duplicate_boxes import DuplicateBoxes
from viewer.checks.frame.pairs import close_pairs
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.overlap import bev_iou_pairs, iou_3d_pairs
from viewer.progress import JobContext

ALLOWED = (
    ("pedestrian", "cyclist"), ("rider", "bicycle"), ("pedestrian", "bicycle"),
    ("rider", "motorcycle"), ("pedestrian", "motorcycle"), ("truck", "trailer"),
    ("car", "trailer"), ("bus", "trailer"),
)  # fmt: skip
"""Words that class names hold; an object may lie in one of the other kind."""
SOFT = (
    "pedestrian", "person", "people", "rider", "cyclist", "animal", "bicycle", "motorcycle",
    "scooter", "stroller", "wheelchair", "cart",
)  # fmt: skip
"""Their boxes are wider than they are: arms swing, handlebars stick out."""


class PhysicalOverlap(Check):
    """Boxes that are duplicates are left to their own check."""

    id: ClassVar[str] = "physical-overlap"
    numbers: ClassVar[tuple[int, ...]] = (11,)
    title: ClassVar[str] = "Objects in one place"
    question: ClassVar[str] = "Do two solid objects overlap?"
    group: ClassVar[Group] = Group.FRAME
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.02, "overlap of the volumes over their union", high=1.0),
        Parameter("least_iou_soft", 0.1, "of people and two-wheelers; a hint below", high=1.0),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        labels = scene.labels
        first, second = close_pairs(labels, scene.boxes)
        a, b = labels.cuboids(first), labels.cuboids(second)
        overlaps = iou_3d_pairs(a, b)
        least = DuplicateBoxes.defaults().of("least_iou")
        hit = (overlaps >= parameters.of("least_iou")) & (bev_iou_pairs(a, b) < least)
        for place in np.flatnonzero(hit).tolist():
            one, two = int(first[place]), int(second[place])
            names = str(scene.class_of[one]).lower(), str(scene.class_of[two]).lower()
            if _allowed(*names):
                continue
            iou = float(overlaps[place])
            hint = iou < parameters.of("least_iou_soft") and _soft(*names)
            yield self.found(
                scene, one, others=(two,), score=min(1.0, 0.3 + 2 * iou),
                severity=Severity.HIGH if iou > 0.2 else Severity.LOW if hint else Severity.MEDIUM,
                text=f"It overlaps a {names[1]} by {iou:.0%} of their volume",
                numbers={"iou": iou},
            )  # fmt: skip


def _allowed(one: str, other: str) -> bool:
    return any(
        (a in one and b in other) or (a in other and b in one) for a, b in ALLOWED
    )  # fmt: skip


def _soft(*names: str) -> bool:
    return any(word in name for name in names for word in SOFT)
