"""Rigid transforms, trajectories and the tree."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import FrameMismatch, RigidTransform, matrix_of
from viewer.geometry.transform_tree import TransformTree, TransformTreeError

QUARTER = quaternion_from_yaw(np.pi / 2)


def pose(dst, src, translation=(0.0, 0, 0), wxyz=(1.0, 0, 0, 0)):
    return RigidTransform.from_quaternion(dst, src, wxyz, translation)


def test_points_move_and_come_back():
    world_from_ego = pose("world", "ego", (10, 0, 0), QUARTER)
    moved = world_from_ego.apply(np.array([[1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(moved, [[8, 1, 3]], atol=1e-12)
    np.testing.assert_allclose(world_from_ego.inverse().apply(moved), [[1, 2, 3]], atol=1e-12)
    np.testing.assert_allclose(
        world_from_ego.rotate(np.array([[1.0, 0, 0]])), [[0, 1, 0]], atol=1e-12
    )


def test_chains_cancel_inner_names_and_multiply_matrices():
    a, b = pose("world", "ego", (1, 2, 3), QUARTER), pose("ego", "lidar", (4, 5, 6), [1, 2, 3, 4])
    chained = a @ b
    assert (chained.dst, chained.src) == ("world", "lidar")
    np.testing.assert_allclose(chained.matrix, a.matrix @ b.matrix, atol=1e-12)
    np.testing.assert_allclose(chained.inverse().matrix, np.linalg.inv(chained.matrix), atol=1e-12)


def test_a_chain_whose_names_do_not_meet_is_refused():
    with pytest.raises(FrameMismatch, match="world_from_ego @ lidar_from_ego"):
        _ = pose("world", "ego") @ pose("lidar", "ego")


@pytest.mark.parametrize("bad", [np.diag([1.0, 1, 2, 1]), np.diag([1.0, 1, -1, 1])])
def test_matrices_that_are_no_rotation_are_refused(bad):
    with pytest.raises(ValueError, match="world_from_cam"):
        RigidTransform.from_matrix("world", "cam", bad)


def test_impossible_quaternions_name_both_coord_frames():
    with pytest.raises(ValueError, match=r"world_from_cam.*zero"):
        pose("world", "cam", wxyz=(0, 0, 0, 0))
    with pytest.raises(ValueError, match=r"world_from_cam.*finite"):
        pose("world", "cam", wxyz=(np.nan, 0, 0, 0))


def test_a_matrix_need_not_be_rigid_to_project():
    stretched = np.diag([2.0, 1, 1, 1])
    assert np.array_equal(matrix_of(stretched), stretched)
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        matrix_of(np.eye(3))


def drive(outside="clamp"):
    wxyz = quaternion_from_yaw([0.0, 0.4, 1.0])
    places = np.array([[0.0, 0, 0], [10, 0, 0], [20, 5, 0]])
    return Trajectory("world", "ego", np.array([0, 100, 300]), wxyz, places, outside)


def test_between_instants_slerp_and_straight_lines():
    trajectory = drive()
    times = np.array([0, 100, 300])
    turn = Slerp(times, Rotation.from_euler("z", [[0.0], [0.4], [1.0]]))
    for at in (0, 13, 100, 250, 300):
        got = trajectory.at(at)
        np.testing.assert_allclose(got.rotation, turn(at).as_matrix(), atol=1e-12)
        expected = [np.interp(at, times, column) for column in trajectory.translations_m.T]
        np.testing.assert_allclose(got.translation, expected, atol=1e-12)


def test_nanoseconds_of_today_keep_their_last_digit():
    start = 1_700_000_000_000_000_000
    line = Trajectory(
        "world", "ego", np.array([start, start + 1000]), np.tile([1.0, 0, 0, 0], (2, 1)),
        np.array([[0.0, 0, 0], [1000.0, 0, 0]]),
    )  # fmt: skip
    assert line.at(start + 1).translation[0] == pytest.approx(1.0, abs=1e-9)


def test_outside_the_recorded_time():
    assert drive("clamp").at(1000).translation.tolist() == [20, 5, 0]
    assert drive("clamp").at(-1).translation.tolist() == [0, 0, 0]
    np.testing.assert_allclose(drive("extrapolate").at(400).translation, [25, 7.5, 0], atol=1e-12)
    with pytest.raises(ValueError, match=r"world_from_ego.*not at 301"):
        drive("error").at(301)


@pytest.mark.parametrize(
    ("times", "problem"), [([0, 0], "increasing"), ([1, 0], "increasing"), ([0], "as many")]
)
def test_impossible_trajectories_are_refused(times, problem):
    with pytest.raises(ValueError, match=problem):
        Trajectory(
            "world", "ego", np.array(times), np.tile([1.0, 0, 0, 0], (2, 1)), np.zeros((2, 3))
        )


def test_the_tree_chains_through_the_common_parent():
    tree = TransformTree(
        [pose("ego", "lidar", (1, 0, 2)), pose("world", "ego", (100, 50, 0), QUARTER),
         pose("ego", "cam", (0, 1, 0), [1, 2, 3, 4])]
    )  # fmt: skip
    expected = (
        np.linalg.inv(pose("ego", "cam", (0, 1, 0), [1, 2, 3, 4]).matrix)
        @ pose("ego", "lidar", (1, 0, 2)).matrix
    )
    np.testing.assert_allclose(tree.transform("cam", "lidar").matrix, expected, atol=1e-12)
    assert tree.transform("lidar", "lidar").matrix.tolist() == np.eye(4).tolist()
    assert tree.parent_of("cam") == "ego"
    assert tree.parent_of("world") is None
    assert set(tree.coord_frame_ids) == {"world", "ego", "lidar", "cam"}


def test_two_times_pass_through_the_world():
    trajectory = drive()
    tree = TransformTree([trajectory, pose("ego", "cam", (0, 0, 1)), pose("ego", "lidar")])
    got = tree.transform("cam", "lidar", 100, src_ns=50)
    expected = (
        np.linalg.inv(trajectory.at(100).matrix @ pose("ego", "cam", (0, 0, 1)).matrix)
        @ trajectory.at(50).matrix
    )
    np.testing.assert_allclose(got.matrix, expected, atol=1e-12)
    # The car drove 5 m between the two instants.
    assert np.linalg.norm(got.translation) > 4


def test_a_moving_tree_needs_a_time():
    with pytest.raises(TransformTreeError, match="world_from_ego"):
        TransformTree([drive()]).transform("world", "ego")


@pytest.mark.parametrize(
    ("edges", "names"),
    [
        ([("a", "b"), ("b", "a")], ["'a'", "'b'", "cycle"]),
        ([("nowhere", "cam")], ["'cam'", "'nowhere'"]),
        ([("world", "cam"), ("world", "cam")], ["'cam'", "two parents"]),
        ([("cam", "world")], ["'world'"]),
        ([("a", "a")], ["'a'", "cycle"]),
    ],
)
def test_trees_that_are_none_are_refused_by_name(edges, names):
    with pytest.raises(TransformTreeError) as problem:
        TransformTree([pose(dst, src) for dst, src in edges])
    assert all(name in str(problem.value) for name in names)


def test_unknown_coord_frames_are_named():
    tree = TransformTree([pose("world", "ego")])
    for names in (("ego", "cam"), ("cam", "ego"), ("cam", "cam")):
        with pytest.raises(TransformTreeError, match=r"unknown coord frame 'cam'.*'ego'"):
            tree.transform(*names)
    with pytest.raises(TransformTreeError, match="'nowhere'"):
        tree.add(pose("nowhere", "cam"))
    tree.add(pose("ego", "cam"))
    assert tree.parent_of("cam") == "ego"
