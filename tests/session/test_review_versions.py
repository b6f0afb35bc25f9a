"""Comparing sides off the window's thread: progress by frames, giving up, what is gone."""

import pytest

from viewer.progress import Cancelled, JobContext
from viewer.review import CommandRefused, Subject
from viewer.review.commands.edits import ChangeBox
from viewer.review.versions.diff import Difference
from viewer.session.review_versions import SideKind, VersionWork, compare_sides

FRAMES = 12 + 5


def sides(reviewing, *kinds):
    found = VersionWork(reviewing).choices()
    return tuple(
        next(each for each in found if each.kind is kind and each.label_set_id == "gt")
        for kind in kinds
    )


def compared(reviewing, chosen, context=None, scene_id=None):
    return compare_sides(
        context or JobContext(), reviewing.workspace, reviewing.session.dataset,
        reviewing.dataset_id, chosen, scene_id,
    )  # fmt: skip


def move(reviewing, frame, scene_id="drive"):
    subject = Subject.label(reviewing.dataset_id, scene_id, f"{frame:06d}", "gt", f"car-{frame}")
    reviewing.workspace.run(ChangeBox(subject, center=(1, 2, 3)))


def test_each_label_set_can_be_taken_as_it_is_and_as_it_was_delivered(reviewing):
    texts = [each.text for each in VersionWork(reviewing).choices()]
    assert texts == [
        "Ground truth, now", "Ground truth, as delivered", "Model, now", "Model, as delivered",
    ]  # fmt: skip


def test_progress_tells_frames_and_giving_up_stops_at_one(reviewing):
    chosen = sides(reviewing, SideKind.DELIVERED, SideKind.NOW)
    told = []
    compared(reviewing, chosen, JobContext(told.append))
    assert [(each.done, each.total) for each in told] == [(n, FRAMES) for n in range(FRAMES)]

    def give_up(progress):
        if progress.done == 3:
            context.cancel()

    context = JobContext(give_up)
    reviewing.session.dataset.scenes[0].reader.read_counts.clear()
    with pytest.raises(Cancelled):
        compared(reviewing, chosen, context)
    assert max(frame for _, frame in reviewing.session.dataset.scenes[0].reader.read_counts) == 3


def test_one_scene_is_compared_alone(reviewing):
    move(reviewing, 1)
    move(reviewing, 2, "yard")
    chosen = sides(reviewing, SideKind.DELIVERED, SideKind.NOW)
    found = compared(reviewing, chosen, scene_id="yard")
    assert len(found.rows) == 1
    assert found.subject(reviewing.dataset_id, int(found.rows[0])).scene_id == "yard"
    both = compared(reviewing, chosen)
    assert len(both.rows_of(Difference.CHANGED, None)) == 2
    assert len(both.rows_of(Difference.ADDED, None)) == 0


def test_a_version_that_is_gone_is_refused(reviewing):
    work = VersionWork(reviewing)
    work.save("one", "gt")
    chosen = sides(reviewing, SideKind.VERSION, SideKind.NOW)
    assert work.delete(chosen[0])
    with pytest.raises(CommandRefused, match="one"):
        compared(reviewing, chosen)


def test_a_name_is_taken_once(reviewing):
    work = VersionWork(reviewing)
    assert work.save("one", "gt") is not None
    assert work.save("one", "gt") is None
