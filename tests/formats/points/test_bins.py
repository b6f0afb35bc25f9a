"""Raw float32 tables and the four-file form."""

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.bins import read_bin, read_bins
from viewer.formats.points.catalog import read_points


def sweep(columns, rows, seed=0):
    """A spinning lidar's rows: x y z change slowly, then intensity, ring, seconds."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 6.28, rows)
    range_m = 20 + 10 * np.sin(5 * angle)
    table = np.stack(
        [
            range_m * np.cos(angle),
            range_m * np.sin(angle),
            -1.7 + 0.05 * random.normal(size=rows),
            random.random(rows).round(2),
            random.integers(0, 32, rows),
            1.5e9 + angle,
        ],
        axis=1,
    )
    return table[:, :columns].astype("<f4")


@pytest.mark.parametrize(
    ("columns", "rows"),
    [(3, 600), (4, 60), (4, 61), (4, 600), (4, 6000), (5, 60), (5, 600), (6, 60), (6, 6000)],
)
def test_the_number_of_columns_is_found(tmp_path, columns, rows, kernels_loaded):
    table = sweep(columns, rows)
    path = tmp_path / "sweep.bin"
    path.write_bytes(table.tobytes())
    cloud = read_points(path)
    np.testing.assert_array_equal(cloud.xyz, table[:, :3])
    assert len(cloud.fields) == columns - 3
    for index, values in enumerate(cloud.fields.values()):
        np.testing.assert_array_equal(values, table[:, 3 + index])


@pytest.mark.parametrize("columns", [4, 5, 6])
def test_shuffled_points_are_still_counted_right(tmp_path, columns):
    table = sweep(columns, 3000)
    np.random.default_rng(1).shuffle(table)
    path = tmp_path / "sweep.bin"
    path.write_bytes(table.tobytes())
    np.testing.assert_array_equal(read_points(path).xyz, table[:, :3])


def test_four_columns_win_where_nothing_decides(tmp_path):
    path = tmp_path / "still.bin"
    path.write_bytes(np.ones(60, dtype="<f4").tobytes())
    assert read_points(path).fields["intensity"].tolist() == [1.0] * 15


def test_the_number_of_columns_can_be_given(tmp_path):
    path = tmp_path / "sweep.bin"
    path.write_bytes(np.arange(60, dtype="<f4").tobytes())
    assert list(read_bin(path, columns=5).fields) == ["intensity", "ring"]
    assert read_bin(path, columns=10).xyz[1].tolist() == [10, 11, 12]
    with pytest.raises(DamagedData, match="do not fill rows of 7"):
        read_bin(path, columns=7)


def test_pcd_bin_always_has_five_columns(tmp_path):
    table = sweep(5, 8)
    path = tmp_path / "LIDAR_TOP.pcd.bin"
    path.write_bytes(table.tobytes())
    cloud = read_points(path)
    np.testing.assert_array_equal(cloud.xyz, table[:, :3])
    np.testing.assert_array_equal(cloud.fields["ring"], table[:, 4])
    path.write_bytes(table.tobytes()[:-4])
    with pytest.raises(DamagedData, match="39 numbers do not fill rows of 5"):
        read_points(path)


def test_six_columns_are_colours_when_they_look_so(tmp_path):
    table = sweep(6, 100)
    table[:, 3:] = np.random.default_rng(0).integers(0, 256, (100, 3))
    path = tmp_path / "room.bin"
    path.write_bytes(table.tobytes())
    assert list(read_bin(path, columns=6).fields) == ["red", "green", "blue"]


def test_infinite_and_missing_values_are_kept(tmp_path):
    table = sweep(4, 50)
    table[3, 0], table[4, 2] = np.nan, -np.inf
    path = tmp_path / "sweep.bin"
    path.write_bytes(table.tobytes())
    cloud = read_points(path)
    np.testing.assert_array_equal(cloud.xyz, table[:, :3])
    assert cloud.finite_count == 48


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"abc", "no whole number of float32"),
        (b"\0" * 28, "fill no rows"),
        (np.arange(1, 401, dtype="<u4").tobytes(), "no plausible positions"),
        (b"\x7f" * 1600, "no plausible positions"),
    ],
)
def test_what_is_no_cloud_is_refused(tmp_path, content, problem):
    path = tmp_path / "labels.bin"
    path.write_bytes(content)
    with pytest.raises(DamagedData, match=problem):
        read_points(path)


@pytest.fixture
def four(tmp_path):
    """The four files of a cloud of 10 points."""
    table = sweep(4, 10)
    paths = {name: tmp_path / f"{name}.bin" for name in ("points", "kitti", "intensity", "range_m")}
    paths["points"].write_bytes(table[:, :3].tobytes())
    paths["kitti"].write_bytes(table.tobytes())
    paths["intensity"].write_bytes((np.arange(10, dtype="<u4") + 2**31).tobytes())
    paths["range_m"].write_bytes(np.linspace(0, 9, 10, dtype="<f4").tobytes())
    return table, paths


def test_four_files_make_one_cloud(four, kernels_loaded):
    table, paths = four
    cloud = read_bins(**paths)
    np.testing.assert_array_equal(cloud.xyz, table[:, :3])
    assert cloud.fields["intensity"].dtype == np.uint32
    assert cloud.fields["intensity"].tolist() == [2**31 + i for i in range(10)]
    np.testing.assert_array_equal(cloud.fields["range"], np.linspace(0, 9, 10, dtype="f4"))
    np.testing.assert_array_equal(cloud.fields["kitti_intensity"], table[:, 3])


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (("points",), []),
        (("kitti",), ["intensity"]),
        (("kitti", "intensity"), ["kitti_intensity", "intensity"]),
        (("points", "intensity", "range_m"), ["intensity", "range"]),
        (("points", "kitti"), ["intensity"]),
    ],
)
def test_some_of_the_four_files(four, given, fields):
    table, paths = four
    cloud = read_bins(**{name: paths[name] for name in given})
    np.testing.assert_array_equal(cloud.xyz, table[:, :3])
    assert list(cloud.fields) == fields


@pytest.mark.parametrize("name", ["kitti", "intensity", "range_m"])
def test_lengths_must_agree(four, name):
    _, paths = four
    size = 16 if name == "kitti" else 4
    paths[name].write_bytes(paths[name].read_bytes()[:-size])
    with pytest.raises(DamagedData, match=r"has 9 points where points\.bin has 10") as caught:
        read_bins(**paths)
    assert caught.value.path == paths[name]


def test_half_a_point_and_no_positions_are_refused(four):
    _, paths = four
    paths["points"].write_bytes(b"\0" * 20)
    with pytest.raises(DamagedData, match="do not fill rows of 3"):
        read_bins(**paths)
    with pytest.raises(ValueError, match="needs points or kitti"):
        read_bins(intensity=paths["intensity"])
