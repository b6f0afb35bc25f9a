"""A scene written in the native layout reads back the same."""

from pathlib import Path

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.native.format import NativeFormat
from viewer.formats.native.writer import write_native_scene
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.progress import Cancelled, JobContext

LENSES = {
    "front": Pinhole(64, 40, fx=41.5, fy=42.25, cx=31.0),
    "wide": BrownConrady(
        64, 40, fx=33.0, fy=33.5, k1=0.4, k2=0.05, k3=0.001, k4=0.8, k5=0.16, k6=0.007,
        p1=0.001, p2=-0.002, s1=0.003, s2=-0.0005, s3=-0.002, s4=0.0004,
    ),
    "fish": Fisheye(64, 40, fx=19.0, fy=18.5, k1=0.01, k2=-0.005, k3=0.0004, skew=0.01),
}  # fmt: skip
STRETCH = np.diag([1.0, 1.1, 1.0, 1.0])


def make_scene():
    rng = np.random.default_rng(5)
    builder = SceneBuilder("a drive", description="Two frames", class_colours={"car": (1, 2, 3)})
    builder.add_lidar("top/1", position=(0.5, 0.0, 1.8), yaw_rad=0.3)
    for name, lens in LENSES.items():
        matrix = STRETCH if name == "wide" else None
        builder.add_camera(name, lens, position=rng.normal(size=3), pitch_rad=0.1,
                           camera_matrix=matrix)  # fmt: skip
    builder.add_label_set("model a", predictions=True, title="Model A")
    for index in range(2):
        frame = builder.add_frame(
            timestamp_ns=1_700_000_000_000_000_001 + index * 100_000_000,
            key=f"k {index}",
            ego_position=(10.0 * index, 0.1, 0.0),
            ego_yaw_rad=0.1 * index,
        )
        count = 20 + index
        frame.add_points(
            "top/1",
            rng.normal(size=(count, 3)).astype(np.float32),
            intensity=rng.integers(0, 256, count).astype(np.uint8),
            time_s=rng.normal(size=count),
            normal=rng.normal(size=(count, 3)).astype(np.float32),
        )
        for name in LENSES:
            pixels = rng.integers(0, 256, (40, 64, 3)).astype(np.uint8)
            frame.add_image(name, pixels, timestamp_ns=1_700_000_000_000_000_100 + index)
        frame.add_cuboids(
            rng.normal(size=(3, 3)),
            rng.uniform(1, 5, size=(3, 3)),
            class_names=["car", "tree", "car"],
            orientations_wxyz=rng.normal(size=(3, 4)),
            coord_frame_id="ego",
            label_ids=["a", "b", "c"],
            track_ids=["t1", None, "t2"],
            velocities_mps=[[1, 2, 3], [np.nan] * 3, [0, 0, np.nan]],
            attributes=[{"parked": True, "n": 3}, {}, {"name": "ü"}],
        )
        frame.add_boxes_2d("front", [[1.5, 2, 30, 31.25]], class_names=["car"], track_ids=["t1"])
        frame.add_cuboids(
            rng.normal(size=(2, 3)),
            (4, 2, 1.5),
            class_names=["car", "car"],
            scores=[0.25, np.nan],
            label_set_id="model a",
        )
    return builder.build()


@pytest.fixture(scope="module")
def scene():
    return make_scene()


@pytest.fixture
def copy(scene, tmp_path):
    folder = tmp_path / "copy"
    assert write_native_scene(scene, folder) == ()
    return open_dataset(folder).scenes[0]


def assert_same_labels(a, b):
    assert a.cuboids.cuboids.coord_frame_id == b.cuboids.cuboids.coord_frame_id
    for name in ("center", "size"):
        np.testing.assert_array_equal(getattr(a.cuboids.cuboids, name),
                                      getattr(b.cuboids.cuboids, name))  # fmt: skip
    np.testing.assert_allclose(a.cuboids.cuboids.rotation, b.cuboids.cuboids.rotation, atol=1e-15)
    for part in ("cuboids", "boxes_2d"):
        mine, theirs = getattr(a, part), getattr(b, part)
        for name in ("label_ids", "class_names", "track_ids", "attributes"):
            assert tuple(getattr(mine, name)) == tuple(getattr(theirs, name))
        np.testing.assert_array_equal(mine.scores, theirs.scores)
    np.testing.assert_array_equal(a.boxes_2d.boxes_px, b.boxes_2d.boxes_px)
    assert tuple(a.boxes_2d.sensor_ids) == tuple(b.boxes_2d.sensor_ids)
    assert a.cuboids.timestamp_ns == b.cuboids.timestamp_ns
    if a.cuboids.velocities_mps is None:
        assert b.cuboids.velocities_mps is None
    else:
        np.testing.assert_array_equal(a.cuboids.velocities_mps, b.cuboids.velocities_mps)


