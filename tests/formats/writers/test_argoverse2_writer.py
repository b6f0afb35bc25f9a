"""Argoverse 2 logs: what is drawn comes back, in the dataset's own columns and types."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from argoverse2_log import SWEEP_NS, annotations, columns_of, write_feather, write_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_drive import drives

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.formats.writers.losses import LossReport
from viewer.progress import JobContext
from viewer.scene.scene import Dataset, Scene

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
POSE = ["qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m"]
SCHEMAS = {
    "annotations.feather": {
        "timestamp_ns": "int64", "track_uuid": "string", "category": "string",
        **dict.fromkeys(("length_m", "width_m", "height_m", *POSE), "double"),
        "num_interior_pts": "int64",
    },
    "city_SE3_egovehicle.feather": {"timestamp_ns": "int64", **dict.fromkeys(POSE, "double")},
    "calibration/egovehicle_SE3_sensor.feather": {
        "sensor_name": "string", **dict.fromkeys(POSE, "double"),
    },
    "calibration/intrinsics.feather": {
        "sensor_name": "string",
        **dict.fromkeys(("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "k3"), "double"),
        "height_px": "uint16", "width_px": "uint16",
    },
}  # fmt: skip
"""Columns and types of a log of the dataset, in its order."""


def table_of(path: Path) -> object:
    import pyarrow as pa

    with pa.ipc.open_file(path) as file:
        return file.read_all()


def written(scenes: list[Scene], target: Path) -> tuple[Dataset, LossReport]:
    report = writer_by_name("argoverse2").write(scenes, target, JobContext())
    return open_dataset(target), report


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    drives(
        boxes_in="ego",
        attributes=st.fixed_dictionaries({"num_interior_pts": st.integers(0, 99)}),
        lens=False,
        ring="laser_number",
        half=True,
    )
)
def test_a_drive_comes_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        dataset, _ = written([before], root / "one")
        (after,) = dataset.scenes
        assert [(s.label_set_id, s.kind) for s in after.label_sets] == [
            (s.label_set_id, s.kind) for s in before.label_sets
        ]
        for frame, again in zip(before.frames, after.frames, strict=True):
            assert frame.timestamp_ns == again.timestamp_ns
            for label_set in before.label_sets:
                old, new = (
                    scene.reader.read_labels(frame.index, label_set.label_set_id).cuboids
                    for scene in (before, after)
                )
                for column in ("class_names", "track_ids", "attributes"):
                    assert list(getattr(old, column)) == list(getattr(new, column))
                for column in ("center", "size", "rotation"):
                    np.testing.assert_array_equal(
                        getattr(old.cuboids, column), getattr(new.cuboids, column)
                    )
                np.testing.assert_array_equal(old.scores, new.scores)
            rigs = [scene.reader.read_rig(frame.index) for scene in (before, after)]
            clouds = [
                scene.reader.read_point_cloud(frame.index, scene.lidar_ids[0])
                for scene in (before, after)
            ]
            places = [
                rig.transforms.transform("world", cloud.coord_frame_id, frame.timestamp_ns).apply(
                    cloud.xyz
                )
                for rig, cloud in zip(rigs, clouds, strict=True)
            ]
            np.testing.assert_allclose(places[0], places[1], atol=2e-5)
            for name in ("intensity", "laser_number"):
                np.testing.assert_array_equal(clouds[0].fields[name], clouds[1].fields[name])
            lenses = [rig.cameras["CAM_FRONT"].model for rig in rigs]
            assert lenses[0] == lenses[1]
            moves = [rig.transforms.transform("world", "CAM_FRONT", frame.timestamp_ns)
                     for rig in rigs]  # fmt: skip
            np.testing.assert_allclose(moves[0].matrix, moves[1].matrix, atol=1e-12)
            images = [scene.reader.read_encoded_image(frame.index, "CAM_FRONT")
                      for scene in (before, after)]  # fmt: skip
            assert images[0] == images[1]
        again, _ = written([replace(after, scene_id="drive one")], root / "two")
        second = files(root / "two")
        for name, data in files(root / "one").items():
            # The name of the log stands in tables of predictions.
            assert name == "detector.feather" or second[name] == data, name
        dataset.close()
        again.close()


def test_street_has_the_columns_and_counts_of_the_dataset(tmp_path: Path) -> None:
    (scene,) = open_dataset(STREET).scenes
    short = replace(scene, frames=scene.frames[:3])
    dataset, report = written([short], tmp_path / "log")
    for name, expected in SCHEMAS.items():
        schema = table_of(tmp_path / "log" / name).schema
        assert {field.name: str(field.type) for field in schema} == expected
        assert schema.names == list(expected)
    (after,) = dataset.scenes
    for frame in short.frames:
        labels = after.reader.read_labels(frame.index, "annotations").cuboids
        truth = scene.reader.read_labels(frame.index, scene.label_sets[0].label_set_id).cuboids
        assert [each["num_interior_pts"] for each in labels.attributes] == [
            each["num_points"] for each in truth.attributes
        ]
    lost = {what for what, *_ in report.rows()}
    assert {"2D box", "velocity", "attribute 'state'", "lens", "label id"} <= lost


def test_a_log_of_its_own_is_copied_value_for_value(tmp_path: Path) -> None:
    root = write_log(tmp_path / "7fab2350")
    (scene,) = open_dataset(root).scenes
    _, report = written([scene], tmp_path / "out" / "7fab2350")
    assert report.rows() == ()
    compare(root, tmp_path / "out" / "7fab2350")
    images = sorted(path.name for path in root.rglob("*.jpg"))
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.jpg")) == images


def compare(root: Path, copy: Path) -> None:
    for path in root.rglob("*.feather"):
        old, new = table_of(path), table_of(copy / path.relative_to(root))
        assert set(old.column_names) == set(new.column_names)
        for name in old.column_names:
            assert old[name].to_pylist() == new[name].to_pylist(), (path.name, name)


def test_several_scenes_are_logs_of_a_folder(tmp_path: Path) -> None:
    scenes = []
    for name in ("one", "two"):
        scenes += open_dataset(write_log(tmp_path / name)).scenes
    dataset, _ = written(scenes, tmp_path / "out")
    assert [scene.scene_id for scene in dataset.scenes] == ["one", "two"]


def test_counts_that_the_source_lacks_are_counted(tmp_path: Path) -> None:
    root = write_log(tmp_path / "log")
    rows = annotations()
    for row in rows:
        del row["num_interior_pts"]
        row |= {"tx_m": 0.0, "ty_m": 0.0, "tz_m": 1.5, "length_m": 40.0, "width_m": 40.0}
        row |= {"height_m": 1.0, "qw": 1.0, "qz": 0.0}
    write_feather(root / "annotations.feather", columns_of(rows))
    (scene,) = open_dataset(root).scenes
    written([scene], tmp_path / "out")
    table = table_of(tmp_path / "out" / "annotations.feather")
    for index, time in enumerate(SWEEP_NS):
        xyz = scene.reader.read_point_cloud(index, "lidar").xyz
        inside = int((np.abs(xyz - [0, 0, 1.5]) <= [20, 20, 0.5]).all(axis=1).sum())
        counts = [
            row["num_interior_pts"] for row in table.to_pylist() if row["timestamp_ns"] == time
        ]
        assert set(counts) == {inside}
        assert inside > 0


def test_the_real_log_comes_back_value_for_value(real_data: Path, tmp_path: Path) -> None:
    root = real_data / "scenes" / "argoverse2_7fab2350"
    (scene,) = open_dataset(root).scenes
    _, report = written([scene], tmp_path / "7fab2350")
    assert {what for what, *_ in report.rows()} <= {"unreadable", "scene name"}
    compare(root, tmp_path / "7fab2350")
    for path in root.rglob("*.feather"):
        copy = tmp_path / "7fab2350" / path.relative_to(root)
        assert table_of(path).schema.equals(table_of(copy).schema)


@pytest.mark.parametrize("times", [(None, None), (5, 5), (9, 3)])
def test_frames_without_increasing_times_are_counted_and_told(
    tmp_path: Path, times: tuple[int | None, ...]
) -> None:
    from viewer.formats.builder import SceneBuilder

    builder = SceneBuilder("s")
    builder.add_lidar("lidar")
    for time in times:
        frame = builder.add_frame(timestamp_ns=time)
        frame.add_points("lidar", np.ones((3, 3), np.float32))
    dataset, report = written([builder.build()], tmp_path / "out")
    frames = dataset.scenes[0].frames
    assert [frame.timestamp_ns for frame in frames] == [0, 100_000_000]
    assert "time of a frame" in {what for what, *_ in report.rows()}
