"""Runs the benchmarks, each in its own process, and prints one table."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
NO_TOPIC = ("run", "display", "many_frames", "kitti_reference", "timed_rows")
OUT = Path(os.environ.get("SIGHTLINE_BENCH_OUT", "benchmarks.json"))
# The row functions run alone in a process: numba's threads, caches and imports of one topic
# must not help or harm another.
CHILD = (
    "import json, sys; sys.path.insert(0, {folder!r}); import {topic}; "
    "print('ROWS' + json.dumps({topic}.run()))"
)


def measure(topic: str) -> list[dict[str, object]]:
    code = CHILD.format(folder=str(HERE), topic=topic)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    rows = [line[4:] for line in done.stdout.splitlines() if line.startswith("ROWS")]
    if not rows:
        print(f"{topic}: failed\n{done.stderr}", file=sys.stderr)
        return [{"topic": topic, "name": "failed", "ours": None, "reference": None}]
    return [{"topic": topic, **row} for row in json.loads(rows[-1])]


def show(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, int | float) else str(value or "")


def main() -> int:
    topics = sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.py") if p.stem not in NO_TOPIC)
    rows = [row for topic in topics for row in measure(topic)]
    columns = ("topic", "name", "ours", "reference", "ratio", "unit", "target")
    cells = [columns, *([show(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    OUT.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1), encoding="utf-8")
    print(f"written to {OUT}")
    return 1 if any(row.get("name") == "failed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
