"""Drawn edges against brute force: 10,000 samples an edge through an independent lens."""

from itertools import pairwise

import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole
from viewer.geometry.cuboids import EDGES, Cuboids
from viewer.geometry.projection import (
    EdgePart,
    outline_boxes_px,
    project_cuboids,
    project_polyline,
)
from viewer.geometry.transform import RigidTransform

SAMPLES = 10_000


def samples_along(start, end):
    """(SAMPLES,) places 0..1: half even in space, half even in the angle seen from the eye."""
    even = np.linspace(0, 1, SAMPLES // 2)
    a, b = np.linalg.norm(start), np.linalg.norm(end)
    angle = np.arctan2(np.linalg.norm(np.cross(start, end)), start @ end)
    share = np.linspace(0, angle, SAMPLES // 2)
    near, far = a * np.sin(share), b * np.sin(angle - share)
    seen = np.divide(near, near + far, out=even.copy(), where=near + far > 0)
    return np.sort(np.concatenate([even, seen]))


def true_runs(camera, reference, start, end, margin_px):
    """Polylines of valid samples near the image; ends refined to where the domain ends."""
    t = samples_along(start, end)
    size = np.array([camera.width_px, camera.height_px])
    for _ in range(30):
        points = start + t[:, None] * (end - start)
        pixels = reference.project(camera, points)
        valid = reference.valid(camera, points)
        near = valid & (np.abs(pixels - size / 2) < size / 2 + margin_px).all(axis=1)
        gap = np.linalg.norm(np.diff(pixels, axis=0), axis=1)
        # Next to the axis behind a fisheye a hair of the edge is a long way in the image.
        wide = np.flatnonzero((near[1:] | near[:-1]) & valid[1:] & valid[:-1] & (gap > 1.0))
        if len(wide) == 0:
            break
        t = np.sort(np.concatenate([t, (t[wide] + t[wide + 1]) / 2]))
    points = start + t[:, None] * (end - start)
    valid = reference.valid(camera, points)
    for i in np.flatnonzero(valid[1:] != valid[:-1]):
        good, bad = (t[i], t[i + 1]) if valid[i] else (t[i + 1], t[i])
        for _ in range(60):
            middle = (good + bad) / 2
            inside = reference.valid(camera, (start + middle * (end - start))[None])[0]
            good, bad = (middle, bad) if inside else (good, middle)
        points[i if valid[i] else i + 1] = start + good * (end - start)
    pixels = reference.project(camera, points)
    with np.errstate(invalid="ignore"):
        near = (pixels > -margin_px).all(axis=1) & (pixels < size + margin_px).all(axis=1)
    # One more sample on each side: the line to it crosses the window's border.
    keep = valid & (near | np.roll(near, 1) | np.roll(near, -1))
    steps = np.flatnonzero(keep[1:] & keep[:-1])
    return pixels, keep, np.stack([pixels[steps], pixels[steps + 1]], axis=1)


def distance_to_segments(points, segments):
    """(N,) least distance of (N, 2) points to (M, 2, 2) segments."""
    best = np.full(len(points), np.inf)
    for some in np.array_split(segments, max(len(segments) // 200, 1)):
        start, step = some[:, 0], some[:, 1] - some[:, 0]
        length2 = np.maximum((step**2).sum(axis=1), 1e-300)
        away = points[:, None] - start
        t = np.clip((away * step).sum(axis=2) / length2, 0, 1)
        best = np.minimum(best, np.linalg.norm(away - t[..., None] * step, axis=2).min(axis=1))
    return best


def pieces_of(curves, owner, edge, inside):
    return [
        curves.piece(k)
        for k in np.flatnonzero(
            (curves.owner == owner) & (curves.edge == edge) & (curves.inside == inside)
        )
    ]


def segments_of(pieces):
    if not pieces:
        return np.empty((0, 2, 2))
    return np.concatenate([np.stack([p[:-1], p[1:]], axis=1) for p in pieces])


def densified(pieces, step_px=3.0):
    rows = []
    for a, b in segments_of(pieces):
        count = int(np.clip(np.linalg.norm(b - a) / step_px, 1, 400)) + 1
        rows.append(a + np.linspace(0, 1, count)[:, None] * (b - a))
    return np.concatenate(rows) if rows else np.empty((0, 2))


def check_edge(camera, reference, curves, owner, edge, start, end, margin_px):
    """No missing and no extra part, both inside and around the image; returns what was seen."""
    pixels, keep, truth = true_runs(camera, reference, start, end, margin_px + 5)
    size = np.array([camera.width_px, camera.height_px])
    drawn_in = segments_of(pieces_of(curves, owner, edge, True))
    drawn_out = segments_of(pieces_of(curves, owner, edge, False))
    true_points = pixels[keep]
    thinned = true_points[:: max(len(true_points) // 1500, 1)]
    inside = (thinned >= 0).all(axis=1) & (thinned <= size).all(axis=1)
    around = (
        ~inside
        & (thinned > -margin_px + 1).all(axis=1)
        & (thinned < size + margin_px - 1).all(axis=1)
    )
    both = np.concatenate([drawn_in, drawn_out])
    well_inside = (thinned > 0.5).all(axis=1) & (thinned < size - 0.5).all(axis=1)
    if inside.any() or around.any():
        assert len(both), "an edge is missing"
        assert distance_to_segments(thinned[inside | around], both).max() <= 0.2501
    if well_inside.any():
        assert len(drawn_in), "an edge in the image is missing"
        assert distance_to_segments(thinned[well_inside], drawn_in).max() <= 0.2501
    for segments, flag in ((drawn_in, True), (drawn_out, False)):
        points = densified(pieces_of(curves, owner, edge, flag))
        if len(points) == 0:
            continue
        assert len(truth), "an edge is drawn that is not there"
        assert distance_to_segments(points, truth).max() <= 0.2501
        in_image = (points >= -1e-6).all(axis=1) & (points <= size + 1e-6).all(axis=1)
        if flag:
            assert in_image.all()
        else:
            deep = (points > 1e-6).all(axis=1) & (points < size - 1e-6).all(axis=1)
            assert not deep.any()
        assert len(segments)
    return bool(well_inside.any())


def random_boxes(rng, count):
    """Around the eye: in front, beside, behind, across the camera's plane, around the eye."""
    center = rng.normal(size=(count, 3)) * rng.choice([1.5, 6.0, 25.0], (count, 1))
    size = rng.uniform(0.3, 8.0, (count, 3))
    return Cuboids(center, size, rng.normal(size=(count, 4)), "cam")


@pytest.mark.parametrize("name", ["pinhole", "brown_conrady", "fisheye", "mei"])
def test_drawn_edges_equal_brute_force(name, random_camera, reference, effort):
    rng = np.random.default_rng(8)
    seen = across = 0
    for _ in range(8 * effort):
        camera = random_camera(name, rng)
        boxes = random_boxes(rng, 4)
        margin_px = 100.0
        curves = project_cuboids(boxes, camera, np.eye(4), margin_px=margin_px)
        corners = boxes.corners()
        behind = (corners[:, :, 2] <= 0).sum(axis=1)
        across += int(((behind > 0) & (behind < 8)).sum())
        for owner in range(len(boxes)):
            for edge, (a, b) in enumerate(EDGES):
                seen += check_edge(
                    camera, reference, curves, owner, edge, corners[owner, a], corners[owner, b],
                    margin_px,
                )  # fmt: skip
    assert seen > 20
    assert across > 5


@pytest.mark.parametrize("behind", range(1, 8))
def test_boxes_with_corners_behind_the_camera_are_cut_not_dropped(behind, reference):
    rng = np.random.default_rng(behind)
    camera = BrownConrady(800, 600, fx=300.0, fy=300.0, k1=-0.05, k2=0.002, p1=0.001)
    done = 0
    for _ in range(2000):
        boxes = random_boxes(rng, 1)
        corners = boxes.corners()[0]
        if (corners[:, 2] <= 0).sum() != behind:
            continue
        curves = project_cuboids(boxes, camera, np.eye(4), margin_px=50.0)
        drawn = [
            check_edge(camera, reference, curves, 0, edge, corners[a], corners[b], 50.0)
            for edge, (a, b) in enumerate(EDGES)
        ]
        done += any(drawn)
        if done == 2:
            return
    pytest.fail("no such box was found")


def hidden_by_box(boxes, row, point):
    """Whether the line from the eye to a point on the box's surface runs through the box."""
    axes = boxes.rotation_matrices()[row]
    half = boxes.size[row] / 2
    share = np.linspace(0, 1, 4001)[1:-1]
    own = (share[:, None] * point - boxes.center[row]) @ axes
    return bool((np.abs(own) < half * (1 - 1e-9)).all(axis=1).any())


def test_hidden_edges_are_those_behind_the_box_itself():
    rng = np.random.default_rng(9)
    camera = Fisheye(1000, 1000, fx=160.0, fy=160.0)
    boxes = random_boxes(rng, 40)
    eye_own = np.einsum("nij,ni->nj", boxes.rotation_matrices(), -boxes.center)
    around_eye = (np.abs(eye_own) < boxes.size / 2).all(axis=1)
    curves = project_cuboids(boxes, camera, np.eye(4))
    corners = boxes.corners()
    kinds = set()
    for owner, edge, part in zip(curves.owner, curves.edge, curves.part, strict=True):
        if edge >= 12:
            continue
        a, b = corners[owner, EDGES[edge]]
        expected = hidden_by_box(boxes, owner, a + 0.37 * (b - a)) and not around_eye[owner]
        assert (part == EdgePart.HIDDEN) == expected
        kinds.add(expected)
    assert kinds == {True, False}


def test_from_inside_a_box_all_its_edges_are_visible():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 4.0), np.array([[1.0, 0, 0, 0]]), "cam")
    curves = project_cuboids(box, Fisheye(900, 900, fx=140.0, fy=140.0), np.eye(4))
    assert set(curves.edge[curves.edge < 12].tolist()) == set(range(12))
    assert (curves.part[curves.edge < 12] == EdgePart.VISIBLE).all()


def test_a_box_right_behind_a_fisheye_is_drawn(reference):
    box = Cuboids(
        np.array([[0.3, 0.2, -3.0]]), np.array([[1.0, 2.0, 3.0]]), np.array([[0.9, 0.1, 0.2, 0.3]]),
        "cam",
    )  # fmt: skip
    camera = Fisheye(1000, 1000, fx=150.0, fy=150.0)
    curves = project_cuboids(box, camera, np.eye(4), margin_px=10.0)
    corners = box.corners()[0]
    drawn = [
        check_edge(camera, reference, curves, 0, edge, corners[a], corners[b], 10.0)
        for edge, (a, b) in enumerate(EDGES)
    ]
    assert all(drawn)


@pytest.mark.parametrize("miss_m", [0.3, 1e-2, 1e-4, 1e-6])
def test_a_line_past_the_axis_behind_a_fisheye_swings_around_it(miss_m, reference):
    camera = Fisheye(700, 700, fx=100.0, fy=100.0)
    start, end = np.array([-1.0, miss_m, -2.0]), np.array([1.3, miss_m, -2.0])
    curves = project_polyline(np.stack([start, end]), camera, np.eye(4), margin_px=10.0)
    assert check_edge(camera, reference, curves, 0, 0, start, end, 10.0)
    length = np.linalg.norm(np.diff(curves.points_px, axis=0), axis=1).sum()
    assert length > 0.8 * np.pi * 314 or miss_m == 0.3


def test_a_line_through_the_axis_behind_a_fisheye_breaks_there():
    camera = Fisheye(700, 700, fx=100.0, fy=100.0)
    line = np.array([[-1.0, 0, -2.0], [1.0, 0, -2.0]])
    curves = project_polyline(line, camera, np.eye(4))
    assert len(curves) == 2
    steps = [np.diff(curves.piece(k), axis=0) for k in range(2)]
    assert max(np.abs(step).sum(axis=1).max() for step in steps) < 60


def test_a_box_by_hand():
    # A unit cube 2 m ahead: its near face lies at z = 1.5, its far face at z = 2.5.
    box = Cuboids(np.array([[0, 0, 2.0]]), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "cam")
    camera = Pinhole(200, 200, fx=150.0, fy=150.0)
    curves = project_cuboids(box, camera, np.eye(4))
    assert outline_boxes_px(curves, 1).tolist() == [[50.0, 50.0, 150.0, 150.0]]
    edges = curves.edge < 12
    assert edges.sum() == 12
    assert (np.diff(curves.offsets)[edges] == 2).all()
    assert (curves.part[edges] == EdgePart.HIDDEN).sum() == 8


def test_an_edge_across_the_border_is_split_there():
    line = np.array([[-1.0, 0, 1], [1, 0, 1]])
    curves = project_polyline(line, Pinhole(100, 100, fx=100.0, fy=100.0), np.eye(4), margin_px=20)
    assert curves.inside.tolist() == [False, True, False]
    assert [curves.piece(k).tolist() for k in range(3)] == [
        [[-20.0, 50.0], [0.0, 50.0]],
        [[0.0, 50.0], [100.0, 50.0]],
        [[100.0, 50.0], [120.0, 50.0]],
    ]


def test_a_polyline_runs_on_over_its_corners():
    line = np.array([[-0.2, -0.2, 1], [0.2, -0.2, 1], [0.2, 0.2, 1], [-0.2, 0.2, 1]])
    camera = Pinhole(100, 100, fx=100.0, fy=100.0)
    assert [len(project_polyline(line, camera, np.eye(4)).points_px)] == [4]
    closed = project_polyline(line, camera, np.eye(4), closed=True)
    assert len(closed) == 1
    np.testing.assert_allclose(closed.points_px[[0, -1]], 30.0, atol=1e-9)


def test_a_curved_line_is_within_the_tolerance_asked_for(reference):
    camera = Fisheye(2000, 2000, fx=600.0, fy=600.0, k1=-0.02)
    start, end = np.array([-5.0, 1.0, 0.5]), np.array([5.0, 1.5, 1.0])
    truth = reference.project(camera, start + np.linspace(0, 1, 20_000)[:, None] * (end - start))
    counts = []
    for tolerance in (0.02, 0.25, 2.0):
        curves = project_polyline(np.stack([start, end]), camera, np.eye(4), tolerance_px=tolerance)
        drawn = np.array(list(pairwise(curves.points_px)))
        assert distance_to_segments(truth[::20], drawn).max() <= tolerance
        counts.append(len(drawn))
    assert counts[0] > counts[1] > counts[2]


def test_a_matrix_that_is_not_rigid_moves_the_box_like_its_points(reference):
    rng = np.random.default_rng(11)
    camera = BrownConrady(800, 600, fx=400.0, fy=400.0, k1=-0.1, k2=0.01)
    boxes = random_boxes(rng, 3)
    matrix = np.eye(4)
    matrix[:3] = np.array([[1.1, 0.2, 0, 0.3], [0, -0.9, 0.1, 0.2], [0.1, 0, 1.2, 6.0]])
    curves = project_cuboids(boxes, camera, matrix, margin_px=30.0)
    corners = boxes.corners() @ matrix[:3, :3].T + matrix[:3, 3]
    drawn = [
        check_edge(camera, reference, curves, n, e, corners[n, a], corners[n, b], 30.0)
        for n in range(3)
        for e, (a, b) in enumerate(EDGES)
    ]
    assert any(drawn)


def test_a_transform_and_its_matrix_give_the_same():
    boxes = random_boxes(np.random.default_rng(12), 5)
    cam_from_box = RigidTransform.from_quaternion("cam", "box", [0.9, 0.1, -0.2, 0.3], [0, 1, 9.0])
    camera = Pinhole(800, 600, fx=400.0, fy=400.0)
    a = project_cuboids(boxes, camera, cam_from_box)
    b = project_cuboids(boxes, camera, cam_from_box.matrix)
    assert np.array_equal(a.points_px, b.points_px)
    assert len(a) > 0


def test_nothing_to_draw_is_no_error():
    camera = Fisheye.examples()[0]
    assert len(project_cuboids(Cuboids.empty("cam"), camera, np.eye(4))) == 0
    assert len(project_polyline(np.empty((0, 3)), camera, np.eye(4))) == 0
    assert np.isnan(
        outline_boxes_px(project_cuboids(Cuboids.empty("cam"), camera, np.eye(4)), 2)
    ).all()
    lost = Cuboids(np.array([[np.nan, 0, 0]]), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "cam")
    assert len(project_cuboids(lost, camera, np.eye(4))) == 0
