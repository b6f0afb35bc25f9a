"""The files that the benchmark of label reading writes are what both of its sides read."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[2] / "packaging" / "bench" / "read_labels.py"


def test_both_sides_read_every_label():
    spec = importlib.util.spec_from_file_location("read_labels", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = module.run(labels=350)
    assert [row["unit"] for row in rows] == ["labels/s", "labels/s"]
    assert all(row["ours"] > 0 and row["reference"] > 0 for row in rows)
