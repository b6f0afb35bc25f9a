"""The benchmark of issues asks a workspace that really has them."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[3] / "packaging" / "bench" / "issues.py"


def test_every_question_is_measured(monkeypatch):
    monkeypatch.syspath_prepend(PATH.parent)
    spec = importlib.util.spec_from_file_location("issues_bench", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = module.run(count=120)
    assert len(rows) == 9
    assert all(row["ours"] > 0 and row["unit"] == "ms" for row in rows)
