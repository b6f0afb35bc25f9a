"""The tables that the benchmark of opening writes are nuScenes tables with labels."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[2] / "packaging" / "bench" / "open_tables.py"


def test_every_figure_is_taken():
    spec = importlib.util.spec_from_file_location("open_tables", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SAMPLES, module.OBJECTS = 2, 3
    rows = module.run(scenes=1)
    assert [row["unit"] for row in rows] == ["s"] * 3
    assert all(row["ours"] > 0 and row["reference"] > 0 for row in rows)
