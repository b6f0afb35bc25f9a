"""Track trails: the past solid and fading, the future dashed."""

from typing import ClassVar

import numpy as np

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Shown, Stage
from viewer.render.lines import CASING_PX, LineSet, Segments
from viewer.render.prepare import TRAILS_KEY
from viewer.render.trails import REACH_FRAMES, Trail, build_trails
from viewer.session.label_filter import visible_rows

_WIDTH_PX = 2.0
_DASH_PX = 7.0


class TrailsLayer(Layer):
    """All visible tracks together."""

    name: ClassVar[str] = "trails"
    title: ClassVar[str] = "Track trails"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "layers", "filters", "selection"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        stage.add(stage.lines, self._lines.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw the trails of the tracks whose labels are shown."""
        if not shown.view.layers.trails:
            self._lines.actor.SetVisibility(False)
            return
        if changed == {"selection"} and shown.view.filters.solo == "off":
            return
        self._lines.set(_segments(_visible_trails(shown), shown))

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)


def _visible_trails(shown: Shown) -> list[Trail]:
    content = shown.content
    label_sets = {one.label_set_id: one for one in content.scene.label_sets}
    if TRAILS_KEY in content.prepared:
        # Prepared while trails were off, there are none yet: they come with the frame anew.
        trails: tuple[Trail, ...] = content.prepared[TRAILS_KEY] or ()
    else:
        trails = build_trails(content.scene, content.index, tuple(label_sets))
    tracks: dict[str, set[str | None]] = {}
    for set_id, label_set in label_sets.items():
        if set_id not in content.labels:
            continue
        labels = content.labels[set_id].cuboids
        rows = visible_rows(labels, label_set, content, shown.view, shown.selected).nonzero()[0]
        tracks[set_id] = {labels.track_ids[row] for row in rows.tolist()}
    return [trail for trail in trails if trail.track_id in tracks.get(trail.label_set_id, ())]


def _segments(trails: list[Trail], shown: Shown) -> Segments:
    ends, rgb, opacity, ahead = [], [], [], []
    class_map = shown.content.scene.class_map
    for trail in trails:
        points = trail.positions_world - shown.origin
        ends.append(np.stack([points[:-1], points[1:]], axis=1))
        count = len(points) - 1
        rgb.append(np.tile(np.array(class_map.colour(trail.class_name), np.uint8), (count, 1)))
        fade = 1.0 - 0.85 * np.abs(trail.frame_offsets) / REACH_FRAMES
        opacity.append(np.stack([fade[:-1], fade[1:]], axis=1))
        ahead.append(trail.frame_offsets[1:] > 0)
    if not ends:
        return Segments.plain(np.empty((0, 2, 3), np.float32), np.zeros(3, np.uint8))
    plain = Segments.plain(
        np.concatenate(ends).astype(np.float32),
        np.concatenate(rgb),
        opacity=np.clip(np.concatenate(opacity), 0.1, 1.0).astype(np.float32),
        width_px=_WIDTH_PX,
        casing_px=CASING_PX,
    )
    plain.dash_px[np.concatenate(ahead)] = _DASH_PX
    return plain