def assert_same_rig(a, b, times):
    assert list(a.cameras) == list(b.cameras)
    assert list(a.lidars) == list(b.lidars)
    assert a.ego_coord_frame_id == b.ego_coord_frame_id
    for name, camera in a.cameras.items():
        other = b.cameras[name]
        assert camera.model == other.model
        assert camera.refusal == other.refusal
        assert camera.coord_frame_id == other.coord_frame_id
        if camera.camera_matrix is None:
            assert other.camera_matrix is None
        else:
            np.testing.assert_array_equal(camera.camera_matrix, other.camera_matrix)
    assert set(a.transforms.coord_frame_ids) == set(b.transforms.coord_frame_ids)
    for name in a.transforms.coord_frame_ids:
        for time_ns in times:
            np.testing.assert_allclose(
                a.transforms.transform("world", name, time_ns).matrix,
                b.transforms.transform("world", name, time_ns).matrix,
                atol=1e-12,
            )


def test_everything_reads_back_as_it_was(scene, copy):
    for name in ("scene_id", "description", "independent", "label_sets", "class_map",
                 "lidar_ids", "camera_ids"):  # fmt: skip
        assert getattr(scene, name) == getattr(copy, name)
    assert copy.format_name == "native"
    for mine, theirs in zip(scene.frames, copy.frames, strict=True):
        assert (mine.index, mine.key, mine.timestamp_ns) == (
            theirs.index, theirs.key, theirs.timestamp_ns)  # fmt: skip
        for kind in ("sweeps", "images"):
            assert [(ref.sensor_id, ref.timestamp_ns) for ref in getattr(mine, kind)] == [
                (ref.sensor_id, ref.timestamp_ns) for ref in getattr(theirs, kind)
            ]
        times = [mine.timestamp_ns, mine.timestamp_ns + 33_000_000]
        assert_same_rig(scene.reader.read_rig(mine.index), copy.reader.read_rig(mine.index), times)
        for label_set in scene.label_sets:
            assert_same_labels(
                scene.reader.read_labels(mine.index, label_set.label_set_id),
                copy.reader.read_labels(mine.index, label_set.label_set_id),
            )
        for ref in mine.images:
            np.testing.assert_array_equal(
                scene.reader.read_image(mine.index, ref.sensor_id, None).pixels,
                copy.reader.read_image(mine.index, ref.sensor_id, None).pixels,
            )
    assert copy.reader.problems() == ()


@pytest.mark.parametrize("compress_points", [False, True])
def test_points_keep_every_field_and_type(scene, tmp_path, compress_points):
    write_native_scene(scene, tmp_path / "copy", compress_points=compress_points)
    copy = open_dataset(tmp_path / "copy").scenes[0]
    for frame in scene.frames:
        a = scene.reader.read_point_cloud(frame.index, "top/1")
        b = copy.reader.read_point_cloud(frame.index, "top/1")
        assert (a.coord_frame_id, a.timestamp_ns) == (b.coord_frame_id, b.timestamp_ns)
        np.testing.assert_array_equal(a.xyz, b.xyz)
        assert a.xyz.dtype == b.xyz.dtype
        assert list(a.fields) == list(b.fields)
        for name, values in a.fields.items():
            np.testing.assert_array_equal(values, b.fields[name])
            assert values.dtype == b.fields[name].dtype


def test_writing_what_was_read_gives_the_same_bytes(copy, tmp_path):
    again = tmp_path / "again"
    write_native_scene(copy, again)
    first = {
        path.relative_to(copy.path): path.read_bytes()
        for path in copy.path.rglob("*")
        if path.is_file()
    }
    second = {
        path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()
    }
    assert first.keys() == second.keys()
    different = {path for path in first if first[path] != second[path]}
    # A fixed pose passes through a matrix, so its last digit may change.
    assert different <= {Path("scene.json")}


def test_a_folder_that_holds_something_is_not_written_into(scene, tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ValueError, match="not an empty folder"):
        write_native_scene(scene, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_an_empty_folder_is_filled(scene, tmp_path):
    (tmp_path / "empty").mkdir()
    write_native_scene(scene, tmp_path / "empty")
    assert len(open_dataset(tmp_path / "empty").scenes[0]) == 2


def test_the_source_is_not_written_into(copy):
    with pytest.raises(ValueError, match="own folder"):
        write_native_scene(copy, copy.path / "inner")
    assert not (copy.path / "inner").exists()


def test_giving_up_leaves_nothing_behind(scene, tmp_path):
    context = JobContext(lambda progress: context.cancel() if progress.done == 1 else None)
    with pytest.raises(Cancelled):
        write_native_scene(scene, tmp_path / "copy", context)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_left_out_and_told(copy, tmp_path):
    lost = next(copy.path.glob("images/front/*"))
    lost.unlink()
    problems = write_native_scene(copy, tmp_path / "again")
    assert [problem.source for problem in problems] == [str(lost)]
    again = open_dataset(tmp_path / "again").scenes[0]
    assert [len(frame.images) for frame in again.frames] == [2, 3]


def test_opening_reads_no_points_images_or_labels(copy):
    for path in copy.path.rglob("*"):
        if path.is_file() and path.name != "scene.json":
            path.write_bytes(b"\xff")
    scene = NativeFormat().open(copy.path).scenes[0]
    assert len(scene) == 2
    with pytest.raises(DamagedData):
        scene.reader.read_labels(0, "ground_truth")
