"""Random drives for round trips: what a layout holds is drawn, nothing else."""

import io

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras import BrownConrady, Pinhole
from viewer.scene.scene import Scene

CLASSES = ("car", "human.pedestrian.adult", "Größe 2")
FIRST_NS = 1_532_402_927_000_000_000


def unit(generator: np.random.Generator) -> list[float]:
    wxyz = generator.normal(size=4)
    return (wxyz / np.linalg.norm(wxyz)).tolist()


def jpeg(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 40), (value, 3, 200)).save(buffer, format="JPEG")
    return buffer.getvalue()


@st.composite
def drives(
    draw: st.DrawFn,
    *,
    boxes_in: str,
    attributes: st.SearchStrategy[dict[str, object]],
    lens: bool = True,
    ring: str = "ring",
    half: bool = False,
    label_set_id: str = "annotations",
    every_frame_tracked: bool = True,
) -> Scene:
    """A moving car with a lidar and a camera, tracked cuboids, and predictions."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    builder = SceneBuilder("drive one")
    builder.add_lidar("LIDAR_TOP", position=(1.0, 0.0, 1.8), yaw_rad=float(generator.normal()))
    size, focal = (64, 40), 40.0 + float(generator.random())
    model = Pinhole(*size, fx=focal, fy=focal + 1.0)
    if lens and draw(st.booleans()):
        model = BrownConrady(*size, fx=focal, fy=focal, k1=-0.1, p2=float(generator.normal()) / 50)
    builder.add_camera("CAM_FRONT", model, position=(1.5, 0.1, 1.4))
    builder.add_label_set(label_set_id, predictions=False)
    builder.add_label_set("detector", predictions=True)
    count = draw(st.integers(1, 4))
    steps_us = draw(st.lists(st.integers(1, 3_000_000), min_size=count, max_size=count))
    time_ns = FIRST_NS
    for index in range(count):
        time_ns += steps_us[index] * 1000
        position = generator.uniform(-2000, 2000, 3).tolist()
        builder.add_ego_pose(time_ns, position=position, orientation_wxyz=unit(generator))
        frame = builder.add_frame(timestamp_ns=time_ns, key=f"frame{time_ns}")
        points = generator.uniform(-80, 80, (draw(st.integers(1, 40)), 3))
        points = points.astype(np.float16 if half else np.float32).astype(np.float32)
        fields = {"intensity": np.uint8 if half else np.float32, ring: np.uint8}
        frame.add_points(
            "LIDAR_TOP",
            points,
            **{
                name: generator.integers(0, 200, len(points)).astype(kind)
                for name, kind in fields.items()
            },
        )
        frame.add_image("CAM_FRONT", jpeg(index))
        tracks = draw(st.lists(st.sampled_from("abcde"), unique=True, max_size=4))
        for label_set in (label_set_id, "detector"):
            is_truth = label_set == label_set_id
            number = len(tracks)
            frame.add_cuboids(
                generator.normal(scale=500.0, size=(number, 3)),
                generator.uniform(0.1, 20.0, (number, 3)),
                class_names=[CLASSES["abcde".index(track) % 3] for track in tracks],
                orientations_wxyz=[unit(generator) for _ in tracks] or np.empty((0, 4)),
                coord_frame_id=boxes_in,
                label_set_id=label_set,
                label_ids=[f"{label_set} {index} {track}" for track in tracks],
                track_ids=list(tracks),
                scores=None if is_truth else generator.random(number),
                attributes=[draw(attributes) if is_truth else {} for _ in tracks],
            )
    return builder.build()
