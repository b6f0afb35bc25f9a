"""An Aquarium dataset is shown from its first rows, and grows into what all its rows tell."""

import json
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_facts import facts, labels_of, plain

from viewer.formats import growth
from viewer.formats.aquarium import format as aquarium
from viewer.formats.catalog import open_dataset
from viewer.progress import Cancelled, JobContext, running
from viewer.scene.scene import Dataset

CHANGES = st.sampled_from(["ADD", "ADD", "ADD", "MODIFY", "DELETE", "ODD"])
FRAMES = st.sampled_from([f"f{number}" for number in range(6)])
CLASSES = st.sampled_from(["car", "dog", "bus"])
MODEL_FILES = ("model_a.jsonl", "model_b.jsonl", "more/model_a.jsonl")


@st.composite
def frame_rows(draw):
    row = {"task_id": draw(FRAMES), "change": draw(CHANGES)}
    sensors = draw(st.lists(st.sampled_from(["lidar", "front", "rear"]), max_size=3))
    row["sensor_data"] = [
        {
            "sensor_id": name,
            "sensor_type": "POINTCLOUD_PCD_V0" if name == "lidar" else "IMAGE_V0",
            "coordinate_frame": "world",
            "data_urls": {"pcd_url" if name == "lidar" else "image_url": f"{name}.bin"},
        }
        for name in sensors
    ]
    row["coordinate_frames"] = [{"coordinate_frame_id": "world", "coordinate_frame_type": "WORLD"}]
    if draw(st.booleans()):
        row["user__sequence_id"] = draw(st.sampled_from(["10", "9", "a"]))
    if draw(st.booleans()):
        row["date_captured"] = f"2021-06-01T12:00:0{draw(st.integers(0, 9))}+00:00"
    if draw(st.integers(0, 3)) == 0:
        row["label_data"] = draw(st.lists(labels(), max_size=2))
    return row


@st.composite
def labels(draw):
    numbers = {"pos_x": draw(st.integers(-9, 9)), "pos_y": 0, "pos_z": 0}
    numbers |= {"dim_x": 4, "dim_y": 2, "dim_z": 1, "rot_x": 0, "rot_y": 0, "rot_z": 0, "rot_w": 1}
    return {
        "uuid": draw(st.sampled_from("uvw")),
        "label": draw(CLASSES),
        "label_type": "CUBOID_3D",
        "label_coordinate_frame": "world",
        "attributes": numbers,
        "change": draw(CHANGES),
    }


@st.composite
def label_rows(draw):
    return {"task_id": draw(FRAMES), "label_data": draw(st.lists(labels(), max_size=3))}


@st.composite
def inference_rows(draw):
    return {
        "task_id": draw(FRAMES),
        "type": "INFERENCE",
        "change": draw(CHANGES),
        "inference_data": draw(st.lists(labels(), max_size=3)),
    }


@st.composite
def datasets(draw):
    """Rows by file name: frames and labels together or apart, updates, models, damaged rows."""
    any_row = st.one_of(frame_rows(), label_rows(), st.just({"no": "task"}))
    files = {"frames.jsonl": draw(st.lists(frame_rows(), min_size=1, max_size=9))}
    files["labels.jsonl"] = draw(st.lists(label_rows(), max_size=6))
    files["mixed.jsonl"] = draw(st.lists(any_row, max_size=6))
    for name in MODEL_FILES:
        files[name] = draw(st.lists(inference_rows(), max_size=4))
    return files


def write(root: Path, files: dict[str, list[object]], most_rows: int | None = None) -> Path:
    for name, rows in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[:most_rows]))
    project = {"label_class_map": [{"id": 1, "name": "dog", "color": [1, 2, 3]}]}
    (root / "project.json").write_text(json.dumps(project))
    return root


def opened(root: Path, monkeypatch, large_bytes: int, *, growing: bool = False) -> Dataset | str:
    monkeypatch.setattr(growth, "LARGE_BYTES", large_bytes)
    try:
        return open_dataset(root, "aquarium", growing=growing)
    except Exception as error:  # noqa: BLE001 - both ways must fail alike
        return f"{type(error).__name__}: {error}"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=datasets(), most_rows=st.integers(1, 4))
