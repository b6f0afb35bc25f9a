"""Writes ros2.mcap with a serializer that is not the one our tests use; see README.md."""

import sys
from pathlib import Path

import numpy as np
from mcap_ros2.writer import Writer

START_NS = 1_700_000_000_000_000_000
LINE = "=" * 80
TIME = f"{LINE}\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
HEADER = f"{LINE}\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n" + TIME
CLOUD = (
    "std_msgs/Header header\nuint32 height\nuint32 width\nsensor_msgs/PointField[] fields\n"
    "bool is_bigendian\nuint32 point_step\nuint32 row_step\nuint8[] data\nbool is_dense\n"
    f"{LINE}\nMSG: sensor_msgs/PointField\nstring name\nuint32 offset\nuint8 datatype\n"
    "uint32 count\n" + HEADER
)
IMAGE = (
    "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\n"
    "uint32 step\nuint8[] data\n" + HEADER
)
INFO = (
    "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\nfloat64[] d\n"
    "float64[9] k\nfloat64[9] r\nfloat64[12] p\nuint32 binning_x\nuint32 binning_y\n"
    "sensor_msgs/RegionOfInterest roi\n"
    f"{LINE}\nMSG: sensor_msgs/RegionOfInterest\nuint32 x_offset\nuint32 y_offset\n"
    "uint32 height\nuint32 width\nbool do_rectify\n" + HEADER
)
TF = (
    "geometry_msgs/TransformStamped[] transforms\n"
    f"{LINE}\nMSG: geometry_msgs/TransformStamped\nstd_msgs/Header header\n"
    "string child_frame_id\ngeometry_msgs/Transform transform\n"
    f"{LINE}\nMSG: geometry_msgs/Transform\ngeometry_msgs/Vector3 translation\n"
    "geometry_msgs/Quaternion rotation\n"
    f"{LINE}\nMSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n"
    f"{LINE}\nMSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n" + HEADER
)


def header(now: int, frame_id: str) -> dict:
    return {"stamp": {"sec": now // 10**9, "nanosec": now % 10**9}, "frame_id": frame_id}


def transform(now: int, parent: str, child: str, xyz: tuple, xyzw: tuple) -> dict:
    return {
        "header": header(now, parent),
        "child_frame_id": child,
        "transform": {
            "translation": dict(zip("xyz", xyz, strict=True)),
            "rotation": dict(zip("xyzw", xyzw, strict=True)),
        },
    }


def main(path: str) -> None:
    with Path(path).open("wb") as file:
        writer = Writer(file)
        schemas = {
            topic: writer.register_msgdef(name, text)
            for topic, name, text in (
                ("/tf", "tf2_msgs/msg/TFMessage", TF),
                ("/lidar/points", "sensor_msgs/msg/PointCloud2", CLOUD),
                ("/front/image_raw", "sensor_msgs/msg/Image", IMAGE),
                ("/front/camera_info", "sensor_msgs/msg/CameraInfo", INFO),
            )
        }
        for frame in range(2):
            now = START_NS + frame * 100_000_000
            for topic, message in messages(frame, now):
                writer.write_message(topic, schemas[topic], message, now + 5_000_000, now)
        writer.finish()


def messages(frame: int, now: int):
    flat = (0.0, 0.0, 0.0, 1.0)
    yield (
        "/tf",
        {
            "transforms": [
                transform(now, "map", "base_link", (3.0 * frame, 0.0, 0.0), flat),
                transform(now, "base_link", "lidar", (0.5, 0.0, 2.0), flat),
                transform(now, "base_link", "cam", (1.0, 0.0, 1.5), (-0.5, 0.5, -0.5, 0.5)),
            ]
        },
    )
    points = np.zeros(3, [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("ring", "<u2")])
    points["x"] = [1, 2, 3]
    points["y"] = frame
    points["ring"] = [7, 8, 65535]
    fields = [
        {"name": name, "offset": offset, "datatype": kind, "count": 1}
        for name, offset, kind in (("x", 0, 7), ("y", 4, 7), ("z", 8, 7), ("ring", 12, 4))
    ]
    yield "/lidar/points", {
        "header": header(now, "lidar"), "height": 1, "width": 3, "fields": fields,
        "is_bigendian": False, "point_step": 14, "row_step": 42, "data": points.tobytes(),
        "is_dense": True,
    }  # fmt: skip
    pixels = np.arange(16 * 12 * 3, dtype=np.uint8).reshape(12, 16, 3)
    yield "/front/image_raw", {
        "header": header(now + 1_000_000, "cam"), "height": 12, "width": 16, "encoding": "bgr8",
        "is_bigendian": 0, "step": 48, "data": pixels.tobytes(),
    }  # fmt: skip
    k = [50.0, 0.0, 8.0, 0.0, 51.0, 6.0, 0.0, 0.0, 1.0]
    yield "/front/camera_info", {
        "header": header(now, "cam"), "height": 12, "width": 16,
        "distortion_model": "equidistant", "d": [0.01, -0.02, 0.003, -0.0004], "k": k,
        "r": [1.0, 0, 0, 0, 1, 0, 0, 0, 1], "p": [*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0],
        "binning_x": 0, "binning_y": 0,
        "roi": {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False},
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
