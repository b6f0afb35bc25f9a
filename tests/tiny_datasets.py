"""The smallest datasets that show what each format holds, for tests that read them many times."""

import gzip
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import image_sets
import manifests
import numpy as np
import ros_bags
from PIL import Image
from ros_drive import START_NS, make_drive

from viewer.formats.builder import SceneBuilder
from viewer.formats.frame_builder import FrameContent
from viewer.formats.images import decode_overlay
from viewer.formats.memory_reader import MemoryReader
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import BrownConrady, Pinhole
from viewer.progress import JobContext
from viewer.scene.images import Image as Picture
from viewer.scene.images import OverlayRef
from viewer.scene.labels import BoxLabels2D, FrameLabels, LabelLink
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.point_classes import PointClasses
from viewer.scene.scene import Scene
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
    TextToken,
)

Maker = Callable[[Path], Path]
"""Writes a dataset into an empty folder, and returns what to open."""
FIRST_NS = 1_532_402_927_000_000_000
SIZE = (8, 6)


def picture(form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", SIZE, (90, 3, 200)).save(buffer, format=form)
    return buffer.getvalue()


def scene(*, bent: bool = True) -> Scene:
    """Two frames of a moving car with a lidar and a camera, a tracked box and a predicted one."""
    builder = SceneBuilder("drive")
    builder.add_lidar("lidar", position=(0, 0, 1.5))
    lens = BrownConrady(*SIZE, fx=6.0, fy=6.0, k1=-0.1) if bent else Pinhole(*SIZE, fx=6.0, fy=6.0)
    builder.add_camera("front", lens, position=(1, 0, 1.5))
    builder.add_label_set("annotations", predictions=False)
    builder.add_label_set("detector", predictions=True)
    for index in range(2):
        frame = builder.add_frame(
            timestamp_ns=FIRST_NS + index * 100_000_000, ego_position=(5.0 * index, 0, 0)
        )
        points = np.linspace(-9, 9, 24, dtype=np.float32).reshape(8, 3)
        frame.add_points("lidar", points, intensity=np.ones(8, np.float32))
        frame.add_image("front", picture("JPEG"))
        for name in ("annotations", "detector"):
            frame.add_cuboids(
                [[12.0, index, 0.75]], [[4.0, 2.0, 1.5]], class_names=["Car"], track_ids=["a"],
                coord_frame_id="world", label_set_id=name, attributes=[{"colour": "red"}],
                scores=[0.5] if name == "detector" else None,
            )  # fmt: skip
    return builder.build()


def plain_scene() -> Scene:
    """The drive seen by a camera without distortion."""
    return scene(bent=False)


def labels_of_all_kinds(labels: FrameLabels) -> FrameLabels:
    """Return the cuboids with one or two labels of each other kind."""
    shapes = ImageShapesBuilder()
    ring = [[0, 0], [5, 0], [0, 5]]
    shapes.add(ShapeKind.POLYGONS, label_id="p", parts=[ring], sensor_id="front", class_name="Car")
    shapes.add(
        ShapeKind.KEYPOINTS, label_id="k", parts=[[[1, 2], [3, 4]]], visibilities=[2, 1],
        keypoint_names=["nose", "tail"], sensor_id="front", class_name="dog",
    )  # fmt: skip
    shapes.add(ShapeKind.POLYLINE, label_id="l", parts=[ring], sensor_id="front", class_name="Lane")
    boxes = BoxLabels2D(
        np.array([[1.0, 1, 4, 5]]), ("front",), ("b",), ("Car",), ("a",), np.array([np.nan]), ({},)
    )
    inside = np.zeros(SIZE[::-1], bool)
    inside[2:4, 3:6] = True
    rain = ("front", "c", "rain")
    return replace(
        labels,
        boxes_2d=boxes,
        shapes_2d=shapes.build(),
        masks=(
            InstanceMask("front", "m", "Car", RunLengths.of(inside)),
            SemanticMask("front", "s", inside.astype(np.int32), {0: "road", 1: "Car"}),
        ),
        classifications=(Classification(ClassificationScope.IMAGE, *rain),),
        text_tokens=(TextToken("notes", "t", "verb", 2, "turns"),),
        point_classes=(PointClasses("lidar", np.arange(8, dtype=np.int32) % 2, {0: "a", 1: "b"}),),
        links=(LabelLink("parent", "p", "b"),),
    )


class OverlaidReader(MemoryReader):
    """Has a half-clear picture over each image."""

    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Picture:
        data = self.read_encoded_overlay(frame_index, sensor_id, overlay_id)
        return decode_overlay(data, overlay_id)

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGBA", (3, 2), (90, 3, 200, 128)).save(buffer, format="PNG")
        return buffer.getvalue()


def rich_scene() -> Scene:
    """The same drive with overlays, the truth of its first frame with labels of all kinds."""
    plain = scene()
    reader = plain.reader
    contents = [
        FrameContent(
            replace(frame, overlays=(OverlayRef("front", "heat", "memory", True),)),
            {"lidar": reader.read_point_cloud(frame.index, "lidar")},
            {"front": picture()},
            {
                each.label_set_id: reader.read_labels(frame.index, each.label_set_id)
                for each in plain.label_sets
            },
        )
        for frame in plain.frames
    ]
    labels = dict(contents[0].labels)
    labels["annotations"] = labels_of_all_kinds(labels["annotations"])
    contents[0] = replace(contents[0], labels=labels)
    return replace(
        plain,
        frames=tuple(each.frame for each in contents),
        reader=OverlaidReader(reader.read_rig(0), contents),
        has_overlays=True,
    )


def written(name: str, make: Callable[[], Scene] = rich_scene) -> Maker:
    """Return a maker that has a layout's own writer write the drive."""

    def write(root: Path) -> Path:
        writer_by_name(name).write([make()], root / "data", JobContext(), WriteOptions())
        return root / "data"

    return write


def listed(name: str) -> Maker:
    """Return a maker of a dataset whose manifest names its pictures."""
    return lambda root: getattr(manifests, name)(root, manifests.FINE).dataset


def image_set(name: str) -> Maker:
    return lambda root: getattr(image_sets, name)(root)


def kitti_raw(root: Path) -> Path:
    from formats.conftest import write_drive

    drive = write_drive(root / "2011_09_26" / "2011_09_26_drive_0001_sync", frame_count=2)
    for sweep in drive.rglob("*.bin"):
        sweep.write_bytes(sweep.read_bytes()[:160])
    return drive


def semantic_kitti(root: Path) -> Path:
    sequence = root / "sequences" / "04"
    for folder in ("velodyne", "labels", "predictions", "image_2"):
        (sequence / folder).mkdir(parents=True)
    rows = {
        "P2": "70 0 62 4.5 0 70 18 0.2 0 0 1 0.0027",
        "Tr": "0 -1 0 0 0 0 -1 -0.08 1 0 0 -0.27",
    }
    (sequence / "calib.txt").write_text("".join(f"{key}: {row}\n" for key, row in rows.items()))
    (sequence / "times.txt").write_text("0.000000e+00\n1.038505e-01\n")
    (sequence / "poses.txt").write_text("1 0 0 0 0 1 0 0 0 0 1 0\n1 0 0 0 0 1 0 0 0 0 1 1.3\n")
    for stem in ("000000", "000001"):
        np.arange(40, dtype="<f4").tofile(sequence / "velodyne" / f"{stem}.bin")
        (sequence / "image_2" / f"{stem}.png").write_bytes(picture())
        numbers = np.arange(40, 50) | np.arange(10) << 16
        for folder in ("labels", "predictions"):
            numbers.astype("<u4").tofile(sequence / folder / f"{stem}.label")
    return root


def pandaset(root: Path) -> Path:
    from formats.pandaset.conftest import LENS, START_S, TABLES, pose

    tables = {"points": "lidar", "cuboids": "annotations/cuboids", "classes": "annotations/semseg"}
    for table, folder in tables.items():
        (root / folder).mkdir(parents=True)
        data = (TABLES / f"{table}_pandas1.5_protocol4.pkl.gz").read_bytes()
        (root / folder / "00.pkl.gz").write_bytes(data)
        # Bytes changed behind a checksum would never reach the table.
        (root / folder / "01.pkl").write_bytes(gzip.decompress(data))
    camera = root / "camera" / "front_camera"
    camera.mkdir(parents=True)
    (root / "meta").mkdir()
    for index in range(2):
        (camera / f"{index:02d}.jpg").write_bytes(picture("JPEG"))
    poses, times = [pose(index, 1.5) for index in range(2)], [START_S, START_S + 0.1]
    documents = {
        "lidar/poses": poses, "lidar/timestamps": times, "meta/timestamps": times,
        "camera/front_camera/poses": poses, "camera/front_camera/timestamps": times,
        "camera/front_camera/intrinsics": LENS,
        "annotations/semseg/classes": {"5": "Vegetation", "6": "Ground"},
        "meta/gps": [{"lat": 37.75, "long": -122.25, "height": 5.5, "xvel": 1.0, "yvel": -2.0}] * 2,
    }  # fmt: skip
    for name, value in documents.items():
        (root / f"{name}.json").write_text(json.dumps(value))
    return root


def openlabel(root: Path) -> Path:
    systems = {
        "odom": {"type": "scene_cs", "parent": "", "children": ["base"]},
        "base": {"type": "local_cs", "parent": "odom", "children": ["front"]},
        "front": {
            "type": "sensor_cs", "parent": "base",
            "pose_wrt_parent": {"matrix4x4": [0, 0, 1, 1, -1, 0, 0, 0, 0, -1, 0, 2, 0, 0, 0, 1]},
        },
    }  # fmt: skip
    matrix = [6.0, 0, 4, 0, 0, 6.0, 3, 0, 0, 0, 1, 0]
    lens = {"width_px": 8, "height_px": 6, "camera_matrix": matrix, "distortion_coeffs": [0.1] * 4}
    streams = {
        "front": {"type": "camera", "stream_properties": {"intrinsics_pinhole": lens}},
        "lidar": {"type": "lidar"},
    }
    frames = {}
    for index in range(2):
        uris = {"front": {"uri": "a.png"}, "lidar": {"uri": "a.bin"}}
        pose = {"quaternion": [0, 0, 0, 1], "translation": [5.0 * index, 0, 0]}
        change = {"t": {"src": "base", "dst": "odom", "transform_src_to_dst": pose}}
        nine = [9.0, 1.0, 0.5, 0.1, 0.2, 0.3, 4.0, 2.0, 1.5]
        data = {
            "cuboid": [{"name": "body", "coordinate_system": "base", "val": nine,
                        "attributes": {"num": [{"name": "occluded", "val": 1}]}}],
            "bbox": [{"name": "b", "coordinate_system": "front", "val": [4, 3, 2, 2]}],
            "poly2d": [{"name": "p", "coordinate_system": "front", "mode": "MODE_POLY2D_ABSOLUTE",
                        "closed": True, "val": [0, 0, 5, 0, 0, 5]}],
            "text": [{"name": "colour", "val": "red"}],
        }  # fmt: skip
        frames[str(index)] = {
            "frame_properties": {
                "timestamp": f"2024-01-01T00:00:0{index}Z", "transforms": change, "streams": uris,
            },
            "objects": {"7": {"object_data": data}},
        }  # fmt: skip
    body = {
        "metadata": {"schema_version": "1.0.0"}, "coordinate_systems": systems, "streams": streams,
        "frames": frames, "objects": {"7": {"name": "car7", "type": "Car"}},
        "actions": {"1": {"name": "stops", "type": "stop"}},
    }  # fmt: skip
    (root / "a.png").write_bytes(picture())
    np.arange(40, dtype="<f4").tofile(root / "a.bin")
    (root / "labels.json").write_text(json.dumps({"openlabel": body}))
    return root / "labels.json"


def rosbag(kind: str) -> Maker:
    box = ros_bags.pose((1, 2, 3), (1, 0, 0, 0))
    cubes = ros_bags.markers(ros_bags.marker(START_NS, "map", "car", 1, box, (4, 2, 1)))

    def write(root: Path) -> Path:
        drive = make_drive(frame_count=1, point_count=8, size=SIZE)
        return ros_bags.write_bag(root, kind, [*drive.messages, ("/cubes", START_NS, cubes)])

    return write


def point_folder(root: Path) -> Path:
    (root / "lidar").mkdir()
    (root / "camera" / "front").mkdir(parents=True)
    (root / "calib" / "camera").mkdir(parents=True)
    np.arange(40, dtype="<f4").tofile(root / "lidar" / "0.bin")
    (root / "lidar" / "1.pcd").write_bytes(PCD)
    for index in range(2):
        (root / "camera" / "front" / f"{index}.png").write_bytes(picture())
    lens = {"extrinsic": np.eye(4).ravel().tolist(), "intrinsic": [6, 0, 4, 0, 6, 3, 0, 0, 1]}
    (root / "calib" / "camera" / "front.json").write_text(json.dumps(lens))
    return root


PCD: Final = (
    b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z i\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\n"
    b"WIDTH 10\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS 10\nDATA binary\n"
) + np.arange(40, dtype="<f4").tobytes()
PLY: Final = (
    b"ply\nformat binary_little_endian 1.0\nelement vertex 10\nproperty float x\n"
    b"property float y\nproperty float z\nproperty float i\nend_header\n"
) + np.arange(40, dtype="<f4").tobytes()


def lone(name: str, data: bytes) -> Maker:
    def write(root: Path) -> Path:
        (root / name).write_bytes(data)
        return root / name

    return write


def lightly(root: Path) -> Path:
    """Every kind of file beside the pictures."""
    written("lightly")(root).rename(root / "set")
    hidden = root / "set" / ".lightly"
    stem = next(path for path in (root / "set").rglob("*.png")).relative_to(root / "set")
    (hidden / "embeddings").mkdir(parents=True, exist_ok=True)
    (hidden / "embeddings" / "default.csv").write_text(
        f"filenames,embedding_0,embedding_1,labels\n{stem},0.5,1.5,0\n"
    )
    tags = [{"id": "t", "prevTagId": None, "name": "all", "bitMaskData": "0x1", "totSize": 1}]
    (root / "set" / "tags.json").write_text(json.dumps(tags))
    return root / "set"


TINY_DATASETS: Final[Mapping[str, tuple[Maker, ...]]] = {
    "native": (written("native"),),
    "scene_pack": (written("scene_pack"),),
    "nuscenes": (written("nuscenes"),),
    "nuscenes_results": (written("nuscenes_results"),),
    "argoverse2": (written("argoverse2"),),
    "pandaset": (pandaset,),
    "rosbag": (rosbag("ros1-none"), rosbag("sqlite-none"), rosbag("mcap-none")),
    "aquarium": (written("aquarium"), listed("aquarium")),
    "nucleus": (written("nucleus"), listed("nucleus")),
    "dataloop": (written("dataloop"), listed("dataloop")),
    "lightly": (lightly, listed("lightly")),
    "coco": (written("coco"), image_set("coco")),
    "pascal_voc": (written("pascal_voc"), image_set("pascal_voc")),
    "yolo": (written("yolo"), image_set("yolo")),
    "kitti_raw": (kitti_raw,),
    "kitti_tracking": (written("kitti_tracking", plain_scene),),
    "kitti_object": (written("kitti_object", plain_scene),),
    "semantic_kitti": (semantic_kitti,),
    "openlabel": (openlabel, listed("openlabel")),
    "sustechpoints": (written("sustechpoints"),),
    "supervisely": (written("supervisely"),),
    "labelcloud": (written("labelcloud"),),
    "point_folder": (point_folder,),
    "lone_file": (
        lone("a.pcd", PCD), lone("a.ply", PLY), lone("a.png", picture()),
        lone("a.jpg", picture("JPEG")), lone("a.bin", PCD[-160:]),
    ),
}  # fmt: skip
"""By the formats' names; every format of the catalogue stands here."""
