"""Colours of points: maps, modes, ranges, packed colours, classes, cameras."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import GREEN, RED, drive_content, still_content
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.render.colour import (
    UNCOLOURED_RGB,
    colour_modes,
    colour_points,
    packed_rgb,
    point_rgb,
    resolve_mode,
    robust_range,
)
from viewer.render.colour_maps import COLOUR_MAPS, colour_table
from viewer.scene.images import Image
from viewer.scene.point_cloud import PointCloud
from viewer.scene.sensors import CameraSensor
from viewer.session.view_settings import PointStyle, ViewSettings

OWN = {"red": 255, "green": 128, "blue": 1}


def _colouring(content, mode, **style):
    return colour_points(content, content.sweeps[0], PointStyle(colour_by=mode, **style))


@pytest.mark.parametrize(
    ("name", "place", "rgb"),
    [
        # Published tables, which the fits meet to 20 levels; each map leaves out its dark start.
        ("viridis", 255, (253, 231, 37)),
        ("viridis", 105, (33, 145, 140)),
        ("plasma", 255, (240, 249, 33)),
        ("inferno", 255, (252, 255, 164)),
        ("turbo", 122, (164, 252, 60)),
    ],
)
def test_maps_pass_through_their_published_colours(name, place, rgb):
    np.testing.assert_allclose(colour_table(name)[place].astype(int), rgb, atol=20)


def test_unknown_map_is_viridis():
    np.testing.assert_array_equal(colour_table("nonsense"), colour_table("viridis"))


@pytest.mark.parametrize("name", [name for name in COLOUR_MAPS if name != "turbo"])
def test_perceptual_maps_grow_lighter(name):
    table = colour_table(name).astype(float) / 255
    linear = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance[::16]) > 0).all()


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_maps_are_seen_on_the_dark_ground(name):
    assert np.abs(colour_table(name).astype(int) - [22, 24, 28]).sum(axis=1).min() > 25


def test_auto_is_intensity_then_own_colour_then_height():
    xyz = np.zeros((2, 3), np.float32)
    ones = np.ones(2, np.float32)
    assert resolve_mode(still_content(xyz, fields={"intensity": ones}), "auto") == "intensity"
    assert resolve_mode(still_content(xyz, fields={"Reflectance": ones}), "auto") == "Reflectance"
    packed = np.zeros(2, np.uint32)
    assert resolve_mode(still_content(xyz, fields={"rgb": packed}), "auto") == "rgb"
    assert resolve_mode(still_content(xyz), "auto") == "height"
    assert resolve_mode(still_content(xyz), "a field it lacks") == "height"


def test_height_and_distance_are_the_egos():
    """The lidar stands 1.8 m over the ego origin."""
    content = drive_content(4)
    xyz = content.sweeps[0].cloud.xyz.astype(float)
    np.testing.assert_allclose(_colouring(content, "height").values, xyz[:, 2] + 1.8, atol=1e-5)
    expected = np.linalg.norm(xyz + np.array([0, 0, 1.8]), axis=1)
    np.testing.assert_allclose(_colouring(content, "distance").values, expected, rtol=1e-5)


def test_older_sweeps_are_measured_from_where_the_ego_is_now():
    content = drive_content(4, sweep_count=3)
    older = colour_points(content, content.sweeps[2], PointStyle(colour_by="distance"))
    xyz = content.sweeps[2].cloud.xyz.astype(float) + np.array([-2.0, 0, 1.8])
    np.testing.assert_allclose(older.values, np.linalg.norm(xyz, axis=1), rtol=1e-5)
    age = colour_points(content, content.sweeps[2], PointStyle(colour_by="age"))
    np.testing.assert_allclose(age.values, 0.2, atol=1e-6)
    assert age.range == pytest.approx((0.0, 0.2))


def test_range_is_robust_or_fixed():
    values = np.concatenate([np.linspace(0, 100, 101), [np.nan, np.inf, -1e9]]).astype(np.float32)
    low, high = robust_range(values)
    assert 0 <= low <= 3
    assert 97 <= high <= 100
    assert robust_range(np.full(5, 7.0, np.float32)) == (7.0, 8.0)
    assert robust_range(np.empty(0, np.float32)) == (0.0, 1.0)
    content = drive_content(4)
    assert _colouring(content, "intensity", colour_range=(3.0, 4.0)).range == (3.0, 4.0)


def test_values_map_to_the_ends_of_the_table():
    content = still_content(np.zeros((4, 3)), fields={"a": np.array([-5.0, 0, 10, 99])})
    rgb = point_rgb(_colouring(content, "a", colour_range=(0.0, 10.0)), "viridis")
    table = colour_table("viridis")
    np.testing.assert_array_equal(rgb, table[[0, 0, 255, 255]])


@pytest.mark.parametrize(
    "fields",
    [
        {"rgb": np.array([0x00FF8001, 0xFF000000], np.uint32)},
        {"rgb": np.array([0x00FF8001, 0x00000000], np.uint32).view(np.float32)},
        {"rgba": np.array([0x7FFF8001, 0xFF000000], np.uint32).view(np.int32)},
        {"rgb": np.array([[255, 128, 1], [0, 0, 0]], np.uint8)},
        {name: np.array([level, 0], np.uint8) for name, level in OWN.items()},
        {name: np.array([level * 257, 0], np.uint16) for name, level in OWN.items()},
    ],
    ids=["uint32", "float32", "rgba", "columns", "bytes", "words"],
)  # fmt: skip
def test_own_colours_are_read_in_every_form(fields):
    rgb = packed_rgb(PointCloud(np.zeros((2, 3)), fields))
    np.testing.assert_array_equal(rgb, [[255, 128, 1], [0, 0, 0]])


def test_cloud_without_colours_has_none():
    assert packed_rgb(PointCloud(np.zeros((2, 3)), {"red": np.zeros(2)})) is None


def test_class_colour_is_that_of_the_smallest_box_around():
    boxes = [((0, 0, 0), (10, 10, 10), 0.0, "red"), ((2, 0, 0), (2, 2, 2), 0.5, "green")]
    content = still_content(np.array([[-4.0, 0, 0], [2, 0, 0], [20, 0, 0]]), boxes)
    rgb = _colouring(content, "class").rgb
    np.testing.assert_array_equal(rgb, [RED, GREEN, UNCOLOURED_RGB])


def test_modes_on_offer_follow_the_data():
    modes = [mode.mode for mode in colour_modes(drive_content(4))]
    assert modes == ["solid", "height", "distance", "class", "cameras", "age", "intensity"]
    still = [mode.mode for mode in colour_modes(still_content(np.zeros((1, 3))))]
    assert "age" not in still
    assert "cameras" not in still


def _painted(points_world, cameras):
    """Content whose cameras look along +x from x = `at`; left half of each image one colour."""
    content = still_content(np.asarray(points_world, float))
    look = quaternion_from_matrix(np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]]))
    edges = [RigidTransform.identity("world", "lidar")]
    sensors, images = {}, {}
    for name, (at, left_rgb, right_rgb) in cameras.items():
        edges.append(RigidTransform.from_quaternion("world", name, look, [at, 0, 0]))
        sensors[name] = CameraSensor(name, name, Pinhole(640, 400, fx=320, fy=320))
        pixels = np.full((200, 320, 4), 255, np.uint8)
        pixels[:, :160, :3], pixels[:, 160:, :3] = left_rgb[::-1], right_rgb[::-1]
        images[name] = Image(pixels, 640, 400)
    rig = replace(content.rig, cameras=sensors, transforms=TransformTree(edges))
    return replace(content, rig=rig, images=images)


def test_points_take_the_colour_of_their_pixel():
    """Left of the axis (y > 0) is the left half of the image; behind is nothing."""
    content = _painted([[10, 2, 0], [10, -2, 0], [-10, 0, 0]], {"a": (0, RED, GREEN)})
    rgb = _colouring(content, "cameras").rgb
    np.testing.assert_array_equal(rgb, [RED, GREEN, UNCOLOURED_RGB])


def test_nearest_camera_wins():
    blue, white = (0, 0, 255), (255, 255, 255)
    cameras = {"far": (0, RED, GREEN), "near": (5, blue, white)}
    content = _painted([[10, 2, 0], [4, 1, 0]], cameras)
    np.testing.assert_array_equal(_colouring(content, "cameras").rgb, [blue, RED])


def test_nothing_is_painted_through_a_wall():
    y, z = np.meshgrid(np.linspace(-3, 3, 200), np.linspace(-2, 2, 200))
    wall = np.column_stack([np.full(y.size, 5.0), y.ravel(), z.ravel()])
    behind = np.array([[15.0, 3, 0], [15.0, -3, 1], [30.0, 8, 2]])
    content = _painted(np.concatenate([wall, behind]), {"a": (0, RED, GREEN)})
    rgb = _colouring(content, "cameras").rgb
    np.testing.assert_array_equal(rgb[-3:], [UNCOLOURED_RGB] * 3)
    assert (rgb[:-3] != UNCOLOURED_RGB).any(axis=1).all()


def test_time_offset_moves_the_camera():
    """At 10 m/s an image taken 100 ms later is taken 1 m further on."""
    content = drive_content(4)
    later = ViewSettings(time_offsets_ns={"front": 100_000_000})
    from viewer.session.frame_poses import camera_from_world

    camera = content.rig.cameras["front"]
    before, after = (camera_from_world(content, camera, v) for v in (ViewSettings(), later))
    np.testing.assert_allclose((after - before)[:3, 3], [0, 0, -1.0], atol=1e-9)
