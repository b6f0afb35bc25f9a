"""Scenes to Aquarium and back: the same scene; Aquarium data itself, value for value."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.random_drive import drives
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.shapes import Classification, ClassificationScope, ImageShapesBuilder, ShapeKind

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["state", "occluded", "points"]),
    st.one_of(st.booleans(), st.integers(-5, 5), st.text(max_size=5)),
)


def write(scenes, target, **options):
    return writer_by_name("aquarium").write(scenes, target, JobContext(), WriteOptions(**options))


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def assert_same_cuboids(before, after, pose_before, pose_after):
    first, second = before.cuboids, after.cuboids
    assert list(first.class_names) == list(second.class_names)
    assert list(first.track_ids) == list(second.track_ids)
    np.testing.assert_array_equal(first.scores, second.scores)
    np.testing.assert_array_equal(first.cuboids.size, second.cuboids.size)
    own = [first.cuboids.transformed(pose_before), second.cuboids.transformed(pose_after)]
    np.testing.assert_allclose(own[0].corners(), own[1].corners(), rtol=0, atol=1e-7)
    for mine, theirs in zip(first.attributes, second.attributes, strict=True):
        shown = {key: value for key, value in theirs.items() if key != "track_id"}
        assert shown == dict(mine)


def test_street_comes_back(tmp_path):
    before = open_dataset(STREET).scenes[0]
    report = write([before], tmp_path / "out")
    assert {what for what, _, _, _ in report.rows()} == {"velocity"}
    dataset = open_dataset(tmp_path / "out")
    after = dataset.scenes[0]
    assert after.scene_id == before.scene_id
    assert [frame.timestamp_ns for frame in after.frames] == [
        frame.timestamp_ns for frame in before.frames
    ]
    assert [entry.colour for entry in after.class_map.entries] == [
        entry.colour for entry in before.class_map.entries
    ]
    for index in (0, 20, 39):
        rigs = [scene.reader.read_rig(index) for scene in (before, after)]
        for name, camera in rigs[0].cameras.items():
            image = next(each for each in before.frames[index].images if each.sensor_id == name)
            matrices = [
                rig.camera_from(rig.cameras[name], "world", image.timestamp_ns, image.timestamp_ns)
                for rig in rigs
            ]
            np.testing.assert_allclose(matrices[0], matrices[1], rtol=0, atol=1e-12)
            assert rigs[1].cameras[name].model == camera.model
            images = [s.reader.read_encoded_image(index, name) for s in (before, after)]
            assert images[0] == images[1]
        clouds = [scene.reader.read_point_cloud(index, "lidar_top") for scene in (before, after)]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        for field, values in clouds[0].fields.items():
            np.testing.assert_array_equal(values, clouds[1].fields[field])
        for old, new in zip(before.label_sets, after.label_sets, strict=True):
            labels = [
                scene.reader.read_labels(index, label_set.label_set_id)
                for scene, label_set in ((before, old), (after, new))
            ]
            assert list(labels[0].cuboids.label_ids) == list(labels[1].cuboids.label_ids)
            poses = [
                rig.transforms.transform(
                    "world", each.cuboids.cuboids.coord_frame_id, each.cuboids.timestamp_ns
                )
                for rig, each in zip(rigs, labels, strict=True)
            ]
            assert_same_cuboids(*labels, *poses)
    dataset.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_drives_come_back(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drive")
    boxes_in = data.draw(st.sampled_from(["world", "ego", "LIDAR_TOP"]))
    before = data.draw(drives(boxes_in=boxes_in, attributes=ATTRIBUTES, label_set_id="labels"))
    write([before], folder / "out")
    dataset = open_dataset(folder / "out")
    after = dataset.scenes[0]
    assert [frame.key for frame in after.frames] == [frame.key for frame in before.frames]
    for frame in before.frames:
        rigs = [scene.reader.read_rig(frame.index) for scene in (before, after)]
        clouds = [s.reader.read_point_cloud(frame.index, "LIDAR_TOP") for s in (before, after)]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        for field, values in clouds[0].fields.items():
            np.testing.assert_array_equal(values, clouds[1].fields[field])
        camera = rigs[1].cameras["CAM_FRONT"]
        assert camera.model == rigs[0].cameras["CAM_FRONT"].model
        for label_set in after.label_sets:
            labels = [
                s.reader.read_labels(frame.index, label_set.label_set_id) for s in (before, after)
            ]
            if not len(labels[0].cuboids):
                assert not len(labels[1].cuboids)
                continue
            poses = [
                rig.transforms.transform(
                    "world", each.cuboids.cuboids.coord_frame_id, frame.timestamp_ns
                )
                for rig, each in zip(rigs, labels, strict=True)
            ]
            assert_same_cuboids(*labels, *poses)
    dataset.close()


class OtherKinds:
    """A reader whose frames also have shapes, masks and a classification."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        shapes = ImageShapesBuilder()
        own = {"sensor_id": "front", "class_name": "car"}
        ring = [[0, 0], [5, 0], [5, 5.5]]
        shapes.add(ShapeKind.POLYGONS, label_id=f"p{frame_index}", parts=[ring], **own)
        line = [[1, 2], [3, 4]]
        shapes.add(ShapeKind.POLYLINE, label_id=f"l{frame_index}", parts=[line], **own)
        shapes.add(
            ShapeKind.KEYPOINTS,
            label_id=f"k{frame_index}",
            parts=[[[7, 8], [np.nan, np.nan]]],
            keypoint_names=["nose", "tail"],
            **own,
        )
        inside = np.zeros((4, 6), dtype=bool)
        inside[1:3, 2:5] = True
        classes = np.where(inside, 1, 0).astype(np.int32)
        masks = (
            InstanceMask("front", "one", "car", RunLengths.of(inside)),
            SemanticMask("front", f"s{frame_index}", classes, {0: "van", 1: "car"}),
        )
        rain = Classification(ClassificationScope.IMAGE, "front", f"c{frame_index}", "rain")
        labels = self._reader.read_labels(frame_index, label_set_id)
        return FrameLabels(labels.cuboids, labels.boxes_2d, shapes.build(), (rain,), masks=masks)


