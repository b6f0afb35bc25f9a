"""Facts of labels, cameras and scenes: text with units, numbers known beforehand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fake_drive import make_scene
from scipy.spatial.transform import Rotation

from viewer.formats.frame_cache import FrameCache
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import JobContext
from viewer.scene.scene import Problem
from viewer.scene.sensors import CameraSensor
from viewer.session.box_facts import box_facts, surface_samples
from viewer.session.camera_facts import camera_facts, fields_of_view_rad, rigidity_fact
from viewer.session.facts import euler_rad, text_of
from viewer.session.frame_store import FrameStore
from viewer.session.scene_facts import scene_facts
from viewer.session.selection import LabelKey
from viewer.session.tracks import read_tracks
from viewer.session.view_settings import ViewSettings

VIEW = ViewSettings()


@pytest.fixture(scope="module")
def content():
    store = FrameStore(make_scene(), FrameCache(10_000_000))
    content = store.load(JobContext(), 4, VIEW, 320)
    store.close()
    return content


def values(groups):
    return {(group.title, fact.name): fact.value for group in groups for fact in group.facts}


# -- angles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_angles_equal_scipys(seed):
    rotation = Rotation.random(rng=np.random.default_rng(seed))
    assert euler_rad(rotation.as_matrix()) == pytest.approx(rotation.as_euler("ZYX"))


@pytest.mark.parametrize("pitch", [math.pi / 2, -math.pi / 2])
def test_angles_straight_up_and_down_give_the_rotation_back(pitch):
    matrix = Rotation.from_euler("ZYX", (0.7, pitch, 0.3)).as_matrix()
    yaw, found, roll = euler_rad(matrix)
    assert (found, roll) == (pytest.approx(pitch), 0.0)
    again = Rotation.from_euler("ZYX", (yaw, found, roll)).as_matrix()
    np.testing.assert_allclose(again, matrix, atol=1e-7)


# -- labels ----------------------------------------------------------------------------------


def test_box_in_every_coord_frame(content):
    facts = box_facts(content, LabelKey("gt", 4, "car-4", "1"), VIEW)
    found = values(facts.groups)
    assert facts.class_name == "car"
    assert found["Box", "Size"] == "4.00 × 2.00 × 1.50 m"
    assert found["Box", "Volume"] == "12.00 m³"
    assert found["Box", "Distance"] == f"{math.hypot(26, 2):.2f} m"
    assert found["Box", "Speed"] == "0.00 m/s"
    assert found["Box", "Occlusion"] == "partly"
    assert found["In lidar (as read)", "Center"] == "26.00  2.00  0.50 m"
    assert found["In ego", "Center"] == "26.00  2.00  2.30 m"
    assert found["In world", "Center"] == "30.00  2.00  2.30 m"
    assert found["Label", "Track"] == "1"
    assert found["2D boxes", "front"] == "80.0 × 50.0 px at 100.0, 120.0"
    assert found["Attributes", "parked"] == "yes"
    assert found["Attributes", "doors"] == "4"


def test_score_and_missing_facts(content):
    found = values(box_facts(content, LabelKey("model", 4, "p0-4"), VIEW).groups)
    assert found["Box", "Score"] == "0.900"
    assert ("Box", "Speed") not in found
    assert ("Label", "Track") not in found
    assert not any(group == "Attributes" for group, _ in found)


def test_yaw_of_the_walker(content):
    found = values(box_facts(content, LabelKey("gt", 4, "walker-4", "2"), VIEW).groups)
    assert found["Box", "Yaw"] == "90.0 °"
    assert found["In ego", "Roll"] == "0.0 °"


def test_label_time_beside_the_frames(content):
    labels = content.labels["gt"]
    late = replace(labels.cuboids, timestamp_ns=content.timestamp_ns + 50_000_000)
    shifted = replace(content, labels={"gt": replace(labels, cuboids=late)})
    found = values(box_facts(shifted, LabelKey("gt", 4, "car-4", "1"), VIEW).groups)
    assert found["Label", "Time"] == "+50.0 ms"
    assert found["In world", "Center"] == "30.50  2.00  2.30 m"


def test_no_facts_for_what_is_not_there(content):
    for key in (LabelKey("gt", 4, "nobody"), LabelKey("gt", 3, "car-3"), LabelKey("no", 4, "x")):
        assert box_facts(content, key, VIEW) is None


def test_cameras_that_see_a_box_in_front(content):
    (sight,) = box_facts(content, LabelKey("gt", 4, "car-4", "1"), VIEW).cameras
    assert (sight.sensor_id, sight.share) == ("front", 1.0)


def test_share_of_a_box_cut_by_the_image_border(content):
    """The camera stands level with the middle of the car, its left border on the axis."""
    forward = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    tree = TransformTree(
        [
            RigidTransform("world", "ego", np.eye(3), np.array([4.0, 0, 0])),
            RigidTransform("ego", "lidar", np.eye(3), np.array([0, 0, 1.8])),
            RigidTransform("ego", "cam", forward, np.array([1.0, 2.0, 1.5])),
        ]
    )
    lens = Pinhole(4000, 4000, fx=400, fy=400, cx=0, cy=2000)
    rig = replace(
        content.rig, cameras={"front": CameraSensor("front", "cam", lens)}, transforms=tree
    )
    facts = box_facts(replace(content, rig=rig), LabelKey("gt", 4, "car-4", "1"), VIEW)
    assert facts.cameras[0].share == pytest.approx(0.5, abs=0.05)


def test_surface_samples_lie_on_the_surface(content):
    boxes = content.labels["gt"].cuboids.cuboids
    samples = surface_samples(boxes)
    own = np.abs(samples - boxes.center[0]) / (boxes.size[0] / 2)
    np.testing.assert_allclose(own.max(axis=1), 1.0)
    np.testing.assert_allclose(samples.mean(axis=0), boxes.center[0])


# -- cameras ---------------------------------------------------------------------------------


def test_pinhole_camera(content):
    found = values(camera_facts(content, "front", VIEW))
    assert found["Image", "Image"] == "640 × 400 px"
    assert found["Image", "Time"] == "+20.0 ms"
    assert found["Lens", "Model"] == "Pinhole"
    assert found["Lens", "Valid to"] == "90.0 ° off axis"
    assert found["Lens parameters", "fx"] == "400 px"
    assert found["Lens parameters", "cx"] == "320 px"
    assert found["Pose in ego", "Position"] == "1.00  0.50  1.50 m"
    assert found["Pose in ego", "Yaw"] == "0.0 °"


def test_camera_that_looks_back(content):
    found = values(camera_facts(content, "rear", VIEW))
    assert found["Pose in ego", "Yaw"] == "180.0 °"
    assert (found["Pose in ego", "Pitch"], found["Pose in ego", "Roll"]) == ("0.0 °", "0.0 °")
    assert "normalised" in found["Pose in ego", "Note"]


def test_tilted_camera(content):
    """10 degrees down, 30 to the left."""
    tilt = Rotation.from_euler("ZYX", (30, 10, 0), degrees=True).as_matrix()
    forward = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    tree = TransformTree(
        [
            RigidTransform("world", "ego", np.eye(3), np.zeros(3)),
            RigidTransform("ego", "cam", tilt @ forward, np.zeros(3)),
        ]
    )
    camera = CameraSensor("front", "cam", Pinhole(640, 400, fx=400, fy=400))
    rig = replace(content.rig, cameras={"front": camera}, transforms=tree)
    found = values(camera_facts(replace(content, rig=rig), "front", VIEW))
    assert found["Pose in ego", "Yaw"] == "30.0 °"
    assert found["Pose in ego", "Pitch"] == "10.0 °"
    assert found["Pose in ego", "Roll"] == "0.0 °"


def test_refused_camera_says_why(content):
    groups = camera_facts(content, "side", VIEW)
    assert values(groups)["Lens", "Nothing drawn"] == "The lens model double_sphere is not known"
    assert all(group.title != "Lens parameters" for group in groups)
    assert any(fact.is_problem for group in groups for fact in group.facts)


def test_offset_set_by_hand_is_shown(content):
    view = replace(VIEW, time_offsets_ns={"front": -15_000_000})
    assert values(camera_facts(content, "front", view))["Image", "Time offset"] == "-15.0 ms"


def test_other_image_size_than_calibrated_is_a_problem(content):
    camera = replace(content.rig.cameras["front"], model=Pinhole(1280, 800, fx=400, fy=400))
    rig = replace(content.rig, cameras={"front": camera})
    groups = camera_facts(replace(content, rig=rig), "front", VIEW)
    (problem,) = (fact for group in groups for fact in group.facts if fact.is_problem)
    assert (problem.name, problem.value) == ("Calibrated for", "1280 × 800 px")


def test_unknown_camera_has_no_facts(content):
    assert camera_facts(content, "nobody", VIEW) == ()


def test_fields_of_view():
    half = math.atan(1.0)
    horizontal, vertical = fields_of_view_rad(
        Pinhole(801, 401, fx=400.0, fy=200.0, cx=400.0, cy=200.0)
    )
    assert (horizontal, vertical) == (pytest.approx(2 * half), pytest.approx(2 * half))
    horizontal, _ = fields_of_view_rad(Fisheye(801, 401, fx=200.0, fy=200.0, cx=400.0, cy=200.0))
    assert horizontal == pytest.approx(2 * 400 / 200)


def test_limit_of_a_lens_that_folds(content):
    """r (1 - 0.3 r2) has its top at r = 1 / sqrt(0.9): 46.5 degrees off the axis."""
    lens = BrownConrady(640, 400, fx=400, fy=400, k1=-0.3)
    rig = replace(content.rig, cameras={"front": CameraSensor("front", "front", lens)})
    found = values(camera_facts(replace(content, rig=rig), "front", VIEW))
    expected = math.degrees(math.atan(1 / math.sqrt(0.9)))
    assert found["Lens", "Valid to"] == f"{expected:.1f} ° off axis"


def test_every_parameter_of_the_lens_is_shown(content):
    lens = BrownConrady(640, 400, fx=400, fy=401, k1=-0.01, p1=0.001, s4=-0.002, k6=1e-5)
    rig = replace(content.rig, cameras={"front": CameraSensor("front", "front", lens)})
    found = values(camera_facts(replace(content, rig=rig), "front", VIEW))
    shown = {name: text for (group, name), text in found.items() if group == "Lens parameters"}
    assert set(shown) == set(lens.parameter_names())
    assert (shown["k1"], shown["s4"], shown["k6"]) == ("-0.01", "-0.002", "1e-05")


def matrix_with(turn, last_row=(0, 0, 0, 1)):
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[3] = last_row
    return matrix


@pytest.mark.parametrize(
    ("matrix", "value"),
    [
        (matrix_with(Rotation.from_euler("x", 1.0).as_matrix()), "yes"),
        (matrix_with(np.diag([1.0, 1.02, 1.0])), "no: it scales by 1 to 1.02"),
        (matrix_with(np.diag([1.0, -1.0, 1.0])), "no: it mirrors"),
        (matrix_with(np.eye(3), (0, 0, 1, 1)), "no: its last row is not 0 0 0 1"),
        (matrix_with(np.diag([np.nan, 1, 1])), "no: it is not finite"),
    ],
)
def test_rigidity_of_a_camera_matrix(matrix, value):
    fact = rigidity_fact(matrix)
    assert fact.value == value
    assert fact.is_problem == (value != "yes")


def test_camera_matrix_is_shown_row_by_row(content):
    camera = replace(content.rig.cameras["front"], camera_matrix=matrix_with(np.diag([1, 1, 2.0])))
    rig = replace(content.rig, cameras={"front": camera})
    found = values(camera_facts(replace(content, rig=rig), "front", VIEW))
    assert found["Camera matrix", "Row 3"] == "0  0  2  0"
    assert found["Camera matrix", "Rigid"] == "no: it scales by 1 to 2"


# -- scenes ----------------------------------------------------------------------------------


def test_scene_facts(content):
    scene = content.scene
    before = values(scene_facts(scene, content, None, ()))
    assert before["Labels: Ground truth", "Counting"] == "…"
    found = values(scene_facts(scene, content, read_tracks(JobContext(), scene), ()))
    assert found["Scene", "Frames"] == "12"
    assert found["Scene", "Duration"] == "1.100 s"
    assert found["Scene", "Rate"] == "10.00 Hz"
    assert found["Frame", "Key"] == "000004"
    assert found["Frame", "lidar"] == f"{len(content.sweeps[0].cloud):,} points"
    assert found["Labels: Ground truth", "All"] == "17"
    assert found["Labels: Ground truth", "pedestrian"] == "5"
    assert found["Sensors", "Cameras"] == "front, rear, side"


def test_points_without_position_are_not_counted_but_noted(content):
    cloud = content.sweeps[0].cloud
    xyz = np.array(cloud.xyz)
    xyz[:10] = np.nan
    holed = replace(cloud, xyz=xyz, finite_count=-1)
    sweeps = (replace(content.sweeps[0], cloud=holed),)
    groups = scene_facts(content.scene, replace(content, sweeps=sweeps), None, ())
    fact = next(f for g in groups if g.title == "Frame" for f in g.facts if f.name == "lidar")
    assert fact.value == f"{len(cloud) - 10:,} points"
    assert fact.note == f"10 of {len(cloud):,} have no position"


def test_problems_are_listed_up_to_a_limit(content):
    problems = tuple(Problem(f"/f{i}", "line 3", "has 14 columns, needs 15") for i in range(60))
    groups = scene_facts(content.scene, content, None, problems)
    listed = next(group for group in groups if group.title == "Problems (60)")
    assert len(listed.facts) == 51
    assert listed.facts[0].note == "/f0, line 3: has 14 columns, needs 15"
    assert listed.facts[-1].value == "10 further problems"


def test_independent_frames_have_no_duration():
    found = values(scene_facts(make_scene(3, independent=True), None, None, ()))
    assert ("Scene", "Duration") not in found
    assert found["Scene", "Time"] == "none: the frames are independent"


def test_text_for_the_clipboard(content):
    facts = box_facts(content, LabelKey("gt", 4, "car-4", "1"), VIEW)
    text = text_of("car 1", facts.groups)
    assert text.startswith("car 1\n\nBox\nSize\t4.00 × 2.00 × 1.50 m\n")
