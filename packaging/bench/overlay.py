"""Six camera panes with overlays: what a worker makes, what the UI thread paints.

Six 1600 x 900 images (decoded at half size), 60 boxes around the vehicle, panes of 426 x 240. The
reference paints the same images and lines with QPainter in the UI thread.
"""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

CAMERAS = 6
BOXES = 60
POINTS = 120_000
PANE_PX = (426, 240)


def make_content() -> Any:  # noqa: ANN401 - imports are deferred
    """Build a frame with cameras all around."""
    from viewer.geometry.cameras import BrownConrady
    from viewer.geometry.cuboids import Cuboids
    from viewer.geometry.rotation import quaternion_from_yaw
    from viewer.geometry.transform import RigidTransform
    from viewer.geometry.transform_tree import TransformTree
    from viewer.scene.class_map import ClassMap
    from viewer.scene.images import Image, ImageRef
    from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
    from viewer.scene.point_cloud import PointCloud
    from viewer.scene.scene import Frame, Scene
    from viewer.scene.sensors import CameraSensor, LidarSensor, Rig
    from viewer.session.frame_content import FrameContent, LoadedSweep

    rng = np.random.default_rng(0)
    names = [f"cam_{i}" for i in range(CAMERAS)]
    edges, cameras = [], {}
    for i, name in enumerate(names):
        yaw = 2 * np.pi * i / CAMERAS
        forward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
        pose = np.eye(4)
        pose[:3, :3] = np.column_stack([right, (0.0, 0.0, -1.0), forward])
        pose[:3, 3] = forward[0], forward[1], 1.6
        edges.append(RigidTransform.from_matrix("world", name, pose))
        lens = BrownConrady(1600, 900, fx=1200.0, fy=1200.0, k1=-0.1, k2=0.02)
        cameras[name] = CameraSensor(name, name, lens)
    rig = Rig(cameras, {"lidar": LidarSensor("lidar", "world")}, TransformTree(edges))
    angle, distance = rng.uniform(0, 2 * np.pi, BOXES), rng.uniform(6, 60, BOXES)
    center = np.column_stack(
        [distance * np.cos(angle), distance * np.sin(angle), np.full(BOXES, 0.8)]
    )
    size = np.tile((4.5, 1.9, 1.6), (BOXES, 1))
    rotation = quaternion_from_yaw(rng.uniform(0, 2 * np.pi, BOXES))
    classes = [("car", "truck", "cyclist")[i % 3] for i in range(BOXES)]
    labels = CuboidLabels(
        Cuboids(center, size, rotation, "world"), [str(i) for i in range(BOXES)], classes,
        [str(i) for i in range(BOXES)], np.full(BOXES, np.nan), [{}] * BOXES,
    )  # fmt: skip
    xyz = rng.normal(0, 20, (POINTS, 3)).astype(np.float32)
    frame = Frame(0, "0", 0, (), tuple(ImageRef(name, 0, name) for name in names))
    scene = Scene(
        "bench", Path("bench"), "bench", (frame,), None,  # type: ignore[arg-type]
        (LabelSet("gt", LabelSetKind.GROUND_TRUTH),),
        ClassMap.from_names(["car", "truck", "cyclist"]), lidar_ids=("lidar",),
        camera_ids=tuple(names),
    )  # fmt: skip
    pixels = rng.integers(0, 256, (450, 800, 4)).astype(np.uint8)
    return FrameContent(
        scene, frame, rig, (LoadedSweep("lidar", PointCloud(xyz), 0, 0),),
        {name: Image(pixels, 1600, 900) for name in names}, {"gt": FrameLabels(labels)},
    )  # fmt: skip


def _milliseconds(run: Callable[[], object], repeats: int = 25) -> list[float]:
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return times


def _row(name: str, ours: list[float], reference: list[float] | None, target: str) -> dict:
    middle = statistics.median(ours)
    base = statistics.median(reference) if reference else None
    return {
        "name": name, "ours": round(middle, 2), "reference": base and round(base, 2),
        "ratio": base and round(base / middle, 2), "unit": "ms", "target": target,
    }  # fmt: skip


def run() -> list[dict]:
    """Measure and return one row each for worker, paint, selection and points."""
    from dataclasses import replace

    from PySide6.QtCore import QLineF, QRectF
    from PySide6.QtGui import QColor, QImage, QPainter, QPen

    from viewer.render.overlay_prepare import PaneRequest, prepare_overlays
    from viewer.render.painter import ensure_application, image_of, paint_pane, pane_text
    from viewer.session.view_settings import ViewSettings

    application = ensure_application()
    content, view = make_content(), ViewSettings()
    requests = {name: PaneRequest(name, *PANE_PX, 1.0) for name in content.scene.camera_ids}
    panes = prepare_overlays(content, view, requests)
    canvas = QImage(*PANE_PX, QImage.Format.Format_RGB32)

    def paint() -> None:
        for pane in panes.values():
            painter = QPainter(canvas)
            text = pane_text(content, pane.overlay)
            paint_pane(painter, pane.picture, pane.overlay, pane.raster.placement, 1.0, text)
            painter.end()

    def paint_with_qt() -> None:
        for pane in panes.values():
            painter = QPainter(canvas)
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            area = QRectF(0, 0, *PANE_PX)
            painter.drawImage(area, image_of(content.images[pane.overlay.sensor_id].pixels))
            lines = pane.overlay.drawing.lines.placed(pane.raster.placement).segments
            drawn = [QLineF(*segment) for segment in lines]
            for colour, width in ((QColor(8, 10, 13), 3.5), (QColor(86, 180, 233), 1.5)):
                painter.setPen(QPen(colour, width))
                painter.drawLines(drawn)
            painter.end()

    def select() -> None:
        for pane in panes.values():
            key = pane.overlay.labels[0].key if pane.overlay.labels else None
            pane.raster.with_labels(pane.overlay.with_selection(key, None))

    with_points = replace(view, images=replace(view.images, points=True))
    rows = [
        _row("paint six prepared panes", _milliseconds(paint), _milliseconds(paint_with_qt),
             "<= 15 ms of the UI thread"),
        _row("project and draw six panes on a worker",
             _milliseconds(lambda: prepare_overlays(content, view, requests)), None, ""),
        _row("the same with 120,000 points",
             _milliseconds(lambda: prepare_overlays(content, with_points, requests)), None, ""),
        _row("select a label in all six", _milliseconds(select), None, "<= 15 ms"),
    ]  # fmt: skip
    del application
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
