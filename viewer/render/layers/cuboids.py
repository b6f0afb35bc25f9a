"""Cuboids of every label set: edges, filled heading arrow, faint faces of what is selected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import EDGES, FACES, FRONT_FACE, Cuboids
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Caption, Layer, Shown, Stage
from viewer.render.layers.ghosts import DOT_PX
from viewer.render.lines import CASING_PX, DASH_PX, LABEL_WIDTH_PX, LineSet, Segments
from viewer.render.overlay_captions import SEPARATOR, label_name
from viewer.render.surfaces import TriangleSet
from viewer.scene.labels import CuboidLabels, LabelSet, LabelSetKind
from viewer.session.frame_poses import labels_ns
from viewer.session.label_filter import ego_range_m, visible_rows
from viewer.session.marks_set import MARK_GLYPH, drawn_rgb, drawn_sets, is_marks
from viewer.session.selection import LabelKey

_FRONT_OPACITY = 0.16
_SELECTED_OPACITY = 0.13
_PULL = 5e-5


@dataclass(frozen=True, eq=False, slots=True)
class DrawnLabels:
    """The visible labels of one set, in world coordinates."""

    label_set: LabelSet
    labels: CuboidLabels
    rows: npt.NDArray[np.int64]
    """(M,) rows of `labels`."""
    cuboids: Cuboids
    """(M,) in world."""
    first: int
    """Number of the first of them among all drawn cuboids."""

    def key(self, place: int, frame_index: int) -> LabelKey:
        """Identity of the label drawn at `place`."""
        row = int(self.rows[place])
        return LabelKey(
            self.label_set.label_set_id,
            frame_index,
            self.labels.label_ids[row],
            self.labels.track_ids[row],
        )


class CuboidsLayer(Layer):
    """All label sets together: one actor for lines, one for faces and arrows."""

    name: ClassVar[str] = "cuboids"
    title: ClassVar[str] = "Cuboids"
    reads: ClassVar[frozenset[str]] = frozenset(
        {"frame", "layers", "filters", "selection", "hover", "time_offsets_ns"}
    )

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        self._faces = TriangleSet()
        # Faces write depth: drawn after the lines they hide no edge.
        stage.add(stage.lines, self._lines.actor)
        stage.add(stage.lines, self._faces.actor)
        self.drawn: tuple[DrawnLabels, ...] = ()

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """New geometry where labels change; selection and hover are uniforms and a few faces."""
        solo = shown.view.filters.solo != "off" and "selection" in changed
        if changed & {"frame", "layers", "filters", "time_offsets_ns"} or solo:
            self.drawn = _visible_labels(shown)
            self._lines.set(_edge_segments(self.drawn, shown))
        self._lines.set_ground(dark=shown.view.dark)
        xray = shown.view.layers.xray
        self._lines.set_drawing(xray=xray, pull=_PULL, casing_depth=2e-5)
        self._faces.set_drawing(xray=xray, pull=0.5 * _PULL)
        selected, hovered = self.find(shown.selected, shown), self.find(shown.hovered, shown)
        self._lines.show_rows(selected, hovered)
        if changed - {"hover"}:
            self._faces.set(*_face_triangles(self.drawn, shown, selected))

    def find(self, key: LabelKey | None, shown: Shown) -> int:
        """Number of a label among all drawn cuboids, -1 when it is not drawn."""
        place = self.place_of(key, shown)
        return -1 if place is None else place[0].first + place[1]

    def place_of(self, key: LabelKey | None, shown: Shown) -> tuple[DrawnLabels, int] | None:
        """The set that a drawn label belongs to and its place there."""
        if key is None or key.frame_index != shown.content.index:
            return None
        for drawn in self.drawn:
            if drawn.label_set.label_set_id == key.label_set_id:
                row = drawn.labels.row_of(key.label_id)
                places = [] if row is None else np.flatnonzero(drawn.rows == row).tolist()
                return (drawn, places[0]) if places else None
        return None

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Hidden edges follow the eye."""
        if eye.current.parallel:
            self._lines.set_eye(-eye.forward, 0.0)
        else:
            self._lines.set_eye(eye.position - shown.origin, 1.0)
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)

    def captions(self, shown: Shown) -> Sequence[Caption]:
        """Class and track over every box; distance and score too where it is selected."""
        if not shown.view.layers.captions:
            return ()
        selected, hovered = self.find(shown.selected, shown), self.find(shown.hovered, shown)
        found = []
        for drawn in self.drawn:
            tops = drawn.cuboids.corners()[:, :, 2].max(axis=1) if len(drawn.rows) else ()
            named = _named_by_truth(drawn, self.drawn)
            away_m = ego_range_m(drawn.labels, shown.content)[drawn.rows]
            for place, row in enumerate(drawn.rows):
                number = drawn.first + place
                chosen = number == selected
                rgb = drawn_rgb(
                    shown.content.scene, drawn.label_set.label_set_id,
                    drawn.labels.class_names[row],
                )  # fmt: skip
                x, y, _ = drawn.cuboids.center[place]
                importance = 0.99 / (1.0 + 0.02 * float(away_m[place]))
                if number in (selected, hovered):
                    importance = 2.0 if chosen else 1.5
                elif named[place]:
                    continue
                found.append(
                    Caption(
                        (float(x), float(y), float(tops[place])),
                        _text(drawn, int(row), away_m[place], detailed=chosen),
                        rgb,
                        float(importance),
                    )
                )
        return found


