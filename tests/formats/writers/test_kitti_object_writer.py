"""KITTI object: what is written is what was read, and what a box means in KITTI's own words."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.draft import WriteRefused
from viewer.formats.writers.kitti_object import KittiObjectWriter
from viewer.formats.writers.kitti_text import number_text
from viewer.geometry.cameras import Fisheye, Pinhole
from viewer.progress import JobContext

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
LENS = Pinhole(640, 400, fx=430.0, fy=420.0, cx=320.0, cy=196.0)


def write(scenes, target, **options):
    return KittiObjectWriter().write(scenes, target, JobContext(), WriteOptions(**options))


def words_of(path):
    """Class, then the numbers of each line."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [(row[0], [float(word) for word in row[1:]]) for row in rows]


def one_box(center, size, yaw_rad, **more):
    """A scene whose camera sits in the ego's origin and looks along its x."""
    builder = SceneBuilder("box")
    builder.add_lidar("lidar", position=(0, 0, 1.0))
    builder.add_camera("front", LENS)
    frame = builder.add_frame(timestamp_ns=0, ego_position=(3.0, 4.0, 5.0))
    frame.add_points("lidar", np.ones((3, 3), np.float32), intensity=np.ones(3, np.float32))
    frame.add_image("front", np.zeros((400, 640, 3), np.uint8))
    frame.add_cuboids(
        [center], [size], class_names=["Car"], yaw_rad=yaw_rad, coord_frame_id="ego", **more
    )
    return builder.build()


def test_real_frames_come_back_value_for_value(real_data, tmp_path):
    source = real_data / "scenes" / "kitti_object"
    before = open_dataset(source)
    report = write(before.scenes, tmp_path / "again")
    assert report.rows() == ()
    after = open_dataset(tmp_path / "again")
    assert after.format_name == "kitti_object"
    for folder in ("label_2", "velodyne", "image_2"):
        for path in (source / folder).iterdir():
            written = tmp_path / "again" / folder / path.name
            if folder == "label_2":
                assert words_of(written) == words_of(path)
            else:
                assert written.read_bytes() == path.read_bytes()
    for index in range(len(before.scenes[0])):
        rigs = [each.scenes[0].reader.read_rig(index) for each in (before, after)]
        matrices = [rig.camera_from(rig.cameras["image_2"], "velo", None, None) for rig in rigs]
        np.testing.assert_allclose(matrices[0], matrices[1], atol=1e-6)
        assert rigs[0].cameras["image_2"].model == rigs[1].cameras["image_2"].model


def test_small_frames_come_back_with_predictions(kitti_object_folder, tmp_path):
    before = open_dataset(kitti_object_folder)
    report = write(before.scenes, tmp_path / "again")
    for path in (kitti_object_folder / "label_2").iterdir():
        assert words_of(tmp_path / "again" / "label_2" / path.name) == words_of(path)
    (line,) = words_of(tmp_path / "again" / "predictions" / "000001.txt")
    assert (line[0], line[1][-1]) == ("Car", 0.875)
    assert {what for what, *_ in report.rows()} <= {"scene name"}


def test_labels_alone_go_back_value_for_value(kitti_object_folder, tmp_path):
    write(open_dataset(kitti_object_folder).scenes, tmp_path / "labels", labels_only=True)
    assert sorted(path.name for path in (tmp_path / "labels").iterdir()) == [
        "label_2",
        "predictions",
    ]
    for path in (kitti_object_folder / "label_2").iterdir():
        assert words_of(tmp_path / "labels" / "label_2" / path.name) == words_of(path)


@settings(max_examples=40, deadline=None)
@given(
    center=st.tuples(st.floats(4, 70), st.floats(-30, 30), st.floats(-3, 3)),
    size=st.tuples(st.floats(0.05, 15), st.floats(0.05, 4), st.floats(0.05, 4)),
    yaw_rad=st.floats(-math.pi, math.pi),
)
def test_any_upright_box_reads_back_by_hand(tmp_path_factory, center, size, yaw_rad):
    """The camera's axes are right, down, forward: -y, -z, x of the ego; half of 0.01 a number."""
    target = tmp_path_factory.mktemp("box") / "out"
    write([one_box(center, size, yaw_rad)], target)
    ((name, numbers),) = words_of(target / "label_2" / "000000.txt")
    height, width, length, x, y, z, rotation_y = numbers[7:14]
    assert name == "Car"
    np.testing.assert_allclose([length, width, height], size, atol=0.005 + 1e-9)
    np.testing.assert_allclose([z, -x], center[:2], atol=0.005 + 1e-9)
    assert -y + size[2] / 2 == pytest.approx(center[2], abs=0.005 + 1e-9)
    # At rotation_y 0 the front looks right, which is yaw -90 degrees of the ego.
    turned = math.remainder(-rotation_y - math.pi / 2 - yaw_rad, 2 * math.pi)
    assert abs(turned) <= 0.005 + 1e-9
    alpha = math.remainder(numbers[2] - (rotation_y - math.atan2(x, z)), 2 * math.pi)
    assert abs(alpha) <= 0.005 + 1e-9


def test_the_image_box_is_the_projected_corners_clipped(tmp_path):
    """Corners by hand: length along the camera's z at rotation_y -90 degrees."""
    write([one_box((10.0, 3.0, 0.0), (4.0, 2.0, 1.5), 0.0)], tmp_path / "out")
    ((_, numbers),) = words_of(tmp_path / "out" / "label_2" / "000000.txt")
    corners = [(x, y, z) for x in (-4, -2) for y in (-0.75, 0.75) for z in (8, 12)]
    u = [430 * x / z + 320 for x, _, z in corners]
    v = [420 * y / z + 196 for _, y, z in corners]
    assert numbers[3:7] == pytest.approx([min(u), min(v), max(u), max(v)], abs=0.005 + 1e-6)
    write([one_box((3.0, 3.0, 0.0), (4.0, 2.0, 1.5), 0.0)], tmp_path / "near")
    ((_, numbers),) = words_of(tmp_path / "near" / "label_2" / "000000.txt")
    assert numbers[3] == 0.0
    assert numbers[5] == pytest.approx(430 * -2 / 5 + 320, abs=0.01)


