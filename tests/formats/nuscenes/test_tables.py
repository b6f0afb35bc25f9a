"""Tables of any size and state: large, cut off, with bad rows."""

import json
import random
from pathlib import Path

import pytest
from aged_files import age
from formats.nuscenes.opening import open_scene
from nuscenes_tables import (
    annotation,
    tables,
    write_tables,
)

from viewer.formats import growth, json_scan
from viewer.formats.catalog import open_dataset
from viewer.formats.json_rows import JsonFile
from viewer.formats.json_scan import hashes_of, scan_table
from viewer.formats.nuscenes import row_index
from viewer.progress import Cancelled, JobContext, running
from viewer.scene.scene import LabelsFollow, Scene


def test_large_tables_are_indexed_once_and_again_when_they_change(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = facts(open_scene(root))
    cache = tmp_path / "cache"
    monkeypatch.setenv("SIGHTLINE_CACHE", str(cache))
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    age(root)
    monkeypatch.setattr(json_scan, "SPLIT_BYTES", 0)
    assert facts(open_scene(root)) == expected
    stored = sorted(cache.iterdir())
    assert len(stored) == 3  # recordings, poses, annotations

    def fail(*_: object) -> None:
        raise AssertionError("the table was scanned though the cache has its index")

    with monkeypatch.context() as patch:
        patch.setattr(row_index, "scan_table", fail)
        assert facts(open_scene(root)) == expected
    rows = tables()
    rows["sample_annotation"] = rows["sample_annotation"][:2]
    write_tables(root, rows)
    age(root)
    counts = [labels for _, _, labels in facts(open_scene(root))]
    assert [len(each) for each in counts] == [1, 1, 0, 0]
    assert sorted(cache.iterdir()) == stored
    for path in stored:
        path.write_bytes(path.read_bytes()[:100])
    assert [labels for _, _, labels in facts(open_scene(root))] == counts


def facts(scene: Scene) -> list[tuple[object, ...]]:
    """What the large tables tell of each frame."""
    reader = scene.reader
    return [
        (
            frame,
            reader.read_rig(frame.index)
            .transforms.transform("world", "ego", frame.timestamp_ns)
            .matrix.tolist(),
            reader.read_labels(frame.index, "annotations").cuboids.cuboids.center.tolist(),
        )
        for frame in scene.frames
    ]


def test_bad_rows_are_named_and_the_others_shown(root: Path) -> None:
    folder = root / "v1.0-mini"
    rows = tables()["sample_annotation"]
    rows[0]["size"] = "large"
    rows[1]["size"] = [0.0, 4.0, 1.0]
    rows[2]["rotation"] = [0, 0, 0, 0]
    rows.append({**annotation(3, "walk", [0, 0, 0]), "sample_token": "nowhere"})
    (folder / "sample_annotation.json").write_text(json.dumps(rows))
    dataset = open_dataset(root)
    (scene,) = dataset.scenes
    counts = [len(scene.reader.read_labels(index, "annotations").cuboids) for index in range(4)]
    assert counts == [1, 0, 0, 1]
    problems = scene.reader.problems()
    assert len(problems) == 4
    assert "$.size" in problems[0].message
    assert [problem.place for problem in problems[1:3]] == ["car1", "car2"]
    assert "1 rows belong to nothing in the other tables" in problems[3].message
    assert all(problem.source.endswith("sample_annotation.json") for problem in problems)


def test_a_table_that_is_cut_off_gives_the_rows_before(root: Path) -> None:
    path = root / "v1.0-mini" / "sample_data.json"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    dataset = open_dataset(root)
    assert "ends before its last row" in dataset.problems[0].message
    assert dataset.scenes[0].frames[0].sweeps
    assert not dataset.scenes[0].frames[3].sweeps


def random_value(generator: random.Random, depth: int = 0) -> object:
    kind = generator.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return generator.choice([None, True, False])
    if kind == 1:
        return generator.randint(-(10**9), 10**9)
    if kind == 2:
        return generator.uniform(-1, 1)
    if kind in (3, 4):
        return "".join(generator.choice('ab"\\,[]{}: \n\u00e9') for _ in range(6))
    values = [random_value(generator, depth + 1) for _ in range(generator.randrange(4))]
    return values if kind == 5 else {f'k{i}\\"': value for i, value in enumerate(values)}


def test_elements_are_those_of_the_standard_library(tmp_path: Path) -> None:
    generator = random.Random(4)
    path = tmp_path / "rows.json"
    for round_index in range(300):
        rows = [random_value(generator) for _ in range(generator.randrange(12))]
        entries = {f'key {i}"\\': row for i, row in enumerate(rows)}
        indent = generator.choice([None, 0, 3])
        path.write_text(json.dumps(rows, indent=indent, ensure_ascii=bool(round_index % 2)))
        file = JsonFile(path)
        spans = [
            span
            for starts, ends in file.array_elements()
            for span in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        assert [json.loads(file.piece(*span)) for span in spans] == rows
        path.write_text(json.dumps(entries, indent=indent))
        file = JsonFile(path)
        found = {key: json.loads(file.piece(*span)) for key, *span in file.object_entries()}
        assert found == entries


@pytest.mark.parametrize("split", [True, False])
def test_a_scan_finds_rows_and_keys_as_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: bool
) -> None:
    monkeypatch.setattr(json_scan, "SPLIT_BYTES", 0 if split else 1 << 60)
    monkeypatch.setattr(json_scan, "ROWS_AT_ONCE", 16)
    generator = random.Random(7)
    path = tmp_path / "rows.json"
    texts = ["", "a", "\u00e9\u4e2d", "}, {", "x" * 40, 'with "quotes"']
    for _ in range(150):
        rows: list[object] = []
        for _ in range(generator.randrange(60)):
            row = {f"k{i}": random_value(generator) for i in range(generator.randrange(3))}
            row["inner"] = {"token": "not this", "flag": True}
            if generator.random() < 0.9:
                row["token"] = generator.choice(texts)
            if generator.random() < 0.9:
                row["flag"] = generator.choice([True, False, None, 3, "true"])
            rows.append(row if generator.random() < 0.95 else [row])
        indent = generator.choice([None, 0, 3])
        path.write_text(json.dumps(rows, indent=indent, ensure_ascii=False))
        file = JsonFile(path)
        scan = scan_table(file, ("token", "flag"))
        assert scan.damage is None
        spans = zip(scan.starts.tolist(), scan.ends.tolist(), strict=True)
        assert [json.loads(file.piece(*span)) for span in spans] == rows
        for row, hashes, marks in zip(rows, scan.hashes, scan.marks, strict=True):
            row = row if isinstance(row, dict) else {}
            token, flag = row.get("token"), row.get("flag")
            plain = token is not None and json.dumps(token, ensure_ascii=False) == f'"{token}"'
            assert hashes[0] == (hashes_of([token])[0] if plain else 0)
            first = json.dumps(flag)[0] if "flag" in row else "\0"
            assert chr(marks[1]) == first
    assert hashes_of(["", "a"]).tolist() == [0xCBF29CE484222325, 0xAF63DC4C8601EC8C]


def test_more_rows_than_are_decoded_at_once(tmp_path: Path) -> None:
    rows = [[index, "x" * (index % 7)] for index in range(10_000)]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    file = JsonFile(path)
    got = [
        json.loads(file.piece(start, end))
        for starts, ends in file.array_elements()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    assert got == rows


def test_deep_nesting_is_a_clean_error(root: Path) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    path = root / "v1.0-mini" / "category.json"
    path.write_text(f'[{{"token": "a", "name": "b", "x": {deep}}}, {{"token": "c", "name": "d"}}]')
    dataset = open_dataset(root)
    assert "category.json" in dataset.problems[0].source
    assert dataset.scenes[0].class_map.names == ("d",)


def test_annotations_that_are_many_are_indexed_after_opening(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = facts(open_scene(root))
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    dataset = open_dataset(root, growing=True)
    (scene,) = dataset.scenes
    assert isinstance(scene.reader, LabelsFollow)
    assert dataset.growth is not None
    assert not dataset.growth.widens
    assert not scene.reader.are_labels_indexed(0, "annotations")
    assert growth.grown(dataset).scenes == dataset.scenes
    assert scene.reader.are_labels_indexed(0, "annotations")
    assert facts(scene) == expected


def test_indexing_that_was_given_up_is_done_when_asked_for(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    dataset = open_dataset(root, growing=True)
    (scene,) = dataset.scenes
    context = JobContext()
    context.cancel()
    with running(context), pytest.raises(Cancelled):
        growth.grown(dataset)
    assert not scene.reader.are_labels_indexed(0, "annotations")
    assert len(scene.reader.read_labels(0, "annotations").cuboids) == 2
    assert scene.reader.read_rig(0).ego_coord_frame_id == "ego"