def _text(drawn: DrawnLabels, row: int, away_m: float, *, detailed: bool) -> str:
    labels = drawn.labels
    parts = [label_name(labels.class_names[row], labels.track_ids[row])]
    if is_marks(drawn.label_set.label_set_id):
        parts[0] = f"{MARK_GLYPH} {parts[0]}"
    if detailed:
        parts.append(f"{away_m:.1f} m")
    predicted = drawn.label_set.kind is LabelSetKind.PREDICTIONS
    if (detailed or predicted) and np.isfinite(labels.scores[row]):
        parts.append(f"{labels.scores[row]:.2f}")
    return SEPARATOR.join(parts)


def _named_by_truth(drawn: DrawnLabels, all_drawn: Sequence[DrawnLabels]) -> npt.NDArray[np.bool_]:
    """(M,) True for predictions whose centre lies in a true box, which carries the caption."""
    named = np.zeros(len(drawn.rows), dtype=bool)
    if drawn.label_set.kind is not LabelSetKind.PREDICTIONS:
        return named
    for other in all_drawn:
        if other.label_set.kind is LabelSetKind.GROUND_TRUTH and len(other.rows):
            named |= other.cuboids.containing_cuboid(drawn.cuboids.center) >= 0
    return named


def _visible_labels(shown: Shown) -> tuple[DrawnLabels, ...]:
    if not shown.view.layers.cuboids:
        return ()
    content, found, first = shown.content, [], 0
    for label_set, frame_labels in drawn_sets(content):
        if len(frame_labels.cuboids) == 0:
            continue
        labels = frame_labels.cuboids
        rows = np.flatnonzero(visible_rows(labels, label_set, content, shown.view, shown.selected))
        world_from_labels = content.rig.transforms.transform(
            "world", labels.cuboids.coord_frame_id, labels_ns(content, labels, shown.view)
        )
        cuboids = labels.cuboids.select(rows).transformed(world_from_labels)
        found.append(DrawnLabels(label_set, labels, rows, cuboids, first))
        first += len(rows)
    return tuple(found)


def _colours(drawn: DrawnLabels, shown: Shown) -> npt.NDArray[np.uint8]:
    scene, set_id = shown.content.scene, drawn.label_set.label_set_id
    predicted = drawn.label_set.kind is LabelSetKind.PREDICTIONS
    names = [
        drawn_rgb(scene, set_id, drawn.labels.class_names[row], predicted=predicted)
        for row in drawn.rows
    ]
    return np.array(names, np.uint8).reshape(-1, 3)


def _dashes(drawn: DrawnLabels) -> npt.NDArray[np.float32]:
    """(n,) length of dashes: of predictions, and of boxes that nobody drew; 0 for whole lines."""
    if drawn.label_set.kind is LabelSetKind.PREDICTIONS:
        return np.full(len(drawn.rows), DASH_PX, np.float32)
    if is_marks(drawn.label_set.label_set_id):
        return np.full(len(drawn.rows), DOT_PX, np.float32)
    between = [drawn.labels.is_interpolated(row) for row in drawn.rows]
    return np.where(between, DASH_PX, 0.0).astype(np.float32)


