"""Runs every compiled kernel once on small inputs, so that the cache on disk holds them all."""

import numpy as np

from viewer.geometry.box_fit import fit_boxes
from viewer.geometry.box_sight import trace_boxes
from viewer.geometry.cameras.catalog import CAMERA_MODELS
from viewer.geometry.cameras.lens_kernels import CHUNK
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import bev_iou, iou_3d
from viewer.geometry.projection import project_cuboids, project_points, silhouette_polygon
from viewer.geometry.smooth_path import smooth_path


def compile_kernels() -> None:
    """Compile for the dtypes that the application uses: float32 and float64 points."""
    box = Cuboids(np.zeros((1, 3)), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "world")
    iou_3d(box, box)
    bev_iou(box, box)
    smooth_path(np.arange(5.0), np.zeros((5, 3)))
    for dtype in (np.float32, np.float64):
        points = np.ones((2 * CHUNK, 3), dtype)
        box.count_points(points)
        box.containing_cuboid(points)
        fit_boxes(points, box, 0.3, 0.2)
        trace_boxes(points, np.zeros(3), box)
        for model in CAMERA_MODELS:
            camera = model.examples()[0]
            for cloud in (points[:8], points):
                camera.project(cloud)
                project_points(cloud, camera, np.eye(4))
    for model in CAMERA_MODELS:
        project_cuboids(box, model.examples()[0], np.eye(4))
        silhouette_polygon(box, model.examples()[0], np.eye(4))
        for count in (8, 2 * CHUNK):
            model.examples()[0].unproject(np.zeros((count, 2)))
