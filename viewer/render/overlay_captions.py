"""Captions of labels: what they say, and where they go without covering each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.render.overlay_ghosts import ProjectedGhost
from viewer.render.overlay_labels import LabelText, ProjectedLabel
from viewer.render.rasterizer import Rgb
from viewer.session.ghosts import GLYPHS, Became
from viewer.session.marks_set import MARK_GLYPH

SMALLEST_CAPTIONED_PX = 16.0
"""Labels smaller than this on screen get no caption unless they are selected or hovered."""
_FULL_STRENGTH_PX = 60.0
_FAINTEST = 0.75
_AREA_PER_CAPTION_PX = 9000.0
_LONGEST_ID = 10
_GAP_PX = 3.0
SEPARATOR = " · "
_SAME_OVERLAP = 0.5
"""From this intersection over union on, two labels of a class mean the same object."""
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A short text that belongs to a label."""

    text: str
    rgb: Rgb
    outline_px: Rect
    """What it stands at, in image pixels."""
    importance: float
    """Larger is placed first; from `EMPHASISED` on it is always shown."""

    @property
    def emphasised(self) -> bool:
        """True for the selected and the hovered label."""
        return self.importance >= EMPHASISED


EMPHASISED = 1e6


@dataclass(frozen=True, slots=True)
class PlacedCaption:
    """A caption and where its plate goes, in logical pixels of the view."""

    caption: Caption
    rect: Rect
    alpha: float


def caption_text(text: LabelText, *, detailed: bool) -> str:
    """Class and track id, once where the id says the class; with `detailed` distance and score.

    Examples
    --------
    >>> caption_text(LabelText("car", "18", 0.934, 23.06), detailed=True)
    'car 18 · 23.1 m · 0.93'
    """
    name = label_name(text.class_name, text.track_id)
    if not detailed:
        return name
    parts = [name]
    if text.distance_m is not None:
        parts.append(f"{text.distance_m:.1f} m")
    if not np.isnan(text.score):
        parts.append(f"{text.score:.2f}")
    return SEPARATOR.join(parts)


def label_name(class_name: str, track_id: str | None) -> str:
    """Class and track id, once where the id says the class; long ids are cut.

    Examples
    --------
    >>> label_name("car", "car-07"), label_name("car", "7e35a1c4-9d2b-4f60")
    ('car-07', 'car 7e35a1c4…')
    """
    if not track_id:
        return class_name
    named = track_id.lower().startswith(class_name.lower())
    longest = _LONGEST_ID + (len(class_name) if named else 0)
    if len(track_id) > longest:
        track_id = f"{track_id[: longest - 2]}…"
    return track_id if named else f"{class_name} {track_id}"


def caption_of(label: ProjectedLabel, *, selected: bool, hovered: bool) -> Caption:
    """Caption of a label; nearer and larger ones matter more."""
    left, top, right, bottom = (float(edge) for edge in label.outline_px)
    importance = label.size_px / (1.0 + 0.01 * label.depth_m)
    importance += EMPHASISED * (2 * selected + hovered)
    text = caption_text(label.text, detailed=selected)
    if label.is_mark:
        text = f"{MARK_GLYPH} {text}"
    return Caption(text, label.rgb, (left, top, right, bottom), importance)


def captions_of(
    labels: Sequence[ProjectedLabel], *, selected: int | None, hovered: int | None, shown: bool
) -> tuple[Caption, ...]:
    """Captions of labels, farthest first; where they are not `shown` only of the marked two.

    Of labels of one class that lie on each other (ground truth, prediction, 2D box) one speaks.
    """
    marked = {place for place in (selected, hovered) if place is not None}
    speaking: list[int] = sorted(marked)
    if shown:
        for place in sorted(range(len(labels)), key=lambda i: _rank(labels[i])):
            twins = (labels[other] for other in speaking)
            if place not in marked and not any(_same_place(labels[place], twin) for twin in twins):
                speaking.append(place)
    return tuple(
        caption_of(labels[place], selected=place == selected, hovered=place == hovered)
        for place in sorted(speaking)
    )