def _edge_segments(drawn_sets: Sequence[DrawnLabels], shown: Shown) -> Segments:
    """Twelve edges a box with the normals of the faces that meet there."""
    ends, rgb, dash, row, normals = [], [], [], [], []
    sides = _faces_of_edges()
    for drawn in drawn_sets:
        count = len(drawn.rows)
        corners = drawn.cuboids.corners() - shown.origin
        ends.append(corners[:, EDGES].reshape(-1, 2, 3))
        rgb.append(np.repeat(_colours(drawn, shown), len(EDGES), axis=0))
        dash.append(np.repeat(_dashes(drawn), len(EDGES)))
        row.append(np.repeat(np.arange(count, dtype=np.float32) + drawn.first, len(EDGES)))
        outward = _face_normals(drawn.cuboids)
        normals.append(outward[:, sides].reshape(-1, 2, 3))
    if not ends:
        return Segments.plain(np.empty((0, 2, 3), np.float32), np.zeros(3, np.uint8))
    column = np.ones(sum(len(part) for part in dash), np.float32)
    return Segments(
        np.concatenate(ends).astype(np.float32),
        np.concatenate(rgb),
        np.ones((len(column), 2), np.float32),
        column * np.float32(LABEL_WIDTH_PX),
        column * np.float32(CASING_PX),
        np.concatenate(dash),
        np.concatenate(row),
        np.concatenate(normals).astype(np.float32),
    )


def _faces_of_edges() -> npt.NDArray[np.int64]:
    """(12, 2) the two faces that hold both corners of each edge."""
    pairs = [
        [f for f, face in enumerate(FACES) if set(edge.tolist()) <= set(face.tolist())]
        for edge in np.asarray(EDGES)
    ]
    return np.array(pairs, dtype=np.int64)


def _face_normals(cuboids: Cuboids) -> npt.NDArray[np.float64]:
    """(N, 6, 3) outward normals from the counter-clockwise faces."""
    quads = cuboids.corners()[:, np.asarray(FACES)]
    normals = np.cross(quads[:, :, 1] - quads[:, :, 0], quads[:, :, 2] - quads[:, :, 1])
    lengths = np.linalg.norm(normals, axis=2, keepdims=True)
    unit: npt.NDArray[np.float64] = normals / np.maximum(lengths, 1e-12)
    return unit


def _face_triangles(
    drawn_sets: Sequence[DrawnLabels], shown: Shown, selected: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Arrow and tinted front face of every box; all faces of the selected one."""
    corners, rgb, opacity = [], [], []
    split = np.array([[0, 1, 2], [0, 2, 3]])
    for drawn in drawn_sets:
        if len(drawn.rows) == 0:
            continue
        colours = _colours(drawn, shown)
        quads = drawn.cuboids.corners()[:, np.asarray(FACES)] - shown.origin
        if not is_marks(drawn.label_set.label_set_id):
            # A rough box tells no heading.
            front = quads[:, FRONT_FACE][:, split].reshape(-1, 3, 3)
            arrows = heading_arrows(drawn.cuboids) - shown.origin
            corners += [front, arrows]
            rgb += [np.repeat(colours, 2, axis=0), colours]
            opacity += [np.full(len(front), _FRONT_OPACITY), np.full(len(arrows), 0.9)]
        place = selected - drawn.first
        if 0 <= place < len(drawn.rows):
            corners.append(quads[place][:, split].reshape(-1, 3, 3))
            rgb.append(np.repeat(colours[place : place + 1], 12, axis=0))
            opacity.append(np.full(12, _SELECTED_OPACITY))
    if not corners:
        return np.empty((0, 3, 3), np.float32), np.empty((0, 3), np.uint8), np.empty(0, np.float32)
    return (
        np.concatenate(corners).astype(np.float32),
        np.concatenate(rgb),
        np.concatenate(opacity).astype(np.float32),
    )


def heading_arrows(cuboids: Cuboids) -> npt.NDArray[np.float64]:
    """(N, 3, 3) a flat triangle at the foot of the front face, pointing ahead."""
    axes = cuboids.rotation_matrices()
    length, width, height = cuboids.size.T
    base = cuboids.center + axes[:, :, 0] * (length / 2)[:, None]
    base = base - axes[:, :, 2] * (height / 2)[:, None]
    half = 0.28 * width[:, None]
    reach = np.minimum(0.45 * width, 0.35 * length)[:, None]
    side = axes[:, :, 1] * half
    tip = base + axes[:, :, 0] * reach
    return np.stack([base - side, tip, base + side], axis=1)
