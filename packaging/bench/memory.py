"""Memory of the window: a drive is opened and stepped through, there and back."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from display import screen

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
WAIT_S = 60.0


def resident_bytes() -> int:
    """Physical memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(path: Path) -> dict[str, float]:
    """Bytes when empty, after opening, and after each walk through all frames."""
    from viewer.app import Application
    from viewer.session.link import Sight
    from viewer.session.settings import Settings

    application = Application(Settings())
    session = application.session
    application.window.show()

    def until(done: Callable[[], bool]) -> None:
        end = time.perf_counter() + WAIT_S
        while not done():
            if time.perf_counter() > end:
                raise RuntimeError("the window did not get there")
            application.qt.processEvents()
            time.sleep(0.001)

    found: dict[str, float] = {}
    try:
        session.load_kernels()
        until(lambda: not session.jobs.busy)
        found["empty"] = resident_bytes()
        application.open_sight(Sight(str(path)))
        until(lambda: session.content is not None and not session.jobs.busy)
        found["opened"] = resident_bytes()
        assert session.scene is not None
        there = [*range(len(session.scene))]
        for walk in ("first walk", "third walk"):
            for index in [*there, *reversed(there)] * (1 if walk == "first walk" else 2):
                session.go_to_frame(index)
                until(
                    lambda: (
                        session.content is not None and session.content.index == session.frame_index
                    )
                )
            until(lambda: not session.jobs.busy)
            found[walk] = resident_bytes()
        found["cached"] = session.cache.stats.held_bytes
        found["budget"] = session.cache.stats.budget_bytes
    finally:
        application.window.close()
        application.dispose()
    return found


def run() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder, screen() as display:
        os.environ |= {"DISPLAY": display, "SIGHTLINE_CONFIG": folder}
        found = measure(ROOT / "sample_scenes" / "street")
    rows: list[dict[str, object]] = [
        {"name": f"resident, {name}", "ours": found[name] / MIB, "unit": "MiB"}
        for name in ("empty", "opened", "first walk", "third walk")
    ]
    grown = found["third walk"] - found["empty"]
    rows[-1] |= {"reference": found["first walk"] / MIB}
    rows.append(
        {
            "name": "grown since empty, beside the byte budget",
            "ours": grown / MIB,
            "reference": found["budget"] / MIB,
            "ratio": grown / found["budget"],
            "unit": "MiB",
            "target": "<= 1 x",
        }
    )
    rows.append({"name": "pieces in the cache", "ours": found["cached"] / MIB, "unit": "MiB"})
    return rows


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row['name']:45s} {row['ours']:8.1f} {row['unit']}\n")
