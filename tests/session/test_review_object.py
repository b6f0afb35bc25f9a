"""One object by itself: its points in its own axes, where cameras see it, crops of it."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import CAR_POINTS, CAR_SIZE, make_scene
from render_content import drive_content, still_content

from viewer.progress import JobContext
from viewer.render.overlay import build_overlay
from viewer.scene.labels import BoxLabels2D
from viewer.session.review_crops import cut_crop, load_crops
from viewer.session.review_object import camera_views, crop_rect, object_points
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

VIEW = ViewSettings()
CAR_4 = LabelKey("gt", 4, "car-4", "1")


class TestPoints:
    def test_points_inside_are_those_of_the_car(self):
        found = object_points(drive_content(4), CAR_4, VIEW)
        assert found.size.tolist() == list(CAR_SIZE)
        assert found.point_count == int(found.inside.sum()) == CAR_POINTS

    def test_points_stand_in_the_axes_of_a_turned_box(self):
        # A box at (10, 5) that looks along +y: a point 1 m ahead of its middle is at (10, 6).
        xyz = [[10, 6, 1], [9, 5, 1], [10, 5, 1.7], [40, 5, 1]]
        content = still_content(xyz, [([10, 5, 1], [4, 3, 2], np.pi / 2, "red")])
        key = LabelKey("gt", 0, content.labels["gt"].cuboids.label_ids[0])
        found = object_points(content, key, VIEW)
        expected = [[1, 0, 0], [0, 1, 0], [0, 0, 0.7]]
        assert np.allclose(found.points, expected, atol=1e-6)
        assert found.inside.all()

    def test_neighbour_is_drawn_and_one_far_away_is_not(self):
        boxes = [([0, 0, 0], [4, 2, 2], 0.0, "red"), ([5, 0, 0], [4, 2, 2], 0.0, "red"),
                 ([50, 0, 0], [4, 2, 2], 0.0, "red")]  # fmt: skip
        content = still_content([[0, 0, 0]], boxes)
        key = LabelKey("gt", 0, content.labels["gt"].cuboids.label_ids[0])
        found = object_points(content, key, VIEW)
        assert found.others.shape == (1, 8, 3)
        assert np.allclose(found.others[0].mean(axis=0), [5, 0, 0])

    def test_older_sweeps_are_drawn_but_not_counted(self):
        found = object_points(drive_content(4, sweep_count=3), CAR_4, VIEW)
        assert found.point_count == CAR_POINTS
        assert int(found.inside.sum()) > CAR_POINTS

    def test_no_such_label(self):
        assert object_points(drive_content(4), replace(CAR_4, label_id="x"), VIEW) is None
        assert object_points(drive_content(3), CAR_4, VIEW) is None


class TestCameras:
    def test_only_the_camera_ahead_sees_a_car_ahead(self):
        (seen,) = camera_views(drive_content(4), CAR_4, VIEW)
        assert seen.sensor_id == "front"
        assert seen.share == 1.0

    def test_rectangle_is_that_of_a_pinhole(self):
        content = drive_content(4)
        (seen,) = camera_views(content, CAR_4, VIEW)
        # The image is taken 20 ms after the frame, the ego having driven 0.2 m. The car's middle
        # is 26 m ahead of the lidar, 2 m left and 0.5 m above it, the camera 1 m ahead of the ego,
        # 0.5 m to its left and 1.5 m up; f is 400 px and the middle is (320, 200).
        ahead, left, up = 26.0 - 1.0 - 0.2, 2.0 - 0.5, 0.5 + 1.8 - 1.5
        near = ahead - CAR_SIZE[0] / 2
        u_left = 320 - 400 * (left + CAR_SIZE[1] / 2) / near
        u_right = 320 - 400 * (left - CAR_SIZE[1] / 2) / (ahead + CAR_SIZE[0] / 2)
        v_top = 200 - 400 * (up + CAR_SIZE[2] / 2) / near
        # The rectangle is that of points spread over the faces, so up to a sample inside of it.
        for value, exact, extent in (
            (seen.rect_px[0], u_left, CAR_SIZE[1]), (seen.rect_px[2], u_right, CAR_SIZE[1]),
            (seen.rect_px[1], v_top, CAR_SIZE[2]),
        ):  # fmt: skip
            assert value == pytest.approx(exact, abs=400 * extent / near / 9)
        edges = np.concatenate(seen.edges)
        assert edges[:, 0].min() == pytest.approx(u_left, abs=1e-6)
        assert edges[:, 1].min() == pytest.approx(v_top, abs=1e-6)

    def test_box_on_an_image_is_framed_where_it_lies(self):
        content = drive_content(4)
        boxes = BoxLabels2D(
            np.array([[10.0, 20.0, 50.0, 80.0], [600.0, 300.0, 700.0, 390.0]]), ("rear", "front"),
            ("2d", "2d"), ("car", "car"), (None, None), np.full(2, np.nan), ({}, {}),
        )  # fmt: skip
        labels = {"gt": replace(content.labels["gt"], boxes_2d=boxes)}
        views = camera_views(replace(content, labels=labels), LabelKey("gt", 4, "2d"), VIEW)
        assert [view.sensor_id for view in views] == ["front", "rear"]
        assert views[0].rect_px == (600.0, 300.0, 640.0, 390.0)

    def test_edges_are_those_of_the_overlay(self):
        """Beside the camera, in it and ahead: clipped at the lens, as everywhere else."""
        scene = make_scene(40)
        for frame in (4, 20, 26, 28):
            content = drive_content(frame, scene=scene)
            key = LabelKey("gt", frame, f"car-{frame}", "1")
            for seen in camera_views(content, key, VIEW):
                overlay = build_overlay(content, seen.sensor_id, VIEW, selected=key)
                label = overlay.labels[overlay.place_of(key)]
                drawn = np.concatenate(seen.edges)
                inside = ((drawn >= -0.5) & (drawn <= np.array(seen.lens_size_px))).all(axis=1)
                low, high = drawn[inside].min(axis=0), drawn[inside].max(axis=0)
                assert np.allclose([*low, *high], label.outline_px, atol=0.6)

    @pytest.mark.parametrize("aspect", [0.6, 1.0, 2.4])
    def test_crop_holds_the_object_and_has_the_wanted_shape(self, aspect):
        (seen,) = camera_views(drive_content(4), CAR_4, VIEW)
        left, top, right, bottom = crop_rect(seen, aspect)
        assert (right - left) / (bottom - top) == pytest.approx(aspect)
        assert left <= seen.rect_px[0]
        assert right >= seen.rect_px[2]
        assert top <= seen.rect_px[1]
        assert bottom >= seen.rect_px[3]
        assert left >= 0
        assert top >= 0
        assert right <= seen.lens_size_px[0]
        assert bottom <= seen.lens_size_px[1]


class TestCrops:
    def test_edges_lie_over_the_pixels_they_belong_to(self):
        content = drive_content(4)
        (seen,) = camera_views(content, CAR_4, VIEW)
        pixels = np.zeros((400, 640, 4), np.uint8)
        u, v = (round(value) for value in seen.edges[0][0])
        pixels[v, u] = 255
        crop = cut_crop(replace(content.images["front"], pixels=pixels), seen, CAR_4, 1.0)
        height, width = crop.pixels.shape[:2]
        row, column = np.argwhere(crop.pixels[..., 0] == 255)[0]
        x, y = crop.edges[0][0] * (width, height)
        assert abs(x - (column + 0.5)) <= 1.0
        assert abs(y - (row + 0.5)) <= 1.0

    def test_frames_of_a_track_are_cut_by_their_own_pose(self):
        scene = make_scene(12)
        keys = [LabelKey("gt", frame, f"car-{frame}", "1") for frame in (0, 6)]
        far, near = load_crops(JobContext(), scene, keys, VIEW, 1.3, 100)
        assert [far.sensor_id, near.sensor_id] == ["front", "front"]
        assert far.key == keys[0]
        assert near.pixels.shape[1] > far.pixels.shape[1]

    def test_damaged_frame_leaves_its_place_empty(self):
        scene = make_scene(12)
        scene.reader.damaged.add(("labels", 3))
        keys = [LabelKey("gt", frame, f"car-{frame}", "1") for frame in (3, 4)]
        lost, found = load_crops(JobContext(), scene, keys, VIEW, 1.3, 100)
        assert lost.pixels is None
        assert found.pixels is not None

    def test_object_that_no_camera_sees_gives_its_points(self):
        scene = make_scene(60)
        # In frame 30 the car is beside the ego, in no image of the front camera; take the rig's
        # cameras away to be sure.
        scene = replace(scene, camera_ids=())
        (crop,) = load_crops(JobContext(), scene, [LabelKey("gt", 5, "car-5", "1")], VIEW, 1.3, 100)
        assert crop.pixels is None
        assert int(crop.points.inside.sum()) == CAR_POINTS