def test_a_box_behind_the_camera_stays_a_box(tmp_path):
    write([one_box((-20.0, 0.0, 0.0), (4.0, 2.0, 1.5), 0.0)], tmp_path / "out")
    ((_, numbers),) = words_of(tmp_path / "out" / "label_2" / "000000.txt")
    assert numbers[3:7] == [-1, -1, -1, -1]
    again = open_dataset(tmp_path / "out").scenes[0].reader.read_labels(0, "label_2")
    assert len(again.cuboids) == 1


def test_tilt_and_unknown_keys_are_told(tmp_path):
    pitch_10 = (math.cos(math.radians(5)), 0.0, math.sin(math.radians(5)), 0.0)
    builder = SceneBuilder("tilted", description="words")
    builder.add_camera("front", LENS)
    frame = builder.add_frame()
    frame.add_image("front", np.zeros((400, 640, 3), np.uint8))
    frame.add_cuboids(
        [[10.0, 0.0, 0.0]],
        [[4.0, 2.0, 1.5]],
        class_names=["big car"],
        orientations_wxyz=[pitch_10],
        coord_frame_id="ego",
        attributes=[{"wheels": 4, "occluded": 1}],
        track_ids=["7"],
        velocities_mps=[[1.0, 0.0, 0.0]],
    )
    report = write([builder.build()], tmp_path / "out")
    losses = {what: (count, why) for what, _, count, why in report.rows()}
    assert "10.00 degrees" in losses["tilt of a cuboid"][1]
    for what in ("attribute 'wheels'", "velocity", "track of a label", "class name 'big car'"):
        assert losses[what][0] == 1
    assert "description" in losses
    assert "attribute 'occluded'" not in losses
    ((name, numbers),) = words_of(tmp_path / "out" / "label_2" / "000000.txt")
    assert (name, numbers[1]) == ("big_car", 1.0)


def test_street_keeps_its_boxes_and_points_to_the_printed_precision(tmp_path):
    before = open_dataset(STREET).scenes[0]
    report = write([before], tmp_path / "out")
    after = open_dataset(tmp_path / "out").scenes[0]
    assert [frame.key for frame in after.frames] == [frame.key for frame in before.frames]
    for index in (0, 17, 39):
        frame = before.frames[index]
        image_ns = frame.images[0].timestamp_ns
        labels = before.reader.read_labels(index, "ground_truth").cuboids
        rig = before.reader.read_rig(index)
        front_from_world = rig.transforms.transform(
            "front", "world", image_ns, src_ns=labels.timestamp_ns
        )
        expected = labels.cuboids.transformed(front_from_world)
        got = after.reader.read_labels(index, "label_2").cuboids
        assert got.class_names == labels.class_names
        np.testing.assert_allclose(got.cuboids.size, expected.size, atol=0.005 + 1e-9)
        # The centre lies half a height, rounded too, above the bottom.
        np.testing.assert_allclose(got.cuboids.center, expected.center, atol=0.0075 + 1e-9)
        fronts = [each.rotation_matrices()[:, [0, 2], 0] for each in (got.cuboids, expected)]
        headings = [np.arctan2(-each[:, 1], each[:, 0]) for each in fronts]
        turned = np.angle(np.exp(1j * (headings[0] - headings[1])))
        assert np.abs(turned).max() <= 0.005 + 1e-9
        clouds = [
            before.reader.read_point_cloud(index, "lidar_top"),
            after.reader.read_point_cloud(index, "velo"),
        ]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        np.testing.assert_allclose(
            clouds[1].fields["intensity"], clouds[0].fields["intensity"] / 255, atol=1e-7
        )
        pixels = []
        for scene, camera, lidar in ((before, "front", "lidar_top"), (after, "image_2", "velo")):
            rig = scene.reader.read_rig(index)
            time_ns = scene.frames[index].timestamp_ns
            seen_ns = image_ns if scene is before else None
            matrix = rig.camera_from(rig.cameras[camera], lidar, seen_ns, time_ns)
            points = clouds[0].xyz.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
            pixels.append(rig.cameras[camera].model.project(points).pixels)
        np.testing.assert_allclose(pixels[0], pixels[1], rtol=1e-9, atol=1e-5)
        data = after.reader.read_encoded_image(index, "image_2")
        assert data == before.reader.read_encoded_image(index, "front")
    losses = {what for what, *_ in report.rows()}
    assert {"attribute 'state'", "point field 'ring'", "image", "velocity"} <= losses


def test_a_scene_without_a_pinhole_is_refused(tmp_path):
    builder = SceneBuilder("fisheye")
    builder.add_camera("wide", Fisheye(640, 400, fx=186.0, fy=186.0))
    builder.add_frame().add_image("wide", np.zeros((400, 640, 3), np.uint8))
    with pytest.raises(WriteRefused, match="pinhole"):
        write([builder.build()], tmp_path / "out")
    with pytest.raises(WriteRefused, match="no camera 'nose'"):
        write([builder.build()], tmp_path / "out", camera_id="nose")
    assert not any(tmp_path.iterdir())


@given(st.floats(-1e6, 1e6))
def test_numbers_print_so_that_they_read_the_same(value):
    assert float(number_text(value)) == value
