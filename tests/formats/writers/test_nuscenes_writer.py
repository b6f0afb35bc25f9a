"""nuScenes tables and results: what is drawn comes back, and what the dataset's tools count."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nuscenes_tables import tables, write_tables
from random_drive import drives

from viewer.formats.catalog import open_dataset
from viewer.formats.nuscenes.schema import time_ns
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.formats.writers.losses import LossReport
from viewer.formats.writers.nuscenes.table_rows import time_us
from viewer.progress import JobContext
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.point_classes import PointClasses
from viewer.scene.scene import Dataset, Scene
from viewer.scene.sensors import RangeSensorKind

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
ATTRIBUTES = st.fixed_dictionaries(
    {"num_lidar_pts": st.integers(0, 9), "num_radar_pts": st.integers(0, 9)},
    optional={
        "attributes": st.lists(
            st.sampled_from(["vehicle.moving", "a b", "ü"]), min_size=1, unique=True
        ),
        "visibility": st.sampled_from(["v0-40", "v80-100", "most"]),
        "automatic_annotation": st.booleans(),
    },
)


def written(
    scenes: list[Scene], target: Path, name: str = "nuscenes"
) -> tuple[Dataset, LossReport]:
    report = writer_by_name(name).write(scenes, target, JobContext())
    return open_dataset(target), report


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def assert_same_labels(before: Scene, after: Scene, label_set_id: str) -> None:
    for frame in before.frames:
        old = before.reader.read_labels(frame.index, label_set_id).cuboids
        new = after.reader.read_labels(frame.index, label_set_id).cuboids
        for column in ("class_names", "track_ids", "attributes"):
            assert list(getattr(old, column)) == list(getattr(new, column)), column
        for column in ("center", "size", "rotation"):
            np.testing.assert_array_equal(
                getattr(old.cuboids, column), getattr(new.cuboids, column)
            )
        np.testing.assert_array_equal(old.scores, new.scores)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drives(boxes_in="world", attributes=ATTRIBUTES))
def test_a_drive_comes_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        dataset, _ = written([before], root / "one")
        (after,) = dataset.scenes
        assert after.scene_id == before.scene_id
        assert [(s.label_set_id, s.kind) for s in after.label_sets] == [
            (s.label_set_id, s.kind) for s in before.label_sets
        ]
        for label_set in before.label_sets:
            assert_same_labels(before, after, label_set.label_set_id)
        for frame, again in zip(before.frames, after.frames, strict=True):
            assert (frame.key, frame.timestamp_ns) == (again.key, again.timestamp_ns)
            old = before.reader.read_labels(frame.index, "annotations").cuboids
            new = after.reader.read_labels(frame.index, "annotations").cuboids
            assert old.label_ids == new.label_ids
            clouds = [scene.reader.read_point_cloud(frame.index, "LIDAR_TOP")
                      for scene in (before, after)]  # fmt: skip
            np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
            for name in ("intensity", "ring"):
                np.testing.assert_array_equal(clouds[0].fields[name], clouds[1].fields[name])
            images = [scene.reader.read_encoded_image(frame.index, "CAM_FRONT")
                      for scene in (before, after)]  # fmt: skip
            assert images[0] == images[1]
            rigs = [scene.reader.read_rig(frame.index) for scene in (before, after)]
            assert rigs[0].cameras["CAM_FRONT"].model == rigs[1].cameras["CAM_FRONT"].model
            for sensor in ("LIDAR_TOP", "CAM_FRONT"):
                moves = [rig.transforms.transform("world", sensor, frame.timestamp_ns)
                         for rig in rigs]  # fmt: skip
                np.testing.assert_allclose(moves[0].matrix, moves[1].matrix, atol=1e-12)
        # What was read from these tables is written as the same bytes.
        again, report = written(list(dataset.scenes), root / "two")
        first, second = files(root / "one"), files(root / "two")
        first.pop(next(name for name in first if name.startswith("maps/")))
        assert {name: second[name] for name in first} == first
        assert {what for what, *_ in report.rows()} <= {"table", "class that the benchmark lacks"}
        dataset.close()
        again.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drives(boxes_in="world", attributes=st.just({}), label_set_id="truth"))
def test_results_come_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        dataset, _ = written([before], Path(folder) / "detector.json", "nuscenes_results")
        (after,) = dataset.scenes
        assert [frame.key for frame in after.frames] == [frame.key for frame in before.frames]
        assert [each.label_set_id for each in after.label_sets] == ["detector"]
        assert_same_labels(before, after, "detector")
        again, _ = written([after], Path(folder) / "again.json", "nuscenes_results")
        stored = [(Path(folder) / f"{name}.json").read_bytes() for name in ("detector", "again")]
        assert stored[0] == stored[1]
        dataset.close()
        again.close()


def test_a_source_of_its_own_keeps_tokens_radar_and_sweeps_between(tmp_path: Path) -> None:
    rows = tables()
    for number, row in enumerate(rows["category"]):
        row["index"] = number + 4
    token = rows["sample_data"][1]["token"]
    rows["lidarseg"] = [
        {"token": token, "sample_data_token": token, "filename": "lidarseg/v1.0-mini/a.bin"}
    ]
    root = write_tables(tmp_path / "source", rows)
    (root / "lidarseg" / "v1.0-mini").mkdir(parents=True)
    classes = np.random.default_rng(1).integers(4, 6, 300).astype(np.uint8)
    classes.tofile(root / "lidarseg" / "v1.0-mini" / "a.bin")
    source = open_dataset(root)
    dataset, report = written(list(source.scenes), tmp_path / "copy")
    assert report.rows() == ()
    (before,), (after,) = source.scenes, dataset.scenes
    assert after.metadata == before.metadata
    assert after.lidar_ids == before.lidar_ids
    stored = {
        path.stem: {row["token"]: row for row in json.loads(path.read_text())}
        for path in (tmp_path / "copy" / "v1.0-mini").glob("*.json")
    }
    for table in rows:
        if table == "lidarseg":
            continue
        for row in rows[table]:
            written_row = stored[table][row["token"]]
            same = {
                key: value
                for key, value in row.items()
                if key not in ("prev", "next", "fileformat")
            }
            assert same == {**same, **{k: written_row[k] for k in same if k != "rotation"}}, table
    copied = files(tmp_path / "copy")
    for name, data in files(root).items():
        if name.startswith(("samples", "sweeps")):
            assert copied[name] == data
    assert isinstance(after.reader, EarlierSweeps)
    assert [len(after.reader.earlier_sweeps(index)) for index in range(4)] == [1] * 4
    (found,) = after.reader.read_labels(0, "annotations").point_classes
    np.testing.assert_array_equal(found.class_indices, classes)
    assert found.class_names == {4: "vehicle.car", 5: "human.pedestrian.adult"}
    for frame in before.frames:
        labels = [s.reader.read_labels(frame.index, "annotations").cuboids for s in (before, after)]
        np.testing.assert_array_equal(labels[0].velocities_mps, labels[1].velocities_mps)
    lidar_rows = [row for row in stored["sample_data"].values() if "LIDAR" in row["filename"]]
    chain = sorted(lidar_rows, key=lambda row: row["timestamp"])
    assert [row["next"] for row in chain] == [row["token"] for row in chain[1:]] + [""]
    assert [row["prev"] for row in chain] == [""] + [row["token"] for row in chain[:-1]]


def test_counts_are_those_of_the_boxes_and_tokens_do_not_change(tmp_path: Path) -> None:
    street = open_dataset(STREET)
    (scene,) = street.scenes
    short = replace(scene, frames=scene.frames[:3])
    dataset, report = written([short], tmp_path / "one")
    written([short], tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    (after,) = dataset.scenes
    for frame in short.frames:
        labels = after.reader.read_labels(frame.index, "annotations").cuboids
        told = [each["num_lidar_pts"] for each in labels.attributes]
        truth = scene.reader.read_labels(frame.index, scene.label_sets[0].label_set_id).cuboids
        assert told == [each["num_points"] for each in truth.attributes]
    lost = {what for what, *_ in report.rows()}
    assert {"2D box", "attribute 'state'", "lens", "distortion of a lens"} <= lost


def test_panoptic_classes_and_radars_of_other_sources_are_written(tmp_path: Path) -> None:
    (scene,) = open_dataset(STREET).scenes
    scene = replace(scene, frames=scene.frames[:2], label_sets=scene.label_sets[:1])
    count = len(scene.reader.read_point_cloud(0, "lidar_top"))
    classes = np.arange(count, dtype=np.int32) % 3 + 1
    objects = np.arange(count, dtype=np.int32) % 50
    names = {1: "road", 2: "car", 3: "tree"}

    class WithMore:
        def __getattr__(self, name: str) -> object:
            return getattr(scene.reader, name)

        def read_labels(self, frame_index: int, label_set_id: str) -> object:
            labels = scene.reader.read_labels(frame_index, label_set_id)
            if frame_index:
                return labels
            found = PointClasses("lidar_top", classes, names, objects)
            return replace(labels, point_classes=(found,))

        def read_rig(self, frame_index: int) -> object:
            rig = scene.reader.read_rig(frame_index)
            radar = replace(rig.lidars["lidar_top"], kind=RangeSensorKind.RADAR)
            return replace(rig, lidars={"lidar_top": radar}) if frame_index else rig

    dataset, report = written([replace(scene, reader=WithMore())], tmp_path / "out")
    (after,) = dataset.scenes
    (found,) = after.reader.read_labels(0, "annotations").point_classes
    np.testing.assert_array_equal(found.class_indices, classes)
    np.testing.assert_array_equal(found.instances, objects)
    assert {number: found.class_names[number] for number in names} == names
    radar = next(path for path in (tmp_path / "out" / "samples").rglob("*.pcd"))
    assert b"\nFIELDS x y z dyn_prop id rcs vx vy vx_comp vy_comp " in radar.read_bytes()[:200]
    assert "radar field 'rcs'" in {what for what, *_ in report.rows()}
    assert "point classes" not in {what for what, *_ in report.rows()}


def test_tracks_that_an_instance_cannot_hold_are_split_and_told(tmp_path: Path) -> None:
    from viewer.formats.builder import SceneBuilder

    builder = SceneBuilder("s")
    for index, names in enumerate((["car", "car"], ["bus", "car"])):
        frame = builder.add_frame(timestamp_ns=index * 500_000_000)
        frame.add_cuboids(
            np.zeros((2, 3)),
            [[1, 1, 1]],
            class_names=names,
            track_ids=["t", None if index else "t"],
        )
    dataset, report = written([builder.build()], tmp_path / "out")
    labels = [dataset.scenes[0].reader.read_labels(i, "annotations").cuboids for i in range(2)]
    assert [each.class_names for each in labels] == [("car", "car"), ("bus", "car")]
    tracks = [track for each in labels for track in each.track_ids]
    assert len(set(tracks)) == 4
    assert tracks[0] == "t"
    told = {what for what, *_ in report.rows()}
    assert {"label of a track", "label without a track"} <= told


def test_one_label_set_alone_and_the_others_are_told(tmp_path: Path) -> None:
    (scene,) = open_dataset(STREET).scenes
    scene = replace(scene, frames=scene.frames[:1])
    options = WriteOptions(label_set_id="detector")
    report = writer_by_name("nuscenes").write([scene], tmp_path / "out", JobContext(), options)
    assert (tmp_path / "out" / "detector.json").is_file()
    table = tmp_path / "out" / "v1.0-trainval" / "sample_annotation.json"
    assert json.loads(table.read_text()) == []
    assert ("label set", "was not chosen") in {(what, why) for what, _, _, why in report.rows()}


@given(st.integers(0, 2**61))
def test_times_are_exact_or_within_half_a_microsecond(timestamp_ns: int) -> None:
    timestamp_us = time_us(timestamp_ns)
    back = time_ns(timestamp_us)
    assert back is not None
    assert back == timestamp_ns if timestamp_ns % 1000 == 0 else abs(back - timestamp_ns) <= 500


@pytest.mark.parametrize("name", ["lyft_tables", "t4dataset_sample"])
def test_real_tables_come_back_row_by_row(real_data: Path, tmp_path: Path, name: str) -> None:
    root = real_data / "scenes" / name
    source = open_dataset(root)
    dataset, _ = written(list(source.scenes), tmp_path / "out")
    (before,), (after,) = source.scenes, dataset.scenes
    assert_same_labels(before, after, "annotations")
    for frame in before.frames:
        labels = [s.reader.read_labels(frame.index, "annotations").cuboids for s in (before, after)]
        np.testing.assert_array_equal(labels[0].velocities_mps, labels[1].velocities_mps)
    folder = before.path
    for table in ("sample_data", "calibrated_sensor", "ego_pose", "category", "attribute", "log"):
        original = {row["token"]: row for row in json.loads((folder / f"{table}.json").read_text())}
        stored = json.loads((tmp_path / "out" / "v1.0-trainval" / f"{table}.json").read_text())
        # prev and next name rows that a sample of a dataset leaves out; Lyft gives every pose the
        # sample's time, others that of the recording.
        free = {"prev", "next", "fileformat"} | ({"timestamp"} if table == "ego_pose" else set())
        for row in stored:
            theirs = original[row["token"]]
            assert {k: v for k, v in theirs.items() if k not in free} == {
                k: row[k] for k in theirs if k not in free
            }
        assert table == "ego_pose" or len(stored) == len(original)
