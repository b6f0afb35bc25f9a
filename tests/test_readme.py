"""The README tells the truth: its example runs, its tables are what the catalogues hold."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fake_drive import make_dataset, make_scene
from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset
from viewer.formats.native.format import NativeFormat
from viewer.formats.points.catalog import POINT_FORMATS
from viewer.geometry.cameras import BrownConrady
from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.exchange.base import ExchangeShape
from viewer.review.exchange.catalog import SHAPES
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords, VerdictRecord
from viewer.review.issues.model import Element, ElementStatus, Issue, IssueState, IssueType
from viewer.review.marks.model import Mark
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
DATASET = "d" * 32
EVERY_KIND = ["labels", "tracks", "frames", "scenes"]


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


def decisions() -> Iterator[tuple[str, str, ReviewRecords]]:
    """One verdict, issue or mark, with what it is and what it is on."""
    scene = make_scene()
    cuboids = scene.reader.read_labels(4, scene.label_sets[0].label_set_id).cuboids
    names = (DATASET, scene.scene_id, scene.frames[4].key, scene.label_sets[0].label_set_id)
    on = {
        "labels": Subject.label(*names, cuboids.label_ids[0]),
        "tracks": Subject.track(*names[:2], names[3], cuboids.track_ids[0]),
        "frames": Subject.frame(*names[:3]),
        "scenes": Subject.scene(*names[:2]),
    }
    issue = Issue(
        "1" * 32, IssueType.LABEL_QUALITY, IssueState.TRIAGE, "Loose", "", "ann", None, None, None,
        0, element_count=1,
    )  # fmt: skip
    for kind, subject in on.items():
        verdict = VerdictRecord(subject, VerdictState.REJECTED, "ann", 0)
        yield "verdict", kind, ReviewRecords((verdict,))
        element = Element(
            "2" * 32, issue.issue_id, subject, None, ElementStatus.UNSTARTED, "ann", 0
        )
        yield "issue", kind, ReviewRecords(issues=(IssueRecord(issue, (element,)),))
    mark = Mark(new_id(), on["frames"], "van", None, "world", (1.0, 2.0, 3.0), None, None, None,
                None, None, "", "ann", 0)  # fmt: skip
    yield "mark", "yes", ReviewRecords(marks=(mark,))


def subjects_of(records: ReviewRecords, what: str) -> list[Subject]:
    found = {
        "verdict": [each.subject for each in records.verdicts],
        "issue": [element.subject for each in records.issues for element in each.elements],
        "mark": [each.frame for each in records.marks],
    }
    return found[what]


def handed_over(shape: ExchangeShape, folder: Path) -> list[str]:
    """The cells of a shape: on what verdicts and issues come out and back, and whether marks do."""
    names = DatasetNames(make_dataset(make_scene()), DATASET)
    cells: dict[tuple[str, str], list[str]] = {
        (what, way): [] for what in ("verdict", "issue", "mark") for way in ("written", "read")
    }
    for number, (what, kind, records) in enumerate(decisions()):
        out = folder / f"{shape.name}{number}"
        out.mkdir()
        told = shape.write(records, names, out)
        lost = [
            each for each in told.losses if each.endswith(f" a {kind[:-1]} have no place there")
        ]
        if not sum(told.counts.values()) or lost:
            continue
        back = subjects_of(shape.read(out, names).records, what)
        same = back == subjects_of(records, what)
        other = f" as {back[0].kind}s" if back and not same else ""
        if what == "verdict" and not tells_states_apart(shape, records, names, out):
            other = " as done"
        cells[what, "written"].append(kind + other)
        cells[what, "read"] += [kind] * same
    return ["all" if each == EVERY_KIND else ", ".join(each) for each in cells.values()]


def tells_states_apart(
    shape: ExchangeShape, records: ReviewRecords, names: DatasetNames, folder: Path
) -> bool:
    texts = []
    for state in (VerdictState.ACCEPTED, VerdictState.REJECTED):
        (verdict,) = records.verdicts
        told = shape.write(ReviewRecords((replace(verdict, state=state),)), names, folder)
        texts.append([file.read_text(encoding="utf-8") for file in told.files])
    return texts[0] != texts[1]


def exchange_table(folder: Path) -> str:
    """Every shape of the catalogue: what of a review it takes out, and what comes back."""
    lines = [
        "| shape | name | verdicts written | read | issues written | read | marks written | read |",
        "|---" * 8 + "|",
    ]
    lines += [
        "| " + " | ".join((each.title, f"`{each.name}`", *handed_over(each, folder))) + " |"
        for each in SHAPES
    ]
    return "\n".join(lines)


def test_the_table_of_shapes_is_what_is_written_and_read(tmp_path):
    assert exchange_table(tmp_path) in README


def test_the_tables_of_formats_are_the_catalogues():
    assert formats_table() in README
    assert point_files_table() in README


def test_the_two_commands_and_every_picture_exist():
    assert "bash packaging/run.sh" in README
    assert "bash packaging/test.sh" in README
    for picture in re.findall(r'!\[[^\]]*\]\(([^)]+)\)|<img [^>]*src="([^"]+)"', README):
        picture = "".join(picture)
        assert (ROOT / picture).is_file(), picture


def test_the_tables_name_every_subcommand_of_review_and_the_keys_it_has():
    pytest.importorskip("PySide6")
    from viewer.cli.review.catalog import SUBCOMMANDS
    from viewer.ui.actions.hand_over import ACTIONS as HANDING_OVER
    from viewer.ui.actions.review import ACTIONS, PANEL_ACTIONS

    review = README.partition("\n## Review\n")[2].partition("\n## ")[0]
    commands_table = review.partition("| what | `sightline review` |")[2].partition("\n\n")[0]
    listed = re.findall(r"`([a-z-]+)`", commands_table)
    assert sorted(listed) == sorted(each.name for each in SUBCOMMANDS)
    keys_table = review.partition("\n|---|---|---|---|\n")[2].partition("\n\n")[0]
    cells = [line.split(" | ")[::2] for line in keys_table.lstrip("| ").split("\n| ")]
    keys = {key for pair in cells for cell in pair for key in re.split(r" / |, ", cell)}
    known = {key for each in (*ACTIONS, *PANEL_ACTIONS, *HANDING_OVER) for key in each.shortcuts}
    assert {"A", "N", "Ctrl+Shift+Z"} <= keys
    assert keys - {"then a click"} <= known


def test_the_commands_of_a_review_run(tmp_path, monkeypatch):
    street = ROOT / "sample_scenes" / "street"
    if not street.is_dir():
        pytest.skip("the sample scene is not here")
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^sightline (review .*?)(?: {3,}#.*)?$", README, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        words = [str(street) if word == "DATASET" else word for word in shlex.split(line)]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (line, done.output)
    assert (tmp_path / "OUT" / "dataloop_review.json").is_file()


def test_the_example_of_a_review_finds_the_planted_classes(tmp_path, monkeypatch, capsys):
    sample = Path("sample_scenes") / "street_with_errors"
    if not (ROOT / sample).is_dir():
        pytest.skip("the sample scene is not here")
    (tmp_path / "sample_scenes").mkdir()
    (tmp_path / sample).symlink_to(ROOT / sample)
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[0], "README.md", "exec"), {})
    planted = json.loads((ROOT / sample / "truth.json").read_text("utf-8"))["planted_errors"]
    with Workspace.open(tmp_path / "street.sightline", Reviewer("bob"), read_only=True) as opened:
        rejected = {
            (subject.frame_key, subject.label_id): (verdict.state, verdict.reasons)
            for subject, verdict in all_verdicts(opened.reading)
        }
    assert rejected == {
        (each["frame"], each["label_id"]): (VerdictState.REJECTED, ("wrong class",))
        for each in planted
        if each["kind"] == "unknown_class"
    }
    assert capsys.readouterr().out.startswith("Reject unknown classes in 0")


def test_the_example_builds_opens_and_saves_a_scene(tmp_path, monkeypatch):
    pytest.importorskip("PySide6")
    import viewer.app

    opened = []
    monkeypatch.setattr(viewer.app, "open_scene", lambda scene: opened.append(scene) or 0)
    monkeypatch.chdir(tmp_path)
    example = EXAMPLES[1]
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
