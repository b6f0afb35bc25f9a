"""Objects on images: boxes, masks and keypoints of one object are one row."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viewer.metrics.flat_objects import mask_box
from viewer.metrics.gathering import gather_paths
from viewer.metrics.objects import AREAS_PX, KEYPOINTS_PX, MASKS
from viewer.metrics.prediction_problems import ProblemKind
from viewer.progress import JobContext
from viewer.scene.masks import RunLengths

POINTS = [1.0, 2.0, 2, 5.0, 6.0, 1, 0.0, 0.0, 0]


def annotation(number, **more):
    return {"id": number, "image_id": 1, "category_id": 1, "iscrowd": 0, **more}


def gathered(tmp_path, annotations):
    categories = [{"id": 1, "name": "person", "keypoints": ["a", "b", "c"], "skeleton": []}]
    images = [{"id": 1, "file_name": "one.png", "width": 4, "height": 3}]
    path = tmp_path / "instances.json"
    path.write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return gather_paths(path, path, JobContext()).labels


def test_boxes_and_areas_of_coco_are_those_of_the_file(tmp_path):
    outline = [[0.25, 0.0, 3.5, 0.0, 3.5, 2.0]]
    labels = gathered(
        tmp_path,
        [
            annotation(7, bbox=[0.0, 0.0, 3.6, 2.1], area=3.75, segmentation=outline),
            annotation(8, bbox=[1.0, 1.0, 2.0, 1.0], area=2.0),
            annotation(9, bbox=[0.0, 0.0, 4.0, 3.0], iscrowd=1,
                       segmentation={"size": [3, 4], "counts": [1, 2, 9]}),
        ],
    )  # fmt: skip
    rows = {label_id: row for row, label_id in enumerate(labels.label_ids)}
    assert set(rows) == {"7", "8", "9"}
    order = [rows["7"], rows["8"], rows["9"]]
    assert labels.boxes_px[order].tolist() == [[0, 0, 3.6, 2.1], [1, 1, 3, 2], [0, 0, 4, 3]]
    np.testing.assert_array_equal(labels.extras[AREAS_PX][order], [3.75, 2.0, np.nan])
    assert labels.is_crowd[order].tolist() == [False, False, True]
    masks = [labels.extras[MASKS][row] for row in order]
    # The outline is filled as pycocotools does.
    assert masks[0].runs.area_px == 4
    assert masks[1] is None
    # Column by column in the file: the second and third pixel of the first column.
    assert np.argwhere(masks[2].runs.decoded()).tolist() == [[1, 0], [2, 0]]
    assert not labels.has_cuboid().any()


def test_keypoints_and_the_outline_of_a_person_are_one_row(tmp_path):
    labels = gathered(
        tmp_path,
        [
            annotation(7, bbox=[0, 0, 3, 2], area=5.0, keypoints=POINTS, num_keypoints=2,
                       segmentation={"size": [3, 4], "counts": [0, 3, 9]}),
        ],
    )  # fmt: skip
    assert list(labels.label_ids) == ["7"]
    assert labels.extras[KEYPOINTS_PX][0].tolist() == [[1, 2, 2], [5, 6, 1], [0, 0, 0]]
    assert labels.extras[MASKS][0].runs.area_px == 3
    assert labels.extras[AREAS_PX].tolist() == [5.0]


def test_a_list_of_results_by_itself(tmp_path):
    images = [{"id": 5, "file_name": "one.png", "width": 4, "height": 3},
              {"id": 6, "file_name": "two.png", "width": 4, "height": 3}]  # fmt: skip
    labels = tmp_path / "labels" / "instances.json"
    labels.parent.mkdir()
    rows = [{**annotation(1, bbox=[0, 0, 2, 2], area=4.0), "image_id": 6}]
    categories = [{"id": 1, "name": "person"}]
    labels.write_text(json.dumps({"images": images, "annotations": rows, "categories": categories}))
    results = tmp_path / "results.json"
    found = [
        {"image_id": 6, "category_id": 1, "bbox": [0, 0, 2, 1], "score": 0.75},
        {"image_id": 5, "category_id": 1, "bbox": [1, 0, 2, 1], "score": 1.75},
        {"image_id": 99, "category_id": 1, "bbox": [1, 0, 2, 1], "score": 0.5},
        {"image_id": 5, "category_id": 3, "bbox": [1, 0, 2, 1], "score": 0.25},
    ]
    results.write_text(json.dumps(found))
    guess = gather_paths(labels, results, JobContext()).predictions[0]
    assert guess.usable.boxes_px.tolist() == [[0, 0, 2, 1]]
    assert guess.usable.frames.keys[guess.usable.frame_rows[0]] == "two.png"
    told = {each.place: each.kind for each in guess.problems.rows}
    assert told["$[1]"] == ProblemKind.SCORE_OUT_OF_BOUNDS
    assert told[""] == ProblemKind.FILE
    strays = [each.message for each in guess.problems.rows if not each.place]
    assert strays == ["1 annotations name no known image, first row 2; left out"]
    assert told["$[3]"] == ProblemKind.UNKNOWN_CLASS


@given(st.integers(0, 2**32), st.integers(1, 7), st.integers(1, 7))
def test_the_box_of_a_mask_is_around_its_pixels(seed, height, width):
    filled = np.random.default_rng(seed).random((height, width)) < 0.2
    rows, columns = np.nonzero(filled)
    box = mask_box(RunLengths.of(filled))
    if not len(rows):
        assert np.isnan(box).all()
    else:
        assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
