"""The README tells the truth: its example runs, its tables are what the catalogues hold."""

import re
from pathlib import Path

import pytest

from viewer.formats.catalog import open_dataset
from viewer.formats.native.format import NativeFormat
from viewer.formats.points.catalog import POINT_FORMATS
from viewer.geometry.cameras import BrownConrady

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def formats_table() -> str:
    """Every dataset layout of the catalogue: what of it is recognised, read and written."""
    from viewer.formats.catalog import built_in_formats
    from viewer.formats.writers.catalog import SCENE_WRITERS

    writers = {writer.name: writer for writer in SCENE_WRITERS}
    lines = ["| format | name | recognise | read | labels | cameras | write |"]
    lines.append("|---" * 7 + "|")
    for format_ in built_in_formats():
        writer = writers.get(format_.name)
        written = "" if writer is None else "yes" if writer.holds_sensor_data else "labels"
        cells = (format_.title, f"`{format_.name}`", "yes", "yes", format_.labels, format_.cameras)
        lines.append("| " + " | ".join((*cells, written)) + " |")
    return "\n".join(lines)


def point_files_table() -> str:
    """Every kind of point file of the catalogue."""
    lines = ["| points | name | files |", "|---|---|---|"]
    lines += [
        f"| {f.title} | `{f.name}` | {' '.join(f'`{suffix}`' for suffix in f.suffixes)} |"
        for f in POINT_FORMATS
    ]
    return "\n".join(lines)


def test_the_tables_of_formats_are_the_catalogues():
    assert formats_table() in README
    assert point_files_table() in README


def test_the_two_commands_and_every_picture_exist():
    assert "bash packaging/run.sh" in README
    assert "bash packaging/test.sh" in README
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture


def test_the_example_builds_opens_and_saves_a_scene(tmp_path, monkeypatch):
    pytest.importorskip("PySide6")
    import viewer.app

    opened = []
    monkeypatch.setattr(viewer.app, "open_scene", lambda scene: opened.append(scene) or 0)
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)[1]
    assert len([line for line in example.splitlines() if line.strip()]) <= 28
    exec(compile(example, "README.md", "exec"), {})
    assert [len(scene) for scene in opened] == [20]
    saved = open_dataset(tmp_path / "my_drive")
    assert saved.format_name == NativeFormat.name
    again = saved.scenes[0]
    rig = again.reader.read_rig(0)
    assert rig.cameras["front"].model == BrownConrady(
        1280, 720, fx=900, fy=900, k1=-0.30, k2=0.11, p1=0.001
    )
    assert len(again.reader.read_point_cloud(3, "top")) == 20_000
    saved.close()
