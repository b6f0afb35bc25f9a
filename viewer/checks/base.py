"""The contract of a check: the question it asks, what it needs, and how it answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, Fix, Severity
from viewer.progress import JobContext

if TYPE_CHECKING:
    from viewer.checks.learned import Learned
    from viewer.checks.scene_labels import CheckedScene


class Group(StrEnum):
    """Where a check stands in the catalogue."""

    SINGLE_BOX = "single box"
    FRAME = "within a frame"
    TRACK = "track"
    SENSORS = "cross sensor"
    DATASET = "dataset"
    FILES = "files"


class Need(StrEnum):
    """What a scene must have for a check; without it the check is skipped and says so."""

    CUBOIDS = "cuboids"
    POINTS = "point clouds"
    TRACKS = "tracks"
    TIMES = "frame times"
    EGO_POSES = "poses of the vehicle"
    CAMERAS = "calibrated cameras"
    IMAGES = "images"
    BOXES_2D = "2D boxes"
    PREDICTIONS = "predictions"
    FILES = "recorded files"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a site may pin in its policy."""

    name: str
    """Ends in its unit: ``most_gap_m``, ``least_points``."""
    default: float
    text: str
    source: str = ""
    """Paper, devkit or tool that publishes it; empty for our own proposal."""
    low: float = 0.0
    high: float = float("inf")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values that hold in a run: the defaults, and what a policy pins, by class too."""

    values: Mapping[str, float]
    by_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, name: str, class_name: str | None = None) -> float:
        """Value of a parameter, the class's own where it has one."""
        if class_name is not None:
            own = self.by_class.get(class_name)
            if own is not None and name in own:
                return own[name]
        return self.values[name]


class NotAsked(Exception):
    """A check finds that a scene has nothing to judge; the message says why."""


class Question(ABC):
    """What every check says of itself, whether it asks about a scene or about a dataset."""

    id: ClassVar[str]
    """Stable, kebab-case."""
    numbers: ClassVar[tuple[int, ...]] = ()
    """Its places in the published catalogue of label checks."""
    title: ClassVar[str]
    question: ClassVar[str]
    """One sentence that ends in a question mark."""
    group: ClassVar[Group]
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS})
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    @classmethod
    def defaults(cls) -> Parameters:
        """The values where nobody pins others."""
        return Parameters({each.name: each.default for each in cls.parameters})


class Check(Question):
    """One question about a scene. A new one is a file, and a line in `catalog.py`.

    A check never looks at files: what it needs is measured once for all (`CheckedScene`), and what
    is usual for a class is learned once over the dataset (`Learned`).
    """

    @abstractmethod
    def run(
        self, scene: "CheckedScene", learned: "Learned", parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        """Answer for one scene. Runs on any thread or machine; the same input, the same answer."""

    def found(
        self,
        scene: "CheckedScene",
        row: int,
        *,
        score: float,
        severity: Severity,
        text: str,
        numbers: Mapping[str, float],
        others: Sequence[int] = (),
        boxes: Sequence[EvidenceBox] = (),
        fix: Fix | None = None,
        **evidence: Any,  # noqa: ANN401
    ) -> Finding:
        """Return a finding that accuses one label.

        Parameters
        ----------
        others
            Rows of labels that it is about besides; their boxes are evidence too.
        boxes
            More boxes to draw.
        evidence
            Other fields of `Evidence`.
        """
        own = (scene.box(row), *(scene.box(other, BoxRole.OTHER) for other in others), *boxes)
        return Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
            labels=(scene.name(row), *(scene.name(other) for other in others)),
            class_name=str(scene.class_of[row]), score=min(max(float(score), 0.0), 1.0),
            severity=severity, text=text, fix=fix,
            evidence=Evidence({name: float(n) for name, n in numbers.items()}, own, **evidence),
        )  # fmt: skip
