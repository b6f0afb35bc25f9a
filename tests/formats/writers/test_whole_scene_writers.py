"""Street to our own layouts: the same scene, and labels without a place are told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.labels import FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope, ImageShapesBuilder, ShapeKind

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"

formats = pytest.mark.parametrize("name", ["native", "scene_pack"])


@formats
def test_street_comes_back_equal(name, tmp_path):
    before = open_dataset(STREET).scenes[0]
    report = writer_by_name(name).write([before], tmp_path / "out", JobContext())
    assert report.rows() == ()
    dataset = open_dataset(tmp_path / "out")
    after = dataset.scenes[0]
    assert (after.scene_id, after.class_map) == (before.scene_id, before.class_map)
    assert after.label_sets == before.label_sets
    for index in (0, 20, 39):
        frames = [scene.frames[index] for scene in (before, after)]
        assert frames[0].key == frames[1].key
        assert frames[0].timestamp_ns == frames[1].timestamp_ns
        for label_set in before.label_sets:
            labels = [
                scene.reader.read_labels(index, label_set.label_set_id).cuboids
                for scene in (before, after)
            ]
            for column in ("label_ids", "class_names", "track_ids", "attributes"):
                assert list(getattr(labels[0], column)) == list(getattr(labels[1], column))
            for column in ("center", "size", "rotation"):
                values = [getattr(each.cuboids, column) for each in labels]
                np.testing.assert_allclose(values[0], values[1], rtol=0, atol=1e-15)
        clouds = [scene.reader.read_point_cloud(index, "lidar_top") for scene in (before, after)]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        for field, values in clouds[0].fields.items():
            np.testing.assert_array_equal(values, clouds[1].fields[field])
        images = [scene.reader.read_encoded_image(index, "rear") for scene in (before, after)]
        assert images[0] == images[1]
    dataset.close()


class OneShape:
    """A reader whose frames also have a polygon and a classification."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        shapes = ImageShapesBuilder()
        shapes.add(
            ShapeKind.POLYGONS,
            sensor_id="front",
            label_id="p",
            class_name="road",
            parts=[[[0, 0], [5, 0], [5, 5]]],
        )
        labels = self._reader.read_labels(frame_index, label_set_id)
        rain = Classification(ClassificationScope.FRAME, "", "c", "rain")
        return FrameLabels(labels.cuboids, labels.boxes_2d, shapes.build(), (rain,))


@formats
def test_what_does_not_come_back_is_told(name, tmp_path):
    street = open_dataset(STREET).scenes[0]
    label_sets = street.label_sets[:1]
    scene = replace(
        street, reader=OneShape(street.reader), frames=street.frames[:2], label_sets=label_sets
    )
    report = writer_by_name(name).write([scene], tmp_path / "out", JobContext())
    dataset = open_dataset(tmp_path / "out")
    again = dataset.scenes[0].reader.read_labels(0, label_sets[0].label_set_id)
    told = {what: count for what, _, count, _ in report.rows()}
    assert told.get("2D label: polygons", 0) == 2 * (1 - len(again.shapes_2d))
    assert told.get("classification", 0) == 2 * (1 - len(again.classifications))
    dataset.close()
