"""What two sides differ in, as it is drawn over a frame."""

import numpy as np
import pytest
from fake_drive import make_scene

from viewer.progress import JobContext
from viewer.review import Subject
from viewer.review.commands.edits import ChangeBox, DeleteLabel
from viewer.session.ghosts import Became
from viewer.session.review_ghosts import BESIDE_M, frame_ghosts
from viewer.session.review_object import object_points
from viewer.session.review_versions import SideKind, VersionWork, compare_sides
from viewer.session.selection import LabelKey


@pytest.fixture
def review(desk, open_review):
    review = open_review(make_scene(12))
    desk.session.go_to_frame(2)
    desk.settle()
    return review


def found(review, before=SideKind.DELIVERED, after=SideKind.NOW):
    choices = [each for each in VersionWork(review).choices() if each.label_set_id == "gt"]
    sides = [next(each for each in choices if each.kind is kind) for kind in (before, after)]
    return compare_sides(
        JobContext(), review.workspace, review.session.dataset, review.dataset_id, tuple(sides)
    )


def car(review, frame=2):
    return Subject.label(review.dataset_id, "drive", f"{frame:06d}", "gt", f"car-{frame}")


def ghosts(review, compared):
    session = review.session
    return frame_ghosts(compared, session.content, session.view)


def test_nothing_is_drawn_where_nothing_differs(review):
    review.workspace.run(DeleteLabel(car(review, 5)))
    assert ghosts(review, found(review)) is None


def test_a_moved_box_stands_where_it_was(desk, review):
    content = desk.session.content
    before = content.labels["gt"].cuboids
    row = before.row_of("car-2")
    review.workspace.run(ChangeBox(car(review), center=(9.0, 1.0, 0.0)))
    desk.settle()
    seen = ghosts(review, found(review))
    assert seen.became == (Became.CHANGED,)
    world = before.cuboids.transformed(
        content.rig.transforms.transform("world", "lidar", before.timestamp_ns)
    )
    np.testing.assert_allclose(seen.cuboids.center[0], world.center[row])
    # In the axes of the box as it is now, that is where the fine views draw it.
    shown = object_points(
        desk.session.content, LabelKey("gt", 2, "car-2", "1"), review.session.view
    )
    moved = np.array([9.0, 1.0, 0.0]) - before.cuboids.center[row]
    inside = seen.cuboids.center[0] @ shown.box_from_world[:3, :3].T + shown.box_from_world[:3, 3]
    assert np.linalg.norm(inside) == pytest.approx(np.linalg.norm(moved))


def test_a_box_that_came_is_drawn_around_and_one_that_went_as_it_was(desk, review):
    size = desk.session.content.labels["gt"].cuboids.cuboids.size[0].copy()
    review.workspace.run(DeleteLabel(car(review)))
    gone = ghosts(review, found(review))
    assert gone.became == (Became.REMOVED,)
    np.testing.assert_allclose(gone.cuboids.size[0], size)
    came = ghosts(review, found(review, SideKind.NOW, SideKind.DELIVERED))
    assert came.became == (Became.ADDED,)
    np.testing.assert_allclose(came.cuboids.size[0], size + 2 * BESIDE_M)
    assert came.class_names == ("car",)
