"""A plain drive whose labels are right by construction, to be spoilt one at a time."""

from dataclasses import dataclass, replace

import numpy as np

from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras import Pinhole

FRAMES = 24
STEP_NS = 100_000_000
LIDAR_M = np.array([0.0, 0.0, 1.8])
CLASS_SIZES = {"car": (4.5, 1.8, 1.5), "truck": (8.0, 2.5, 3.2), "pedestrian": (0.8, 0.7, 1.75)}


@dataclass(frozen=True)
class Row:
    """One label; metres, world."""

    frame: int
    track: str | None
    class_name: str
    center: tuple[float, float, float]
    size: tuple[float, float, float]
    yaw: float = 0.0
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    state: str = "moving"
    name: str = ""
    score: float = float("nan")
    rise: float = 0.0
    """Angle by which its front looks up."""

    @property
    def label_id(self):
        return self.name or f"{self.track}.{self.frame:03d}"


def true_rows():
    """Every label of the drive, right."""
    rows = []
    movers = [("car-1", "car", (-20.0, 6.0), 9.0), ("car-2", "car", (25.0, 9.0), -8.0),
              ("truck-1", "truck", (-25.0, -8.0), 7.0), ("truck-2", "truck", (10.0, -12.0), 6.0),
              ("pedestrian-1", "pedestrian", (8.0, -4.0), 1.3)]  # fmt: skip
    parked = [(f"car-{number}", "car", (-18.0 + 7 * number, 14.0), 0.0) for number in range(3, 8)]
    for track, class_name, (x, y), speed in [*movers, *parked]:
        size = CLASS_SIZES[class_name]
        for frame in range(FRAMES):
            center = (x + speed * frame / 10, y, size[2] / 2)
            state = "parked" if speed == 0 else "moving"
            rows.append(Row(frame, track, class_name, center, size, 0.0 if speed >= 0 else np.pi,
                            (speed, 0.0, 0.0), state))  # fmt: skip
    return rows


def find(rows, track, frame):
    """Place of a label in the list."""
    return next(i for i, row in enumerate(rows) if row.track == track and row.frame == frame)


def changed(rows, track, frames, **changes):
    """Replace fields of a track's labels in some frames; a callable gets the row."""
    rows = list(rows)
    for frame in frames:
        place = find(rows, track, frame)
        row = rows[place]
        values = {k: v(row) if callable(v) else v for k, v in changes.items()}
        rows[place] = replace(row, **values)
    return rows


def moved(x=0.0, y=0.0, z=0.0):
    """Shift of a centre."""
    return lambda row: tuple(np.add(row.center, (x, y, z)).tolist())


def surface_points(row, rng):
    """Points on the sides and top of a box."""
    size = np.array(row.size)
    count = 220 if row.class_name != "pedestrian" else 60
    own = rng.uniform(-0.5, 0.5, (count, 3)) * size
    axis = rng.integers(0, 2, count)
    side = rng.choice((-0.5, 0.5), count)
    own[np.arange(count), axis] = side * size[axis] * 0.995
    c, s = np.cos(row.yaw), np.sin(row.yaw)
    turned = own @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])
    return turned + row.center


def ground_points():
    x, y = (g.ravel() for g in np.meshgrid(np.arange(-45, 45, 0.3), np.arange(-22, 22, 0.3)))
    return np.column_stack([x, y, np.zeros(len(x))])


def drive_scene(
    rows=None, predictions=None, *, truth=None, camera=False, boxes=None, step_ns=STEP_NS
):
    """Build the scene: points of the true objects, whatever the labels say."""
    truth = truth or true_rows()
    rows = truth if rows is None else rows
    builder = SceneBuilder("drive")
    builder.add_lidar("top", position=tuple(LIDAR_M))
    if camera:
        builder.add_camera("front", Pinhole(1280, 800, fx=600, fy=600), position=(0, 0, 1.6))
    rng = np.random.default_rng(7)
    ground = ground_points()
    for index in range(FRAMES):
        frame = builder.add_frame(
            timestamp_ns=1_000_000_000 + index * step_ns, ego_position=(0.0, 0.0, 0.0)
        )
        there = [row for row in truth if row.frame == index]
        points = [surface_points(row, rng) for row in there]
        cloud = np.concatenate([ground, *points]) - LIDAR_M
        frame.add_points("top", cloud.astype(np.float32))
        _add(frame, [row for row in rows if row.frame == index], "ground_truth")
        if predictions is not None:
            _add(frame, [row for row in predictions if row.frame == index], "model")
        if camera and boxes:
            own = [each for each in boxes if each[0] == index]
            if own:
                frame.add_boxes_2d(
                    "front", [each[2] for each in own], class_names=["car"] * len(own),
                    track_ids=[each[1] for each in own],
                )  # fmt: skip
    if predictions is not None:
        builder.add_label_set("model", predictions=True)
    return builder.build()


def orientation(row):
    """Turned about z, its front lifted before."""
    a, b = row.yaw / 2, -row.rise / 2
    return (np.cos(a) * np.cos(b), -np.sin(a) * np.sin(b), np.cos(a) * np.sin(b),
            np.sin(a) * np.cos(b))  # fmt: skip


def _add(frame, rows, label_set_id):
    if rows:
        frame.add_cuboids(
            [row.center for row in rows], [row.size for row in rows],
            class_names=[row.class_name for row in rows],
            orientations_wxyz=[orientation(row) for row in rows],
            label_set_id=label_set_id, label_ids=[row.label_id for row in rows],
            track_ids=[row.track for row in rows], scores=[row.score for row in rows],
            velocities_mps=[row.velocity for row in rows],
            attributes=[{"state": row.state} for row in rows],
        )  # fmt: skip


def renamed(rows, track, frames, other):
    """Give a track's labels in some frames another track; their ids stay."""
    rows = list(rows)
    for frame in frames:
        place = find(rows, track, frame)
        rows[place] = replace(rows[place], track=other, name=rows[place].label_id)
    return rows
