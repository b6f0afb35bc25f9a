"""KITTI tracking: what is written is what was read; tracks become whole numbers."""

from pathlib import Path

import numpy as np

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.kitti_tracking import KittiTrackingWriter
from viewer.progress import JobContext

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"


def write(scenes, target, **options):
    return KittiTrackingWriter().write(scenes, target, JobContext(), WriteOptions(**options))


def words_of(path):
    """Frame, track and class, then the numbers of each line."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [(*row[:3], [float(word) for word in row[3:]]) for row in rows]


def test_labels_come_back_value_for_value(kitti_tracking_folder, tmp_path):
    source = open_dataset(kitti_tracking_folder)
    write(source.scenes, tmp_path / "whole")
    write(source.scenes, tmp_path / "labels", labels_only=True)
    for folder in ("label_02", "predictions"):
        expected = words_of(kitti_tracking_folder / folder / "0003.txt")
        for name in ("whole", "labels"):
            assert words_of(tmp_path / name / folder / "0003.txt") == expected
    assert sorted(path.name for path in (tmp_path / "labels").iterdir()) == [
        "label_02",
        "predictions",
    ]
    for part in ("velodyne/0003/000002.bin", "image_02/0003/000001.png"):
        written = (tmp_path / "whole" / part).read_bytes()
        assert written == (kitti_tracking_folder / part).read_bytes()


def test_street_keeps_boxes_and_tracks(tmp_path):
    before = open_dataset(STREET).scenes[0]
    report = write([before], tmp_path / "out")
    dataset = open_dataset(tmp_path / "out")
    assert dataset.format_name == "kitti_tracking"
    assert "calibration of a frame" not in {what for what, *_ in report.rows()}
    (after,) = dataset.scenes
    assert len(after) == len(before)
    renamed = {}
    for what, where, _, why in report.rows():
        if what == "track id" and "ground_truth" in where:
            renamed[where.rpartition("track ")[2]] = why.rpartition(" ")[2]
    assert len(set(renamed.values())) == len(renamed) > 0
    for index in (0, 17, 39):
        labels = before.reader.read_labels(index, "ground_truth").cuboids
        rig = before.reader.read_rig(index)
        at_ns = before.frames[index].timestamp_ns
        expected = labels.cuboids.transformed(rig.transforms.transform("front", "world", at_ns))
        got = after.reader.read_labels(index, "label_02").cuboids
        np.testing.assert_allclose(got.cuboids.size, expected.size, atol=0.005 + 1e-9)
        np.testing.assert_allclose(got.cuboids.center, expected.center, atol=0.0075 + 1e-9)
        assert got.track_ids == tuple(renamed[track] for track in labels.track_ids)
