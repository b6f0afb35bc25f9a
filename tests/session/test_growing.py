"""A dataset whose index grows: its frames are shown first, its labels when they are indexed."""

import threading
from dataclasses import replace

import pytest
from fake_drive import Desk, FakeReader, make_dataset, make_scene

from viewer.progress import report_progress
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Growth, Scene
from viewer.session.changes import DatasetGrown, FrameShown, SceneOpened, TracksRead


class FollowingReader(FakeReader):
    """Knows its labels once they are indexed; asking before is told of."""

    def __init__(self) -> None:
        super().__init__(12)
        self.indexed = False
        self.asked_too_early = 0

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        return self.indexed

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        self.asked_too_early += not self.indexed
        return super().read_labels(frame_index, label_set_id)


class Indexing:
    """Two scenes whose index a test lets grow in three steps."""

    def __init__(self) -> None:
        self.steps = [threading.Event() for _ in range(3)]
        self.readers = [FollowingReader(), FollowingReader()]
        names = ("drive", "yard")
        self.scenes = tuple(
            replace(make_scene(scene_id=name), reader=reader, class_map=ClassMap())
            for name, reader in zip(names, self.readers, strict=True)
        )
        self.error: Exception | None = None

    def dataset(self) -> Dataset:
        return replace(make_dataset(*self.scenes), growth=Growth(self._complete))

    def _complete(self) -> Dataset:
        for number, step in enumerate(self.steps):
            report_progress(number, len(self.steps), "Indexing")
            assert step.wait(10)
        report_progress(3, 3, "Indexing")
        if self.error is not None:
            raise self.error
        for reader in self.readers:
            reader.indexed = True
        whole = [replace(scene, class_map=make_scene().class_map) for scene in self.scenes]
        return make_dataset(*whole, make_scene(scene_id="came later"))


@pytest.fixture
def indexing():
    indexing = Indexing()
    yield indexing
    for step in indexing.steps:
        step.set()


@pytest.fixture
def desk(indexing):
    desk = Desk()
    yield desk
    for step in indexing.steps:
        step.set()
    desk.close()


def shown(desk: Desk, scene: Scene, index: int = 0) -> bool:
    content = desk.session.content
    return content is not None and content.scene is scene and content.index == index


def test_frames_are_shown_before_their_labels_are_indexed(desk, indexing):
    session = desk.session
    session.open_dataset(indexing.dataset())
    desk.settle(lambda: shown(desk, indexing.scenes[0]))
    assert session.content.labels_follow == {"gt", "model"}
    assert [len(labels.cuboids) for labels in session.content.labels.values()] == [0, 0]
    assert len(session.content.sweeps) == 1
    session.show_scene(1)
    session.go_to_frame(4)
    desk.settle(lambda: shown(desk, indexing.scenes[1], 4))
    assert session.content.labels_follow
    session.read_tracks()
    assert session.scene_tracks is None
    assert [status.title for status in session.jobs.statuses] == ["Indexing fake"]
    assert sum(reader.asked_too_early for reader in indexing.readers) == 0


def test_its_progress_is_told_and_its_end_shows_the_labels(desk, indexing):
    session = desk.session
    session.open_dataset(indexing.dataset())
    session.show_scene(1)
    session.go_to_frame(3)
    session.read_tracks()
    desk.settle(lambda: shown(desk, indexing.scenes[1], 3))

    def progress() -> tuple[int, int | None]:
        (status,) = session.jobs.statuses
        return status.progress.done, status.progress.total

    desk.settle(lambda: progress() == (0, 3))
    desk.changes.clear()
    for step in indexing.steps:
        step.set()
    desk.settle()
    kinds = [type(change) for change in desk.changes]
    assert kinds.count(DatasetGrown) == 1
    assert SceneOpened not in kinds
    assert kinds.index(DatasetGrown) < kinds.index(FrameShown)
    assert TracksRead in kinds
    assert session.scene is session.dataset.scenes[1]
    assert session.content.scene is session.scene
    assert session.content.index == 3
    assert not session.content.labels_follow
    assert len(session.content.labels["gt"].cuboids) == 2
    assert [entry.name for entry in session.scene.class_map.entries] == [
        "car",
        "pedestrian",
        "truck",
    ]
    assert [scene.scene_id for scene in session.dataset.scenes] == ["drive", "yard", "came later"]
    assert session.jobs.statuses == ()


def test_clouds_and_images_that_are_loaded_stay(desk, indexing):
    session = desk.session
    session.open_dataset(indexing.dataset())
    desk.settle(lambda: shown(desk, indexing.scenes[0]))
    for step in indexing.steps:
        step.set()
    desk.settle()
    assert len(session.content.labels["gt"].cuboids) == 1
    counts = indexing.readers[0].read_counts
    assert (counts["points", 0], counts["image", 0]) == (1, 2)


def test_given_up_midway_the_frames_stay_and_what_is_missing_is_told(desk, indexing):
    session = desk.session
    session.open_dataset(indexing.dataset())
    desk.settle(lambda: shown(desk, indexing.scenes[0]))
    indexing.steps[0].set()
    desk.settle(lambda: session.jobs.statuses[0].progress.total == 3)
    session.jobs.cancel("index")
    for step in indexing.steps:
        step.set()
    desk.settle()
    assert session.jobs.statuses == ()
    assert not any(reader.indexed for reader in indexing.readers)
    assert [problem.message for problem in session.problems()] == [
        "is not indexed to its end; labels are missing until it is opened again"
    ]
    session.go_to_frame(2)
    desk.settle(lambda: shown(desk, session.scene, 2))
    assert session.content.labels_follow
    assert sum(reader.asked_too_early for reader in indexing.readers) == 0


def test_an_index_that_fails_is_told_of(desk, indexing):
    indexing.error = OSError("the disk is gone")
    for step in indexing.steps:
        step.set()
    desk.session.open_dataset(indexing.dataset())
    desk.settle()
    assert [problem.message for problem in desk.session.problems()] == [
        "is not indexed to its end; labels are missing until it is opened again (the disk is gone)"
    ]


def test_another_dataset_ends_the_index_without_a_word(desk, indexing):
    session = desk.session
    session.open_dataset(indexing.dataset())
    desk.settle(lambda: shown(desk, indexing.scenes[0]))
    session.open_dataset(make_dataset())
    for step in indexing.steps:
        step.set()
    desk.settle()
    assert session.problems() == ()
    assert [scene.scene_id for scene in session.dataset.scenes] == ["drive"]
    assert len(session.content.labels["gt"].cuboids) == 1
    assert DatasetGrown not in {type(change) for change in desk.changes}
