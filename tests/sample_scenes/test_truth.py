"""The truth files list every planted error and every mistake of the detector, and no other."""

from pathlib import Path

import numpy as np
import pytest

SAMPLES = Path(__file__).parents[2] / "sample_scenes"
MAX_BYTES = 40_000_000
WANTED_KINDS = {
    "shifted", "wrong_size", "yaw_flip", "heading_off", "wrong_class", "missing_label",
    "spurious_label", "duplicate", "id_switch", "size_change", "floating", "underground",
    "speed_jump", "static_moves", "empty_box", "box_2d_mismatch", "class_change", "tilted",
    "duplicate_id", "inside_ego",
}  # fmt: skip


def cuboid_rows(scene, label_set_id="ground_truth"):
    """Everything about each cuboid, by frame key and label id."""
    rows = {}
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, label_set_id).cuboids
        for row, label_id in enumerate(labels.label_ids):
            rows[frame.key, label_id] = {
                "label_id": label_id,
                "track_id": labels.track_ids[row],
                "class_name": labels.class_names[row],
                "center": labels.cuboids.center[row].tolist(),
                "size": labels.cuboids.size[row].tolist(),
                "orientation_wxyz": labels.cuboids.rotation[row].tolist(),
                "velocity_mps": labels.velocities_mps[row].tolist(),
                "attributes": dict(labels.attributes[row]),
            }
        assert len(set(labels.label_ids)) == len(labels)
    return rows


def box_rows(scene):
    rows = {}
    for frame in scene.frames:
        boxes = scene.reader.read_labels(frame.index, "ground_truth").boxes_2d
        for row, label_id in enumerate(boxes.label_ids):
            rows[frame.key, label_id] = boxes.boxes_px[row].tolist()
    return rows


@pytest.fixture(scope="module")
def right(street):
    return cuboid_rows(street)


@pytest.fixture(scope="module")
def wrong(street_with_errors):
    return cuboid_rows(street_with_errors)


@pytest.fixture(scope="module")
def entries(truth):
    return truth["street_with_errors"]["planted_errors"]


def about_cuboids(entries):
    return [entry for entry in entries if entry["kind"] != "box_2d_mismatch"]


def test_planted_errors_are_the_difference_between_the_two_scenes(right, wrong, entries):
    listed = [(entry["frame"], entry["label_id"]) for entry in about_cuboids(entries)]
    assert len(set(listed)) == len(listed)
    different = {key for key in right.keys() | wrong.keys() if right.get(key) != wrong.get(key)}
    assert different == set(listed)


def test_each_entry_keeps_the_label_as_it_was(right, entries):
    for entry in about_cuboids(entries):
        key = entry["frame"], entry["label_id"]
        if entry["original"] is None:
            assert key not in right
            continue
        original, label = entry["original"], right[key]
        for name in ("track_id", "class_name", "attributes"):
            assert original[name] == label[name]
        for name in ("center", "size", "orientation_wxyz", "velocity_mps"):
            np.testing.assert_allclose(original[name], label[name], atol=1e-6)


def test_mismatched_2d_boxes_are_the_difference_between_the_two_scenes(
    street, street_with_errors, entries
):
    right, wrong = box_rows(street), box_rows(street_with_errors)
    assert right.keys() == wrong.keys()
    listed = {
        (entry["frame"], entry["label_id"]): entry["amount"]
        for entry in entries
        if entry["kind"] == "box_2d_mismatch"
    }
    different = {key for key in right if right[key] != wrong[key]}
    assert different == set(listed)
    for key, amount in listed.items():
        shift = np.subtract(wrong[key], right[key])
        np.testing.assert_allclose(np.abs(shift), [amount, 0, amount, 0], atol=0.011)


