"""Rows of the table: a question's median, and seconds beside those of a reference."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def median_row(
    name: str, ask: Callable[[], object], repeats: int, target_ms: float
) -> dict[str, object]:
    """How long a question takes, in milliseconds."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return {"name": name, "ours": statistics.median(taken), "unit": "ms", "target": target_ms}


def reference_row(
    name: str,
    ours_s: float,
    reference: dict | None,
    parts: tuple[str, ...],
    reference_name: str,
    target: float | None = None,
) -> dict[str, object]:
    """Seconds beside those that a reference needed for some parts; None where it did not run."""
    found: dict[str, object] = {"name": name, "ours": ours_s, "unit": "s", "target": target}
    if reference is None:
        return found | {"reference_name": "skipped: SIGHTLINE_REFERENCE_VENV names no environment"}
    reference_s = sum(reference[part] for part in parts)
    return found | {
        "reference": reference_s,
        "reference_name": reference_name,
        "ratio": reference_s / ours_s,
    }


def reference_way(script: str, *arguments: str, environment: str = "nuscenes") -> dict | None:
    """What a script found and needed in a reference's environment; None where there is none."""
    root = os.environ.get("SIGHTLINE_REFERENCE_VENV", "")
    python = Path(root) / environment / "bin" / "python"
    if not root or not python.is_file():
        return None
    code = Path(__file__).parent / "reference_code" / script
    done = subprocess.run(
        [str(python), str(code), *arguments], capture_output=True, text=True, check=False
    )
    lines = [line[5:] for line in done.stdout.splitlines() if line.startswith("FOUND")]
    if not lines:
        print(done.stderr, file=sys.stderr)
        raise RuntimeError(f"{script} failed in {python}")
    return json.loads(lines[-1])


def peak_gib() -> float:
    """Most physical memory of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
