"""Frames read one after the other hold what they hold when each is read alone."""

import json
import math
import random
from functools import partial

import numpy as np
import pytest

import viewer.formats.aquarium.cuboid_rows as aquarium
import viewer.formats.aquarium.reader as aquarium_reader
import viewer.formats.nucleus.cuboid_rows as nucleus
import viewer.formats.nucleus.reader as nucleus_reader
from viewer.formats.catalog import open_dataset
from viewer.formats.read_ahead import ReadAhead

FRAMES = 24
LABELS_A_FRAME = 50


def test_pieces_are_taken_once_frames_follow_each_other():
    asked = []

    def take(first):
        asked.append(first)
        return {first: f"piece {first}", first + 2: f"piece {first + 2}"}, first + 3

    ahead = ReadAhead(take)
    found = [ahead.get(frame) for frame in (3, 4, 5, 6, 7, 8, 8, 20, 21)]
    assert asked == [4, 8, 21]
    pieces = ["piece 4", None, "piece 6", None, "piece 8", None, None, "piece 21"]
    assert found == [None, *pieces]
    assert [ahead.get(frame) for frame in (22, 21, 23, 24, 23, 25)] == [
        None, None, "piece 23", None, None, "piece 25",
    ]  # fmt: skip
    assert asked == [4, 8, 21, 25]
    ahead.clear()
    assert ahead.get(26) is None


def _boxes(generator, count):
    for _ in range(count):
        center = [generator.uniform(-80, 80) for _ in range(3)]
        yield center, [generator.uniform(0.5, 6) for _ in range(3)], generator.uniform(-3, 3)


def _aquarium_rows():
    generator = random.Random(1)
    for frame in range(FRAMES):
        labels = []
        count = 3 if frame == 9 else LABELS_A_FRAME + frame
        for index, (center, size, yaw_rad) in enumerate(_boxes(generator, count)):
            attributes = dict(zip(("pos_x", "pos_y", "pos_z"), center, strict=True))
            attributes |= dict(zip(("dim_x", "dim_y", "dim_z"), size, strict=True))
            attributes |= {"rot_x": 0.0, "rot_y": 0, "rot_z": math.sin(yaw_rad / 2)}
            attributes |= {"rot_w": math.cos(yaw_rad / 2), "user__note": [{"a": "]}"}]}
            if index % 3:
                attributes["user__track_id"] = f"träck {index}"
            labels.append(
                {
                    "uuid": f"label-{frame}-{index}" + ('"' if frame == 5 else ""),
                    "label_type": "CUBOID_3D",
                    "label": ("car", "van")[index % 2],
                    "label_coordinate_frame": "world",
                    "attributes": attributes,
                    "comment": "x" * 100,
                }
            )
        yield {"task_id": f"frame {frame:03d}", "label_data": labels, "type": "GT"}


def _nucleus_rows():
    generator = random.Random(2)
    for frame in range(FRAMES):
        count = 3 if frame == 9 else LABELS_A_FRAME + frame
        for index, (center, size, yaw_rad) in enumerate(_boxes(generator, count)):
            row = {
                "label": ("car", "van")[index % 2],
                "type": "cuboid",
                "geometry": {
                    "position": dict(zip("xyz", center, strict=True)),
                    "dimensions": dict(zip("xyz", size, strict=True)),
                    "yaw": yaw_rad,
                },
                "reference_id": f"lidar {frame:03d}",
                "annotation_id": f"label-{frame}-{index}" + ('"' if frame == 5 else ""),
                "metadata": {"comment": "x" * 300},
            }
            if index % 3:
                row["track_reference_id"] = f"träck {index}"
            yield row


def _frames_of(path, order):
    dataset = open_dataset(path)
    (scene,) = dataset.scenes
    (label_set,) = scene.label_sets
    assert len(scene.frames) == FRAMES
    found = {
        frame: scene.reader.read_labels(frame, label_set.label_set_id).cuboids for frame in order
    }
    assert not scene.reader.problems()
    attributes = {frame: list(labels.attributes) for frame, labels in found.items()}
    dataset.close()
    return found, attributes


@pytest.mark.parametrize("rows", [_aquarium_rows, _nucleus_rows])
@pytest.mark.parametrize("ends", ["\n", " \r\n\n"])
def test_frames_in_order_hold_what_they_hold_alone(tmp_path, monkeypatch, rows, ends):
    taken = []

    def noted(take, *arguments):
        pieces, last = take(*arguments)
        taken.append(len(pieces))
        return pieces, last

    monkeypatch.setattr(nucleus, "BLOCK_ROWS", 300)
    monkeypatch.setattr(aquarium, "BLOCK_BYTES", 200_000)
    monkeypatch.setattr(nucleus_reader, "take_frames", partial(noted, nucleus.take_frames))
    monkeypatch.setattr(aquarium_reader, "take_rows", partial(noted, aquarium.take_rows))
    path = tmp_path / "labels.jsonl"
    text = "".join(json.dumps(row, ensure_ascii=False) + ends for row in rows())
    path.write_bytes(text.encode())
    alone, attributes_alone = _frames_of(path, range(FRAMES - 1, -1, -1))
    assert not taken
    ordered, attributes_ordered = _frames_of(path, range(FRAMES))
    assert len(taken) > 2
    assert sum(taken) >= FRAMES - 4
    for frame in range(FRAMES):
        one, other = alone[frame], ordered[frame]
        assert len(one) == (3 if frame == 9 else LABELS_A_FRAME + frame)
        for name in ("label_ids", "class_names", "track_ids"):
            assert list(getattr(one, name)) == list(getattr(other, name))
        for name in ("center", "size", "rotation"):
            np.testing.assert_array_equal(getattr(one.cuboids, name), getattr(other.cuboids, name))
        np.testing.assert_array_equal(one.scores, other.scores)
        assert attributes_alone[frame] == attributes_ordered[frame]


@pytest.mark.parametrize("rows", [_aquarium_rows, _nucleus_rows])
def test_values_are_those_of_the_decoder(tmp_path, rows):
    path = tmp_path / "labels.jsonl"
    made = list(rows())
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    ordered, _ = _frames_of(path, range(FRAMES))
    ids = [label_id for frame in range(FRAMES) for label_id in ordered[frame].label_ids]
    centers = np.concatenate([ordered[frame].cuboids.center for frame in range(FRAMES)])
    tracks = [track for frame in range(FRAMES) for track in ordered[frame].track_ids]
    if rows is _nucleus_rows:
        labels = [(row["annotation_id"], row.get("track_reference_id")) for row in made]
        expected = [list(row["geometry"]["position"].values()) for row in made]
    else:
        every = [label for row in made for label in row["label_data"]]
        labels = [(each["uuid"], each["attributes"].get("user__track_id")) for each in every]
        expected = [[each["attributes"][f"pos_{axis}"] for axis in "xyz"] for each in every]
    assert list(zip(ids, tracks, strict=True)) == labels
    np.testing.assert_array_equal(centers, expected)
