"""What evaluation is given from files of each format: rows told of with file and line."""

import json

import numpy as np
import nuscenes_tables

from viewer.formats.catalog import open_dataset
from viewer.metrics.gathering import gather_datasets, gather_paths
from viewer.metrics.prediction_problems import ProblemKind
from viewer.progress import JobContext
from viewer.scene.labels import LabelSetKind

JOB = JobContext()
KITTI_ROW = "{name} 0.25 1 -1.5 10.5 20.25 30 40 1.52 1.63 3.88 1.1 1.7 30.3 0.7"


def write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n")


def test_label_text_of_kitti_stays_as_it_is_written(tmp_path):
    dont_care = "DontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10"
    write(tmp_path / "label_2/000000.txt", dont_care, KITTI_ROW.format(name="Car"))
    write(tmp_path / "label_2/000007.txt")
    write(tmp_path / "pred/000000.txt", "", KITTI_ROW.format(name="Car") + " 12.5")
    found = gather_paths(tmp_path / "label_2", tmp_path / "pred", JOB)
    labels = found.labels
    assert list(labels.frames.keys) == ["000000", "000007"]
    assert labels.has_cuboid().tolist() == [False, True]
    assert labels.extras["kitti_bottoms_m"][1].tolist() == [1.1, 1.7, 30.3]
    assert labels.extras["kitti_rotations_y_rad"][1] == 0.7
    assert labels.centers_m[1].tolist() == [1.1, 1.7 - 1.52 / 2, 30.3]
    assert labels.sizes_m[1].tolist() == [3.88, 1.63, 1.52]
    assert labels.boxes_px.tolist() == [[1, 2, 3, 4], [10.5, 20.25, 30, 40]]
    assert np.isnan(labels.alphas_rad[0])
    assert labels.alphas_rad[1] == -1.5
    assert labels.truncations[1] == 0.25
    assert labels.occlusions.tolist() == [-1, 1]
    assert np.isnan(labels.scores).all()
    guess = found.predictions[0].objects(despite_problems=False)
    # KITTI's scores have no bounds.
    assert guess.scores.tolist() == [12.5]
    assert list(guess.label_ids) == ["000000:1"]


def test_bad_lines_and_unknown_frames_of_kitti_are_told_with_file_and_line(tmp_path):
    row = KITTI_ROW.format(name="Car")
    write(tmp_path / "label_2/000000.txt", row)
    write(
        tmp_path / "pred/000000.txt", row + " 0.5", "Car 1 2 3", row.replace("30.3", "nan") + " 1"
    )
    write(tmp_path / "pred/000001.txt", row + " 0.5")
    found = gather_paths(tmp_path / "label_2", tmp_path / "pred", JOB).predictions[0]
    assert dict(found.problems.counts) == {ProblemKind.FILE: 2, ProblemKind.UNKNOWN_FRAME: 1}
    told = [str(each).replace(f"{tmp_path}/", "") for each in found.problems.rows]
    assert told == [
        "pred/000000.txt, line 2: has 4 columns where 15 belong, or 16 with a score;"
        " it is left out",
        "pred/000000.txt, line 3: holds a number that is not finite",
        "pred/000001.txt, line 1: the labels have no frame '000001'",
    ]
    assert len(found.usable) == 1


def test_sequences_of_kitti_tracking(tmp_path):
    row = KITTI_ROW.format(name="Car")
    write(tmp_path / "label_02/0000.txt", f"0 3 {row}", f"2 3 {row}", f"2 -1 {row}")
    write(tmp_path / "label_02/0004.txt", f"0 3 {row}")
    write(tmp_path / "pred/0000.txt", f"1 8 {row} 5.5", f"3 8 {row} 5.5")
    write(tmp_path / "pred/0004.txt", f"1 9 {row}")
    found = gather_paths(tmp_path / "label_02", tmp_path / "pred", JOB)
    assert list(found.labels.frames.scene_ids) == ["0000", "0004"]
    # No list says how long a sequence is: frames that either side names.
    assert [int(key) for key in found.labels.frames.keys] == [0, 1, 2, 3, 0, 1]
    assert found.labels.frame_rows.tolist() == [0, 2, 2, 4]
    assert found.labels.track_rows.tolist() == [0, 0, -1, 0]
    guess = found.predictions[0].objects(despite_problems=False)
    assert guess.frame_rows.tolist() == [1, 3, 5]
    assert [guess.track_ids[each] for each in guess.track_rows] == ["8", "8", "9"]
    one = gather_paths(tmp_path / "label_02", tmp_path / "pred", JOB, sequences=["0004"])
    assert list(one.labels.frames.scene_ids) == ["0004"]
    assert len(one.labels) == 1


