"""What a label without a box is, as a value that can be laid beside another: shape, area, word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from viewer.geometry.rings import ring_iou
from viewer.review.label_snapshot import PIXEL_STEP
from viewer.scene.masks import RunLengths
from viewer.scene.shapes import ImageShapes, Outline, ShapeKind

Floats = npt.NDArray[np.float64]
NAN = float("nan")
_WITH_AREA = (
    ShapeKind.ROTATED_BOX, ShapeKind.POLYGONS, ShapeKind.ELLIPSE, ShapeKind.IMAGE_CUBOID,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormChange:
    """By how much two forms differ; NaN where a number has no meaning."""

    iou: float = NAN
    """Overlap of their areas, 0 to 1."""
    moved_px: float = NAN
    """Farthest that a vertex moved; of shapes with other vertices, how far the outlines part."""
    only_one: float = NAN
    """Pixels, or points of a cloud, that only one of two areas has."""
    words: tuple[str, ...] = ()
    """What is otherwise, for people, beside the numbers."""

    @property
    def differs(self) -> bool:
        """Whether it counts as a change."""
        return self.moved_px >= PIXEL_STEP or self.only_one > 0 or bool(self.words)


class Form(Protocol):
    """Anything that can be compared with another one of its kind of label."""

    @property
    def key(self) -> bytes:
        """Equal for equal forms."""
        ...

    @property
    def bounds_px(self) -> Floats:
        """(4,) left, top, right, bottom; NaN where it has no extent on an image."""
        ...

    @property
    def has_area(self) -> bool:
        """Whether it can overlap another one."""
        ...

    def change_to(self, other: "Form") -> FormChange:
        """Measure what lies between this form and a later one."""
        ...


_NOWHERE: Floats = np.full(4, np.nan)


class ShapeForm:
    """Polygon, line, point, keypoints, ellipse, turned box or box seen in perspective."""

    def __init__(self, shapes: ImageShapes, row: int) -> None:
        self.kind = ShapeKind(int(shapes.kinds[row]))
        self.outlines: Sequence[Outline] = shapes.outlines(row)
        parts = shapes.parts(row) or [line.points_px for line in self.outlines]
        self.parts: tuple[Floats, ...] = tuple(np.asarray(each, np.float64) for each in parts)
        self.vertices: Floats = np.concatenate([np.empty((0, 2)), *self.parts])
        self.parameters = shapes.parameters[row]
        self.visibilities = shapes.vertex_visibilities(row)

    @cached_property
    def key(self) -> bytes:
        steps = np.round(np.nan_to_num(self.vertices, nan=-1e6) / PIXEL_STEP).astype(np.int64)
        lengths = np.array([int(self.kind), *map(len, self.parts)], np.int64)
        return lengths.tobytes() + steps.tobytes() + self.visibilities.tobytes()

    @cached_property
    def bounds_px(self) -> Floats:
        placed = self.vertices[np.isfinite(self.vertices).all(axis=1)]
        if not len(placed):
            return _NOWHERE
        return np.concatenate([placed.min(axis=0), placed.max(axis=0)])

    @property
    def has_area(self) -> bool:
        return self.kind in _WITH_AREA

    @property
    def rings(self) -> list[Floats]:
        """Rings around its area; none where it has none."""
        if self.kind is ShapeKind.IMAGE_CUBOID:
            return [_hull(self.vertices)]
        return [line.points_px for line in self.outlines if line.closed]

    def change_to(self, other: Form) -> FormChange:
        if not isinstance(other, ShapeForm):
            return FormChange(words=("kind",))
        words: list[str] = []
        if other.kind is not self.kind:
            words.append(f"{_name(self.kind)} to {_name(other.kind)}")
        both = self.has_area and other.has_area
        iou = ring_iou(self.rings, other.rings) if both else NAN
        turn = self._turn_to(other)
        if turn is not None and abs(turn) >= 0.01:
            words.append(f"turned {turn:+.1f}°")
        moved = self._moved_to(other)
        if self.kind is other.kind and len(self.vertices) != len(other.vertices):
            words.append(f"{len(self.vertices)} to {len(other.vertices)} vertices")
        shown = self._shown_otherwise(other)
        if shown:
            words.append(f"{shown} keypoint{'s' * (shown > 1)} shown or hidden")
        return FormChange(iou, moved, words=tuple(words))

    def _shown_otherwise(self, other: "ShapeForm") -> int:
        """Count the keypoints that only one of the two shows, or has a place for."""
        are_keypoints = self.kind is other.kind is ShapeKind.KEYPOINTS
        if not are_keypoints or len(self.vertices) != len(other.vertices):
            return 0
        placed = [np.isfinite(each.vertices).all(axis=1) for each in (self, other)]
        differs = (self.visibilities != other.visibilities) | (placed[0] != placed[1])
        return int(differs.sum())

    def _turn_to(self, other: "ShapeForm") -> float | None:
        turned = (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE)
        if self.kind is not other.kind or self.kind not in turned:
            return None
        turn = float(np.degrees(other.parameters[4] - self.parameters[4]))
        return (turn + 180.0) % 360.0 - 180.0

    def _moved_to(self, other: "ShapeForm") -> float:
        same = [len(each) for each in self.parts] == [len(each) for each in other.parts]
        if same and self.kind is other.kind:
            steps = np.linalg.norm(self.vertices - other.vertices, axis=1)
            steps = steps[np.isfinite(steps)]
            return float(steps.max()) if len(steps) else 0.0
        return max(_farthest(self, other), _farthest(other, self))

    @cached_property
    def segments(self) -> Floats:
        """(S, 4) lines that draw it, points as lines without length."""
        lines = [_segments(line) for line in self.outlines]
        if not lines:
            placed = self.vertices[np.isfinite(self.vertices).all(axis=1)]
            lines = [np.hstack([placed, placed])]
        return np.concatenate(lines)


class AreaForm:
    """Pixels of an image, or points of a cloud, that carry a class."""

    has_area = True
    bounds_px = _NOWHERE

    def __init__(self, runs: RunLengths) -> None:
        self.runs = runs

    @cached_property
    def key(self) -> bytes:
        head = np.array([self.runs.width_px, self.runs.height_px], np.int64)
        return head.tobytes() + np.asarray(self.runs.lengths, np.int64).tobytes()

    def change_to(self, other: Form) -> FormChange:
        if not isinstance(other, AreaForm):
            return FormChange(words=("kind",))
        size = self.runs.width_px, self.runs.height_px
        theirs = other.runs.width_px, other.runs.height_px
        if size != theirs:
            return FormChange(words=(f"size {size[0]} x {size[1]} to {theirs[0]} x {theirs[1]}",))
        shared = shared_px(self.runs, other.runs)
        whole = self.runs.area_px + other.runs.area_px - shared
        return FormChange(shared / whole if whole else 1.0, only_one=float(whole - shared))


@dataclass(frozen=True, slots=True)
class WordForm:
    """A classification or a word of a text: all that it says beside its class."""

    said: tuple[str, ...]

    @property
    def key(self) -> bytes:
        return "\0".join(self.said).encode()

    @property
    def bounds_px(self) -> Floats:
        return _NOWHERE

    @property
    def has_area(self) -> bool:
        return False

    def change_to(self, other: Form) -> FormChange:
        if not isinstance(other, WordForm):
            return FormChange(words=("kind",))
        pairs = zip(self.said, other.said, strict=False)
        return FormChange(words=tuple(f"“{a}” to “{b}”" for a, b in pairs if a != b))


def shared_px(first: RunLengths, second: RunLengths) -> int:
    """Count the pixels inside both of two masks of one size.

    Examples
    --------
    >>> left = RunLengths.of(np.array([[True, True, False]]))
    >>> right = RunLengths.of(np.array([[False, True, True]]))
    >>> shared_px(left, right)
    1
    """
    ends = [np.cumsum(each.lengths) for each in (first, second)]
    edges = np.unique(np.concatenate([[0], *ends]))
    inside = [np.searchsorted(each, edges[:-1], side="right") % 2 == 1 for each in ends]
    return int(np.diff(edges)[inside[0] & inside[1]].sum())


def class_runs(
    indices: npt.NDArray[np.int32], width_px: int, height_px: int
) -> Iterator[tuple[int, RunLengths]]:
    """Yield each number that stands in a flat row of them, and where it does."""
    flat = np.asarray(indices).ravel()
    if not len(flat):
        return
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    ends = np.concatenate([starts[1:], [len(flat)]])
    values = flat[starts]
    for value in np.unique(values).tolist():
        own = values == value
        edges = np.concatenate(
            [[0], np.column_stack([starts[own], ends[own]]).ravel(), [len(flat)]]
        )
        yield int(value), RunLengths(width_px, height_px, np.diff(edges).astype(np.int64))


def _segments(line: Outline) -> Floats:
    points = line.points_px
    ends = np.roll(points, -1, axis=0) if line.closed else points[1:]
    return np.hstack([points[: len(ends)], ends])


def _farthest(shape: ShapeForm, other: ShapeForm) -> float:
    """How far a vertex of a shape lies from the lines of another one, at most."""
    segments = other.segments
    placed = shape.vertices[np.isfinite(shape.vertices).all(axis=1)]
    if not len(placed) or not len(segments):
        return NAN
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    offset = placed[:, None] - start
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    share = np.clip((offset * along).sum(axis=2) / square, 0.0, 1.0)
    away = np.linalg.norm(offset - share[..., None] * along, axis=2)
    return float(away.min(axis=1).max())


def _hull(points: Floats) -> Floats:
    """Corners of the convex hull, in order (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered).reshape(-1, 2)

    def half(chain: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for x, y in chain:
            while len(kept) > 1 and _turns_right(kept[-2], kept[-1], (x, y)):
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _turns_right(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0


def _name(kind: ShapeKind) -> str:
    return kind.name.lower().replace("_", " ")