def test_grown_it_is_what_reading_all_gives(files, most_rows, cache, monkeypatch):
    monkeypatch.setattr(aquarium, "FIRST_ROWS", 0)
    monkeypatch.setattr(aquarium, "FEWEST_ROWS", most_rows)
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder) / "data", files)
        whole = opened(root, monkeypatch, 1 << 30)
        first = opened(root, monkeypatch, 0, growing=True)
        if isinstance(whole, str):
            if isinstance(first, str):
                assert first == whole
            else:
                with pytest.raises(Exception, match="holds no usable frame") as raised:
                    growth.grown(first)
                assert str(raised.value) in whole
            return
        assert whole.growth is None
        expected = facts(whole)
        assert facts(growth.grown(first)) == expected
        assert facts(opened(root, monkeypatch, 0)) == expected


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=datasets(), most_rows=st.integers(1, 4))
def test_the_beginning_is_what_its_rows_alone_give(files, most_rows, cache, monkeypatch):
    monkeypatch.setattr(aquarium, "FIRST_ROWS", 0)
    monkeypatch.setattr(aquarium, "FEWEST_ROWS", most_rows)
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder) / "data", files)
        first = opened(root, monkeypatch, 0, growing=True)
        if isinstance(first, str) or first.growth is None:
            return
        assert first.growth.renews
        early = []
        for scene in first.scenes:
            names = [each.label_set_id for each in scene.label_sets]
            known = [
                plain(scene.reader.read_labels(frame.index, name))
                for frame in scene.frames
                for name in names
                if scene.reader.are_labels_indexed(frame.index, name)
            ]
            early.append((scene.scene_id, plain(list(scene.frames)), names, known))
        part = opened(write(root, files, most_rows), monkeypatch, 1 << 30)
        assert [each[:3] for each in early] == [
            (
                scene.scene_id,
                plain(list(scene.frames)),
                [each.label_set_id for each in scene.label_sets],
            )
            for scene in part.scenes
        ]
        for (*_, known), scene in zip(early, part.scenes, strict=True):
            told = [each[2] for each in labels_of(scene)]
            assert all(each in told for each in known)
        assert [plain(each.class_map) for each in first.scenes] == [
            plain(each.class_map) for each in part.scenes
        ]


FRAME = {
    "coordinate_frames": [{"coordinate_frame_id": "world", "coordinate_frame_type": "WORLD"}],
    "sensor_data": [],
}


@pytest.fixture
def many(tmp_path, cache, monkeypatch) -> Path:
    """Frames 9 to 0, of which the first is deleted at the end; labels lie in another file."""
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    monkeypatch.setattr(aquarium, "FIRST_ROWS", 0)
    monkeypatch.setattr(aquarium, "FEWEST_ROWS", 3)
    frames = [FRAME | {"task_id": str(number)} for number in range(9, -1, -1)]
    frames.append(FRAME | {"task_id": "9", "change": "DELETE"})
    cuboid = {
        "uuid": "u", "label": "car", "label_type": "CUBOID_3D", "label_coordinate_frame": "world",
        "attributes": {f"{kind}_{axis}": 1.0 for kind in ("pos", "dim") for axis in "xyz"}
        | {"rot_x": 0, "rot_y": 0, "rot_z": 0, "rot_w": 1},
    }  # fmt: skip
    labels = [{"task_id": str(number), "label_data": [cuboid]} for number in range(10)]
    return write(tmp_path / "data", {"frames.jsonl": frames, "labels.jsonl": labels})


def test_labels_further_down_are_told_of_and_found(many):
    dataset = open_dataset(many, growing=True)
    (scene,) = dataset.scenes
    assert [frame.key for frame in scene.frames] == ["7", "8", "9"]
    assert not any("7" in str(problem) for problem in scene.reader.problems())
    assert [each.label_set_id for each in scene.label_sets] == []
    assert not scene.reader.are_labels_indexed(0, "labels")
    assert scene.reader.read_labels(0, "labels").cuboids.label_ids == ["u"]
    assert scene.reader.are_labels_indexed(1, "labels")
    # Deleted in the last row, it has no labels that could be shown.
    assert len(scene.reader.read_labels(2, "labels").cuboids) == 0
    (whole,) = growth.grown(dataset).scenes
    assert [frame.key for frame in whole.frames] == [str(number) for number in range(9)]


def test_its_index_is_made_once_however_many_ask(many):
    dataset = open_dataset(many, growing=True)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(growth.whole(dataset))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_given_up_it_is_indexed_when_asked_again(many, monkeypatch):
    monkeypatch.setattr("viewer.formats.json_lines.REPORTED_ROWS", 2)
    dataset = open_dataset(many, growing=True)
    context = JobContext(lambda progress: context.cancel() if progress.done else None)
    with running(context), pytest.raises(Cancelled):
        growth.grown(dataset)
    assert len(growth.grown(dataset).scenes[0]) == 9
