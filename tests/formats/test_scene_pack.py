import hashlib
import io
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.scene_pack.writer import write_scene_pack
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import Cancelled, JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, Scene, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

h5py = pytest.importorskip("h5py")
SECOND_NS = 1_000_000_000


def random_rotation(generator):
    rotation, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    return rotation * np.sign(np.linalg.det(rotation))


class EverythingReader:
    """A scene in memory that uses every corner of the scene model."""

    def __init__(self) -> None:
        generator = np.random.default_rng(5)
        trajectory = Trajectory(
            "world",
            "ego",
            np.arange(7, dtype=np.int64) * SECOND_NS,
            generator.normal(size=(7, 4)),
            generator.normal(size=(7, 3)) * 1e6,
            "extrapolate",
        )
        lidar = RigidTransform("ego", "top", random_rotation(generator), generator.normal(size=3))
        tree = TransformTree(
            [
                lidar,
                trajectory,
                RigidTransform("top", "cam", random_rotation(generator), np.array([0.1, 1 / 3, 0])),
                RigidTransform("ego", "eye", random_rotation(generator), np.zeros(3)),
            ],
            notes=["orientation of 'cam' was normalised (norm 1.3)"],
        )
        matrix = generator.normal(size=(4, 4))
        self.rig = Rig(
            {
                "front/left.1": CameraSensor(
                    "front/left.1",
                    "cam",
                    BrownConrady(64, 48, fx=50.1, fy=1 / 3, k1=-0.3, k4=0.1, s4=1e-17, p2=math.pi),
                    None,
                    matrix,
                ),
                "eye": CameraSensor("eye", "eye", Fisheye(64, 48, fx=20, fy=21, k1=0.1, skew=0.01)),
                "blind": CameraSensor("blind", "world", None, "no calibration"),
            },
            {"top": LidarSensor("top", "top")},
            tree,
            "ego",
        )
        xyz = generator.normal(size=(3000, 3)).astype(np.float32)
        xyz[::7] = np.nan
        self.clouds = [
            PointCloud(
                xyz,
                {
                    "intensity": generator.integers(0, 65535, 3000).astype(np.uint16),
                    "time / s.": generator.normal(size=3000),
                    "rgb": generator.integers(0, 255, (3000, 3)).astype(np.uint8),
                    "ring": generator.integers(-5, 5, 3000).astype(">i4"),
                },
                "top",
                17,
                organized_shape=(30, 100),
                viewpoint=lidar,
            ),
            PointCloud(generator.normal(size=(5, 3)) * 1e7, {}, "top"),
            PointCloud(np.empty((0, 3), dtype=np.float32), {"i": np.empty(0, np.float32)}, "top"),
        ]
        self.pictures = [generator.integers(0, 255, (48, 64, 3)).astype(np.uint8) for _ in range(3)]
        self.labels = [self._labels(generator, count) for count in (4, 0, 1)]

    def _labels(self, generator, count: int) -> FrameLabels:
        cuboids = CuboidLabels(
            Cuboids(
                generator.normal(size=(count, 3)),
                generator.uniform(1, 5, (count, 3)),
                generator.normal(size=(count, 4)),
                "top",
            ),
            tuple(f"läbel/{row}" for row in range(count)),
            ("car", 'per"son', "truck", "car")[:count],
            ("7", None, "8", None)[:count],
            np.array([0.1, np.nan, 1 / 3, 1.0][:count]),
            ({"state": "moving", "n": [1, 2.5, None]}, {}, {"a": {"b": True}}, {})[:count],
            generator.normal(size=(count, 3)) if count else None,
            123 if count else None,
        )
        boxes = BoxLabels2D(
            generator.uniform(0, 50, (count, 4)),
            ("eye",) * count,
            tuple(f"b{row}" for row in range(count)),
            ("car",) * count,
            (None,) * count,
            np.full(count, np.nan),
            ({},) * count,
        )
        return FrameLabels(cuboids, boxes)

    def read_rig(self, frame_index):
        return self.rig

    def read_point_cloud(self, frame_index, sensor_id):
        return self.clouds[frame_index]

    def read_image(self, frame_index, sensor_id, min_width_px):
        rgb = self.pictures[frame_index]
        bgra = np.dstack([rgb[:, :, ::-1], np.full(rgb.shape[:2], 255, np.uint8)])
        return Image(bgra, 64, 48)

    def read_labels(self, frame_index, label_set_id):
        return self.labels[frame_index]

    def problems(self):
        return (Problem("a.txt", "line 3", "is odd"),)

    def close(self) -> None:
        pass


