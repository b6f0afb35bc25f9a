from pathlib import Path

import numpy as np
import pytest
from review.versions.label_tables import boxes_2d, cuboids

from viewer.formats.base import DamagedData
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import Cancelled, JobContext
from viewer.review import Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import ChangeBox, ChangeClass
from viewer.review.commands.versions import ForkVersion, SaveVersion
from viewer.review.splits.balance import split_scenes
from viewer.review.versions.compare import (
    Side,
    as_delivered,
    as_edited,
    as_version,
    compare,
    count_classes_by_scene,
)
from viewer.review.versions.diff import Difference
from viewer.review.versions.diff_places import DiffByFrame
from viewer.review.versions.diff_totals import class_diffs
from viewer.review.versions.model import ForkChoices
from viewer.review.versions.reading import version_by_id
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import Rig

DATASET = "d" * 32
ROWS = [("1", "car", "a", 0, 0, 0, 4), ("2", "van", "b", 10, 0, 0, 4)]
MOVED = RigidTransform("world", "ego", np.eye(3), np.array([5.0, 0, 0]))


class Reader:
    def __init__(self, frames):
        self.frames = frames

    def read_labels(self, frame_index, label_set_id):
        found = self.frames[frame_index]
        if found is None:
            raise DamagedData("labels.json", "line 3", "is damaged")
        return found

    def read_rig(self, frame_index):
        return Rig({}, {}, TransformTree([MOVED]), "ego")


def scene(scene_id, *frames, label_set="gt"):
    return Scene(
        scene_id,
        Path("street"),
        "memory",
        tuple(Frame(index, f"{index:02}", index) for index in range(len(frames))),
        Reader(frames),
        (LabelSet(label_set, LabelSetKind.GROUND_TRUTH),),
    )


def solid(rows=ROWS, frame_id="ego"):
    return FrameLabels(cuboids(rows, frame_id))


SCENES = (scene("street", solid(), solid()), scene("yard", solid()))


def test_versions_and_edits_compare(workspace: Workspace):
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    first = Subject.label(DATASET, "street", "01", "gt", "1")
    workspace.run(ChangeClass(first, "bus"))
    workspace.run(SaveVersion("1" * 32, "first", DATASET, "gt"))
    workspace.run(ChangeBox(first, center=(0.0, 3.0, 0.0)))
    reading = workspace.reading
    version = version_by_id(reading, "1" * 32)
    sides = {
        "delivered": Side(SCENES, as_delivered("gt")),
        "version": Side(SCENES, as_version(reading, version)),
        "edited": Side(SCENES, as_edited(reading, DATASET, "gt")),
    }
    found = compare(sides["delivered"], sides["version"], JobContext()).diff
    assert (len(found), found.rows(Difference.CHANGED).tolist()) == (6, [2])
    assert found.what_changed(2) == ("class car to bus",)
    found = compare(sides["version"], sides["edited"], JobContext()).diff
    assert found.what_changed(2) == ("centre 3.00 m",)
    assert found.place(2)[:2] == ("street", "01")

    by_frame = DiffByFrame(found)
    assert by_frame.frames_that_differ() == {("street", "01"): 1}
    assert by_frame.rows("street", "01").tolist() == [2, 3]
    assert by_frame.rows("yard", "01").tolist() == []

    workspace.run(ForkVersion("2" * 32, "vans", "1" * 32, ForkChoices(classes=("van",))))
    vans = Side(SCENES, as_version(reading, version_by_id(reading, "2" * 32)))
    totals = {
        each.class_name: (each.before, each.after, each.removed)
        for each in class_diffs(compare(sides["version"], vans, JobContext()).diff)
    }
    assert totals == {"bus": (1, 0, 1), "car": (2, 0, 2), "van": (3, 3, 0)}


def test_scenes_of_one_side_alone_are_told():
    found = compare(
        Side(SCENES, as_delivered("gt")), Side(SCENES[:1], as_delivered("gt")), JobContext()
    )
    assert found.not_shared == ("yard",)
    assert found.diff.difference.tolist() == [Difference.SAME] * 4 + [Difference.REMOVED] * 2


def test_a_label_set_that_a_scene_has_not_is_empty():
    found = compare(
        Side(SCENES, as_delivered("gt")), Side(SCENES, as_delivered("model")), JobContext()
    )
    assert set(found.diff.difference) == {Difference.REMOVED}


def test_damaged_frames_are_left_out_and_told():
    broken = (scene("street", solid(), None), SCENES[1])
    found = compare(
        Side(SCENES, as_delivered("gt")), Side(broken, as_delivered("gt")), JobContext()
    )
    assert [str(each) for each in found.problems] == ["labels.json, line 3: is damaged"]
    assert found.diff.difference.tolist() == [Difference.SAME] * 4


def test_coord_frames_are_brought_together():
    # The same boxes, once as seen from the vehicle, which stands at x = 5.
    moved = [(*row[:3], row[3] + 5, *row[4:]) for row in ROWS]
    in_world = (scene("street", solid(moved, "world"), solid(moved, "world")), SCENES[1])
    found = compare(
        Side(SCENES, as_delivered("gt")), Side(in_world, as_delivered("gt")), JobContext()
    )
    assert found.diff.center_m == pytest.approx(np.zeros(6))
    assert set(found.diff.difference) == {Difference.SAME}
    lost = (scene("street", solid(frame_id="map"), solid()), SCENES[1])
    found = compare(Side(SCENES, as_delivered("gt")), Side(lost, as_delivered("gt")), JobContext())
    assert [str(each) for each in found.problems] == [
        "street / 00: cuboids in 'ego' and in 'map', and no pose leads from one to the other"
    ]
    assert len(found.diff) == 4


def test_comparing_can_be_cancelled():
    context = JobContext()
    context.cancel()
    side = Side(SCENES, as_delivered("gt"))
    with pytest.raises(Cancelled):
        compare(side, side, context)


def test_classes_are_counted_for_splits():
    flat = FrameLabels(
        CuboidLabels.empty("ego"), boxes_2d([("1", "sign", "front", 0, 0, 9, 9)] * 2)
    )
    scenes = (*SCENES, scene("lot", flat, None))
    counts, problems = count_classes_by_scene(Side(scenes, as_delivered("gt")), JobContext())
    assert counts == {
        "street": {"car": 2, "van": 2}, "yard": {"car": 1, "van": 1}, "lot": {"sign": 2},
    }  # fmt: skip
    assert [each.message for each in problems] == ["is damaged"]
    split = split_scenes(counts, {"train": 2, "test": 1}, 0)
    assert sum(map(len, split.scenes.values())) == 3
