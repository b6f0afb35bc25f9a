"""Comparing sides off the window's thread: progress by frames, giving up, what is gone."""

import pytest
from fake_drive import Desk, make_dataset, make_scene

from viewer.progress import Cancelled, JobContext
from viewer.review import CommandRefused, Reviewer, Subject
from viewer.review.commands.edits import ChangeBox
from viewer.review.versions.diff import Difference
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_versions import SideKind, VersionWork, compare_sides

FRAMES = 12 + 5


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def review(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    desk.session.open_dataset(make_dataset(make_scene(12), make_scene(5, scene_id="yard")))
    desk.settle()
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    desk.settle()
    yield review
    review.dispose()


def sides(review, *kinds):
    found = VersionWork(review).choices()
    return tuple(
        next(each for each in found if each.kind is kind and each.label_set_id == "gt")
        for kind in kinds
    )


def compared(review, chosen, context=None, scene_id=None):
    return compare_sides(
        context or JobContext(), review.workspace, review.session.dataset, review.dataset_id,
        chosen, scene_id,
    )  # fmt: skip


def move(review, frame, scene_id="drive"):
    subject = Subject.label(review.dataset_id, scene_id, f"{frame:06d}", "gt", f"car-{frame}")
    review.workspace.run(ChangeBox(subject, center=(1, 2, 3)))


def test_each_label_set_can_be_taken_as_it_is_and_as_it_was_delivered(review):
    texts = [each.text for each in VersionWork(review).choices()]
    assert texts == [
        "Ground truth, now", "Ground truth, as delivered", "Model, now", "Model, as delivered",
    ]  # fmt: skip


def test_progress_tells_frames_and_giving_up_stops_at_one(review):
    chosen = sides(review, SideKind.DELIVERED, SideKind.NOW)
    told = []
    compared(review, chosen, JobContext(told.append))
    assert [(each.done, each.total) for each in told] == [(n, FRAMES) for n in range(FRAMES)]

    def give_up(progress):
        if progress.done == 3:
            context.cancel()

    context = JobContext(give_up)
    review.session.dataset.scenes[0].reader.read_counts.clear()
    with pytest.raises(Cancelled):
        compared(review, chosen, context)
    assert max(frame for _, frame in review.session.dataset.scenes[0].reader.read_counts) == 3


def test_one_scene_is_compared_alone(review):
    move(review, 1)
    move(review, 2, "yard")
    chosen = sides(review, SideKind.DELIVERED, SideKind.NOW)
    found = compared(review, chosen, scene_id="yard")
    assert len(found.rows) == 1
    assert found.subject(review.dataset_id, int(found.rows[0])).scene_id == "yard"
    both = compared(review, chosen)
    assert len(both.rows_of(Difference.CHANGED, None)) == 2
    assert len(both.rows_of(Difference.ADDED, None)) == 0


def test_a_version_that_is_gone_is_refused(review):
    work = VersionWork(review)
    work.save("one", "gt")
    chosen = sides(review, SideKind.VERSION, SideKind.NOW)
    assert work.delete(chosen[0])
    with pytest.raises(CommandRefused, match="one"):
        compared(review, chosen)


def test_a_name_is_taken_once(review):
    work = VersionWork(review)
    assert work.save("one", "gt") is not None
    assert work.save("one", "gt") is None
