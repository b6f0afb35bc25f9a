"""What layouts of a cloud a frame give back: boxes, points and times of a written scene."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from viewer.formats.builder import SceneBuilder
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Scene

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner,
                                                                max_size=2),
    max_leaves=4,
)  # fmt: skip
ATTRIBUTES = st.dictionaries(st.text(min_size=1, max_size=4).map("a_".__add__), JSON_VALUES,
                             max_size=3)  # fmt: skip


def turns(generator: np.random.Generator, count: int) -> np.ndarray:
    """Random quaternions; every third stands on its nose, where Euler angles lose one."""
    wxyz = generator.normal(size=(count, 4))
    half = math.radians(45.0)
    wxyz[::3] = [math.cos(half), 0.0, math.sin(half), 0.0]
    return wxyz / np.linalg.norm(wxyz, axis=1, keepdims=True)


def assert_boxes_come_back(
    before: Scene, after: Scene, sets: tuple[str, str], *, tracks: bool, atol: float = 1e-9
) -> None:
    """Boxes of the lidar's coord frame: the same to `atol`, attributes and classes exactly."""
    assert len(before) == len(after)
    for index in range(len(before)):
        old = before.reader.read_labels(index, sets[0]).cuboids
        new = after.reader.read_labels(index, sets[1]).cuboids
        assert list(old.class_names) == list(new.class_names)
        assert list(old.attributes) == list(new.attributes)
        if tracks:
            assert list(old.track_ids) == list(new.track_ids)
        np.testing.assert_allclose(new.cuboids.center, old.cuboids.center, rtol=1e-12, atol=atol)
        np.testing.assert_allclose(new.cuboids.size, old.cuboids.size, rtol=1e-12, atol=atol)
        matrices = [each.cuboids.rotation_matrices() for each in (old, new)]
        np.testing.assert_allclose(matrices[0], matrices[1], atol=atol)


def assert_points_come_back(before: Scene, after: Scene) -> None:
    """Points and every field, value for value."""
    for index in range(len(before)):
        old = before.reader.read_point_cloud(index, before.lidar_ids[0])
        new = after.reader.read_point_cloud(index, after.lidar_ids[0])
        np.testing.assert_array_equal(old.xyz, new.xyz)
        assert set(old.fields) == set(new.fields)
        for name, column in old.fields.items():
            np.testing.assert_array_equal(column, new.fields[name])


def assert_camera_comes_back(before: Scene, after: Scene, lidar_id: str) -> None:
    """Lens and images of CAM_FRONT as they were, its pose to the lidar to a nanometre."""
    for frame in before.frames:
        rigs = [scene.reader.read_rig(frame.index) for scene in (before, after)]
        assert rigs[0].cameras["CAM_FRONT"].model == rigs[1].cameras["CAM_FRONT"].model
        moves = [
            rig.transforms.transform("CAM_FRONT", lidar, frame.timestamp_ns).matrix
            for rig, lidar in zip(rigs, ("LIDAR_TOP", lidar_id), strict=True)
        ]
        # At a kilometre from the world's origin a pose is a difference of large numbers.
        np.testing.assert_allclose(moves[0], moves[1], atol=1e-9)
        images = [each.reader.read_encoded_image(frame.index, "CAM_FRONT")
                  for each in (before, after)]  # fmt: skip
        assert images[0] == images[1]


def two_lidars() -> Scene:
    """One frame: two lidars a metre apart see the same corner, each in its own coord frame."""
    builder = SceneBuilder("pair")
    builder.add_lidar("left", position=(0.0, 0.5, 0.0))
    builder.add_lidar("right", position=(0.0, -0.5, 0.0))
    frame = builder.add_frame()
    frame.add_points("left", [[1.0, 0.0, 0.0]], ring=np.array([3], np.uint8))
    frame.add_points("right", [[1.0, 1.0, 0.0]], ring=np.array([4], np.uint8), gain=[1.0])
    frame.add_cuboids([[2.0, 0.0, 0.0]], [[1.0, 1.0, 1.0]], class_names=["box"],
                      coord_frame_id="right")  # fmt: skip
    return builder.build()


def with_labels(scene: Scene, labels: FrameLabels) -> Scene:
    """Return a scene whose frames all have these labels."""

    class Reader:
        def __getattr__(self, name: str) -> object:
            return getattr(scene.reader, name)

        def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
            return labels

    return replace(scene, reader=Reader())
