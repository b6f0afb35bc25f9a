"""Every real point file against figures from independent readers.

The figures come from pypcd4 and Open3D (PCD), laspy (LAS), plyfile (PLY) and numpy (bins).
"""

import json

import numpy as np
import pytest

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.points.catalog import find_point_format, read_points
from viewer.formats.points.packed_colour import point_colours, unpack

# Files that the other readers refuse, or for which they give no figures: what they hold.
REFUSED = {"pcd/pypcd4/ascii_empty.pcd", "pcd/pypcd4/ascii_invalid_header.pcd"}
COUNTED_BY_HAND = {"pcd/pcl/bunny.pcd": 397, "ply/simple_text.ply": 3}


@pytest.fixture(scope="module")
def expected(real_data):
    return json.loads((real_data / "oracles" / "cloud_expected.json").read_text())["files"]


def files_with(expected, suffix):
    return {name: figures for name, figures in expected.items() if name.endswith(suffix)}


def close(values, figures, digits=1e-9):
    """Compare with printed figures; float32 columns were averaged in float64."""
    np.testing.assert_allclose(values, figures, rtol=digits, atol=1e-12)


def test_every_pcd(real_data, expected, kernels_loaded):
    files = files_with(expected, ".pcd")
    assert len(files) > 30
    for name, figures in files.items():
        if name in REFUSED:
            with pytest.raises(DamagedData):
                read_points(real_data / name)
            continue
        cloud = read_points(real_data / name)
        if name in COUNTED_BY_HAND:
            assert len(cloud) == cloud.finite_count == COUNTED_BY_HAND[name]
            continue
        if "records" not in figures:
            assert "sustech" in name
            continue
        assert len(cloud) == figures["records"], name
        assert cloud.finite_count == figures["finite_xyz"], name
        check_positions(cloud, figures)
        check_fields(cloud, figures)


def check_positions(cloud, figures):
    if cloud.finite_count == 0:
        assert cloud.bounds() is None
        return
    low, high = cloud.bounds()
    assert low.tolist() == figures["xyz_min"]
    assert high.tolist() == figures["xyz_max"]
    mask = cloud.finite_mask()
    close(cloud.xyz[mask].mean(axis=0, dtype=np.float64), figures["xyz_mean"])
    assert int(np.argmax(mask)) == figures["first_finite_index"]
    assert cloud.xyz[np.argmax(mask)].tolist() == figures["first_finite_xyz"]


def check_fields(cloud, figures):
    checked = 0
    for name, figure in figures.items():
        if isinstance(figure, dict) and "min" in figure and not name.startswith("#$%"):
            base, _, index = name.partition("__")
            values = cloud.fields[base]
            if index:
                values = values[:, int(index)]
            assert [values.min(), values.max()] == [figure["min"], figure["max"]], name
            close(values.mean(dtype=np.float64), figure["mean"])
            checked += 1
        for colour in ("rgb", "rgba"):
            if name == f"{colour}_first3_RGB":
                assert unpack(cloud.fields[colour])[:3].tolist() == figure
            if name == f"{colour}_mean_RGB":
                close(point_colours(cloud).mean(axis=0), figure)
    named = {key.partition("__")[0] for key, f in figures.items() if isinstance(f, dict)}
    named -= {"header"}
    assert checked >= len({name for name in named if not name.startswith("#$%")})


def test_sustechpoints_with_a_padding_field_of_no_bytes(real_data, kernels_loaded):
    text = (real_data / "oracles" / "scene_expected.json").read_text()
    frames = json.loads(text)["sustechpoints"]["frames"]
    assert len(frames) == 2
    for frame, figures in frames.items():
        cloud = read_points(real_data / f"scenes/sustechpoints/lidar/{frame}.pcd")
        assert len(cloud) == cloud.finite_count == figures["points"]
        low, high = cloud.bounds()
        assert low.tolist() == figures["xyz_min"]
        assert high.tolist() == figures["xyz_max"]
        intensity = cloud.fields["intensity"]
        stats = [intensity.min(), intensity.max(), intensity.mean(dtype=np.float64)]
        # This mean was taken in float32.
        close(stats, figures["intensity_min_max_mean"], 1e-7)
        assert list(cloud.fields) == ["intensity", "timestamp", "ring"]


def test_every_bin(real_data, expected, kernels_loaded):
    files = files_with(expected, ".bin")
    assert len(files) > 10
    for name, figures in files.items():
        if "columns" not in figures:
            with pytest.raises(DamagedData):
                read_points(real_data / name)
            continue
        cloud = read_points(real_data / name)
        assert len(cloud) == figures["points"], name
        table = np.concatenate(
            [cloud.xyz, *(values[:, None] for values in cloud.fields.values())], axis=1
        )
        assert table.shape[1] == figures["columns"], name
        assert table.min(axis=0).tolist() == figures["min"]
        assert table.max(axis=0).tolist() == figures["max"]
        close(table.mean(axis=0, dtype=np.float64), figures["mean"])


def test_every_las(real_data, expected):
    files = files_with(expected, (".las", ".laz"))
    assert len(files) == 8
    for name, figures in files.items():
        cloud = read_points(real_data / name)
        assert len(cloud) == figures["points"], name
        assert set(figures["extra_dims"]) <= set(cloud.fields)
        if not figures["points"]:
            assert cloud.bounds() is None
            continue
        low, high = cloud.bounds()
        close(low, figures["min"], 1e-14)
        close(high, figures["max"], 1e-14)
        intensity = cloud.fields["intensity"]
        close([intensity.min(), intensity.max(), intensity.mean()], figures["intensity"])


def test_every_ply(real_data, expected, kernels_loaded):
    files = files_with(expected, ".ply")
    assert len(files) >= 10
    for name, figures in files.items():
        cloud = read_points(real_data / name)
        if name in COUNTED_BY_HAND:
            assert cloud.xyz.tolist() == [[-1, 0, 0], [0, 1, 0], [1, 0, 0]]
            continue
        assert len(cloud) == figures["vertices"], name
        types = dict.fromkeys("xyz", cloud.xyz.dtype)
        types |= {field: values.dtype for field, values in cloud.fields.items()}
        assert {field: str(dtype) for field, dtype in types.items()} == figures["properties"]
        low, high = cloud.bounds()
        assert low.tolist() == figures["min"]
        assert high.tolist() == figures["max"]
        close(cloud.xyz.mean(axis=0, dtype=np.float64), figures["mean"])


def test_an_npz_of_another_tool(real_data):
    cloud = read_points(real_data / "other_points" / "diamond.npz")
    same = read_points(real_data / "ply" / "diamond_ascii.ply")
    np.testing.assert_array_equal(cloud.xyz, same.xyz)
    assert list(cloud.fields) == list(same.fields)


def test_files_of_other_formats_are_refused_by_name(real_data, expected):
    others = [name for name in expected if find_point_format(real_data / name) is None]
    assert {name.rsplit(".", 1)[1] for name in others} == {"e57", "label"}
    for name in [
        *others,
        "other_points/diamond.xyz",
        "other_points/autzen.pts",
        "mcap/example.mcap",
    ]:
        assert (real_data / name).is_file()
        with pytest.raises(UnknownFormat):
            read_points(real_data / name)
