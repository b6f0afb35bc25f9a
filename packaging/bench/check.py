"""How many frames and labels a second are checked, on one and two workers, at three sizes.

And how much memory it takes, which must not grow with the number of scenes.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

STREET = Path(__file__).parents[2] / "sample_scenes" / "street_with_errors"
SIZES = (4, 8, 16)
"""Scenes of 40 frames and some 1,500 cuboids."""
TARGET_SPEEDUP = 1.6
MEMORY_SIZES = (5, 20, 80)
"""Scenes of so many frames:"""
MEMORY_FRAMES = 8
TARGET_GROWTH_MB = 0.5
"""A scene: frames, calibration and counts are kept of each; its findings are on disk."""


@contextmanager
def _many(count: int, frames: int | None = None) -> Iterator[Path]:
    """A folder of copies of the street, each with a name of its own and files of its own.

    With so many frames only, where they are given.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            copy = Path(folder) / f"street_{number:03d}"
            shutil.copytree(STREET, copy, ignore=shutil.ignore_patterns("images"))
            scene = copy / "scene.json"
            text = scene.read_text(encoding="utf-8")
            named = text.replace('"street_with_errors"', f'"{copy.name}"', 1)
            scene.write_text(named, encoding="utf-8")
            if frames is not None:
                _shorten(copy, frames)
        yield Path(folder)


def _shorten(scene: Path, frames: int) -> None:
    """Leave the first frames only."""
    path = scene / "scene.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["frames"] = document["frames"][:frames]
    path.write_text(json.dumps(document), encoding="utf-8")
    keys = {frame["key"] for frame in document["frames"]}
    for labels in (scene / "labels").glob("*.jsonl"):
        lines = labels.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line).get("frame") in keys]
        labels.write_text("".join(kept), encoding="utf-8")


def _peak_mb(count: int) -> float:
    """Most memory of a process of its own that checks so many scenes."""
    with _many(count, MEMORY_FRAMES) as path:
        told = subprocess.run(
            [sys.executable, __file__, str(path)], check=True, capture_output=True, text=True
        )
    return float(told.stdout)


def _memory_rows() -> list[dict[str, Any]]:
    peaks = {count: _peak_mb(count) for count in MEMORY_SIZES}
    rows: list[dict[str, Any]] = [
        {"name": f"check {count} scenes, peak memory", "ours": peak, "unit": "MB"}
        for count, peak in peaks.items()
    ]
    _, some, many = MEMORY_SIZES
    rows.append(
        {"name": f"memory a scene more, {some} to {many} scenes",
         "ours": (peaks[many] - peaks[some]) / (many - some), "unit": "MB",
         "target": f"<= {TARGET_GROWTH_MB}"}
    )  # fmt: skip
    return rows


def _run(path: Path, runner: Any) -> tuple[float, int, int]:  # noqa: ANN401 - any runner
    """Seconds, frames and labels of one run that finds nothing kept from another."""
    import os

    from viewer.checks.running import RunOptions, check_dataset
    from viewer.checks.source import ScenesAt
    from viewer.progress import JobContext

    with tempfile.TemporaryDirectory() as cache:
        os.environ["SIGHTLINE_CACHE"] = cache
        started = time.perf_counter()
        run = check_dataset(ScenesAt(path), RunOptions(), runner, JobContext())
        seconds = time.perf_counter() - started
    if run.failures:
        raise RuntimeError(str(run.failures))
    return seconds, sum(s.frames for s in run.scenes), sum(s.labels for s in run.scenes)


def run() -> list[dict[str, Any]]:
    from dask.distributed import LocalCluster

    from viewer.batch.in_process import InProcess
    from viewer.batch.on_dask import OnDask
    from viewer.batch.processes import Processes
    from viewer.batch.threads import one_thread_in_children

    rows: list[dict[str, Any]] = []
    seconds_of = {}
    with _many(1) as path:
        _run(path, InProcess())  # what is loaded once
    for size in SIZES:
        with _many(size) as path:
            seconds, frames, labels = _run(path, InProcess())
            seconds_of[frames] = seconds
            rows.append(
                {"name": f"check {frames} frames, one process", "ours": frames / seconds,
                 "unit": "frames/s"}
            )  # fmt: skip
            rows.append(
                {"name": f"check {labels:,} labels, one process", "ours": labels / seconds,
                 "unit": "labels/s"}
            )  # fmt: skip
    rows += _memory_rows()
    slope = np.polyfit(np.log(list(seconds_of)), np.log(list(seconds_of.values())), 1)[0]
    rows.append(
        {"name": "time over frames, exponent (1 is linear)", "ours": float(slope), "unit": ""}
    )
    with _many(SIZES[-1]) as path:
        two, frames, _ = _run(path, Processes(2))
        rows.append(
            {"name": f"check {frames} frames, two processes", "ours": frames / two,
             "reference": frames / seconds_of[frames], "ratio": seconds_of[frames] / two,
             "unit": "frames/s"}
        )  # fmt: skip
        alone = {}
        for count in (1, 2):
            with (
                one_thread_in_children(),
                LocalCluster(
                    n_workers=count, threads_per_worker=1, dashboard_address=None, scheduler_port=0
                ) as cluster,
            ):
                # Workers import and compile what they need before the clock runs.
                with _many(2) as small:
                    _run(small, OnDask(cluster.scheduler_address))
                alone[count], frames, _ = _run(path, OnDask(cluster.scheduler_address))
        rows.append(
            {"name": f"check {frames} frames, two Dask workers beside one",
             "ours": frames / alone[2], "reference": frames / alone[1],
             "ratio": alone[1] / alone[2], "unit": "frames/s", "target": f">= {TARGET_SPEEDUP}x"}
        )  # fmt: skip
    return rows


def _main(path: Path) -> None:
    """Check a folder and print the most memory that this process had, in MB."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from viewer.batch.in_process import InProcess

    _run(path, InProcess())
    print(_most_memory_mb())


def _most_memory_mb() -> float:
    """Of this process since it began; what `getrusage` tells is inherited from its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if "VmHWM" in each)
        return int(line.split()[1]) / 2**10
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
