"""Anti-aliased lines, fills and points drawn into a BGRA buffer by compiled kernels, without Qt.

Buffers are (H, W, 4) uint8, premultiplied BGRA; an opaque picture stays opaque, so that the same
kernels draw straight onto an image. Kernels release the GIL. Coordinates are buffer coordinates:
x right, y down, the centre of the top-left pixel is (0, 0).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from viewer.render import rasterizer_kernels

Rgb = tuple[int, int, int]
Buffer = npt.NDArray[np.uint8]
Clip = tuple[int, int, int, int]
"""First column, first row, last column + 1, last row + 1 that may be drawn on."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an image lies in a buffer: buffer position of a pixel, and how large a pixel is."""

    scale: float
    """Buffer pixels per image pixel."""
    left_px: float
    """Buffer position of the image's left edge (half a pixel left of pixel 0's centre)."""
    top_px: float
    """Buffer position of the image's top edge."""

    def to_buffer(self, pixels: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Image pixels (..., 2) as buffer coordinates; both count from pixel centres."""
        shift = np.array([self.left_px, self.top_px]) - 0.5
        return (np.asarray(pixels, dtype=np.float64) + 0.5) * self.scale + shift

    def to_image(self, position: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Inverse of `to_buffer`."""
        shift = np.array([self.left_px, self.top_px]) - 0.5
        return (np.asarray(position, dtype=np.float64) - shift) / self.scale - 0.5

    @classmethod
    def fit(cls, image_size: tuple[float, float], buffer_size: tuple[float, float]) -> "Placement":
        """Whole image, centred, as large as it fits."""
        width, height = max(image_size[0], 1.0), max(image_size[1], 1.0)
        scale = min(buffer_size[0] / width, buffer_size[1] / height)
        left, top = (buffer_size[0] - width * scale) / 2, (buffer_size[1] - height * scale) / 2
        return cls(scale, left, top)

    @classmethod
    def of_rect(
        cls, rect_px: tuple[float, float, float, float], buffer_size: tuple[float, float]
    ) -> "Placement":
        """Part of an image (left, top, right, bottom in pixels), centred, as large as it fits."""
        left, top, right, bottom = rect_px
        inside = cls.fit((right - left, bottom - top), buffer_size)
        return cls(
            inside.scale, inside.left_px - left * inside.scale, inside.top_px - top * inside.scale
        )


@dataclass(frozen=True, slots=True)
class Pen:
    """How one group of lines is stroked. Lengths are in logical pixels."""

    rgb: Rgb
    width_px: float
    alpha: float = 1.0
    dash_px: tuple[float, float] | None = None
    """Drawn and skipped length; stretched so that every curve starts and ends drawn."""
    grow_px: float = 0.0
    """Dashes are longer by this at both ends, as a casing under dashes must be."""


@dataclass(frozen=True, eq=False, slots=True)
class Polylines:
    """Line segments of many curves, with the place of each along its curve."""

    segments: npt.NDArray[np.float64]
    """(S, 4) x0, y0, x1, y1."""
    along: npt.NDArray[np.float64]
    """(S, 2) length of the curve before the segment, and of the whole curve."""

    def __len__(self) -> int:
        return len(self.segments)

    @classmethod
    def from_curves(
        cls, points: npt.NDArray[np.float64], offsets: npt.NDArray[np.int64]
    ) -> tuple["Polylines", npt.NDArray[np.int64]]:
        """Split ragged curves (P, 2) + (K + 1,) into segments; also (S,) the curve of each."""
        count = len(points)
        if count < 2:
            return cls(np.empty((0, 4)), np.empty((0, 2))), np.empty(0, dtype=np.int64)
        curve_of_point = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        starts = np.flatnonzero(curve_of_point[:-1] == curve_of_point[1:])
        segments = np.hstack([points[starts], points[starts + 1]])
        curve = curve_of_point[starts]
        lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
        ends = np.cumsum(lengths)
        whole = np.bincount(curve, lengths, minlength=len(offsets) - 1)
        first = np.concatenate([[0.0], np.cumsum(whole)])[:-1]
        return cls(segments, np.column_stack([ends - lengths - first[curve], whole[curve]])), curve

    def placed(self, placement: Placement) -> "Polylines":
        """The same lines in buffer coordinates."""
        shift = 0.5 * placement.scale - 0.5
        move = np.array([placement.left_px, placement.top_px] * 2) + shift
        return Polylines(self.segments * placement.scale + move, self.along * placement.scale)


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """Strokes and fills in image pixels, to be drawn in order at any placement."""

    lines: Polylines
    vertices: npt.NDArray[np.float64]
    """(V, 2) corners of the filled polygons."""
    passes: npt.NDArray[np.float64]
    """(P, 11), columns as `rasterizer_kernels.PASS_COLUMNS`."""

    def draw(
        self,
        buffer: Buffer,
        placement: Placement,
        clip: Clip,
        *,
        unit_px: float = 1.0,
        scratch: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Draw into `buffer`; `unit_px` is the number of buffer pixels per logical pixel."""
        if len(self.passes) == 0:
            return
        placed = self.lines.placed(placement)
        rasterizer_kernels.draw_passes(
            buffer, new_scratch(buffer) if scratch is None else scratch, placed.segments,
            placed.along, placement.to_buffer(self.vertices), self.passes, unit_px,
            *_clamped(clip, buffer),
        )  # fmt: skip


@dataclass(slots=True)
class DrawingBuilder:
    """Collects lines, fills and how they are drawn, in drawing order."""

    _lines: list[Polylines] = field(default_factory=list)
    _vertices: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _passes: list[tuple[float, ...]] = field(default_factory=list)
    _line_count: int = 0
    _vertex_count: int = 0

    def add_lines(self, lines: Polylines) -> tuple[int, int]:
        """Add lines without drawing them; the returned range is for `stroke`."""
        begin = self._line_count
        self._lines.append(lines)
        self._line_count += len(lines)
        return begin, self._line_count

    def stroke(self, rows: tuple[int, int], pen: Pen) -> None:
        """Stroke a range of lines as one shape with round caps."""
        if rows[1] > rows[0]:
            drawn, skipped = pen.dash_px if pen.dash_px is not None else (0.0, 0.0)
            self._passes.append(
                (rasterizer_kernels.STROKE, *rows, pen.width_px, drawn, skipped, pen.grow_px,
                 *pen.rgb, pen.alpha)
            )  # fmt: skip

    def fill(self, polygon: npt.NDArray[np.float64], rgb: Rgb, alpha: float) -> None:
        """Fill a convex polygon (N, 2) of either winding."""
        if len(polygon) >= 3:
            begin = self._vertex_count
            self._vertices.append(polygon)
            self._vertex_count += len(polygon)
            self._passes.append(
                (rasterizer_kernels.FILL, begin, self._vertex_count, 0.0, 0.0, 0.0, 0.0, *rgb,
                 alpha)
            )  # fmt: skip

    def build(self) -> Drawing:
        """Return what was collected."""
        segments = [lines.segments for lines in self._lines] or [np.empty((0, 4))]
        along = [lines.along for lines in self._lines] or [np.empty((0, 2))]
        return Drawing(
            Polylines(np.concatenate(segments), np.concatenate(along)),
            np.concatenate(self._vertices) if self._vertices else np.empty((0, 2)),
            np.array(self._passes, dtype=np.float64).reshape(-1, 11),
        )


def new_scratch(buffer: Buffer) -> npt.NDArray[np.uint8]:
    """Coverage buffer that drawing needs and leaves zeroed; it may be shared between calls."""
    return np.zeros(buffer.shape[:2], dtype=np.uint8)


def splat_points(
    buffer: Buffer,
    xy: npt.NDArray[np.float32],
    rgb: npt.NDArray[np.uint8],
    placement: Placement,
    radius_px: float,
    alpha: float,
    clip: Clip,
) -> None:
    """Draw image points (N, 2) as discs in the given order; the last is on top."""
    rasterizer_kernels.splat(
        buffer, xy, rgb, placement.scale, placement.left_px, placement.top_px, radius_px, alpha,
        *_clamped(clip, buffer),
    )  # fmt: skip


def far_to_near(depth: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """(N,) rows by falling depth, to 1 part in 512; NaN and negatives come first."""
    order: npt.NDArray[np.int64] = rasterizer_kernels.far_to_near(
        np.ascontiguousarray(depth, dtype=np.float32)
    )
    return order


def _clamped(clip: Clip, buffer: Buffer) -> Clip:
    left, top, right, bottom = clip
    return max(left, 0), max(top, 0), min(right, buffer.shape[1]), min(bottom, buffer.shape[0])