def everything(tmp_path: Path) -> Scene:
    reader = EverythingReader()
    frames = tuple(
        Frame(
            index,
            f"key {index}",
            index * SECOND_NS,
            (SweepRef("top", index * SECOND_NS + 1, "somewhere"),),
            (ImageRef("front/left.1", None, "else"), ImageRef("eye", 5, "where")),
        )
        for index in range(3)
    )
    return Scene(
        "drive 1",
        tmp_path / "nowhere",
        "made_up",
        frames,
        reader,
        (
            LabelSet("gt", LabelSetKind.GROUND_TRUTH, "By hand"),
            LabelSet("net", LabelSetKind.PREDICTIONS),
        ),
        ClassMap.from_names(["car", 'per"son', "truck"], {"truck": (1, 2, 3)}),
        False,
        ("top",),
        ("front/left.1", "eye", "blind"),
        "a\ntest",
    )


def assert_same_array(got, expected) -> None:
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    assert got.tobytes() == expected.tobytes()


def assert_same_rig(got: Rig, expected: Rig) -> None:
    assert list(got.cameras) == list(expected.cameras)
    assert got.lidars == expected.lidars
    assert got.ego_coord_frame_id == expected.ego_coord_frame_id
    for name, camera in expected.cameras.items():
        other = got.cameras[name]
        assert (other.sensor_id, other.coord_frame_id) == (camera.sensor_id, camera.coord_frame_id)
        assert other.model == camera.model
        assert other.refusal == camera.refusal
        if camera.camera_matrix is None:
            assert other.camera_matrix is None
        else:
            assert_same_array(other.camera_matrix, camera.camera_matrix)
    assert got.transforms.notes == expected.transforms.notes
    assert got.transforms.coord_frame_ids == expected.transforms.coord_frame_ids
    for edge, other in zip(expected.transforms.edges, got.transforms.edges, strict=True):
        assert type(edge) is type(other)
        assert (edge.dst, edge.src) == (other.dst, other.src)
        names = ("rotation", "translation")
        if isinstance(edge, Trajectory):
            assert edge.outside == other.outside
            names = ("timestamps_ns", "rotations_wxyz", "translations_m")
        for name in names:
            assert_same_array(getattr(other, name), getattr(edge, name))


def assert_same_cloud(got: PointCloud, expected: PointCloud) -> None:
    assert_same_array(got.xyz, expected.xyz)
    assert list(got.fields) == list(expected.fields)
    for name, values in expected.fields.items():
        assert_same_array(got.fields[name], values)
    assert got.finite_count == expected.finite_count
    assert (got.coord_frame_id, got.timestamp_ns) == (
        expected.coord_frame_id,
        expected.timestamp_ns,
    )
    assert got.organized_shape == expected.organized_shape
    assert (got.viewpoint is None) == (expected.viewpoint is None)


def assert_same_labels(got: FrameLabels, expected: FrameLabels) -> None:
    one, other = got.cuboids, expected.cuboids
    for name in ("center", "size", "rotation"):
        assert_same_array(getattr(one.cuboids, name), getattr(other.cuboids, name))
    assert one.cuboids.coord_frame_id == other.cuboids.coord_frame_id
    assert one.timestamp_ns == other.timestamp_ns
    assert (one.velocities_mps is None) == (other.velocities_mps is None)
    if other.velocities_mps is not None:
        assert_same_array(one.velocities_mps, other.velocities_mps)
    for name in ("label_ids", "class_names", "track_ids", "attributes"):
        assert tuple(getattr(one, name)) == tuple(getattr(other, name))
        assert tuple(getattr(got.boxes_2d, name)) == tuple(getattr(expected.boxes_2d, name))
    assert_same_array(one.scores, other.scores)
    assert_same_array(got.boxes_2d.boxes_px, expected.boxes_2d.boxes_px)
    assert_same_array(got.boxes_2d.scores, expected.boxes_2d.scores)
    assert tuple(got.boxes_2d.sensor_ids) == tuple(expected.boxes_2d.sensor_ids)