def ghost_captions(ghosts: Sequence[ProjectedGhost]) -> tuple[Caption, ...]:
    """Captions of what was added or removed; what changed is captioned by its label."""
    return tuple(
        Caption(
            f"{GLYPHS[each.became]} {each.class_name}", each.rgb,
            (left, top, right, bottom), float(max(right - left, bottom - top)),
        )
        for each in ghosts
        if each.became is not Became.CHANGED
        for left, top, right, bottom in (tuple(map(float, each.outline_px)),)
    )  # fmt: skip


def _rank(label: ProjectedLabel) -> tuple[bool, bool]:
    return label.cuboids is None, label.is_prediction


def _same_place(a: ProjectedLabel, b: ProjectedLabel) -> bool:
    """Whether two labels of one class overlap by more than half on the image."""
    if a.text.class_name != b.text.class_name:
        return False
    low, high = (
        np.maximum(a.outline_px[:2], b.outline_px[:2]),
        np.minimum(a.outline_px[2:], b.outline_px[2:]),
    )
    shared = float(np.prod(np.maximum(high - low, 0.0)))
    return shared > _SAME_OVERLAP * (a.size_px**2 + b.size_px**2 - shared)


def place_captions(
    captions: Sequence[Caption],
    sizes_px: Sequence[tuple[float, float]],
    outlines_px: Sequence[Rect],
    view_rect: Rect,
    reserved: Sequence[Rect] = (),
) -> list[PlacedCaption]:
    """Place plates of `sizes_px` at `outlines_px`, the most important first.

    All in logical pixels of the view. No plate covers another or leaves `view_rect`; a caption
    for which there is no room, or whose label lies outside, is left out. What is `reserved` stays
    free, unless an emphasised caption has no other place.
    """
    area = max(0.0, view_rect[2] - view_rect[0]) * max(0.0, view_rect[3] - view_rect[1])
    most = int(area / _AREA_PER_CAPTION_PX) + 1
    taken = np.array(reserved, dtype=np.float64).reshape(-1, 4)
    placed: list[PlacedCaption] = []
    for place in sorted(range(len(captions)), key=lambda i: -captions[i].importance):
        caption, outline = captions[place], outlines_px[place]
        if not _meet(outline, view_rect):
            continue
        extent = float(np.sqrt(_length(outline[0::2]) * _length(outline[1::2])))
        if not caption.emphasised and (extent < SMALLEST_CAPTIONED_PX or len(placed) >= most):
            continue
        rects = _candidates(outline, sizes_px[place], view_rect)
        rect = _first_free(rects, taken)
        if rect is None and caption.emphasised:
            rect = _first_free(rects, taken[len(reserved) :])
        if rect is None:
            continue
        taken = np.vstack([taken, rect])
        strength = 1.0 if caption.emphasised else min(1.0, extent / _FULL_STRENGTH_PX)
        placed.append(PlacedCaption(caption, rect, _FAINTEST + (1 - _FAINTEST) * strength))
    return placed


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _length(ends: Sequence[float]) -> float:
    return max(0.0, ends[1] - ends[0])


def _candidates(outline: Rect, size: tuple[float, float], view_rect: Rect) -> list[Rect]:
    """Above, inside at the top, below, then beside; moved into the view, never out of it."""
    width, height = size
    left, top, right, bottom = outline
    middle = (left + right - width) / 2
    wanted = [
        (middle, top - height - _GAP_PX),
        (left, top - height - _GAP_PX),
        (right - width, top - height - _GAP_PX),
        (middle, top + _GAP_PX),
        (middle, bottom + _GAP_PX),
        (right + _GAP_PX, top),
        (left - width - _GAP_PX, top),
    ]
    rects: list[Rect] = []
    for x, y in wanted:
        x = min(max(x, view_rect[0]), view_rect[2] - width)
        y = min(max(y, view_rect[1]), view_rect[3] - height)
        if x >= view_rect[0] and y >= view_rect[1]:
            rects.append((x, y, x + width, y + height))
    return rects


def _first_free(rects: Sequence[Rect], taken: npt.NDArray[np.float64]) -> Rect | None:
    for rect in rects:
        apart = (
            (taken[:, 0] >= rect[2])
            | (taken[:, 2] <= rect[0])
            | (taken[:, 1] >= rect[3])
            | (taken[:, 3] <= rect[1])
        )
        if apart.all():
            return rect
    return None
