"""Writes foxglove.mcap with Foxglove's own message classes; see README.md."""

import io
import sys
from pathlib import Path

import numpy as np
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.FrameTransform_pb2 import FrameTransform
from foxglove_schemas_protobuf.PackedElementField_pb2 import PackedElementField
from foxglove_schemas_protobuf.PointCloud_pb2 import PointCloud
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from mcap_protobuf.writer import Writer
from PIL import Image

START_NS = 1_700_000_000_000_000_000


def main(path: str) -> None:
    with Path(path).open("wb") as file, Writer(file) as writer:
        for frame in range(2):
            now = START_NS + frame * 100_000_000
            for topic, message in messages(frame):
                stamped = message.entities[0] if isinstance(message, SceneUpdate) else message
                stamped.timestamp.FromNanoseconds(now)
                writer.write_message(topic, message, now, now)


def messages(frame: int):
    move = FrameTransform(parent_frame_id="map", child_frame_id="base_link")
    move.translation.x = 3.0 * frame
    move.rotation.w = 1.0
    yield "/tf", move
    mount = FrameTransform(parent_frame_id="base_link", child_frame_id="CAM_FRONT")
    mount.translation.x, mount.translation.z = 1.0, 1.5
    mount.rotation.x, mount.rotation.y, mount.rotation.z, mount.rotation.w = -0.5, 0.5, -0.5, 0.5
    yield "/tf", mount

    points = np.zeros(4, [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "u1")])
    points["x"] = [1, 2, 3, 4]
    points["y"] = frame
    points["z"] = -0.5
    points["intensity"] = [0, 10, 200, 255]
    cloud = PointCloud(frame_id="base_link", point_stride=13, data=points.tobytes())
    cloud.pose.position.z = 2.0
    cloud.pose.orientation.w = 1.0
    for name, offset in (("x", 0), ("y", 4), ("z", 8)):
        cloud.fields.add(name=name, offset=offset, type=PackedElementField.FLOAT32)
    cloud.fields.add(name="intensity", offset=12, type=PackedElementField.UINT8)
    yield "/LIDAR_TOP", cloud

    buffer = io.BytesIO()
    Image.new("RGB", (16, 12), (200, 40 + frame, 10)).save(buffer, "PNG")
    yield (
        "/CAM_FRONT/image_raw",
        CompressedImage(frame_id="CAM_FRONT", data=buffer.getvalue(), format="png"),
    )
    lens = CameraCalibration(
        frame_id="CAM_FRONT", width=16, height=12, distortion_model="plumb_bob"
    )
    lens.D.extend([-0.1, 0.02, 0.001, -0.002, 0.0])
    lens.K.extend([50, 0, 8, 0, 51, 6, 0, 0, 1])
    yield "/CAM_FRONT/camera_info", lens

    update = SceneUpdate()
    entity = update.entities.add(frame_id="map", id="box 7")
    entity.metadata.add(key="category", value="car")
    cube = entity.cubes.add()
    cube.pose.position.x, cube.pose.position.y, cube.pose.position.z = 5.0, 1.0 + frame, 1.0
    cube.pose.orientation.w = 1.0
    cube.size.x, cube.size.y, cube.size.z = 4.0, 2.0, 1.5
    yield "/markers/annotations", update


if __name__ == "__main__":
    main(sys.argv[1])