def assert_same_scene(got: Scene, expected: Scene) -> None:
    assert tuple(got.frames) == tuple(expected.frames)
    for name in (
        "scene_id", "label_sets", "class_map", "independent", "lidar_ids", "camera_ids",
        "description",
    ):  # fmt: skip
        assert getattr(got, name) == getattr(expected, name)
    assert list(got.reader.problems()) == list(expected.reader.problems())
    for frame in expected.frames:
        assert_same_rig(got.reader.read_rig(frame.index), expected.reader.read_rig(frame.index))
        for sweep in frame.sweeps:
            assert_same_cloud(
                got.reader.read_point_cloud(frame.index, sweep.sensor_id),
                expected.reader.read_point_cloud(frame.index, sweep.sensor_id),
            )
        for image in frame.images:
            assert_same_array(
                got.reader.read_image(frame.index, image.sensor_id, None).pixels,
                expected.reader.read_image(frame.index, image.sensor_id, None).pixels,
            )
        for label_set in expected.label_sets:
            assert_same_labels(
                got.reader.read_labels(frame.index, label_set.label_set_id),
                expected.reader.read_labels(frame.index, label_set.label_set_id),
            )


def packed(scene: Scene, path: Path, *, compress_points: bool = False) -> Scene:
    write_scene_pack(scene, path, JobContext(), compress_points=compress_points)
    (got,) = open_dataset(path).scenes
    return got


@pytest.mark.parametrize("compress_points", [False, True])
def test_every_corner_of_a_scene_comes_back_to_the_bit(
    tmp_path: Path, compress_points: bool
) -> None:
    scene = everything(tmp_path)
    got = packed(scene, tmp_path / "pack.h5", compress_points=compress_points)
    assert_same_scene(got, scene)
    assert got.reader.read_rig(0) is got.reader.read_rig(2)
    assert recognise(tmp_path / "pack.h5")[0].name == "scene_pack"
    got.reader.close()


