"""A small Lightly dataset, as the documents describe it."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_files import write_image, write_json

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def dataset(tmp_path):
    """Four images, one task of each type, tags, metadata, embeddings, one corrupt sample."""
    root = tmp_path / "dataset"
    for name in ("b.png", "a.png", "sub/c.png"):
        write_image(root / name)
    hidden = root / ".lightly"
    (hidden / "embeddings").mkdir(parents=True)
    shutil.copy(GOLDEN / "embeddings.csv", hidden / "embeddings" / "default.csv")
    shutil.copy(GOLDEN / "metadata.json", root / "metadata.json")
    (hidden / "filenames.txt").write_text("b.png\na.png\nsub/c.png\n")
    tags = [
        {"id": "t0", "prevTagId": None, "name": "initial-tag", "bitMaskData": "0x7", "totSize": 3},
        {"id": "t1", "prevTagId": "t0", "name": "hard", "bitMaskData": "0x5", "totSize": 3},
        {"id": "t2", "prevTagId": "t1", "name": "other size", "bitMaskData": "0x1", "totSize": 9},
    ]
    write_json(root / "tags.json", tags)
    write_json(root / "corrupt.json", {"corrupt_samples": {"a.png": "truncated"}})
    predictions = hidden / "predictions"
    write_json(predictions / "tasks.json", ["detector", "scene", "masks", "pose"])
    shutil.copytree(GOLDEN, predictions / "detector", ignore=lambda *_: {"README.md"})
    for name in ("embeddings.csv", "metadata.json", "tasks.json", "vectors.json"):
        (predictions / "detector" / name).unlink()
    kinds = [{"id": 0, "name": "dog"}, {"id": 1, "name": "cat"}]
    for task, kind in (("scene", "CLASSIFICATION"), ("masks", "instance-segmentation")):
        write_json(predictions / task / "schema.json", {"task_type": kind, "categories": kinds})
    points = {"keypoint_names": ["nose", "tail"], "keypoint_skeleton": [[0, 1]]}
    schema = {"task_type": "keypoint-detection", "categories": [{**kinds[0], **points}]}
    write_json(predictions / "pose" / "schema.json", schema)
    singles = {
        "detector": {"category_id": 3, "bbox": [1, 2, 3.5, 4], "score": 0.5,
                     "probabilities": [0.25, 0.75]},
        "scene": {"categoryId": 1, "score": 0.9, "probabilities": [0.1, 0.9]},
        "masks": {"category_id": 0, "segmentation": [10, 3, 35], "score": 0.4},
        "pose": {"category_id": 0, "keypoints": [1, 2, 0.5, 3, 4, 0], "score": 0.3},
    }  # fmt: skip
    for task, row in singles.items():
        document = {"file_name": "sub/c.png", "predictions": [row], "kept": {"deep": [1, None]}}
        write_json(predictions / task / "sub/c.json", document)
    own = {"file_name": "b.png", "type": "image", "metadata": {"sharpness": 0.5}}
    write_json(hidden / "metadata/b.json", own)
    entry = {"name": "Weather", "path": "weather.scenario", "default_value": "unknown",
             "value_data_type": "CATEGORICAL_STRING"}  # fmt: skip
    write_json(hidden / "metadata/schema.json", [entry])
    return root


@pytest.fixture
def make():
    """Return the makers above."""
    return SimpleNamespace(write_json=write_json, write_image=write_image, golden=GOLDEN)
