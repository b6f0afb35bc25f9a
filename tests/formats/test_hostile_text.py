"""JSON and XML made to exhaust a reader: nested without end, of many values, with entities."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import manifests
import numpy as np
import pytest

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import format_by_name, open_dataset
from viewer.formats.json_lines import read_rows
from viewer.formats.json_rows import JsonFile
from viewer.formats.json_scan import scan_table
from viewer.formats.native.writer import write_native_scene
from viewer.formats.problem_log import ProblemLog
from viewer.formats.survey import all_problems
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import SCENE_WRITERS
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext

DEPTH = 100_000
JSON_NAME = re.compile(r".*\.(json|jsonl|ndjson)")
FORMS = {
    "lists": lambda text: b"[" * DEPTH,
    "objects": lambda text: b'{"a":' * DEPTH,
    "whole lists": lambda text: b"[" * DEPTH + b"]" * DEPTH,
    "in the first object": lambda text: inside(text, b"[" * DEPTH + b"]" * DEPTH),
    "in the first object, cut off": lambda text: inside(text, b'{"a":' * DEPTH),
    "for each value": lambda text: re.sub(
        rb'(?<=":)\s*(-?[0-9.]+|"[^"]*")', b"[" * 2_000 + b"]" * 2_000, text, count=200
    ),
}


def inside(text, value):
    """Put a value under a new key at the start and one at the end of a file's first object."""
    head, brace, rest = text.partition(b"{")
    if not brace:
        return value
    comma = b"" if rest.lstrip().startswith(b"}") else b","
    return head + brace + b'"junk":' + value + comma + rest


def read_all(path, format_name=None):
    """Return everything that is wrong with a dataset; nothing but clear errors may come."""
    try:
        dataset = open_dataset(path, format_name)
    except (DamagedData, UnknownFormat) as error:
        return [str(error)]
    try:
        return [str(each) for each in all_problems(dataset, JobContext())]
    finally:
        dataset.close()


def nest_each_file(path, format_name):
    """Read a dataset with each of its JSON files nested in each way; return what was told."""
    told = []
    root = path if path.is_dir() else path.parent
    files = [each for each in sorted(root.rglob("*")) if JSON_NAME.fullmatch(each.name)]
    for file in files:
        text = file.read_bytes()
        for form in FORMS.values():
            file.write_bytes(form(text))
            told += read_all(path)
            told += read_all(path, format_name)
        file.write_bytes(text)
    return files, told


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    """A scene with something of most kinds."""
    builder = SceneBuilder("drive")
    builder.add_lidar("lidar", position=(0, 0, 1.0))
    builder.add_camera("front", Pinhole(64, 40, fx=43.0, fy=43.0))
    frame = builder.add_frame(timestamp_ns=0)
    frame.add_points("lidar", np.arange(30, dtype=np.float32).reshape(10, 3))
    frame.add_image("front", np.zeros((40, 64, 3), np.uint8))
    frame.add_cuboids([[10.25, 0.0, 0.5]], [[4.0, 2.0, 1.5]], class_names=["Car"], track_ids=["a"])
    folder = tmp_path_factory.mktemp("drive") / "source"
    write_native_scene(builder.build(), folder)
    dataset = open_dataset(folder)
    yield dataset
    dataset.close()


@pytest.mark.parametrize("writer", SCENE_WRITERS, ids=lambda writer: writer.name)
def test_nesting_without_end_in_what_we_write(writer, drive, tmp_path):
    target = tmp_path / "out"
    writer.write(drive.scenes, target, JobContext(), WriteOptions())
    if not target.is_dir():
        return
    files, told = nest_each_file(target, writer.name)
    assert told or not files


@pytest.mark.parametrize("make", manifests.MAKERS, ids=lambda make: make.__name__)
def test_nesting_without_end_in_manifests(make, tmp_path):
    manifests.picture(tmp_path / "set" / "images" / "second.png")
    made = make(tmp_path / "set", "images/second.png")
    files, told = nest_each_file(made.dataset, make.__name__)
    assert told or not files


def cloud(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
        "POINTS 1\nDATA ascii\n1 2 3\n"
    )


def supervisely(root):
    cloud(root / "one" / "pointcloud" / "0.pcd")
    (root / "one" / "ann").mkdir()
    (root / "meta.json").write_text(json.dumps({"classes": [{"title": "car"}]}))
    (root / "one" / "ann" / "0.pcd.json").write_text(
        json.dumps({"description": "", "objects": [], "figures": []})
    )
    related = root / "one" / "related_images" / "0_pcd"
    manifests.picture(related / "front.png")
    (related / "front.png.json").write_text(json.dumps({"meta": {"sensorsData": {}}}))


