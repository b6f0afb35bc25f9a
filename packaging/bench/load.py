"""Loading point clouds beside Open3D's tensor reader and numpy.

Loaded means: contiguous float32 xyz, one scalar and the finite count in memory. Every reader gets
the same files, 2 million points of x y z intensity, from a warm page cache.
"""

import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

POINTS = 2_000_000
_HEADER = (
    "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z intensity\n"
    "SIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH {n}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
    "POINTS {n}\nDATA {form}\n"
)


def run() -> list[dict[str, object]]:
    """Measure and return one row a file form."""
    import open3d as o3d

    from viewer.formats.points import warm_up
    from viewer.formats.points.catalog import read_points

    warm_up()
    rows: list[dict[str, object]] = []

    def ours(path: Path) -> None:
        cloud = read_points(path)
        assert cloud.xyz.dtype == np.float32
        assert len(cloud) == cloud.finite_count == POINTS
        assert cloud.xyz.flags.c_contiguous
        assert cloud.fields["intensity"].flags.c_contiguous

    def open3d(path: Path) -> None:
        cloud = o3d.t.io.read_point_cloud(str(path))
        xyz = cloud.point.positions.numpy()
        assert cloud.point["intensity"].numpy().shape == (POINTS, 1)
        assert np.count_nonzero(np.isfinite(xyz).all(axis=1)) == POINTS

    def fromfile(path: Path) -> None:
        assert len(np.fromfile(path, dtype="<f4")) == 4 * POINTS

    with tempfile.TemporaryDirectory() as folder:
        files = write_files(Path(folder))
        for name, form, reference, label, target, repeats in (
            ("KITTI bin", "bin", fromfile, "numpy.fromfile", 0.5, 21),
            ("PCD binary", "binary", open3d, "Open3D tensor reader", 40.0, 5),
            ("PCD ascii", "ascii", open3d, "Open3D tensor reader", 4.0, 3),
            ("PCD binary_compressed", "binary_compressed", open3d, "Open3D tensor reader", 3.0, 5),
        ):
            path = files[form]
            theirs_s, ours_s = median_pair(
                lambda path=path, read=reference: read(path), lambda path=path: ours(path), repeats
            )
            rows.append(
                {
                    "name": f"load {name}, 2 million points",
                    "ours": ours_s * 1e3,
                    "reference": theirs_s * 1e3,
                    "reference_name": label,
                    "ratio": theirs_s / ours_s,
                    "unit": "ms",
                    "target": target,
                }
            )
    return rows


def median_pair(
    first: Callable[[], object], second: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """Return the median seconds of two functions that take turns, after one unmeasured turn."""
    first()
    second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for function, out in zip((first, second), times, strict=True):
            start = time.perf_counter()
            function()
            out.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def write_files(folder: Path) -> dict[str, Path]:
    """Write one spinning-lidar-like cloud in every form."""
    cloud = lidar_like_cloud()
    paths = {form: folder / f"{form}.pcd" for form in ("binary", "ascii", "binary_compressed")}
    paths["bin"] = folder / "cloud.bin"
    cloud.tofile(paths["bin"])
    head = _HEADER.format(n=POINTS, form="binary").encode()
    paths["binary"].write_bytes(head + cloud.tobytes())
    with paths["ascii"].open("wb") as file:
        file.write(_HEADER.format(n=POINTS, form="ascii").encode())
        for start in range(0, POINTS, 100_000):
            rows = cloud[start : start + 100_000].tolist()
            lines = [f"{x:.8g} {y:.8g} {z:.8g} {i:.8g}\n" for x, y, z, i in rows]
            file.write("".join(lines).encode())
    columns = np.ascontiguousarray(cloud.T).tobytes()
    packed = lzf_compress(columns)
    head = _HEADER.format(n=POINTS, form="binary_compressed").encode()
    sizes = struct.pack("<II", len(packed), len(columns))
    paths["binary_compressed"].write_bytes(head + sizes + packed)
    return paths


def lidar_like_cloud() -> np.ndarray:
    """Return (POINTS, 4) float32: rings over rough ground, millimetre steps, 8-bit intensity."""
    random = np.random.default_rng(7)
    azimuth = np.linspace(0.0, 62.0 * np.pi, POINTS)
    ring = np.arange(POINTS) % 64
    range_m = 3.0 + ring + 4.0 * np.sin(7.0 * azimuth) + random.normal(0.0, 0.02, POINTS)
    height_m = 0.02 * range_m * (ring - 40) / 10.0
    xyz = np.stack([range_m * np.cos(azimuth), range_m * np.sin(azimuth), height_m], axis=1)
    intensity = random.integers(0, 256, POINTS)[:, None] / 255.0
    return np.concatenate([np.round(xyz, 3), intensity], axis=1).astype("<f4")


def lzf_compress(data: bytes) -> bytes:
    """Return an LZF stream of the bytes, with the greedy three-byte matches that LibLZF makes."""
    from numba import njit

    @njit(cache=False)
    def compress(source, out):  # noqa: ANN001, ANN202
        table = np.full(1 << 16, -1, dtype=np.int64)
        at, written, literals = 0, 1, 0
        size = source.size
        while at < size:
            reference = -1
            if at + 2 < size:
                word = (
                    np.int64(source[at]) << 16
                    | np.int64(source[at + 1]) << 8
                    | np.int64(source[at + 2])
                )
                slot = ((word * 2654435761) >> 12) & 0xFFFF
                reference = table[slot]
                table[slot] = at
            distance = at - reference
            if (
                reference >= 0
                and distance <= 8192
                and source[reference] == source[at]
                and source[reference + 1] == source[at + 1]
                and source[reference + 2] == source[at + 2]
            ):
                length = 3
                while (
                    length < 264
                    and at + length < size
                    and source[reference + length] == source[at + length]
                ):
                    length += 1
                if literals:
                    out[written - literals - 1] = literals - 1
                else:
                    written -= 1
                coded = length - 2
                offset = distance - 1
                if coded < 7:
                    out[written] = (coded << 5) | (offset >> 8)
                    written += 1
                else:
                    out[written] = (7 << 5) | (offset >> 8)
                    out[written + 1] = coded - 7
                    written += 2
                out[written] = offset & 255
                written += 2
                literals = 0
                at += length
                continue
            out[written] = source[at]
            written += 1
            literals += 1
            at += 1
            if literals == 32:
                out[written - 33] = 31
                literals = 0
                written += 1
        if literals:
            out[written - literals - 1] = literals - 1
            return written
        return written - 1

    source = np.frombuffer(data, dtype=np.uint8)
    out = np.empty(len(data) + len(data) // 16 + 64, dtype=np.uint8)
    return out[: compress(source, out)].tobytes()


if __name__ == "__main__":
    for row in run():
        verdict = "ok" if float(str(row["ratio"])) >= float(str(row["target"])) else "TOO SLOW"
        sys.stdout.write(
            f"{row['name']:45s} ours {row['ours']:8.2f} ms, {row['reference_name']} "
            f"{row['reference']:8.2f} ms: {row['ratio']:6.2f} (target {row['target']}) {verdict}\n"
        )