def test_there_are_many_kinds_of_errors_and_their_sizes_are_true(right, wrong, entries):
    kinds = {entry["kind"] for entry in entries}
    assert kinds >= WANTED_KINDS
    for entry in entries:
        key = entry["frame"], entry["label_id"]
        if key not in right or key not in wrong:
            continue
        shift = np.linalg.norm(np.subtract(wrong[key]["center"], right[key]["center"]))
        if entry["kind"] in ("shifted", "floating", "underground", "speed_jump", "empty_box"):
            assert entry["amount"] == pytest.approx(shift, abs=2e-3)
        if entry["kind"] in ("wrong_size", "size_change"):
            ratio = wrong[key]["size"][0] / right[key]["size"][0]
            assert entry["amount"] == pytest.approx(ratio, abs=2e-3)
        if entry["kind"] in ("yaw_flip", "heading_off", "tilted"):
            a, b = wrong[key]["orientation_wxyz"], right[key]["orientation_wxyz"]
            angle = np.degrees(2 * np.arccos(min(abs(np.dot(a, b)), 1.0)))
            assert entry["amount"] == pytest.approx(angle, abs=0.1)
        if entry["kind"] == "missing_label":
            assert key not in wrong


def test_right_street_has_no_planted_errors(truth):
    assert truth["street"]["planted_errors"] == []


def test_points_and_images_are_those_of_the_right_street():
    for part in ("points", "images"):
        first, second = (SAMPLES / name / part for name in ("street", "street_with_errors"))
        names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
        assert len(names) >= 40
        for name in names[::17]:
            assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("name", ["street", "street_with_errors"])
def test_every_label_is_matched_or_missed_and_every_detection_explained(street, right, truth, name):
    said = truth[name]["predictions"]["detector"]
    detected = cuboid_rows(street, "detector")
    matched = {(row["frame"], row["truth_label_id"]) for row in said["matches"]}
    missed = {(row["frame"], row["label_id"]) for row in said["misses"]}
    assert not matched & missed
    assert matched | missed == set(right)
    hits = {(row["frame"], row["label_id"]) for row in said["matches"]}
    ghosts = {(row["frame"], row["label_id"]) for row in said["false_positives"]}
    assert not hits & ghosts
    assert hits | ghosts == set(detected)
    assert len(missed) > 20
    assert len(ghosts) > 20


def test_matches_lie_on_their_label_and_false_positives_on_none(street, right, truth):
    said = truth["street"]["predictions"]["detector"]
    detected = cuboid_rows(street, "detector")
    confused = {(row["frame"], row["label_id"]) for row in said["class_confusions"]}
    assert confused
    for row in said["matches"]:
        label = right[row["frame"], row["truth_label_id"]]
        found = detected[row["frame"], row["label_id"]]
        assert np.linalg.norm(np.subtract(label["center"], found["center"])) < 0.4
        same = label["class_name"] == found["class_name"]
        assert same == ((row["frame"], row["label_id"]) not in confused)
    for row in said["false_positives"]:
        found = detected[row["frame"], row["label_id"]]
        gaps = [
            np.linalg.norm(np.subtract(label["center"], found["center"]))
            for (frame, _), label in right.items()
            if frame == row["frame"]
        ]
        assert min(gaps) > 1.0


def test_scores_tell_true_from_false(street, truth):
    said = truth["street"]["predictions"]["detector"]
    scores = {}
    for frame in street.frames:
        labels = street.reader.read_labels(frame.index, "detector").cuboids
        scores |= {
            (frame.key, label_id): score
            for label_id, score in zip(labels.label_ids, labels.scores, strict=True)
        }
    hits = [scores[row["frame"], row["label_id"]] for row in said["matches"]]
    ghosts = [scores[row["frame"], row["label_id"]] for row in said["false_positives"]]
    assert np.median(hits) > np.median(ghosts) + 0.3
    assert max(ghosts) > np.percentile(hits, 5)


def test_all_sample_scenes_together_stay_small():
    folders = ("street", "street_with_errors", "calibration_boxes")
    total = sum(
        path.stat().st_size for name in folders for path in (SAMPLES / name).rglob("*")
        if path.is_file()
    )  # fmt: skip
    assert total < MAX_BYTES
