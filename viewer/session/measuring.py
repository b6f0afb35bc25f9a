"""Measuring step by step: what was picked, what comes next, what was measured."""

from dataclasses import dataclass

from viewer.session.frame_content import FrameContent
from viewer.session.measure import (
    CannotMeasure,
    MeasureKind,
    Measurement,
    Position,
    box_world,
    measure_boxes,
    measure_points,
    measure_to_ground,
)
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

_PROMPTS = {
    (MeasureKind.POINTS, False): "Click the first point",
    (MeasureKind.POINTS, True): "Click the second point",
    (MeasureKind.GROUND, False): "Click a point to measure its height",
    (MeasureKind.BOXES, False): "Click the first box",
    (MeasureKind.BOXES, True): "Click the second box",
}


@dataclass(frozen=True, slots=True)
class Picked:
    """What a click hit: a position in the world, and the label that it belongs to."""

    position: Position
    label: LabelKey | None = None


class Measuring:
    """A measurement in the making, and those made."""

    def __init__(self) -> None:
        self.kind = MeasureKind.POINTS
        self.measurements: list[Measurement] = []
        """In the order of making."""
        self._first: Picked | None = None

    @property
    def prompt(self) -> str:
        """What to do next, for people."""
        return _PROMPTS[self.kind, self._first is not None]

    @property
    def begun(self) -> bool:
        """True while a first end is picked and the second is not."""
        return self._first is not None

    def set_kind(self, kind: MeasureKind) -> None:
        """Measure something else; what was begun is dropped."""
        self.kind = kind
        self._first = None

    def pick(self, content: FrameContent, view: ViewSettings, picked: Picked) -> Measurement | None:
        """Take a click; return the measurement that it completes.

        Raises
        ------
        CannotMeasure
            When the click hit nothing that fits; what was begun stays.
        """
        if self.kind is MeasureKind.GROUND:
            made = measure_to_ground(content, picked.position, view)
        else:
            if self.kind is MeasureKind.BOXES:
                if picked.label is None:
                    raise CannotMeasure("Click a box: nothing labelled lies here")
                box_world(content, picked.label)
            if self._first is None:
                self._first = picked
                return None
            made = self._between(content, self._first, picked)
        self._first = None
        self.measurements.append(made)
        return made

    def preview(self, content: FrameContent, picked: Picked | None) -> Measurement | None:
        """Return what a click would complete; None when nothing is begun or nothing fits."""
        if self._first is None or picked is None:
            return None
        try:
            return self._between(content, self._first, picked)
        except CannotMeasure:
            return None

    def _between(self, content: FrameContent, first: Picked, second: Picked) -> Measurement:
        if self.kind is MeasureKind.POINTS:
            return measure_points(content, first.position, second.position)
        if first.label is None or second.label is None:
            raise CannotMeasure("Click a box: nothing labelled lies here")
        return measure_boxes(content, first.label, second.label)

    def leave_frame(self) -> None:
        """Drop a begun box, which belongs to its frame; a begun point stays where it is."""
        if self.kind is MeasureKind.BOXES:
            self._first = None

    def step_back(self) -> bool:
        """Drop what was begun; False when there was nothing."""
        begun, self._first = self.begun, None
        return begun

    def remove(self, place: int) -> None:
        """Forget one measurement."""
        del self.measurements[place]

    def clear(self) -> None:
        """Forget all measurements and what was begun."""
        self.measurements.clear()
        self._first = None

    def of_frame(self, frame_index: int) -> tuple[Measurement, ...]:
        """Measurements made on one frame."""
        return tuple(made for made in self.measurements if made.frame_index == frame_index)

    def to_text(self) -> str:
        """All measurements as tab-separated lines with a header, for the clipboard."""
        lines = ["what\tframe\ttotal m\thorizontal m\tdx m\tdy m\tdz m\tmethod"]
        for made in self.measurements:
            numbers = (made.total_m, made.horizontal_m, *made.delta_m)
            texts = "\t".join(f"{number + 0.0:.3f}" for number in numbers)
            lines.append(f"{made.subject}\t{made.frame_index + 1}\t{texts}\t{made.method}")
        return "\n".join(lines)
