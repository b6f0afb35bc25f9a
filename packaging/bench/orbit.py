"""Orbiting 10 million points, beside a plain VTK mapper over the same points; no screen needed."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from viewer.geometry.transform_tree import TransformTree
from viewer.render.convert import poly_vertex, vtk_points
from viewer.render.offscreen import offscreen_window
from viewer.render.scene_view import SceneView
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import LidarSensor, Rig
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.view_settings import ViewSettings

POINT_COUNT = 10_000_000
SIZE_PX = (1280, 720)
STEPS_DEG = 3.0


def _content(xyz: np.ndarray) -> FrameContent:
    cloud = PointCloud(xyz, {"intensity": np.abs(xyz[:, 2]).astype(np.float32)}, "world")
    frame = Frame(0, "0", None)
    scene = Scene("orbit", Path(), "none", (frame,), None, independent=True)
    rig = Rig({}, {"lidar": LidarSensor("lidar", "world")}, TransformTree())
    return FrameContent(scene, frame, rig, (LoadedSweep("lidar", cloud, None, 0),), {}, {})


def _median_s(step: Callable[[int], None], count: int) -> float:
    times = []
    for number in range(count):
        begun = time.perf_counter()
        step(number)
        times.append(time.perf_counter() - begun)
    return median(times)


def _plain_s(xyz: np.ndarray, eye: tuple[np.ndarray, np.ndarray], view_angle_deg: float) -> float:
    window = offscreen_window(*SIZE_PX)
    renderer = vtkRenderer()
    window.AddRenderer(renderer)
    data = vtkPolyData()
    data.SetPoints(vtk_points(xyz))
    data.SetVerts(poly_vertex(len(xyz)))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetPointSize(2)
    renderer.AddActor(actor)
    camera = renderer.GetActiveCamera()
    position, pivot = eye
    camera.SetPosition(*position)
    camera.SetFocalPoint(*pivot)
    camera.SetViewUp(0, 0, 1)
    camera.SetViewAngle(view_angle_deg)
    renderer.ResetCameraClippingRange()

    def step(_number: int) -> None:
        camera.Azimuth(STEPS_DEG)
        window.Render()
        window.WaitForCompletion()

    step(0)
    seconds = _median_s(step, 5)
    window.Finalize()
    return seconds


def _ours_s(content: FrameContent) -> tuple[float, float, tuple[np.ndarray, np.ndarray], float]:
    """Seconds a moving picture, seconds to the complete one at rest, and the eye at the start."""
    window = offscreen_window(*SIZE_PX)
    view = SceneView(window)
    view.set_size(*SIZE_PX)
    view.show_frame(content, ViewSettings())
    place = view.eye.position.copy(), view.eye.pivot.copy()
    angle = math.degrees(view.eye.current.view_angle_rad)
    view.render_complete()
    view.set_moving(True)

    def step(_number: int) -> None:
        view.eye.orbit(STEPS_DEG / 180.0 * SIZE_PX[1], 0.0)
        view.render()
        window.WaitForCompletion()

    step(0)
    moving = _median_s(step, 25)
    begun = time.perf_counter()
    view.render_complete()
    window.WaitForCompletion()
    complete = time.perf_counter() - begun
    view.dispose()
    window.Finalize()
    return moving, complete, place, angle


def run() -> list[dict[str, object]]:
    """Rows: name, ours, reference, ratio, unit, target."""
    xyz = np.random.default_rng(4).normal(0, 20, (POINT_COUNT, 3)).astype(np.float32)
    moving, complete, place, angle = _ours_s(_content(xyz))
    plain = _plain_s(xyz, place, angle)
    return [
        {
            "name": "orbit, 10 million points",
            "ours": 1.0 / moving,
            "reference": 1.0 / plain,
            "ratio": plain / moving,
            "unit": "fps",
            "target": 15.0,
        },
        {
            "name": "all 10 million points at rest",
            "ours": complete,
            "reference": plain,
            "ratio": plain / complete,
            "unit": "s",
            "target": None,
        },
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