def test_all_label_kinds_come_back(tmp_path):
    street = open_dataset(STREET).scenes[0]
    scene = replace(
        street,
        reader=OtherKinds(street.reader),
        frames=street.frames[:2],
        label_sets=street.label_sets[:1],
    )
    report = write([scene], tmp_path / "out")
    told = {what: count for what, _, count, _ in report.rows()}
    assert told["keypoint without a place"] == 2
    dataset = open_dataset(tmp_path / "out")
    labels = dataset.scenes[0].reader.read_labels(1, "labels")
    kinds = [ShapeKind(int(kind)) for kind in labels.shapes_2d.kinds]
    assert kinds == [ShapeKind.POLYGONS, ShapeKind.POLYLINE, ShapeKind.KEYPOINTS]
    assert labels.shapes_2d.parts(0)[0].tolist() == [[0, 0], [5, 0], [5, 5.5]]
    assert labels.shapes_2d.keypoint_names[2] == ("nose",)
    assert [each.class_name for each in labels.classifications] == ["rain"]
    semantic = next(each for each in labels.masks if isinstance(each, SemanticMask))
    instance = next(each for each in labels.masks if isinstance(each, InstanceMask))
    inside = instance.runs.decoded()
    assert inside.sum() == 6
    assert inside[1:3, 2:5].all()
    assert instance.class_name == "car"
    names = [[semantic.class_names[int(v)] for v in row] for row in semantic.class_indices]
    assert names[0][0] == "van"
    assert names[1][2] == "car"
    dataset.close()


@pytest.fixture
def written_street(tmp_path):
    scene = open_dataset(STREET).scenes[0]
    write([replace(scene, frames=scene.frames[:3])], tmp_path / "first")
    return tmp_path / "first"


def test_aquarium_data_is_written_back_value_for_value(written_street, tmp_path):
    rows = rows_of(written_street / "labels.jsonl")
    rows[0]["_idx"] = {"unknown": [1, 2.50, None]}
    rows[0]["label_data"][0]["attributes"]["foreign"] = 1e-300
    rows.append({"task_id": rows[1]["task_id"], "label_data": [], "type": "GT", "window": "w"})
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    (written_street / "labels.jsonl").write_text(text)
    dataset = open_dataset(written_street)
    report = write(dataset.scenes, tmp_path / "second")
    assert report.rows() == ()
    dataset.close()
    files = [path.relative_to(written_street) for path in written_street.rglob("*.*")]
    assert files
    for name in files:
        assert (tmp_path / "second" / name).read_bytes() == (written_street / name).read_bytes()


def test_one_label_set_alone(written_street, tmp_path):
    dataset = open_dataset(written_street)
    ids = [each.label_set_id for each in dataset.scenes[0].label_sets]
    assert ids == ["labels", "detector"]
    report = write(dataset.scenes, tmp_path / "second", label_set_id="labels")
    assert [what for what, _, _, _ in report.rows()] == ["label set"]
    dataset.close()
    again = open_dataset(tmp_path / "second")
    assert [each.label_set_id for each in again.scenes[0].label_sets] == ["labels"]
    again.close()


def test_label_ids_are_unique_in_the_dataset(tmp_path):
    street = open_dataset(STREET).scenes[0]
    scene = replace(street, frames=street.frames[:2], reader=SameIds(street.reader))
    write([scene], tmp_path / "out")
    labels = [row["label_data"] for row in rows_of(tmp_path / "out" / "labels.jsonl")]
    inferences = rows_of(tmp_path / "out" / "inferences" / "detector.jsonl")
    ids = [each["uuid"] for row in labels for each in row]
    ids += [each["uuid"] for row in inferences for each in row["inference_data"]]
    assert len(set(ids)) == len(ids)


class SameIds(OtherKinds):
    """A reader that numbers the labels of each frame from 0."""

    def read_labels(self, frame_index, label_set_id):
        cuboids = self._reader.read_labels(frame_index, label_set_id).cuboids
        return FrameLabels(replace(cuboids, label_ids=[str(at) for at in range(len(cuboids))]))


def test_rows_have_the_keys_of_the_client(written_street):
    row = msgspec.json.decode((written_street / "frames.jsonl").read_bytes().splitlines()[0])
    assert set(row) == {
        "task_id", "date_captured", "device_id", "coordinate_frames", "sensor_data", "geo_data",
        "reuse_latest_embedding", "user__sequence_id", "user_metadata_types",
        "user_metadata_modes", "change",
    }  # fmt: skip
