"""How many frames and labels a second are checked, on one and two workers, at three sizes."""

import shutil
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


@contextmanager
def _many(count: int) -> Iterator[Path]:
    """A folder of copies of the street, each with a name of its own and files of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            copy = Path(folder) / f"street_{number:03d}"
            shutil.copytree(STREET, copy, ignore=shutil.ignore_patterns("images"))
            scene = copy / "scene.json"
            text = scene.read_text(encoding="utf-8")
            named = text.replace('"street_with_errors"', f'"{copy.name}"', 1)
            scene.write_text(named, encoding="utf-8")
        yield Path(folder)


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
