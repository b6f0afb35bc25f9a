"""What the benchmark of evaluation measures is what both of its sides do."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[2] / "packaging" / "bench" / "evaluate_core.py"


def test_both_sides_read_and_count_everything():
    spec = importlib.util.spec_from_file_location("evaluate_core", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = module.run(labels=400)
    assert [row["unit"] for row in rows] == ["objects/s", "matrices/s", "matrices/s"]
    assert all(row["ours"] > 0 and row["reference"] > 0 for row in rows)