def test_sequences_that_predictions_lack_are_told(tmp_path):
    row = KITTI_ROW.format(name="Car")
    for name in ("0000", "0001", "0002"):
        write(tmp_path / f"label_02/{name}.txt", f"0 3 {row}")
    write(tmp_path / "pred/0001.txt", f"0 8 {row}")
    found = gather_paths(tmp_path / "label_02", tmp_path / "pred", JOB).predictions[0]
    assert [each.message for each in found.problems.rows] == [
        "has nothing of 0000, 0002; all that is labelled there counts as missed"
    ]
    assert len(found.usable) == 1
    chosen = gather_paths(tmp_path / "label_02", tmp_path / "pred", JOB, sequences=["0001"])
    assert not chosen.predictions[0].problems


def test_a_map_of_sequences_gives_their_length(tmp_path):
    row = KITTI_ROW.format(name="Car")
    write(tmp_path / "label_02/0000.txt", f"0 3 {row}")
    write(tmp_path / "evaluate_tracking.seqmap.training", "0000 empty 000000 000005")
    write(tmp_path / "pred/0000.txt", f"4 8 {row}")
    found = gather_paths(tmp_path / "label_02", tmp_path / "pred", JOB)
    assert len(found.labels.frames) == 5


def nuscenes_file(path, samples):
    path.write_text(json.dumps({"meta": {}, "results": samples}))


def box(token, x, **more):
    return {
        "sample_token": token, "translation": [x, 0.0, 0.0], "size": [2.0, 4.0, 1.5],
        "rotation": [1.0, 0.0, 0.0, 0.0], "velocity": [1.0, 2.0], "detection_name": "car",
        "attribute_name": "vehicle.moving", "detection_score": 0.5, **more,
    }  # fmt: skip


def test_result_files_of_nuscenes(tmp_path):
    nuscenes_file(tmp_path / "gt.json", {"a": [box("a", 1.0, detection_score=-1.0)], "b": []})
    nuscenes_file(tmp_path / "pred.json", {"b": [box("b", 2.0), box("b", 3.0)], "a": []})
    found = gather_paths(tmp_path / "gt.json", tmp_path / "pred.json", JOB)
    guess = found.predictions[0].objects(despite_problems=False)
    assert list(found.labels.frames.keys) == ["a", "b"]
    assert guess.frame_rows.tolist() == [1, 1]
    assert guess.sizes_m[0].tolist() == [4.0, 2.0, 1.5]
    assert guess.velocities_mps[0].tolist() == [1.0, 2.0, 0.0]
    assert guess.attributes[0] == {"attributes": ["vehicle.moving"]}


def test_tables_of_argoverse(real_data):
    folder = real_data / "eval/argoverse2_unit"
    found = gather_paths(folder / "labels.feather", folder / "detections.feather", JOB)
    assert len(found.labels) == len(found.predictions[0].usable) == 6
    assert found.labels.point_counts is not None
    assert len(found.labels.frames) == 3


def test_quaternions_of_kitti_lead_back_to_the_text(tmp_path):
    write(tmp_path / "label_2/000000.txt", KITTI_ROW.format(name="Car"))
    found = gather_paths(tmp_path / "label_2", tmp_path / "label_2", JOB).labels
    front = found.cuboids(np.array([0])).rotation_matrices()[0, :, 0]
    np.testing.assert_allclose(front, [np.cos(0.7), 0, -np.sin(0.7)], atol=1e-12)


