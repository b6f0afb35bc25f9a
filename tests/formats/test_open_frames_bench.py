"""The datasets that the benchmark of opening writes are of their formats, with labels."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[2] / "packaging" / "bench" / "open_frames.py"


def test_every_figure_is_taken(monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", "")
    monkeypatch.syspath_prepend(PATH.parent)
    spec = importlib.util.spec_from_file_location("open_frames", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.A_SCENE = 2
    rows = module.run(frames=5)
    assert [row["unit"] for row in rows] == ["s"] * 30
    assert all(0 < row["ours"] <= row["whole"] and row["reference"] > 0 for row in rows)
