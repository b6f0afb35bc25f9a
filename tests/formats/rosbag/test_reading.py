"""Recordings of every container give back the arrays that were written into them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import ros_bags as ros
from ros_drive import (
    DELAY_NS,
    LIDAR_FROM_BASE,
    PERIOD_NS,
    START_NS,
    D,
    Drive,
    K,
    ego_position,
)

from viewer.formats.base import DamagedData, Probe
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.rosbag.format import RosbagFormat
from viewer.geometry.cameras import BrownConrady, Fisheye
from viewer.scene.scene import Scene


def scene_of(path: Path) -> Scene:
    (scene,) = open_dataset(path).scenes
    return scene


@pytest.mark.parametrize("kind", ros.KINDS)
def test_every_container_gives_back_what_was_written(kind, drive: Drive, tmp_path):
    path = ros.write_bag(tmp_path, kind, drive.messages)
    format_, _ = recognise(path)
    assert format_.name == "rosbag"
    scene = scene_of(path)
    assert (len(scene), scene.lidar_ids) == (4, ("lidar",))
    assert scene.camera_ids == ("front", "rear")
    for frame in scene.frames:
        stamp = drive.stamp_ns(frame.index)
        assert frame.timestamp_ns == stamp
        assert [each.timestamp_ns for each in frame.sweeps] == [stamp]
        times = {each.sensor_id: each.timestamp_ns for each in frame.images}
        assert times == {"front": stamp + 20_000_000, "rear": stamp - 10_000_000}
        cloud = scene.reader.read_point_cloud(frame.index, "lidar")
        written = drive.clouds[frame.index]
        expected = np.stack([written[axis] for axis in "xyz"], axis=1)
        np.testing.assert_array_equal(cloud.xyz, expected)
        assert tuple(cloud.fields) == ("intensity", "ring", "t")
        for name, values in cloud.fields.items():
            assert values.dtype == written[name].dtype
            np.testing.assert_array_equal(values, written[name])
        assert (cloud.coord_frame_id, cloud.timestamp_ns) == ("lidar", stamp)
        assert cloud.finite_count == len(written) - 1
        for camera in ("front", "rear"):
            image = scene.reader.read_image(frame.index, camera, None)
            np.testing.assert_array_equal(image.rgb(), drive.pictures[frame.index])
    told = [each.message for each in scene.reader.problems()]
    unindexed = kind.startswith(("mcapunindexed", "mcapunchunked"))
    assert told == (["has no index; all of it was looked through"] if unindexed else [])
    scene.reader.close()


def test_coord_frames_are_those_of_tf(drive: Drive, tmp_path):
    scene = scene_of(ros.write_bag(tmp_path, "mcap-zstd", drive.messages))
    rig = scene.reader.read_rig(1)
    assert rig is scene.reader.read_rig(3)
    assert rig.ego_coord_frame_id == "base_link"
    assert set(rig.transforms.coord_frame_ids) == {
        "world", "map", "base_link", "lidar", "front_optical",
    }  # fmt: skip
    assert rig.lidars["lidar"].coord_frame_id == "lidar"
    # Half way between the second and third pose: yaw 0.15, position the mean of the two.
    world_from_lidar = rig.transforms.transform("world", "lidar", START_NS + PERIOD_NS * 3 // 2)
    turn = np.array([[np.cos(0.15), -np.sin(0.15), 0], [np.sin(0.15), np.cos(0.15), 0], [0, 0, 1]])
    np.testing.assert_allclose(world_from_lidar.rotation, turn, atol=1e-9)
    expected = np.array([3.0, 0.75, 0.0]) + turn @ np.array(LIDAR_FROM_BASE)
    np.testing.assert_allclose(world_from_lidar.translation, expected, atol=1e-9)
    camera_from_base = rig.transforms.transform("front_optical", "base_link", START_NS)
    ahead = camera_from_base.apply(np.array([[11.5, 2.0, 1.2]]))
    np.testing.assert_allclose(ahead, [[-2.0, 0.0, 10.0]], atol=1e-9)


def test_a_camera_has_the_lens_of_its_camera_info(drive: Drive, tmp_path):
    scene = scene_of(ros.write_bag(tmp_path, "ros1-lz4", drive.messages))
    cameras = scene.reader.read_rig(0).cameras
    k1, k2, p1, p2, k3 = D
    assert cameras["front"].model == BrownConrady(
        64, 48, fx=K[0], fy=K[4], cx=K[2], cy=K[5], k1=k1, k2=k2, p1=p1, p2=p2, k3=k3
    )
    assert cameras["front"].coord_frame_id == "front_optical"
    assert cameras["rear"].model is None
    assert cameras["rear"].refusal is not None
    assert "no topic beside the images" in cameras["rear"].refusal


def test_encoded_images_are_handed_over_as_they_are(drive: Drive, tmp_path):
    scene = scene_of(ros.write_bag(tmp_path, "sqlite-none", drive.messages))
    assert scene.reader.read_encoded_image(2, "rear").startswith(b"\x89PNG")
    with pytest.raises(DamagedData, match="raw pixels"):
        scene.reader.read_encoded_image(2, "front")
    small = scene.reader.read_image(0, "front", 16)
    assert (small.pixels.shape, small.full_width_px) == ((12, 16, 4), 64)


def test_a_recording_split_into_files_is_one_scene(drive: Drive, tmp_path):
    halves = [drive.messages[:13], [*drive.messages[:1], *drive.messages[13:]]]
    folder = tmp_path / "split"
    folder.mkdir()
    for number, half in enumerate(halves):
        part = tmp_path / f"part{number}"
        part.mkdir()
        ros.write_bag(part, "mcap-lz4", half).rename(folder / f"split_{number}.mcap")
    (folder / "metadata.yaml").write_text(
        "rosbag2_bagfile_information:\n  version: 4\n  storage_identifier: mcap\n"
        "  relative_file_paths:\n    - split_0.mcap\n    - split/split_1.mcap\n    - gone.mcap\n"
        "  compression_format: ''\n  compression_mode: ''\n"
    )
    scene = scene_of(folder)
    assert [frame.timestamp_ns for frame in scene.frames] == [drive.stamp_ns(i) for i in range(4)]
    for frame in range(4):
        cloud = scene.reader.read_point_cloud(frame, "lidar")
        np.testing.assert_array_equal(cloud.fields["ring"], drive.clouds[frame]["ring"])
    assert "gone.mcap" in str(scene.reader.problems()[0])


def test_a_folder_of_recordings_is_a_dataset_of_scenes(drive: Drive, tmp_path):
    ros.write_bag(tmp_path, "ros1-none", drive.messages).rename(tmp_path / "b10.bag")
    ros.write_bag(tmp_path, "ros1-none", drive.messages).rename(tmp_path / "b9.bag")
    (tmp_path / "b11.bag").write_bytes(b"#ROSBAG V2.0\nnothing")
    dataset = open_dataset(tmp_path)
    assert [scene.scene_id for scene in dataset.scenes] == ["b9", "b10"]
    assert [Path(each.source).name for each in dataset.problems] == ["b11.bag"]
    dataset.close()


def test_a_lone_database_is_opened_without_its_metadata(drive: Drive, tmp_path):
    folder = ros.write_bag(tmp_path, "sqlite-none", drive.messages)
    (file,) = folder.glob("*.db3")
    assert len(scene_of(file)) == 4


def test_a_file_packed_as_a_whole_leaves_nothing_behind(drive: Drive, tmp_path, monkeypatch):
    folder = ros.write_bag(tmp_path, "sqlite-file", drive.messages)
    before = sorted(each.name for each in folder.iterdir())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    dataset = open_dataset(folder)
    assert len(list(scratch.rglob("*.db3"))) == 1
    dataset.close()
    assert list(scratch.iterdir()) == []
    (packed,) = folder.glob("*.zstd")
    packed.write_bytes(packed.read_bytes()[:-200] + b"nonsense" * 25)
    with pytest.raises(DamagedData, match=packed.name):
        open_dataset(folder)
    assert list(scratch.iterdir()) == []
    assert sorted(each.name for each in folder.iterdir()) == before


def test_a_file_of_metadata_does_not_lead_out_of_its_folder(drive: Drive, tmp_path):
    path = ros.write_bag(tmp_path, "mcap-none", drive.messages)
    folder = tmp_path / "bag"
    folder.mkdir()
    for name in (f"../{path.name}", str(path)):
        text = f"rosbag2_bagfile_information:\n  relative_file_paths: ['{name}']\n"
        (folder / "metadata.yaml").write_text(text)
        with pytest.raises(DamagedData, match="relative path"):
            RosbagFormat().open(folder)


def test_a_recording_without_sensors_is_refused_by_its_topics(drive: Drive, tmp_path):
    kept = [each for each in drive.messages if each[0] in ("/tf", "/chatter")]
    for kind in ("ros1-none", "sqlite-none", "mcap-zstd"):
        folder = tmp_path / kind
        folder.mkdir()
        path = ros.write_bag(folder, kind, kept)
        with pytest.raises(DamagedData, match=r"no point clouds and no images.*/tf, /chatter"):
            open_dataset(path)


def test_a_real_recording_without_sensors_is_refused(real_data):
    path = real_data / "mcap" / "example.mcap"
    if not path.is_file():
        pytest.skip("the recording is not there")
    assert RosbagFormat().recognise(Probe(path))
    with pytest.raises(DamagedData, match="topics are mouse"):
        open_dataset(path)


def test_a_camera_alone_leads_the_frames(drive: Drive, tmp_path):
    kept = [each for each in drive.messages if each[0].startswith("/front")]
    scene = scene_of(ros.write_bag(tmp_path, "mcap-none", kept))
    assert (len(scene), scene.lidar_ids, scene.camera_ids) == (4, (), ("front",))
    assert scene.frames[1].timestamp_ns == drive.stamp_ns(1) + 20_000_000
    assert scene.reader.read_rig(0).cameras["front"].model is not None


def test_images_further_than_half_a_period_are_of_no_frame(drive: Drive, tmp_path):
    kept = [
        each
        for each in drive.messages
        if each[0] != "/front/image_raw" or each[1] < START_NS + PERIOD_NS
    ]
    scene = scene_of(ros.write_bag(tmp_path, "mcap-none", kept))
    shown = [[each.sensor_id for each in frame.images] for frame in scene.frames]
    assert shown == [["front", "rear"], ["rear"], ["rear"], ["rear"]]
    with pytest.raises(DamagedData, match="no such image"):
        scene.reader.read_image(2, "front", None)


def test_messages_without_a_time_take_that_of_recording(drive: Drive, tmp_path):
    points = drive.clouds[0]
    messages = [
        ("/points", START_NS + i * PERIOD_NS, ros.cloud(0, "lidar", points)) for i in range(3)
    ]
    scene = scene_of(ros.write_bag(tmp_path, "sqlite-none", messages))
    times = [frame.timestamp_ns for frame in scene.frames]
    assert times == [START_NS + i * PERIOD_NS for i in range(3)]
    assert scene.reader.read_point_cloud(1, "points").timestamp_ns == START_NS + PERIOD_NS
    assert "no time of their own" in scene.reader.problems()[0].message


def test_of_a_large_packed_recording_times_are_estimated(drive: Drive, tmp_path, monkeypatch):
    path = ros.write_bag(tmp_path, "mcap-zstd", drive.messages)
    for module in ("frame_times", "rig_source"):
        monkeypatch.setattr(f"viewer.formats.rosbag.{module}.MAX_UNPACKED_BYTES", 0)
    scene = scene_of(path)
    # Every message was recorded the same 7 ms after it was measured, so the estimate is exact.
    assert [frame.timestamp_ns for frame in scene.frames] == [drive.stamp_ns(i) for i in range(4)]
    assert any("usual delay" in each.message for each in scene.reader.problems())
    first, last = scene.reader.read_rig(0), scene.reader.read_rig(3)
    assert first is not last
    at = last.transforms.transform("world", "base_link", drive.stamp_ns(3)).translation
    np.testing.assert_allclose(at, [6.0, 1.5, 0.0])
    assert DELAY_NS > 0


def test_sensors_of_one_name_space_keep_names_of_their_own(drive: Drive, tmp_path):
    picture = drive.pictures[0]
    messages = [
        ("/camera/depth/points", START_NS, ros.cloud(START_NS, "depth", drive.clouds[0])),
        ("/camera/depth/image_raw", START_NS, ros.image(START_NS, "depth", "rgb8", picture)),
        ("/camera/depth/image_raw/compressed", START_NS,
         ros.compressed_image(START_NS, "depth", "png", b"")),
    ]  # fmt: skip
    scene = scene_of(ros.write_bag(tmp_path, "mcap-none", messages))
    assert scene.lidar_ids == ("camera_depth_points",)
    assert scene.camera_ids == ("camera_depth_image_raw",)
    np.testing.assert_array_equal(
        scene.reader.read_image(0, "camera_depth_image_raw", None).rgb(), picture
    )
    assert "another topic carries the same images" in scene.reader.problems()[0].message


def test_labels_follow_their_own_time_not_that_of_recording(drive: Drive, tmp_path):
    """A detector that needs longer than a period tells of sweeps that are gone."""
    messages = list(drive.messages)
    for frame in range(4):
        stamp = drive.stamp_ns(frame)
        at = ros.pose((float(frame), 0, 0), (1, 0, 0, 0))
        late = stamp + 3 * PERIOD_NS
        cube = ros.marker(stamp, "lidar", "car", 1, at, (4, 2, 1))
        messages.append(("/cubes", late, ros.markers(cube)))
        found = ros.detection(stamp, "lidar", at, (4, 2, 1), {"car": 0.5}, "")
        messages.append(("/found", late, ros.detections(stamp, "lidar", found)))
    for kind, topics in (("sqlite-none", ("cubes", "found")), ("ros1-none", ("cubes",))):
        (tmp_path / kind).mkdir()
        kept = [each for each in messages if each[0] != "/found" or "found" in topics]
        scene = scene_of(ros.write_bag(tmp_path / kind, kind, kept))
        assert tuple(each.label_set_id for each in scene.label_sets) == topics
        for topic in topics:
            for frame in range(4):
                labels = scene.reader.read_labels(frame, topic).cuboids
                np.testing.assert_allclose(labels.cuboids.center, [[frame, 0, 0]])
                assert labels.timestamp_ns == drive.stamp_ns(frame)


@pytest.mark.parametrize("kind", ["mcap-zstd", "mcapunchunked-none"])
def test_a_recording_that_broke_off_shows_what_is_whole(kind, drive: Drive, tmp_path):
    path = ros.write_bag(tmp_path, kind, drive.messages)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    scene = scene_of(path)
    assert 1 <= len(scene) < 4
    for frame in scene.frames:
        cloud = scene.reader.read_point_cloud(frame.index, "lidar")
        np.testing.assert_array_equal(cloud.fields["t"], drive.clouds[frame.index]["t"])
    told = [each.message for each in scene.reader.problems()]
    assert any("only what lies before is shown" in each for each in told)


def test_a_ros1_bag_that_was_never_closed_is_refused(drive: Drive, tmp_path):
    path = ros.write_bag(tmp_path, "ros1-none", drive.messages)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(DamagedData, match=r"drive\.bag, index"):
        open_dataset(path)


@pytest.mark.parametrize("kind", ["ros1-lz4", "sqlite-none", "mcap-zstd"])
def test_many_threads_read_the_same(kind, drive: Drive, tmp_path):
    scene = scene_of(ros.write_bag(tmp_path, kind, drive.messages))

    def read(number: int) -> bool:
        frame = number % 4
        cloud = scene.reader.read_point_cloud(frame, "lidar")
        image = scene.reader.read_image(frame, "front", None)
        return np.array_equal(cloud.fields["t"], drive.clouds[frame]["t"]) and np.array_equal(
            image.rgb(), drive.pictures[frame]
        )

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(60)))


def test_several_publishers_of_one_topic_are_one_topic(drive: Drive, tmp_path):
    """In ROS 1 every publisher of ``/tf`` has a connection of its own."""
    path = ros.write_bag(tmp_path, "ros1-none", drive.messages, connections_per_topic=2)
    scene = scene_of(path)
    assert [frame.timestamp_ns for frame in scene.frames] == [drive.stamp_ns(i) for i in range(4)]
    for frame in range(4):
        at = scene.reader.read_rig(frame).transforms.transform(
            "world", "base_link", drive.stamp_ns(frame)
        )
        np.testing.assert_allclose(at.translation, ego_position(frame))
        cloud = scene.reader.read_point_cloud(frame, "lidar")
        np.testing.assert_array_equal(cloud.fields["t"], drive.clouds[frame]["t"])


def test_a_recording_of_another_serializer():
    """See golden/README.md; every number is one that `make_ros2.py` names."""
    scene = scene_of(Path(__file__).parent / "golden" / "ros2.mcap")
    start = 1_700_000_000_000_000_000
    assert [frame.timestamp_ns for frame in scene.frames] == [start, start + PERIOD_NS]
    assert scene.frames[1].images[0].timestamp_ns == start + PERIOD_NS + 1_000_000
    cloud = scene.reader.read_point_cloud(1, "lidar")
    np.testing.assert_array_equal(cloud.xyz, [[1, 1, 0], [2, 1, 0], [3, 1, 0]])
    np.testing.assert_array_equal(cloud.fields["ring"], np.array([7, 8, 65535], np.uint16))
    pixels = np.arange(16 * 12 * 3, dtype=np.uint8).reshape(12, 16, 3)
    image = scene.reader.read_image(0, "front", None)
    np.testing.assert_array_equal(image.pixels[:, :, :3], pixels)
    rig = scene.reader.read_rig(1)
    assert rig.cameras["front"].model == Fisheye(
        16, 12, fx=50, fy=51, cx=8, cy=6, k1=0.01, k2=-0.02, k3=0.003, k4=-0.0004
    )
    at = rig.transforms.transform("world", "lidar", start + PERIOD_NS).translation
    np.testing.assert_allclose(at, [3.5, 0, 2])
    assert scene.reader.problems() == ()
