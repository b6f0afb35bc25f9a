"""Runs the compiled kernels of the 3D view once, so that the cache on disk holds them all."""

from pathlib import Path

import numpy as np

from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.render import splat_kernels
from viewer.render.caption_placement import place_captions
from viewer.render.colour import colour_points
from viewer.render.glyph_atlas import fill_plate, glyph_atlas
from viewer.render.picking import nearest_point
from viewer.render.point_slabs import slab_cloud
from viewer.render.rasterizer import DrawingBuilder, Pen, Placement, Polylines
from viewer.scene.images import Image
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor, Rig
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.view_settings import PointStyle


def compile_kernels() -> None:
    """Compile for the dtypes that clouds come in."""
    for dtype in (np.float32, np.float64):
        cloud = PointCloud(np.random.default_rng(0).normal(0, 1, (64, 3)).astype(dtype))
        slab = slab_cloud(cloud, slab_points=16).slabs[0]
        limits = np.array([-1e9, 1e9, 0.0, 1e9, -1.0, -1.0, 0.0])
        eye = np.eye(4)
        nearest_point(
            slab, np.arange(1), eye, (0.0, 0.0), (1.0, 1.0), 0.0, eye, limits, eye, np.ones(3)
        )
        splat_kernels.splat(
            slab.xyz, np.ones(len(slab.xyz), np.float32), eye, eye, limits, eye, np.ones(3), 1, 0.0,
            1.0, np.zeros(256, np.uint32), 0, 2.0, True, np.zeros((8, 8), np.uint32),
            np.ones((8, 8), np.float32),
        )  # fmt: skip
        content = _content(cloud)
        colour_points(content, content.sweeps[0], PointStyle(colour_by="cameras"))
    buffer = np.zeros((32, 64, 4), np.uint8)
    fill_plate(buffer, 0, 0, 20, 12, 3.0, np.array([0.0, 0.0, 0.0, 0.5]))
    glyph_atlas(11).draw(buffer, "a", 2, 2, (255, 255, 255))
    place_captions(np.ones((1, 2)), np.ones(1, np.int64), 8, np.ones(1), (64, 32), gap_px=2)
    lines, _ = Polylines.from_curves(np.array([[1.0, 1.0], [20.0, 9.0]]), np.array([0, 2]))
    builder = DrawingBuilder()
    builder.stroke(builder.add_lines(lines), Pen((255, 255, 255), 1.5))
    builder.build().draw(buffer, Placement(1.0, 0.0, 0.0), (0, 0, 64, 32))


def _content(cloud: PointCloud) -> FrameContent:
    camera = CameraSensor("camera", "camera", Pinhole(32, 32, fx=16, fy=16))
    tree = TransformTree([RigidTransform.identity("world", "camera")])
    frame = Frame(0, "0", None)
    scene = Scene("", Path(), "", (frame,), None, independent=True)  # type: ignore[arg-type]
    image = Image(np.zeros((32, 32, 4), np.uint8), 32, 32)
    sweep = LoadedSweep("lidar", cloud, None, 0)
    return FrameContent(
        scene, frame, Rig({"camera": camera}, {}, tree), (sweep,), {"camera": image}, {}
    )