def sustechpoints(root):
    cloud(root / "lidar" / "0.pcd")
    xyz = {"x": 1, "y": 1, "z": 1}
    box = {"psr": {"position": xyz, "scale": xyz, "rotation": xyz}, "obj_type": "Car"}
    (root / "label").mkdir()
    (root / "label" / "0.json").write_text(json.dumps([box]))
    manifests.picture(root / "camera" / "front" / "0.png")
    (root / "calib" / "camera").mkdir(parents=True)
    (root / "calib" / "camera" / "front.json").write_text(
        json.dumps({"extrinsic": [1.0] * 16, "intrinsic": [1.0] * 9})
    )


def labelcloud(root):
    cloud(root / "pointclouds" / "0.pcd")
    xyz = {"x": 1, "y": 1, "z": 1}
    size = {"length": 1, "width": 1, "height": 1}
    box = {"name": "car", "centroid": xyz, "dimensions": size, "rotations": xyz}
    (root / "labels").mkdir()
    (root / "labels" / "0.json").write_text(
        json.dumps({"folder": "pointclouds", "filename": "0.pcd", "objects": [box]})
    )


@pytest.mark.parametrize(
    "make", [supervisely, sustechpoints, labelcloud], ids=lambda make: make.__name__
)
def test_nesting_without_end_in_label_files(make, tmp_path):
    make(tmp_path)
    assert read_all(tmp_path, make.__name__) == [] or make is not labelcloud
    assert open_dataset(tmp_path).format_name == make.__name__
    _, told = nest_each_file(tmp_path, make.__name__)
    assert any("JSON" in each for each in told)


def bomb(depth=40):
    lines = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, depth))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{lines}]>', f"&a{depth - 1};"


