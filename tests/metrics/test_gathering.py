"""What evaluation is given: frames found, boxes moved, bad rows told of."""

from dataclasses import replace

import numpy as np
import pytest
from evaluated_scenes import cuboids, dataset

from viewer.formats.base import DamagedData
from viewer.geometry.rotation import yaw_from_quaternion
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.metrics.gathering import gather_datasets
from viewer.metrics.prediction_problems import BadPredictions, ProblemKind
from viewer.metrics.sides import NoSuchLabelSet
from viewer.progress import Cancelled, JobContext
from viewer.scene.labels import BoxLabels2D

JOB = JobContext()


def gathered(data, prediction_sets=("guess",), other=None):
    return gather_datasets(data, "truth", [(other or data, name) for name in prediction_sets], JOB)


def test_rows_ascend_by_frame_and_keep_their_order():
    data = dataset(
        {
            "truth": [cuboids([[0, 0, 0], [9, 0, 0]], classes=("van", "car")), cuboids([]),
                      cuboids([[1, 2, 3]], tracks=("t7",))],
            "guess": [cuboids([[0, 0, 0]], scores=[0.5]), cuboids([[5, 5, 5]], scores=[1.0]),
                      cuboids([])],
        },
        times=[10, 20, 30],
    )  # fmt: skip
    found = gathered(data)
    labels, (guess,) = found.labels, found.predictions
    assert labels.frame_rows.tolist() == [0, 0, 2]
    assert labels.frame_offsets().tolist() == [0, 2, 2, 3]
    assert [labels.class_names[row] for row in labels.class_rows] == ["van", "car", "car"]
    assert labels.centers_m.tolist() == [[0, 0, 0], [9, 0, 0], [1, 2, 3]]
    assert np.isnan(labels.scores).all()
    assert labels.track_ids == ("t7",)
    assert labels.track_rows.tolist() == [-1, -1, 0]
    assert labels.frames.timestamps_ns.tolist() == [10, 20, 30]
    objects = guess.objects(despite_problems=False)
    assert objects.frames is labels.frames
    assert objects.frame_rows.tolist() == [0, 1]
    assert objects.scores.tolist() == [0.5, 1.0]
    assert objects.track_rows is None


def test_predictions_are_moved_into_the_labels_coord_frame():
    # The vehicle stands at (100, 50) and looks along y: its x is the world's y.
    pose = RigidTransform(
        "world", "ego", np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), np.array([100.0, 50, 2])
    )
    data = dataset(
        {
            "truth": [cuboids([[100, 60, 2]])],
            "guess": [
                cuboids(
                    [[10, 0, 0]], coord_frame_id="ego", scores=[0.9], yaw_rad=0.25,
                    velocities=np.array([[3.0, 0, 0]]),
                )
            ],
        },
        tree=TransformTree([pose]),
        ego="ego",
    )  # fmt: skip
    found = gathered(data)
    guess = found.predictions[0].objects(despite_problems=False)
    assert guess.coord_frame_id == "world"
    np.testing.assert_allclose(guess.centers_m, [[100, 60, 2]], atol=1e-12)
    np.testing.assert_allclose(guess.velocities_mps, [[0, 3, 0]], atol=1e-12)
    assert yaw_from_quaternion(guess.rotations)[0] == pytest.approx(0.25 + np.pi / 2)
    assert found.labels.frames.ego_positions_m.tolist() == [[100, 50, 2]]


def test_each_bad_row_is_told_of_and_the_rest_waits_for_a_yes():
    truth = dataset({"truth": [cuboids([[0, 0, 0]]), cuboids([])]}, keys=["a", "b"])
    guess = dataset(
        {
            "guess": [
                cuboids(
                    [[i, 0, 0] for i in range(6)],
                    scores=[0.1, 1.5, -0.1, np.nan, 0.2, 0.3],
                    classes=("car", "car", "car", "car", "spoon", "CAR"),
                ),
                cuboids([[0, 0, 0]] * 3, scores=[0.5, 0.6, 0.7], ids=("x", "y", "x")),
                cuboids([[0, 0, 0]] * 2, scores=[0.5, 0.6]),
            ]
        },
        keys=["a", "b", "c"],
    )
    found = gathered(truth, other=guess).predictions[0]
    assert dict(found.problems.counts) == {
        ProblemKind.UNKNOWN_FRAME: 2,
        ProblemKind.NO_SCORE: 1,
        ProblemKind.SCORE_OUT_OF_BOUNDS: 2,
        ProblemKind.UNKNOWN_CLASS: 1,
        ProblemKind.DUPLICATE_ID: 1,
    }
    told = {str(each) for each in found.problems.rows}
    assert "/nowhere, frame a, id1: its score 1.5 is not between 0 and 1" in told
    assert "/nowhere, frame a, id4: the labels know no class 'spoon'" in told
    assert "/nowhere, frame b, x: the frame has 'x' already" in told
    assert "/nowhere, frame c, id0: the labels have no frame 'c'" in told
    assert len(told) == 7
    with pytest.raises(BadPredictions, match="7 of 11 predictions cannot be used"):
        found.objects(despite_problems=False)
    usable = found.objects(despite_problems=True)
    assert usable.scores.tolist() == [0.1, 0.3, 0.5, 0.6]
    assert usable.frame_rows.tolist() == [0, 0, 1, 1]
    assert list(usable.label_ids) == ["id0", "id5", "x", "y"]


