"""Quaternions and matrices against scipy and pyquaternion."""

import numpy as np
import pytest
from pyquaternion import Quaternion
from scipy.spatial.transform import Rotation

from viewer.geometry.rotation import (
    matrix_from_quaternion,
    normalized_quaternion,
    quaternion_from_matrix,
    quaternion_from_yaw,
    quaternion_multiply,
    slerp,
    yaw_from_quaternion,
)


def random_quaternions(count=200, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 4))


def test_matrices_equal_scipy_whatever_the_length():
    wxyz = random_quaternions() * 7.0
    expected = Rotation.from_quat(wxyz, scalar_first=True).as_matrix()
    np.testing.assert_allclose(matrix_from_quaternion(wxyz), expected, atol=1e-13)
    np.testing.assert_allclose(matrix_from_quaternion(wxyz[0]), expected[0], atol=1e-13)


def test_matrices_come_back_with_w_not_negative():
    wxyz = random_quaternions()
    back = quaternion_from_matrix(matrix_from_quaternion(wxyz))
    unit = wxyz / np.linalg.norm(wxyz, axis=1, keepdims=True)
    unit[unit[:, 0] < 0] *= -1
    np.testing.assert_allclose(back, unit, atol=1e-12)


@pytest.mark.parametrize("axis", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0, 0.8]])
def test_half_turns_come_back(axis):
    wxyz = np.array([0.0, *axis])
    back = quaternion_from_matrix(matrix_from_quaternion(wxyz))
    np.testing.assert_allclose(np.abs(back @ wxyz), 1, atol=1e-12)


def test_a_quarter_turn_by_hand():
    turn = matrix_from_quaternion(quaternion_from_yaw(np.pi / 2))
    np.testing.assert_allclose(turn @ [1, 0, 0], [0, 1, 0], atol=1e-15)


def test_yaw_is_the_heading_of_the_front_even_when_tilted():
    tilted = Rotation.from_euler("ZYX", [0.7, 0.3, -0.2]).as_quat(scalar_first=True)
    assert yaw_from_quaternion(tilted) == pytest.approx(0.7)
    yaws = np.linspace(-3, 3, 20)
    np.testing.assert_allclose(yaw_from_quaternion(quaternion_from_yaw(yaws)), yaws, atol=1e-12)


def test_products_equal_pyquaternion():
    a, b = random_quaternions(seed=1), random_quaternions(seed=2)
    expected = [(Quaternion(p) * Quaternion(q)).elements for p, q in zip(a, b, strict=True)]
    np.testing.assert_allclose(quaternion_multiply(a, b), expected, atol=1e-12)


@pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0, 1.3, -0.2])
def test_slerp_equals_pyquaternion(t):
    for a, b in zip(random_quaternions(30, 3), random_quaternions(30, 4), strict=True):
        one, two = Quaternion(a).unit, Quaternion(b).unit
        if one.elements @ two.elements < 0:
            two = -two
        expected = one * (one.inverse * two) ** t
        got = slerp(a, b, t)
        assert np.abs(np.dot(got, expected.elements)) == pytest.approx(1, abs=1e-9)


def test_slerp_between_equal_rotations_stays():
    q = np.array([0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(slerp(q, q, 0.3), q, atol=1e-15)
    np.testing.assert_allclose(slerp(q, -q, 0.3), q, atol=1e-15)


@pytest.mark.parametrize("bad", [[0, 0, 0, 0], [np.nan, 0, 0, 1], [np.inf, 0, 0, 0]])
def test_impossible_quaternions_are_refused(bad):
    with pytest.raises(ValueError, match="quaternion"):
        matrix_from_quaternion(bad)


def test_scaling_to_length_1_again_changes_no_bit():
    wxyz = np.random.default_rng(8).normal(size=(20_000, 4))
    once = normalized_quaternion(wxyz)
    assert np.array_equal(normalized_quaternion(once), once)
    assert np.abs(np.linalg.norm(once, axis=1) - 1).max() < 1e-15


def test_quaternions_too_long_to_be_squared_are_scaled_as_all_are():
    found = normalized_quaternion([[3e300, 0, 4e300, 0], [1, 1, 1, 1], [0, 0, -1.7e308, 0]])
    expected = [[0.6, 0, 0.8, 0], [0.5, 0.5, 0.5, 0.5], [0, 0, -1, 0]]
    np.testing.assert_allclose(found, expected, rtol=1e-15)
