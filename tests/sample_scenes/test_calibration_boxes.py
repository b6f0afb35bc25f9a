"""What is drawn for a box covers what rays through the same lens painted of it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from viewer.formats.catalog import open_dataset
from viewer.geometry.projection import outline_boxes_px, project_cuboids
from viewer.geometry.silhouette import silhouette_polygon

FOLDER = Path(__file__).parents[2] / "sample_scenes" / "calibration_boxes"
CAMERAS = ("pinhole", "pinhole_rolled", "brown_conrady", "fisheye", "fisheye_down")
FINENESS = 8
MIN_SIDE_PX = 60
MIN_IOU = 0.97


@pytest.fixture(scope="module")
def scene():
    dataset = open_dataset(FOLDER)
    yield dataset.scenes[0]
    dataset.close()


@pytest.fixture(scope="module")
def seen():
    return json.loads((FOLDER / "truth.json").read_text())["seen"]


def camera_from_world(scene, index, sensor_id):
    rig = scene.reader.read_rig(index)
    time_ns = scene.frames[index].timestamp_ns
    return rig.camera_from(rig.cameras[sensor_id], "world", time_ns, time_ns)


def nearest_colour(rgb, boxes_rgb):
    """(H, W) which box's colour is nearest, counting on past the boxes for the background's."""
    codes = (rgb.astype(np.int64) * (65536, 256, 1)).sum(axis=2)
    values, counts = np.unique(codes, return_counts=True)
    common = values[counts > 0.01 * codes.size]
    background = [[code >> 16, code >> 8 & 255, code & 255] for code in common.tolist()]
    palette = np.array([*boxes_rgb, *background], dtype=np.float32)
    distance = [((rgb.astype(np.float32) - colour) ** 2).sum(axis=2) for colour in palette]
    return np.argmin(distance, axis=0)


def without_specks(mask):
    """Mixed colours at edges between other things can look like a box; those are thin."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 60]
    return np.isin(parts, large)


def drawn_mask(polygon, width, height):
    """Even-odd fill of an outline in pixels whose centres are whole numbers."""
    fine = np.zeros((height * FINENESS, width * FINENESS), dtype=np.uint8)
    points = np.round((np.clip(polygon, -3000, 3000) + 0.5) * FINENESS - 0.5).astype(np.int32)
    cv2.fillPoly(fine, [points], 1)
    shares = fine.reshape(height, FINENESS, width, FINENESS).mean(axis=(1, 3))
    return shares >= 0.5


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


def measured(scene, seen, sensor_id):
    """(frame, label, IoU, painted box, camera depths of the corners) of every unhidden box."""
    rows = []
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "ground_truth").cuboids
        sensor = scene.reader.read_rig(frame.index).cameras[sensor_id]
        matrix = camera_from_world(scene, frame.index, sensor_id)
        rgb = scene.reader.read_image(frame.index, sensor_id, None).rgb()
        nearest = nearest_colour(rgb, [attributes["rgb"] for attributes in labels.attributes])
        for entry in seen:
            if (entry["frame"], entry["sensor_id"]) != (frame.key, sensor_id):
                continue
            left, top, right, bottom = entry["box_px"]
            if entry["visible_share"] < 1 or min(right - left, bottom - top) < MIN_SIDE_PX:
                continue
            row = labels.row_of(entry["label_id"])
            cuboid = labels.cuboids.select(np.array([row]))
            polygon = silhouette_polygon(cuboid, sensor.model, matrix)
            drawn = drawn_mask(polygon, sensor.model.width_px, sensor.model.height_px)
            painted = without_specks(nearest == row)
            depths = (cuboid.corners()[0] @ matrix[2, :3]) + matrix[2, 3]
            rows.append((frame.key, entry, overlap(drawn, painted), depths))
    return rows


@pytest.fixture(scope="module", params=CAMERAS)
def camera_rows(scene, seen, request):
    return request.param, measured(scene, seen, request.param)


def test_drawn_outline_covers_the_painted_box(camera_rows):
    _, rows = camera_rows
    assert len(rows) >= 6
    worst = min(rows, key=lambda row: row[2])
    assert worst[2] > MIN_IOU, (worst[0], worst[1]["label_id"], worst[2])


def test_boxes_cut_by_border_and_by_camera_plane_are_among_them(scene, camera_rows):
    sensor_id, rows = camera_rows
    model = scene.reader.read_rig(0).cameras[sensor_id].model
    at_border = [
        box[0] <= -0.5
        or box[1] <= -0.5
        or box[2] >= model.width_px - 0.5
        or box[3] >= model.height_px - 0.5
        for box in (entry["box_px"] for _, entry, _, _ in rows)
    ]
    cut_by_plane = [depths.min() < 0 < depths.max() for _, _, _, depths in rows]
    assert sum(at_border) >= 1
    assert sum(cut_by_plane) >= 2


@pytest.mark.parametrize("sensor_id", CAMERAS)
def test_edges_reach_as_far_as_the_painted_box_that_lies_within_the_image(scene, seen, sensor_id):
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "ground_truth").cuboids
        sensor = scene.reader.read_rig(frame.index).cameras[sensor_id]
        matrix = camera_from_world(scene, frame.index, sensor_id)
        curves = project_cuboids(labels.cuboids, sensor.model, matrix)
        outlines = outline_boxes_px(curves, len(labels))
        limit = np.array([sensor.model.width_px, sensor.model.height_px] * 2) - 0.5
        for entry in seen:
            if (entry["frame"], entry["sensor_id"]) != (frame.key, sensor_id):
                continue
            if entry["visible_share"] < 1:
                continue
            painted = np.array(entry["box_px"])
            if (painted[:2] <= 0).any() or (painted[2:] >= limit[2:] - 0.5).any():
                continue
            drawn = outlines[labels.row_of(entry["label_id"])]
            # A side between two sub-pixels is painted up to half a pixel short of it.
            assert np.abs(drawn - painted).max() < 0.6, (frame.key, entry, drawn)