def test_one_track_is_in_a_frame_once():
    data = dataset(
        {
            "truth": [cuboids([[0, 0, 0]])],
            "guess": [cuboids([[0, 0, 0]] * 3, scores=[0.5, 0.6, 0.7], tracks=("1", "2", "1"))],
        }
    )
    found = gathered(data).predictions[0]
    assert dict(found.problems.counts) == {ProblemKind.DUPLICATE_ID: 1}
    assert found.usable.scores.tolist() == [0.5, 0.6]


def test_boxes_that_nothing_leads_to_the_labels_are_told_of():
    data = dataset(
        {
            "truth": [cuboids([[0, 0, 0]])],
            "guess": [cuboids([[0, 0, 0]], coord_frame_id="moon", scores=[0.5])],
        }
    )
    found = gathered(data).predictions[0]
    assert dict(found.problems.counts) == {ProblemKind.UNKNOWN_COORD_FRAME: 1}
    assert "moon" in found.problems.rows[0].message
    assert len(found.usable) == 0


def test_poses_that_cannot_be_read_lose_no_more_than_their_frame():
    pose = RigidTransform("world", "ego", np.eye(3), np.array([1.0, 0, 0]))
    data = dataset(
        {
            "truth": [cuboids([[0, 0, 0]]), cuboids([[0, 0, 0]])],
            "guess": [cuboids([[0, 0, 0]], coord_frame_id="ego", scores=[0.5])] * 2,
        },
        tree=TransformTree([pose]),
    )
    reader = data.scenes[0].reader
    whole = reader.read_rig

    def read_rig(frame_index):
        if frame_index == 0:
            raise DamagedData("poses.json", "line 1", "is cut off")
        return whole(frame_index)

    reader.read_rig = read_rig
    found = gathered(data)
    assert np.isnan(found.labels.frames.ego_positions_m[0]).all()
    guess = found.predictions[0]
    assert dict(guess.problems.counts) == {ProblemKind.UNKNOWN_COORD_FRAME: 1}
    assert "poses.json" in guess.problems.rows[0].message
    assert guess.usable.centers_m.tolist() == [[1, 0, 0]]


def test_frames_of_another_dataset_are_found_by_key_or_time():
    truth = dataset({"truth": [cuboids([]), cuboids([]), cuboids([])]}, times=[10, 20, 30])
    for keys, times in ((["f2", "f0"], None), (["z", "y"], [30, 10])):
        other = dataset(
            {"guess": [cuboids([[1, 0, 0]], scores=[1]), cuboids([[2, 0, 0]], scores=[1])]},
            keys=keys, times=times, scene_id="elsewhere",
        )  # fmt: skip
        found = gathered(truth, other=other).predictions[0]
        assert not found.problems
        # Rows ascend by the labels' frames, whatever the order of the file.
        assert found.usable.frame_rows.tolist() == [0, 2]
        assert found.usable.centers_m[:, 0].tolist() == [2, 1]


def test_a_flat_box_and_a_cuboid_of_one_id_are_one_object():
    flat = BoxLabels2D(
        np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]), ("front", "rear"), ("id1", "lone"),
        ("car", "van"), (None, None), np.array([np.nan, np.nan]), ({}, {}),
    )  # fmt: skip
    labels = replace(cuboids([[0, 0, 0], [1, 1, 1]]), boxes_2d=flat)
    found = gather_datasets(dataset({"truth": [labels]}), "truth", [], JOB).labels
    assert list(found.label_ids) == ["id0", "id1", "lone"]
    np.testing.assert_array_equal(found.boxes_px, [[np.nan] * 4, [1, 2, 3, 4], [5, 6, 7, 8]])
    assert list(found.cameras) == ["", "front", "rear"]
    assert found.has_cuboid().tolist() == [True, True, False]


def test_a_name_that_is_not_there_is_told_with_those_that_are():
    data = dataset({"truth": [cuboids([])]})
    with pytest.raises(NoSuchLabelSet, match="no label set 'guess'; it has truth"):
        gathered(data)


def test_the_work_can_be_given_up():
    seen = []
    job = JobContext(seen.append)
    job.cancel()
    with pytest.raises(Cancelled):
        gather_datasets(dataset({"truth": [cuboids([])]}), "truth", [], job)


def test_the_labels_of_another_annotator_need_no_scores():
    own = [cuboids([[0, 0, 0]])]
    found = gathered(dataset({"truth": own}), ["truth"], dataset({"truth": own}))
    assert not found.predictions[0].problems
    assert len(found.predictions[0].usable) == 1