@pytest.mark.parametrize("kind", ["bomb", "outer file", "outer DTD", "parameter"])
def test_entities_in_annotations_are_not_read(kind, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    made = manifests.pascal_voc(tmp_path / "set", "other.png")
    head, reference = {
        "bomb": bomb(),
        "outer file": (f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>', "&s;"),
        "outer DTD": (f'<!DOCTYPE x SYSTEM "{secret.as_uri()}">', "car"),
        "parameter": (f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>', "car"),
    }[kind]
    text = made.file.read_text().replace("car", reference)
    made.file.write_text(head + text)
    dataset = open_dataset(made.dataset)
    told = [str(each) for each in all_problems(dataset, JobContext())]
    names = [entry.name for entry in dataset.scenes[0].class_map.entries]
    assert not any("secret" in each and "the secret" in each for each in (*told, *names))
    if kind == "outer DTD":
        # Nothing is fetched for it, and the file itself is sound.
        assert names == ["car"]
    else:
        assert any("other.xml: is not read" in each for each in told)
    fine = [frame.index for frame in dataset.scenes[0].frames if frame.key == "fine"]
    assert len(dataset.scenes[0].reader.read_labels(fine[0], "ground_truth").boxes_2d) == 1


MEMORY_TEST = """
import resource, sys
from pathlib import Path
import manifests
from test_hostile_text import read_all
kind, room = sys.argv[1], int(sys.argv[3])
made = Path(sys.argv[2])
read_all(made / "small", kind)
used = int(next(x for x in open("/proc/self/status") if x.startswith("VmData")).split()[1])
resource.setrlimit(resource.RLIMIT_DATA, (used * 1024 + room,) * 2)
print(*read_all(made / "large", kind), sep="\\n")
"""
MIB = 1024 * 1024


def large_aquarium(file, text):
    """One row of many values, then sound ones."""
    file.write_bytes(b'{"task_id":"x","sensor_data":[' + b"{}," * (25 * MIB) + b"{}]}\n" + text)


def large_dataloop(file, text):
    file.write_bytes(text.rstrip()[:-1] + b',"metadata":{"a":[' + b"[]," * (28 * MIB) + b"[]]}}")


def large_openlabel(file, text):
    streams = b'"a":[[],[]],' * (6 * MIB)
    file.write_bytes(
        b'{"openlabel":{"streams":{' + streams + b'"b":0},' + text.partition(b": {")[2]
    )


def large_rest(file, text):
    """Much of nothing behind what is sound."""
    file.write_bytes(text)
    os.truncate(file, 320 * MIB)


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize(
    ("kind", "enlarge", "told", "room_mib"),
    [
        ("aquarium", large_aquarium, "line 1: is longer than", 200),
        ("dataloop", large_dataloop, "values, too many for its kind", 200),
        ("openlabel", large_openlabel, "$.openlabel.streams: holds more than", 400),
        ("aquarium", large_rest, "line 3: is longer than", 200),
        ("coco", large_rest, "", 200),
        ("nucleus", large_rest, "", 200),
    ],
)
def test_large_files_take_little_memory(kind, enlarge, told, room_mib, tmp_path):
    for name in ("small", "large"):
        made = getattr(manifests, kind)(tmp_path / name, manifests.FINE)
    enlarge(made.file, made.file.read_bytes())
    found = subprocess.run(
        [sys.executable, "-c", MEMORY_TEST, kind, str(tmp_path), str(room_mib * MIB)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, import_folders()))},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-800:]
    assert told in found.stdout


def import_folders():
    here = Path(__file__).parent
    return here, here.parent, Path(format_by_name.__code__.co_filename).parents[2]


def aquarium_rows(folder, count):
    rows = [{"task_id": f"f{number}", "sensor_data": []} for number in range(count)]
    path = folder / "frames.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows))
    return path


def test_rows_and_lines_over_the_bound_are_left_out_and_told(tmp_path, monkeypatch):
    path = aquarium_rows(tmp_path, 10)
    assert read_all(path) == []
    monkeypatch.setattr("viewer.formats.json_lines.MAX_ROWS", 4)
    problems = ProblemLog()
    assert len(list(read_rows(path, problems))) == 4
    (told,) = problems.snapshot()
    assert (told.source, told.place) == (str(path), "line 9")
    assert "more than 4 rows" in told.message
    monkeypatch.setattr("viewer.formats.json_lines.MAX_LINES", 5)
    assert len(list(read_rows(path, problems))) == 3
    assert problems.snapshot()[-1].place == "line 6"


def test_items_over_the_bound_are_left_out_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr("viewer.formats.nucleus.payload.MAX_RECORDS", 1)
    manifests.picture(tmp_path / "second.png")
    made = manifests.nucleus(tmp_path, "second.png")
    dataset = open_dataset(made.dataset)
    assert sum(len(scene.frames) for scene in dataset.scenes) == 1
    assert any("$.items: has more than 1 rows" in each for each in read_all(made.dataset))


def test_elements_over_the_bound_are_left_out_and_told(tmp_path, monkeypatch):
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": n} for n in range(10_000)]))
    assert sum(len(starts) for starts, _ in JsonFile(path).array_elements()) == 10_000
    assert len(scan_table(JsonFile(path), ["a"])) == 10_000
    monkeypatch.setattr("viewer.formats.json_rows.MAX_ELEMENTS", 5_000)
    with pytest.raises(DamagedData, match="more than 5000 rows"):
        list(JsonFile(path).array_elements())
    monkeypatch.setattr("viewer.formats.json_scan.MAX_ELEMENTS", 5_000)
    scan = scan_table(JsonFile(path), ["a"])
    assert "more than 5000 rows" in str(scan.damage)


def test_a_table_of_nothing_but_damage_is_given_up(tmp_path, monkeypatch):
    manifests.picture(tmp_path / "images" / "second.png")
    made = manifests.coco(tmp_path, "second.png")
    content = json.loads(made.file.read_text())
    content["annotations"] = [3] * 5_000
    made.file.write_text(json.dumps(content))
    monkeypatch.setattr("viewer.formats.coco.annotation_file.MAX_DAMAGED_ROWS", 20)
    told = read_all(made.dataset)
    assert sum("$.annotations[" in each and "int" in each for each in told) == 20
    assert any("the rest is not read" in each for each in told)


YAML_BOMBS = {
    "lists": "names: " + "[" * DEPTH,
    "whole lists": "names: [a]\ntrain: " + "[" * DEPTH + "]" * DEPTH,
    "mappings": "names: [a]\ntrain: " + "{a: " * DEPTH,
    "items": "names:\n  " + "- " * DEPTH,
    "keys": "names:\n  " + "? " * DEPTH,
    "steps": "names:\n" + "".join(" " * n + "-\n" for n in range(1, 1_500)),
    "aliases": "names: [a]\na0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    "merged": "names: [a]\na0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40)),
}
READ_YAML = """
import sys
from pathlib import Path
from viewer.formats.base import DamagedData
from viewer.formats.calibration.catalog import read_calibration
from viewer.formats.yaml_text import load_yaml
for path in map(Path, sys.argv[1:]):
    for read in (lambda: load_yaml(path.read_text(), path), lambda: read_calibration(path)):
        try:
            read()
        except DamagedData as damage:
            print(damage)
"""


def test_yaml_made_to_end_the_program_is_refused(tmp_path):
    """In a process of its own: a level too deep is no exception in C."""
    paths = []
    for name, text in YAML_BOMBS.items():
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(text)
    found = subprocess.run(
        [sys.executable, "-c", READ_YAML, *map(str, paths)],
        env={**os.environ, "PYTHONPATH": str(import_folders()[-1])},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-800:]
    for path in paths:
        told = [line for line in found.stdout.splitlines() if str(path) in line]
        assert len(told) == 2, path.name
        wanted = "anchors" if path.stem in ("aliases", "merged") else "deeper than 100 levels"
        assert wanted in told[0]


def test_a_yolo_dataset_with_such_yaml_is_refused(tmp_path):
    made = manifests.yolo(tmp_path, "images/b.png")
    (tmp_path / "data.yaml").write_text("names: [car]\ntrain: " + "[" * DEPTH)
    assert any("data.yaml, line 2: is nested deeper" in each for each in read_all(made.dataset))
