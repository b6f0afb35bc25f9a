"""Clouds of every layout that a message can describe."""

import numpy as np
import pytest
import ros_bags as ros

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset

PLAIN = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4")])


def read_one(tmp_path, message, kind="mcap-none"):
    path = ros.write_bag(tmp_path, kind, [("/scan/points", 10**9, message)])
    (scene,) = open_dataset(path).scenes
    return scene.reader.read_point_cloud(0, scene.lidar_ids[0])


def filled(dtype, count, seed=1):
    generator = np.random.default_rng(seed)
    points = np.zeros(count, dtype)
    for name in points.dtype.names:
        values = generator.uniform(0, 100, (count, *points.dtype[name].shape))
        points[name] = values.astype(points.dtype[name].base)
    return points


@pytest.mark.parametrize("kind", ["ros1-none", "sqlite-none"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_datatype_in_both_byte_orders(order, kind, tmp_path):
    names = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
    fields = [(axis, f"{order}f4") for axis in "xyz"] + [
        (f"field_{name}", order + name) for name in names
    ]
    points = filled(np.dtype(fields), 50)
    cloud = read_one(tmp_path, ros.cloud(0, "a", points), kind)
    np.testing.assert_array_equal(cloud.xyz, np.stack([points[axis] for axis in "xyz"], axis=1))
    for name in names:
        values = cloud.fields[f"field_{name}"]
        assert values.dtype == np.dtype(name)
        np.testing.assert_array_equal(values, points[f"field_{name}"])


def test_gaps_padded_rows_and_fields_of_several_numbers(tmp_path):
    dtype = np.dtype(
        {
            "names": ["z", "x", "y", "normal"],
            "formats": ["<f8", "<f8", "<f8", ("<f4", (3,))],
            "offsets": [0, 16, 24, 40],
            "itemsize": 57,
        }
    )
    points = filled(dtype, 12)
    cloud = read_one(tmp_path, ros.cloud(0, "a", points, row_count=3, row_padding=5))
    assert (cloud.xyz.dtype, cloud.organized_shape) == (np.float64, (3, 4))
    np.testing.assert_array_equal(cloud.xyz, np.stack([points[axis] for axis in "xyz"], axis=1))
    np.testing.assert_array_equal(cloud.fields["normal"], points["normal"])


def test_an_empty_cloud_is_a_cloud(tmp_path):
    cloud = read_one(tmp_path, ros.cloud(0, "a", np.zeros(0, PLAIN)))
    assert (len(cloud), cloud.organized_shape) == (0, None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"width": 11}, "bytes where 11 x 1 points"),
        ({"width": 2**32 - 1, "height": 2**32 - 1}, "too many"),
        ({"point_step": 8}, "ends after the 8 bytes"),
        ({"point_step": 0}, "points of 0 bytes"),
        ({"height": 2, "width": 5, "row_step": 12}, "rows of 12 bytes"),
        ({"fields": []}, "no fields x, y and z"),
        (
            {"fields": [ros.node("sensor_msgs/msg/PointField", name="x", offset=0, datatype=9,
                                 count=1)]},
            "unknown datatype 9",
        ),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused(changes, told, tmp_path):
    message = ros.cloud(0, "a", filled(PLAIN, 10), **changes)
    with pytest.raises(DamagedData, match=told) as caught:
        read_one(tmp_path, message)
    assert caught.value.place == "/scan/points, message 1"