def aquarium(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def aquarium_label(label_id, x, score=None, name="car"):
    numbers = dict.fromkeys(("pos_y", "pos_z", "rot_x", "rot_y", "rot_z"), 0.0)
    numbers |= {"pos_x": x, "dim_x": 4.0, "dim_y": 2.0, "dim_z": 1.5, "rot_w": 1.0}
    if score is not None:
        numbers["confidence"] = score
    return {"uuid": label_id, "label_type": "CUBOID_3D", "label": name, "attributes": numbers,
            "label_coordinate_frame": "world", "change": "ADD"}  # fmt: skip


def test_rows_of_aquarium_are_told_with_file_and_line(tmp_path):
    aquarium(
        tmp_path / "labels.jsonl",
        {"task_id": "a", "type": "GT", "label_data": [aquarium_label("l1", 0.0)]},
        {"task_id": "b", "type": "GT", "label_data": [aquarium_label("l2", 5.0)]},
    )
    aquarium(
        tmp_path / "model.jsonl",
        {"task_id": "b", "type": "INFERENCE", "inference_data": [
            aquarium_label("p1", 0.0, 0.9), aquarium_label("p2", 1.0, 1.5),
        ]},
        {"task_id": "a", "type": "INFERENCE", "inference_data": [
            aquarium_label("p3", 0.0, 0.9), aquarium_label("p3", 1.0, 0.5),
            aquarium_label("p4", 1.0, 0.5, "spoon"),
        ]},
    )  # fmt: skip
    found = gather_paths(tmp_path, tmp_path, JOB).predictions[0]
    told = sorted(str(each).replace(f"{tmp_path}/", "") for each in found.problems.rows)
    assert told == [
        "model.jsonl, line 1, p2: its score 1.5 is not between 0 and 1",
        "model.jsonl, line 2, label 1: has the id 'p3' of an earlier label of its row;"
        " the later is kept",
        "model.jsonl, line 2, p4: the labels know no class 'spoon'",
    ]
    assert list(found.usable.label_ids) == ["p3", "p1"]


def test_rows_that_are_no_rows_are_told_on_their_side(tmp_path):
    for name, kind, key in (
        ("labels", "GT", "label_data"),
        ("model", "INFERENCE", "inference_data"),
    ):
        row = {"task_id": "a", "type": kind, key: [aquarium_label(name, 0.0, 0.5)]}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n{broken\n")
    for labels, predictions in ((tmp_path, tmp_path), (tmp_path / "labels.jsonl", tmp_path)):
        found = gather_paths(labels, predictions, JOB)
        assert {(each.source, each.place) for each in found.label_problems} == {
            (str(tmp_path / "labels.jsonl"), "line 2")
        }
        assert {(each.source, each.place) for each in found.predictions[0].problems.rows} == {
            (str(tmp_path / "model.jsonl"), "line 2")
        }


def test_predictions_on_frames_of_another_file_are_unknown(tmp_path):
    aquarium(
        tmp_path / "labels.jsonl",
        {"task_id": "a", "type": "GT", "label_data": [aquarium_label("l1", 0.0)]},
    )
    aquarium(
        tmp_path / "model.jsonl",
        {"task_id": "zzz", "type": "INFERENCE", "inference_data": [aquarium_label("p", 0.0, 1)]},
    )
    found = gather_paths(tmp_path / "labels.jsonl", tmp_path / "model.jsonl", JOB).predictions[0]
    assert [str(each).replace(f"{tmp_path}/", "") for each in found.problems.rows] == [
        "model.jsonl, line 1, p: the labels have no frame 'zzz'"
    ]


def test_frames_that_only_predictions_name_are_unknown(tmp_path):
    aquarium(
        tmp_path / "labels.jsonl",
        {"task_id": "a", "type": "GT", "label_data": [aquarium_label("l1", 0.0)]},
        {"task_id": "b", "type": "GT", "label_data": []},
    )
    aquarium(
        tmp_path / "model.jsonl",
        {"task_id": "zzz", "type": "INFERENCE", "inference_data": [aquarium_label("p", 0.0, 1)]},
        {"task_id": "b", "type": "INFERENCE", "inference_data": [aquarium_label("q", 0.0, 1)]},
    )
    found = gather_paths(tmp_path, tmp_path, JOB)
    assert list(found.labels.frames.keys) == ["a", "b"]
    guess = found.predictions[0]
    assert dict(guess.problems.counts) == {ProblemKind.UNKNOWN_FRAME: 1}
    assert list(guess.usable.label_ids) == ["q"]


def test_results_beside_the_tables_of_nuscenes(tmp_path):
    rows = nuscenes_tables.tables()
    folder = nuscenes_tables.write_tables(tmp_path, rows)
    token = rows["sample"][0]["token"]
    samples = {token: [box(token, 3.0), box(token, 4.0, detection_name="spoon")],
               "stray": [box("stray", 1.0)]}  # fmt: skip
    nuscenes_file(folder / "results_model.json", samples)
    data = open_dataset(tmp_path)
    (name,) = {
        each.label_set_id for scene in data.scenes for each in scene.label_sets
        if each.kind == LabelSetKind.PREDICTIONS
    }  # fmt: skip
    found = gather_datasets(data, "annotations", [(data, name)], JOB)
    guess = found.predictions[0]
    assert dict(guess.problems.counts) == {ProblemKind.UNKNOWN_CLASS: 1, ProblemKind.FILE: 1}
    told = {each.kind: each.place for each in guess.problems.rows}
    assert told[ProblemKind.FILE] == "$.results[stray]"
    assert told[ProblemKind.UNKNOWN_CLASS] == f"$.results[{token}][1]"
    assert guess.usable.class_names[guess.usable.class_rows[0]] == "car"
    assert len(found.labels) == len(rows["sample_annotation"])
    assert found.labels.point_counts is not None
    assert np.isfinite(found.labels.frames.ego_positions_m).all()
    data.close()


def test_a_split_of_kitti_holds_its_labels_and_any_predictions(tmp_path):
    row = KITTI_ROW.format(name="Car")
    write(tmp_path / "label_2/000000.txt", row)
    write(tmp_path / "pred/data/000000.txt", row + " 0.5", row + " 0.25")
    write(tmp_path / "calib/000000.txt", "P2: " + " ".join(["1"] * 12))
    (tmp_path / "image_2").mkdir()
    (tmp_path / "image_2/000000.png").write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478"
            "9c63600000000200015b0a2d3b0000000049454e44ae426082"
        )
    )
    beside = gather_paths(tmp_path, tmp_path / "pred", JOB)
    within = gather_paths(tmp_path, tmp_path, JOB, prediction_set_id="pred")
    for found in (beside, within):
        assert len(found.labels) == 1
        assert found.predictions[0].usable.scores.tolist() == [0.5, 0.25]


