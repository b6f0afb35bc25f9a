"""What was found between labels and predictions, ready to be asked."""

from dataclasses import dataclass

from viewer.metrics.class_roles import BACKGROUND
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.confusion_queries import ErrorRows, Ordering
from viewer.metrics.gathering import Gathered
from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.prediction_problems import PredictionProblems
from viewer.metrics.scenarios import Scenario
from viewer.scene.scene import Dataset
from viewer.session.compare_choice import CERTAIN_BOUNDS, CompareChoice, Thresholds
from viewer.session.compare_values import Ints, Query


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """Labels and one or two sets of predictions over the same frames, and what pairs they make."""

    choice: CompareChoice
    truth: EvaluatedObjects
    first: EvaluatedObjects
    second: EvaluatedObjects | None
    problems: tuple[tuple[str, PredictionProblems], ...] = ()
    """Of each set of predictions that has rows which cannot be used."""
    waits_for_yes: bool = False
    """Whether such a set is not used before a person agrees: there are no figures then."""
    scene_count: int = 0
    """Scenes of the dataset when it was compared."""
    scene_places: tuple[int, ...] = ()
    """Index in the dataset of each of the frames' scenes."""
    gathered: Gathered | None = None
    """Both sides as they were read, before filters."""
    source: tuple[Dataset, object] | None = None
    """Dataset and edits that they were read from."""
    index: ConfusionIndex | None = None
    """Pairs with the first set; None while nothing is used before a yes."""
    second_index: ConfusionIndex | None = None
    slices: tuple[Scenario, ...] = ()
    """Slices of the workspace on these frames."""

    @property
    def score_bounds(self) -> tuple[float, float]:
        """Lowest and highest score of both sets; 0 and 1 hold all where they are probabilities."""
        sides = (self.index, self.second_index)
        bounds = [each.score_bounds for each in sides if each is not None] or [CERTAIN_BOUNDS]
        return min(low for low, _high in bounds), max(high for _low, high in bounds)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that are told apart."""
        return () if self.index is None else self.index.roles.names

    def label_class(self, row: int) -> str:
        """Class as which a label is evaluated; the background for none."""
        return self._class(None if self.index is None else self.index.candidates.label_classes, row)

    def prediction_class(self, row: int, *, of_second: bool = False) -> str:
        """Class as which a prediction is evaluated; the background for none."""
        index = self.second_index if of_second else self.index
        return self._class(None if index is None else index.candidates.prediction_classes, row)

    def _class(self, classes: Ints | None, row: int) -> str:
        if row < 0 or classes is None:
            return BACKGROUND
        return self.class_names[int(classes[row])]

    def predictions(self, *, of_second: bool) -> EvaluatedObjects:
        """One of the sets."""
        return self.second if of_second and self.second is not None else self.first

    def frame_place(self, side: EvaluatedObjects, row: int) -> tuple[int, int]:
        """Index of the scene in the dataset, and of the frame in it, of an object."""
        frame = int(side.frame_rows[row])
        frames = side.frames
        scene = int(frames.scene_of_frame[frame])
        return self.scene_places[scene], int(frames.index_in_scene[frame])


@dataclass(frozen=True, eq=False, slots=True)
class Listed:
    """What a query gives, in its order."""

    found: Found
    """What the rows are rows of."""
    rows: ErrorRows
    of_second: bool = False
    """Whether its predictions are those of the second set."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is of; equal questions have equal answers."""

    kind: str
    found: Found
    thresholds: Thresholds
    query: Query | None = None
    ordering: Ordering | None = None
