"""What we write is to Picsellia's package what it is to us, and we read what that package writes.

How its results came about: picsellia/README.md.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from devkit_sources import write_image_sets
from image_sets import picture

from viewer.formats.catalog import open_dataset
from viewer.formats.coco.rle import counts_from_runs, packed_counts
from viewer.formats.writers.catalog import writer_by_name
from viewer.formats.writers.image_labels import ImageLabel, labels_on_image
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Scene
from viewer.scene.shapes import ShapeKind

GOLDEN = Path(__file__).parent / "picsellia"
READ = json.loads((GOLDEN / "read.json").read_text())
EDGE_PX = 1e-6
"""YOLO's fractions put an edge this near its whole pixel; their cast then drops a pixel."""


def labels_of(scene: Scene) -> dict[str, FrameLabels]:
    (labels,) = scene.label_sets
    return {
        frame.key: scene.reader.read_labels(frame.index, labels.label_set_id)
        for frame in scene.frames
    }


def as_picsellia(label: ImageLabel, layout: str) -> list[list[object]]:
    """Return a label as its importers keep it, in whole pixels; nothing for an image's class."""
    found: list[list[object]] = []
    if label.keypoints is not None:
        assert label.visibilities is not None
        points = [
            [*(place if state else (0.0, 0.0)), int(state)]
            for place, state in zip(label.keypoints.tolist(), label.visibilities, strict=True)
        ]
        found.append([label.class_name, "KEYPOINT", points])
    elif label.runs is not None:
        counts = packed_counts(counts_from_runs(label.runs))
        found.append([label.class_name, "MASK", counts])
    elif label.rings and label.rotated is None:
        rings = [[[math.floor(n + EDGE_PX) for n in p] for p in r] for r in label.rings]
        found += [[label.class_name, "SEGMENTATION", ring] for ring in rings]
    elif label.box_px is not None:
        left, top, right, bottom = np.asarray(label.box_px) + EDGE_PX
        size = [int(right - left + EDGE_PX), int(bottom - top + EDGE_PX)]
        if layout == "pascal_voc":
            size = [int(right) - int(left), int(bottom) - int(top)]
        found.append([label.class_name, "OBJECT_DETECTION", [int(left), int(top), *size]])
    return found


@pytest.mark.parametrize("layout", ["coco", "pascal_voc", "yolo"])
@pytest.mark.parametrize("source", ["coco", "pascal_voc", "yolo"])
def test_picsellia_reads_what_we_write(tmp_path: Path, source: str, layout: str) -> None:
    root = write_image_sets(tmp_path) / source / layout
    theirs = {Path(name).stem: shapes for name, shapes in READ[source][layout].items()}
    for key, labels in labels_of(open_dataset(root).scenes[0]).items():
        ours = [
            shape
            for label in labels_on_image(labels, "image", "", "", LossLog())
            for shape in as_picsellia(label, layout)
        ]
        assert sorted(map(str, ours)) == sorted(map(str, theirs.pop(Path(key).stem)))
    assert not theirs


def built(root: Path, layout: str) -> Path:
    """Return a folder with what its builders wrote and images of the right names."""
    for name in ("a.png", "b.png", "c.png"):
        picture(root / ("images" if layout == "coco" else "JPEGImages") / name)
    if layout == "coco":
        (root / "annotations").mkdir()
        shutil.copy(GOLDEN / "annotations.json", root / "annotations")
    else:
        shutil.copytree(GOLDEN / "voc", root / "Annotations")
    return root


@pytest.mark.parametrize("layout", ["coco", "pascal_voc"])
def test_we_read_what_picsellia_writes(tmp_path: Path, layout: str) -> None:
    scene = open_dataset(built(tmp_path / "in", layout)).scenes[0]
    a, b, c = labels_of(scene).values()
    assert scene.reader.problems() == ()
    assert a.boxes_2d.class_names == ("car",)
    assert a.boxes_2d.boxes_px.tolist() == [[3, 4, 23, 14]]
    assert a.shapes_2d.class_names == ("sign",)
    assert a.shapes_2d.vertices_px.tolist() == [[1, 2], [11, 2], [11, 8]]
    # Its score of 0 for what people drew is no score.
    assert np.isnan(a.boxes_2d.scores).all()
    assert np.isnan(a.shapes_2d.scores).all()
    assert b.classifications[0].class_name == "car"
    assert len(c.boxes_2d) == len(c.shapes_2d) == len(c.classifications) == 0
    if layout == "coco":
        assert a.boxes_2d.attributes == ({"colour": "red", "utf8_string": "A 12"},)
        assert b.shapes_2d.kinds.tolist() == [ShapeKind.KEYPOINTS, ShapeKind.KEYPOINTS]
        assert b.shapes_2d.visibilities.tolist() == [2, 1, 0, 0, 0, 0]
    else:
        assert b.boxes_2d.boxes_px.tolist() == [[5, 6, 9, 8]]
    report = writer_by_name(layout).write([scene], tmp_path / "out", JobContext())
    assert report.total == 0
    for path in (tmp_path / "in").rglob("*"):
        if path.is_file():
            again = tmp_path / "out" / path.relative_to(tmp_path / "in")
            assert again.read_bytes() == path.read_bytes()


def test_text_of_a_label_stays_where_it_was_through_other_layouts(tmp_path: Path) -> None:
    source = open_dataset(built(tmp_path / "in", "coco"))
    writer_by_name("native").write(source.scenes, tmp_path / "native", JobContext())
    again = open_dataset(tmp_path / "native")
    writer_by_name("coco").write(again.scenes, tmp_path / "out", JobContext())
    document = json.loads((tmp_path / "out" / "annotations" / "ground_truth.json").read_text())
    (row,) = [each for each in document["annotations"] if "utf8_string" in each]
    assert (row["utf8_string"], row["attributes"]) == ("A 12", {"colour": "red"})


def test_score_of_zero_stays_in_a_list_of_results(tmp_path: Path) -> None:
    root = built(tmp_path / "in", "coco")
    result = [{"image_id": 0, "category_id": 0, "bbox": [1, 1, 5, 5], "score": 0.0}]
    (root / "annotations" / "results.json").write_text(json.dumps(result))
    scene = open_dataset(root).scenes[0]
    scores = [
        scene.reader.read_labels(0, each.label_set_id).boxes_2d.scores.tolist()
        for each in scene.label_sets
        if each.kind.value == "predictions"
    ]
    assert scores == [[0.0]]
