"""Points in the colours of classes: their own, or that of the box that holds them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.scene.class_map import UNKNOWN_COLOUR, Rgb
from viewer.scene.labels import LabelSetKind
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.frame_poses import labels_ns, sweep_ns
from viewer.session.label_filter import visible_rows
from viewer.session.point_class_lookup import places, shown_classes
from viewer.session.view_settings import ViewSettings

UNCOLOURED_RGB = (72, 77, 85)
"""Points that no box holds, no camera sees, or whose class is hidden."""
NAMELESS = "no class"
_NAME_LETTERS = 28


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One class in the legend of a colouring."""

    name: str
    rgb: Rgb
    count: int
    """Points that have the colour."""


Coloured = tuple[npt.NDArray[np.uint8], tuple[LegendRow, ...]]


def point_class_colours(content: FrameContent, sweep: LoadedSweep, view: ViewSettings) -> Coloured:
    """(N, 3) colour of each point's own class, and the classes; an unknown number is grey."""
    told = shown_classes(content, sweep, view)
    if told is None:
        return _uncoloured(sweep), ()
    label_set, found = told
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    class_map, hidden = content.scene.class_map, view.filters.hidden_classes
    numbers, place = places(found)
    table = np.empty((len(numbers), 3), np.uint8)
    rows = []
    counts = np.bincount(place, minlength=len(numbers)).tolist()
    for row, (number, count) in enumerate(zip(numbers, counts, strict=True)):
        name = found.class_names.get(number)
        if name in hidden:
            table[row] = UNCOLOURED_RGB
            continue
        rgb = UNKNOWN_COLOUR if name is None else class_map.colour(name, predicted=predicted)
        table[row] = rgb
        rows.append(LegendRow(NAMELESS if name is None else name, rgb, count))
    return table[place], merged_legend([tuple(rows)])


def box_class_colours(content: FrameContent, sweep: LoadedSweep, view: ViewSettings) -> Coloured:
    """(N, 3) colour of the class of the box that holds each point; smallest box wins."""
    rgb = _uncoloured(sweep)
    names_of = np.full(len(sweep.cloud), -1, np.int32)
    known: dict[str, int] = {}
    for label_set in reversed(content.scene.label_sets):
        frame_labels = content.labels.get(label_set.label_set_id)
        if frame_labels is None or len(frame_labels.cuboids) == 0:
            continue
        labels = frame_labels.cuboids
        rows = np.flatnonzero(visible_rows(labels, label_set, content, view, None))
        points_from_labels = content.rig.transforms.transform(
            sweep.cloud.coord_frame_id,
            labels.cuboids.coord_frame_id,
            sweep_ns(sweep, view),
            src_ns=labels_ns(content, labels, view),
        )
        cuboids = labels.cuboids.select(rows).transformed(points_from_labels)
        holder = cuboids.containing_cuboid(sweep.cloud.xyz)
        held = holder >= 0
        if not held.any():
            continue
        names = [labels.class_names[int(row)] for row in rows]
        table = np.array([content.scene.class_map.colour(name) for name in names], np.uint8)
        numbers = np.array([known.setdefault(name, len(known)) for name in names], np.int32)
        rgb[held] = table[holder[held]]
        names_of[held] = numbers[holder[held]]
    counts = np.bincount(names_of[names_of >= 0], minlength=len(known)).tolist()
    colour = content.scene.class_map.colour
    found = (
        LegendRow(name, colour(name), count) for name, count in zip(known, counts, strict=True)
    )
    return rgb, merged_legend([tuple(row for row in found if row.count)])


def merged_legend(legends: Iterable[tuple[LegendRow, ...]]) -> tuple[LegendRow, ...]:
    """One legend for several clouds, the most frequent class first."""
    counts: Counter[tuple[str, Rgb]] = Counter()
    for legend in legends:
        for row in legend:
            counts[row.name, row.rgb] += row.count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0][0]))
    return tuple(LegendRow(name, rgb, count) for (name, rgb), count in ordered)


def short_name(name: str) -> str:
    """A name as long as a legend has room for."""
    return name if len(name) <= _NAME_LETTERS else f"{name[: _NAME_LETTERS - 1]}…"


def _uncoloured(sweep: LoadedSweep) -> npt.NDArray[np.uint8]:
    rgb = np.empty((len(sweep.cloud), 3), np.uint8)
    rgb[:] = UNCOLOURED_RGB
    return rgb