def argoverse_table(path, times, log=None):
    import pyarrow as pa
    from pyarrow import feather

    count = len(times)
    columns = dict.fromkeys(("tx_m", "ty_m", "tz_m", "qx", "qy", "qz"), [0.0] * count)
    columns |= dict.fromkeys(("length_m", "width_m", "height_m", "qw"), [1.0] * count)
    columns |= {"timestamp_ns": times, "category": ["BUS"] * count, "score": [0.5] * count}
    if log is not None:
        columns["log_id"] = [log] * count
    feather.write_feather(pa.table(columns), path)


def test_tables_of_argoverse_that_name_logs_and_one_that_does_not(tmp_path):
    argoverse_table(tmp_path / "annotations.feather", [10, 20, 20])
    argoverse_table(tmp_path / "detections.feather", [30, 20, 10], "some-log")
    names = ("annotations.feather", "detections.feather")
    found = gather_paths(*(tmp_path / name for name in names), JOB)
    # A sweep without labels is one all the same; the table of labels need not name it.
    assert list(found.labels.frames.timestamps_ns) == [10, 20, 30]
    assert found.labels.frame_rows.tolist() == [0, 1, 1]
    guess = found.predictions[0].objects(despite_problems=False)
    assert guess.frame_rows.tolist() == [0, 1, 2]
    back = gather_paths(*(tmp_path / name for name in reversed(names)), JOB)
    assert list(back.labels.frames.scene_ids) == ["some-log"]
    guess = back.predictions[0].objects(despite_problems=False)
    assert guess.frame_rows.tolist() == [0, 1, 1]


def nucleus_row(reference_id, label_id, **more):
    position, size = dict.fromkeys("xyz", 1.0), dict.fromkeys("xyz", 2.0)
    return {
        "label": "car", "type": "cuboid", "reference_id": reference_id, "annotation_id": label_id,
        "geometry": {"position": position, "dimensions": size, "yaw": 0.0}, **more,
    }  # fmt: skip


def test_rows_of_nucleus_are_told_with_file_and_line(tmp_path):
    labels = [nucleus_row("a", "1"), nucleus_row("b", "2")]
    guesses = [
        nucleus_row("a", "3", confidence=0.5),
        nucleus_row("zzz", "4", confidence=0.5),
        nucleus_row("b", "5", confidence=1.5),
        nucleus_row("b", "6", confidence=0.75),
    ]
    aquarium(tmp_path / "annotations.jsonl", *labels)
    aquarium(tmp_path / "predictions.jsonl", *guesses)
    found = gather_paths(tmp_path, tmp_path, JOB)
    assert list(found.labels.frames.keys) == ["a", "b"]
    guess = found.predictions[0]
    told = {(each.kind, each.place) for each in guess.problems.rows}
    assert (ProblemKind.UNKNOWN_FRAME, "line 2") in told
    assert (ProblemKind.SCORE_OUT_OF_BOUNDS, "line 3") in told
    assert guess.usable.scores.tolist() == [0.5, 0.75]
