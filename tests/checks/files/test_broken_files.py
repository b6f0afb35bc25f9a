"""Files that are broken one at a time are found by their names; a whole dataset is quiet."""

import json
import shutil
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image
from tiny_datasets import written

from viewer.batch.in_process import InProcess
from viewer.batch.processes import Processes
from viewer.checks.file_inspection import Inspection
from viewer.checks.finding import Severity
from viewer.checks.policy import Policy
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import OpenScenes, ScenesAt
from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.native.writer import write_native_scene
from viewer.geometry.cameras import Pinhole
from viewer.progress import Cancelled, JobContext
from viewer.scene.scene import Problem

FRAMES, POINTS = 12, 1500
SIZE = (64, 40)
FORMS = MappingProxyType({"left": "JPEG", "right": "PNG"})
FILES = frozenset(
    {"unreadable-file", "corrupt-file", "missing-file", "inconsistent-file", "reported-problem"}
)


def picture(rng, form, size=SIZE):
    buffer = BytesIO()
    pixels = rng.integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(buffer, format=form)
    return buffer.getvalue()


def cloud(rng, count=POINTS):
    return rng.uniform(-20, 20, (count, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    rng = np.random.default_rng(1)
    builder = SceneBuilder("drive")
    builder.add_lidar("top", position=(0, 0, 1.8))
    for name in FORMS:
        builder.add_camera(name, Pinhole(*SIZE, fx=30, fy=30), position=(0, 0, 1.6))
    for index in range(FRAMES):
        frame = builder.add_frame(timestamp_ns=10**9 + index * 10**8, ego_position=(0, 0, 0))
        frame.add_points("top", cloud(rng), intensity=rng.uniform(0, 1, POINTS).astype("f4"))
        for name, form in FORMS.items():
            frame.add_image(name, picture(rng, form))
        frame.add_cuboids([[5, 0, 1]], [[4, 2, 2]], class_names=["car"], track_ids=["a"])
    path = tmp_path_factory.mktemp("whole") / "drive"
    write_native_scene(builder.build(), path)
    return path


@pytest.fixture
def drive(whole, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    return shutil.copytree(whole, tmp_path / "drive")


def file_of(drive, sensor_id, frame):
    document = json.loads((drive / "scene.json").read_text())
    entry = document["frames"][frame]
    refs = [*entry["point_clouds"], *entry["images"]]
    return drive / next(each["file"] for each in refs if each["sensor_id"] == sensor_id)


def findings(path, only=FILES):
    options = RunOptions(policy=Policy(only=frozenset(only)))
    run = check_dataset(ScenesAt(path), options, InProcess(), JobContext())
    assert not run.failures
    return list(run.findings)


def only_finding(drive, check, text):
    found = findings(drive)
    assert [each.check for each in found] == [check], [each.text for each in found]
    assert text in found[0].text
    return found[0]


def rewrite(path, change):
    path.write_bytes(change(path.read_bytes()))


def pcd(xyz, columns=("intensity",)):
    values = np.column_stack([xyz, *[np.ones(len(xyz), "f4") for _ in columns]]).astype("<f4")
    names, count = ["x", "y", "z", *columns], 3 + len(columns)
    head = (
        f"# .PCD v0.7\nVERSION 0.7\nFIELDS {' '.join(names)}\nSIZE {' '.join(['4'] * count)}\n"
        f"TYPE {' '.join(['F'] * count)}\nCOUNT {' '.join(['1'] * count)}\nWIDTH {len(xyz)}\n"
        f"HEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {len(xyz)}\nDATA binary\n"
    )
    return head.encode() + values.tobytes()


def test_a_whole_dataset_has_no_findings(drive):
    assert findings(drive) == []


@pytest.mark.parametrize("sensor_id", ["left", "right", "top"])
def test_a_file_that_is_gone_is_named(drive, sensor_id):
    path = file_of(drive, sensor_id, 4)
    path.unlink()
    found = only_finding(drive, "unreadable-file", str(path.relative_to(drive)))
    assert found.frame_key == "000004"
    assert found.sensor_id == sensor_id
    assert found.severity == Severity.HIGH


@pytest.mark.parametrize("sensor_id", ["left", "right", "top"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.97])
def test_a_truncated_file_is_corrupt(drive, sensor_id, share):
    path = file_of(drive, sensor_id, 5)
    rewrite(path, lambda data: data[: int(share * len(data))])
    only_finding(drive, "corrupt-file", str(path.relative_to(drive)))


@pytest.mark.parametrize("frame", range(4))
def test_one_changed_byte_of_a_png_is_found_without_decoding(drive, frame):
    path = file_of(drive, "right", frame)
    rewrite(path, lambda data: data[:200] + bytes([data[200] ^ 255]) + data[201:])
    only_finding(drive, "corrupt-file", "checksum")


def test_bytes_after_the_end_of_a_jpeg_harm_nothing(drive):
    rewrite(file_of(drive, "left", 3), lambda data: data + b"trailer of some tool")
    assert findings(drive) == []


def test_an_image_of_one_colour_is_told_where_it_is_decoded(drive):
    buffer = BytesIO()
    Image.new("RGB", SIZE).save(buffer, format="JPEG")
    file_of(drive, "left", 0).write_bytes(buffer.getvalue())
    only_finding(drive, "corrupt-file", "all its pixels are alike")


@pytest.mark.parametrize(
    ("spoil", "check", "text", "severity"),
    [
        (lambda xyz: xyz * 0, "corrupt-file", "100% of its 1,500 points", Severity.HIGH),
        (lambda xyz: xyz * np.nan, "corrupt-file", "100% of its 1,500 points", Severity.HIGH),
        (lambda xyz: np.where(np.arange(POINTS)[:, None] < 7, np.inf, xyz), "corrupt-file",
         "7 points of 1,500 with NaN or infinite", Severity.LOW),
        (lambda xyz: np.where(np.arange(POINTS)[:, None] < 700, 0.0, xyz), "corrupt-file",
         "47% of its 1,500 points", Severity.MEDIUM),
        (lambda xyz: xyz[:0], "corrupt-file", "it has no points; usually there are 1,500",
         Severity.HIGH),
        (lambda xyz: xyz[:400], "inconsistent-file", "it has 400 points", Severity.MEDIUM),
    ],
)  # fmt: skip
def test_points_that_say_nothing_are_told(drive, spoil, check, text, severity):
    rng = np.random.default_rng(2)
    file_of(drive, "top", 6).write_bytes(pcd(spoil(cloud(rng))))
    found = only_finding(drive, check, text)
    assert found.severity == severity
    assert found.frame_key == "000006"


def test_clouds_that_always_have_points_at_the_origin_are_quiet(drive):
    rng = np.random.default_rng(2)
    for frame in range(FRAMES):
        xyz = cloud(rng)
        xyz[:600] = 0 if frame % 2 else np.nan
        file_of(drive, "top", frame).write_bytes(pcd(xyz))
    assert findings(drive) == []


def test_other_fields_are_told(drive):
    rng = np.random.default_rng(2)
    file_of(drive, "top", 2).write_bytes(pcd(cloud(rng), ("ring", "t")))
    only_finding(drive, "inconsistent-file", "lacks intensity and has ring, t besides")


def test_an_image_of_another_size_is_told(drive):
    rng = np.random.default_rng(3)
    file_of(drive, "left", 7).write_bytes(picture(rng, "JPEG", (SIZE[1], SIZE[0])))
    found = only_finding(drive, "inconsistent-file", "40 x 64 px; the camera's others are 64 x 40")
    assert found.frame_key == "000007"


def test_images_that_do_not_fit_the_calibration_are_told_once(drive):
    rng = np.random.default_rng(3)
    for frame in range(FRAMES):
        file_of(drive, "left", frame).write_bytes(picture(rng, "JPEG", (32, 20)))
    found = only_finding(drive, "inconsistent-file", "32 x 20 px, its calibration is for 64 x 40")
    assert found.frame_key is None
    assert found.sensor_id == "left"


@pytest.mark.parametrize("sensor_id", ["left", "top"])
def test_a_copy_of_the_frame_before_is_told(drive, sensor_id):
    shutil.copyfile(file_of(drive, sensor_id, 8), file_of(drive, sensor_id, 9))
    found = only_finding(drive, "inconsistent-file", "its content is that of the frame before")
    assert found.frame_key == "000009"


def test_one_file_of_two_frames_is_no_copy(drive):
    def share(frames):
        for kind in ("images", "point_clouds"):
            frames[9][kind][0]["file"] = frames[8][kind][0]["file"]

    change_frames(drive, share)
    assert findings(drive) == []


def change_frames(drive, change):
    path = drive / "scene.json"
    document = json.loads(path.read_text())
    change(document["frames"])
    path.write_text(json.dumps(document))


def test_frames_without_a_sensor_are_told_once(drive):
    def drop(frames):
        for number in (5, 6):
            frames[number]["images"] = [
                each for each in frames[number]["images"] if each["sensor_id"] != "left"
            ]

    change_frames(drive, drop)
    found = only_finding(drive, "missing-file", "left has no image in 2 frames, up to 000006")
    assert found.frame_key == "000005"


def test_a_sensor_of_few_frames_is_not_missed(drive):
    def drop(frames):
        for frame in frames[::2]:
            frame["images"] = []

    change_frames(drive, drop)
    assert findings(drive) == []


def test_many_lost_files_are_told_once_a_sensor(drive):
    for frame in range(FRAMES):
        file_of(drive, "left", frame).unlink()
    found = only_finding(drive, "unreadable-file", "none of its 12 images can be read")
    assert found.frame_key is None


def test_labels_of_a_frame_that_there_is_not_are_a_finding(drive):
    labels = next((drive / "labels").glob("*.jsonl"))
    rewrite(labels, lambda data: data.replace(b'"000011"', b'"of another drive"'))
    found = only_finding(drive, "reported-problem", "1 frame that the scene does not have")
    assert "'of another drive'" in found.text
    assert labels.name in found.text


def test_the_same_problem_in_many_places_is_told_once(drive):
    labels = next((drive / "labels").glob("*.jsonl"))
    rewrite(labels, lambda data: data.replace(b'"coord_frame_id":"world"', b'"coord_frame_id":"x"'))
    rewrite(
        labels, lambda data: data.replace(b'"coord_frame_id": "world"', b'"coord_frame_id": "x"')
    )
    found = only_finding(drive, "reported-problem", "other places")
    assert found.text.startswith("000000, x and 11 other places: ")


def test_a_line_of_labels_that_cannot_be_read_is_a_finding(drive):
    labels = next((drive / "labels").glob("*.jsonl"))
    rewrite(labels, lambda data: data.replace(b'{"frame"', b'{"fra', 1))
    told = [each for each in findings(drive) if each.check == "reported-problem"]
    assert told
    assert all(labels.name in each.text for each in told)


def test_a_second_run_reads_no_file(drive, monkeypatch):
    file_of(drive, "left", 5).write_bytes(b"")
    first = [each.finding_id for each in findings(drive)]
    calls = []
    monkeypatch.setattr(Inspection, "finish", lambda *_: calls.append(1))
    assert [each.finding_id for each in findings(drive)] == first
    assert not calls
    shutil.copyfile(file_of(drive, "left", 4), file_of(drive, "left", 5))
    monkeypatch.undo()
    monkeypatch.setenv("SIGHTLINE_CACHE", str(drive.parent / "cache"))
    assert [each.check for each in findings(drive)] == ["inconsistent-file"]


def test_a_raw_table_that_ends_in_a_number_is_corrupt(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(4)
    folder = tmp_path / "drive" / "lidar"
    folder.mkdir(parents=True)
    for frame in range(6):
        np.column_stack([cloud(rng), np.ones(POINTS)]).astype("<f4").tofile(folder / f"{frame}.bin")
    assert findings(tmp_path / "drive") == []
    rewrite(folder / "3.bin", lambda data: data[:-3])
    only_finding(tmp_path / "drive", "corrupt-file", "3.bin")


def test_files_that_the_reader_did_not_find_are_told_with_their_names(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "tables"
    root.mkdir()
    path = written("nuscenes")(root)
    gone = min((path / "samples").rglob("*.png"))
    gone.unlink()
    told = [each for each in findings(path) if each.check == "unreadable-file"]
    assert [gone.name in each.text for each in told] == [True]
    assert told[0].severity == Severity.MEDIUM


def test_a_scene_that_cannot_be_understood_is_told_beside_those_that_can(drive):
    shutil.copytree(drive, drive.parent / "all" / "good")
    broken = shutil.copytree(drive, drive.parent / "all" / "broken")
    rewrite(broken / "scene.json", lambda data: data[:-9])
    (found,) = findings(drive.parent / "all")
    assert found.check == "reported-problem"
    assert found.scene_id == "broken"
    assert "scene.json" in found.text


def test_what_kept_parts_of_a_dataset_from_opening_is_told(drive):
    problems = (Problem("b.db3", "byte 4", "is no bag"), Problem("a.db3", "", "is empty."))
    dataset = replace(open_dataset(drive), problems=problems)
    options = RunOptions(policy=Policy(only=FILES))
    run = check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())
    assert [each.text for each in run.findings] == ["a.db3: is empty", "b.db3, byte 4: is no bag"]
    assert all(each.of_dataset for each in run.findings)
    nothing = replace(dataset, scenes=())
    run = check_dataset(OpenScenes(nothing), options, InProcess(), JobContext())
    assert run.failures == {"b.db3": "is no bag", "a.db3": "is empty."}


def test_inspecting_can_be_given_up(drive):
    (scene,) = open_dataset(drive).scenes
    job = JobContext()
    job.cancel()
    with pytest.raises(Cancelled):
        Inspection(scene, 5).finish(job)
    facts = Inspection(scene, 5).finish(JobContext())
    assert len(facts.files) == 3 * FRAMES
    assert sum(each.is_decoded for each in facts.files) == 2 * 5


def test_two_processes_tell_the_same_of_broken_files(drive):
    file_of(drive, "top", 3).write_bytes(b"")
    file_of(drive, "left", 3).unlink()
    both = drive.parent / "both"
    for name in ("a", "b"):
        shutil.copytree(drive, both / name)
    options = RunOptions(policy=Policy(only=FILES))
    told = [
        json.dumps(run_document(check_dataset(ScenesAt(both), options, batch, JobContext())))
        for batch in (InProcess(), Processes(2))
    ]
    assert told[0] == told[1]
    assert told[0].count("unreadable-file") > 2
