"""The benchmark of verdicts asks a workspace that really has them."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[3] / "packaging" / "bench" / "verdicts.py"


def test_every_question_is_measured(monkeypatch):
    monkeypatch.syspath_prepend(PATH.parent)
    spec = importlib.util.spec_from_file_location("verdicts_bench", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "LEFT", 20)
    monkeypatch.setattr(module, "REPEATS", 5)
    rows = module.run(count=150)
    assert len(rows) == 10
    assert all(row["ours"] > 0 and row["unit"] == "ms" for row in rows)
