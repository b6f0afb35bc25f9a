"""Lightly datasets: what was read from one is copied, flat labels of any other come back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)

WIDTH, HEIGHT = 8, 6
CLASSES = ("dog", "cat", "ü.a")


def write(scenes, target, **options):
    return writer_by_name("lightly").write(
        scenes, target, JobContext(), WriteOptions(**options) if options else None
    )


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "source"
    folder = root / ".lightly/predictions"
    for task in ("one", "two"):
        (folder / task).mkdir(parents=True)
        schema = {"task_type": "classification", "categories": [], "own": {"kept": 1.50}}
        (folder / task / "schema.json").write_text(json.dumps(schema))
        (folder / task / "a.json").write_text('{"predictions": [{"categoryId": 0, "x": null}]}')
    (folder / "tasks.json").write_text('["one", "two"]')
    (root / "tags.json").write_text('[{"name": "t", "bitMaskData": "0x1", "totSize": 1, "u": 1}]')
    (root / "filenames.txt").write_text("a.png\n")
    builder = SceneBuilder("x")
    builder.add_camera("front", Pinhole(4, 4, fx=1, fy=1))
    builder.add_frame().add_image("front", np.zeros((4, 4, 3), np.uint8))
    (root / "a.png").write_bytes(builder.build().reader.read_encoded_image(0, "front"))
    return root


def test_an_unchanged_dataset_comes_back_value_for_value(source, tmp_path):
    write(open_dataset(source).scenes, tmp_path / "out")
    paths = [path for path in source.rglob("*") if path.is_file()]
    assert len(paths) == 8
    for path in paths:
        assert (tmp_path / "out" / path.relative_to(source)).read_bytes() == path.read_bytes()


def test_one_task_of_a_dataset(source, tmp_path):
    report = write(open_dataset(source).scenes, tmp_path / "out", label_set_id="two")
    folder = tmp_path / "out/.lightly/predictions"
    assert json.loads((folder / "tasks.json").read_text()) == ["two"]
    assert not (folder / "one").exists()
    assert ("label set", "source/one", 1, "was not chosen") in report.rows()


NUMBERS = st.floats(0, 100, allow_nan=False)
SCORES = st.floats(0, 1)
NAMES = st.sampled_from(CLASSES)
SPREADS = st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(CLASSES, SCORES)))


@st.composite
def flat_labels(draw):
    shapes = ImageShapesBuilder()
    for number in range(draw(st.integers(0, 2))):
        scores = draw(st.lists(SCORES, min_size=2, max_size=2))
        shapes.add(
            ShapeKind.KEYPOINTS, sensor_id="front", label_id=f"k{number}", class_name="dog",
            parts=[draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=2))],
            keypoint_names=("nose", "tail"), skeleton=((0, 1),), score=draw(SCORES),
            attributes={"keypoint_scores": scores},
            visibilities=[2 if score > 0 else 1 for score in scores],
        )  # fmt: skip
    count = draw(st.integers(0, 3))
    corners = [[draw(NUMBERS) for _ in range(4)] for _ in range(count)]
    boxes = BoxLabels2D(
        np.array([[x, y, x + w, y + h] for x, y, w, h in corners]).reshape(-1, 4),
        ("front",) * count, tuple(f"b{n}" for n in range(count)),
        tuple(draw(NAMES) for _ in range(count)), (None,) * count,
        np.array([draw(SCORES) for _ in range(count)]), ({},) * count,
        class_distributions=tuple(draw(SPREADS) for _ in range(count)),
    )  # fmt: skip
    masks = []
    for _ in range(draw(st.integers(0, 2))):
        bits = draw(st.lists(st.booleans(), min_size=48, max_size=48))
        runs = RunLengths.of(np.array(bits).reshape(HEIGHT, WIDTH))
        masks.append(InstanceMask("front", "m", draw(NAMES), runs, score=draw(SCORES)))
    facts = [
        Classification(
            ClassificationScope.IMAGE, "front", "c", draw(NAMES), score=draw(SCORES),
            class_distribution=draw(SPREADS),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    return FrameLabels(
        CuboidLabels.empty("world"), boxes, shapes.build(), tuple(facts), masks=tuple(masks)
    )


class WithLabels:
    """A reader whose frames have these labels and metadata."""

    def __init__(self, reader, labels, metadata):
        self._reader = reader
        self._labels = labels
        self._metadata = metadata

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        return self._labels

    def read_frame_metadata(self, frame_index):
        return self._metadata


WORDS = st.sampled_from(["a", "b", "deep.a", "deep.b"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), NUMBERS, st.text(max_size=4))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(labels=flat_labels(), metadata=st.dictionaries(WORDS, VALUES))
def test_any_flat_labels_come_back(labels, metadata, tmp_path_factory):
    builder = SceneBuilder("any")
    builder.add_camera("front", Pinhole(WIDTH, HEIGHT, fx=5.0, fy=5.0))
    builder.add_frame().add_image("front", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    scene = builder.build()
    scene = replace(
        scene,
        reader=WithLabels(scene.reader, labels, metadata),
        label_sets=(LabelSet("net", LabelSetKind.PREDICTIONS),),
        class_map=ClassMap.from_names(CLASSES),
    )
    target = tmp_path_factory.mktemp("flat") / "out"
    report = write([scene], target)
    assert report.rows() == ()
    (after,) = open_dataset(target).scenes
    assert [frame.key for frame in after.frames] == ["any/front/0.png"] or len(after.frames) == 1
    assert after.reader.read_frame_metadata(0) == metadata
    found = [after.reader.read_labels(0, each.label_set_id) for each in after.label_sets]
    boxes = [each.boxes_2d for each in found if len(each.boxes_2d)]
    if len(labels.boxes_2d):
        np.testing.assert_allclose(boxes[0].boxes_px, labels.boxes_2d.boxes_px, atol=1e-12)
        assert boxes[0].class_names == labels.boxes_2d.class_names
        assert boxes[0].scores.tolist() == labels.boxes_2d.scores.tolist()
        assert boxes[0].class_distributions == labels.boxes_2d.class_distributions
    shapes = [each.shapes_2d for each in found if len(each.shapes_2d)]
    if len(labels.shapes_2d):
        assert shapes[0].vertices_px.tolist() == labels.shapes_2d.vertices_px.tolist()
        assert shapes[0].attributes == labels.shapes_2d.attributes
        assert shapes[0].visibilities.tolist() == labels.shapes_2d.visibilities.tolist()
        assert shapes[0].keypoint_names == labels.shapes_2d.keypoint_names
        assert shapes[0].skeletons == labels.shapes_2d.skeletons
    masks = [mask for each in found for mask in each.masks]
    assert [mask.runs.lengths.tolist() for mask in masks] == [
        mask.runs.lengths.tolist() for mask in labels.masks
    ]
    assert [mask.class_name for mask in masks] == [mask.class_name for mask in labels.masks]
    facts = [fact for each in found for fact in each.classifications]
    assert [(f.class_name, f.score, f.class_distribution) for f in facts] == [
        (f.class_name, f.score, f.class_distribution) for f in labels.classifications
    ]