def test_kitti_drives_come_back_to_the_bit(kitti_drive: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(kitti_drive).scenes
    scene.reader.read_rig(0)
    got = packed(scene, tmp_path / "drive.h5")
    assert_same_scene(got, scene)
    source = kitti_drive / "image_02" / "data" / "0000000001.png"
    assert got.reader.read_encoded_image(1, "image_02") == source.read_bytes()


def test_a_pack_of_a_pack_is_the_same_scene(kitti_object_folder: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(kitti_object_folder).scenes
    first = packed(scene, tmp_path / "first.h5")
    second = packed(first, tmp_path / "second.h5")
    assert_same_scene(second, scene)


def test_real_kitti_comes_back_to_the_bit(real_data: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(real_data / "scenes" / "kitti_object").scenes
    assert_same_scene(packed(scene, tmp_path / "kitti.h5"), scene)


def test_what_cannot_be_read_is_left_out_and_told(
    kitti_object_folder: Path, tmp_path: Path
) -> None:
    damaged = kitti_object_folder / "velodyne" / "000000.bin"
    damaged.write_bytes(b"123")
    (scene,) = open_dataset(kitti_object_folder).scenes
    got = packed(scene, tmp_path / "pack.h5")
    assert [len(frame.sweeps) for frame in got.frames] == [0, 1]
    assert str(damaged) in [problem.source for problem in got.reader.problems()]


def test_the_source_is_never_written_to(kitti_object_folder: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(kitti_object_folder).scenes
    for path in (kitti_object_folder, kitti_object_folder / "velodyne" / "pack.h5"):
        with pytest.raises(ValueError, match="outside"):
            write_scene_pack(scene, path, JobContext())
    pack = tmp_path / "pack.h5"
    again = packed(scene, pack)
    before = hashlib.sha256(pack.read_bytes()).digest()
    with pytest.raises(ValueError, match="outside"):
        write_scene_pack(again, pack, JobContext())
    assert hashlib.sha256(pack.read_bytes()).digest() == before


def test_cancelling_leaves_nothing_behind(kitti_object_folder: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(kitti_object_folder).scenes
    context = JobContext(lambda progress: context.cancel() if progress.done else None)
    with pytest.raises(Cancelled):
        write_scene_pack(scene, tmp_path / "pack.h5", context)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["object"]


@pytest.fixture
def pack(kitti_object_folder: Path, tmp_path: Path) -> Path:
    (scene,) = open_dataset(kitti_object_folder).scenes
    write_scene_pack(scene, tmp_path / "pack.h5", JobContext())
    return tmp_path / "pack.h5"


XYZ = "points/0/velo/xyz"


def replace_xyz_by_soft_link(file: h5py.File) -> None:
    del file[XYZ]
    file[XYZ] = h5py.SoftLink("/points/1/velo/xyz")


def replace_xyz_by_external_link(file: h5py.File) -> None:
    del file[XYZ]
    file[XYZ] = h5py.ExternalLink("other.h5", "/xyz")


def replace_xyz_by_external_storage(file: h5py.File) -> None:
    del file[XYZ]
    file.create_dataset(XYZ, (10, 3), "f4", external=[("/etc/hostname", 0, 120)])


def replace_xyz_by_virtual_dataset(file: h5py.File) -> None:
    del file[XYZ]
    layout = h5py.VirtualLayout((10, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "xyz", (10, 3))
    file.create_virtual_dataset(XYZ, layout)


def replace_xyz_by_a_claim_of_terabytes(file: h5py.File) -> None:
    del file[XYZ]
    file.create_dataset(XYZ, (10**12, 3), "f4", chunks=(1024, 3), compression="gzip")


def replace_xyz_by_a_contiguous_claim(file: h5py.File) -> None:
    del file[XYZ]
    file.create_dataset(XYZ, (10**12, 3), "f4")


def replace_xyz_by_texts(file: h5py.File) -> None:
    del file[XYZ]
    file.create_dataset(XYZ, data=["a", "b"])


def replace_xyz_by_a_group(file: h5py.File) -> None:
    del file[XYZ]
    file.create_group(XYZ)


def replace_xyz_by_the_wrong_shape(file: h5py.File) -> None:
    del file[XYZ]
    file[XYZ] = np.zeros((4, 2), "f4")


def replace_xyz_by_integers(file: h5py.File) -> None:
    del file[XYZ]
    file[XYZ] = np.zeros((500, 3), "i4")


def compress_xyz_by_lzf(file: h5py.File) -> None:
    values = file[XYZ][...]
    del file[XYZ]
    file.create_dataset(XYZ, data=values, compression="lzf")


def remove_xyz(file: h5py.File) -> None:
    del file[XYZ]


@pytest.mark.parametrize(
    "spoil",
    [
        replace_xyz_by_soft_link,
        replace_xyz_by_external_link,
        replace_xyz_by_external_storage,
        replace_xyz_by_virtual_dataset,
        replace_xyz_by_a_claim_of_terabytes,
        replace_xyz_by_a_contiguous_claim,
        replace_xyz_by_texts,
        replace_xyz_by_a_group,
        replace_xyz_by_the_wrong_shape,
        replace_xyz_by_integers,
        compress_xyz_by_lzf,
        remove_xyz,
    ],
)
def test_hostile_arrays_are_refused_and_the_rest_opens(pack: Path, spoil) -> None:
    with h5py.File(pack, "r+") as file:
        spoil(file)
    (scene,) = open_dataset(pack).scenes
    with pytest.raises(DamagedData, match=XYZ.rpartition("/")[0]):
        scene.reader.read_point_cloud(0, "velo")
    assert len(scene.reader.read_point_cloud(1, "velo")) == 500
    assert len(scene.reader.read_labels(0, "label_2").cuboids) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":1', b'"version":2'),
        (b'"frames":[{', b'"frames":7,"x":[{'),
        (b'"rig":0', b'"rig":9'),
        (b"{", b"["),
    ],
)
def test_a_bad_manifest_is_named(pack: Path, old: bytes, new: bytes) -> None:
    with h5py.File(pack, "r+") as file:
        text = file["manifest"][...].tobytes()
        assert old in text
        del file["manifest"]
        file["manifest"] = np.frombuffer(text.replace(old, new), np.uint8)
    with pytest.raises(DamagedData, match="manifest"):
        open_dataset(pack)


def test_other_hdf5_files_are_no_packs(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
        file.attrs["format"] = "something else"
    with pytest.raises(Exception, match="not a scene pack"):
        open_dataset(tmp_path / "other.h5")


def test_a_closed_pack_says_so(pack: Path) -> None:
    dataset = open_dataset(pack)
    dataset.close()
    with pytest.raises(DamagedData, match="closed"):
        dataset.scenes[0].reader.read_point_cloud(0, "velo")


def test_images_are_stored_as_files(pack: Path, kitti_object_folder: Path) -> None:
    with h5py.File(pack) as file:
        stored = file["images/0/image_2"][...].tobytes()
    assert stored == (kitti_object_folder / "image_2" / "000000.png").read_bytes()
    assert Pillow.open(io.BytesIO(stored)).size == (124, 37)
