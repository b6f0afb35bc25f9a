"""Objects on images: boxes, masks and keypoints of one object are one row."""

import json

import numpy as np

from viewer.metrics.gathering import gather_paths
from viewer.metrics.objects import AREAS_PX, KEYPOINTS_PX, MASKS
from viewer.progress import JobContext

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
