"""Edits on their way into loaded frames."""

import threading

import pytest
from fake_drive import Desk, make_dataset, make_scene, truth
from review.edits_examples import DATASET

from viewer.review import LabelSnapshot, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import ChangeClass, DeleteLabel
from viewer.review.commands.marks import MarkMissing
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.tracks import ChangeTrackId
from viewer.review.edit_book import EditBook
from viewer.review.edits.edited_labels import delivered_labels
from viewer.review.flat_snapshots import snapshot_of
from viewer.session.changes import FrameShown, TracksRead


def snapshot(index: int) -> LabelSnapshot:
    return snapshot_of(truth(index), f"car-{index}")


@pytest.fixture
def book(workspace: Workspace):
    workspace.run(AddDataset(DATASET, "drive", "/fake", "fake"))
    made = EditBook(workspace, DATASET)
    yield made
    made.close()


def car(index: int) -> Subject:
    return Subject.label(DATASET, "drive", f"{index:06d}", "gt", f"car-{index}")


def test_reads_on_any_thread_and_hears_of_changes(workspace: Workspace, book: EditBook):
    scene = make_scene()
    heard = []
    workspace.subscribe(lambda changed: heard.append(book.take(changed)))
    seen = []

    def read():
        labels = scene.reader.read_labels(3, "gt")
        seen.append(book(scene, 3, "gt", labels).cuboids.class_names[0])

    def on_a_thread():
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    on_a_thread()
    workspace.run(ChangeClass(car(3), "bus", snapshot(3)))
    on_a_thread()
    workspace.run(ChangeSetting("a", 1))
    workspace.run(
        MarkMissing("m" * 32, Subject.frame(DATASET, "drive", "000003"), "car",
                    sensor_id="front", pixel=(1, 2))
    )  # fmt: skip
    workspace.undo()
    workspace.undo()
    workspace.undo()
    on_a_thread()
    assert seen == ["car", "bus", "car"]
    assert heard == [True, False, False, False, False, True]
    book.close()
    on_a_thread()
    assert seen[-1] == "car"


def test_another_datasets_edits_are_left_alone(workspace: Workspace, book: EditBook):
    other = Subject.label("e" * 32, "drive", "000003", "gt", "car-3")
    workspace.run(AddDataset("e" * 32, "other", "/other", "fake"))
    workspace.run(ChangeClass(other, "bus", snapshot(3)))
    assert book.frame_edits("drive", "000003") == {}


def test_the_session_shows_edits_at_once(workspace: Workspace, book: EditBook):
    desk = Desk()
    session = desk.session
    try:
        session.edit_labels = book
        session.open_dataset(make_dataset(make_scene(), make_scene(5, scene_id="yard")))
        desk.settle()
        session.read_tracks()
        desk.settle()
        assert session.scene_tracks.find("gt", "1").frames == tuple(range(12))
        for index in (0, 1):
            workspace.run(DeleteLabel(car(index), snapshot(index)))
        workspace.run(ChangeTrackId(car(2), "77", snapshot(2)))
        book.take(_all_changed(workspace))
        desk.changes.clear()
        session.show_edits()
        desk.settle()
        assert {type(each) for each in desk.changes} >= {FrameShown, TracksRead}
        labels = session.content.labels["gt"]
        assert "car-0" not in labels.cuboids.label_ids
        assert "car-0" in delivered_labels(labels).cuboids.label_ids
        assert session.scene_tracks.find("gt", "1").frames == tuple(range(3, 12))
        assert session.scene_tracks.find("gt", "77").frames == (2,)
        session.go_to_frame(1)
        desk.settle()
        assert "car-1" not in session.content.labels["gt"].cuboids.label_ids
    finally:
        desk.close()


def _all_changed(workspace: Workspace):
    from viewer.review import Changed

    entries = tuple(workspace.journal.entries())
    return Changed(entries, frozenset(workspace.journal.touched(0)))
