"""A dataset whose index grows: its frames are shown first, its labels when they are indexed."""

import threading
from dataclasses import replace

import pytest
from fake_drive import Desk, FakeReader, make_dataset, make_scene

from viewer.progress import report_progress
from viewer.review.exchange.names import DatasetNames
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Growth, Scene
from viewer.session.changes import DatasetGrown, FrameShown, SceneOpened, TracksRead
from viewer.session.link import Sight
from viewer.session.opening import with_frames


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


class Beginning:
    """The first frames of a scene, of which the rest stands further down in the files."""

    def __init__(self, first: slice, whole_order: tuple[str, ...] = ("yard", "drive")) -> None:
        self.step = threading.Event()
        drive = make_scene(scene_id="drive")
        frames = tuple(
            replace(frame, index=index) for index, frame in enumerate(drive.frames[first])
        )
        early = replace(drive, frames=frames, reader=FakeReader(12))
        self.whole = make_dataset(*(make_scene(scene_id=name) for name in whole_order))
        self.dataset = replace(make_dataset(early), growth=Growth(self._complete, renews=True))

    def _complete(self) -> Dataset:
        assert self.step.wait(10)
        return self.whole


@pytest.fixture
def beginning():
    made: list[Beginning] = []

    def make(*arguments) -> Beginning:
        made.append(Beginning(*arguments))
        return made[-1]

    yield make
    for each in made:
        each.step.set()


def test_frames_that_come_before_and_after_leave_the_one_that_is_shown(desk, beginning):
    session = desk.session
    part = beginning(slice(3, 7))
    session.open_dataset(part.dataset)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0]))
    session.go_to_frame(2)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0], 2))
    key = session.content.frame.key
    desk.changes.clear()
    part.step.set()
    desk.settle()
    assert session.scene is part.whole.scenes[1]
    assert (session.frame_index, session.content.index) == (5, 5)
    assert session.content.frame.key == key
    assert session.content.scene is session.scene
    assert SceneOpened not in {type(change) for change in desk.changes}
    session.go_to_frame(11)
    desk.settle(lambda: shown(desk, part.whole.scenes[1], 11))


def test_playing_goes_on_through_the_frames_that_came(desk, beginning):
    session = desk.session
    part = beginning(slice(0, 2))
    session.open_dataset(part.dataset)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0]))
    session.go_to_frame(1)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0], 1))
    part.step.set()
    desk.settle()
    session.play(playing=True)
    session.advance(0.1)
    assert session.frame_index == 2


def test_a_scene_that_the_rest_deletes_gives_way_to_another(desk, beginning):
    session = desk.session
    part = beginning(slice(0, 4), ("yard",))
    session.open_dataset(part.dataset)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0]))
    part.step.set()
    desk.settle()
    assert session.scene is part.whole.scenes[0]
    assert session.content.scene.scene_id == "yard"


@pytest.mark.parametrize(
    ("sight", "waits"),
    [
        (None, False),
        (Sight("fake", "drive", None, None, None), False),
        (Sight("fake", "yard", None, None, None), True),
        (Sight("fake", "drive", "000001", None, None), False),
        (Sight("fake", "drive", "000009", None, None), True),
    ],
)
def test_a_link_to_what_stands_further_down_waits_for_it(beginning, sight, waits):
    part = beginning(slice(0, 4))
    keys = [frame.key for frame in part.whole.scenes[1].frames]
    if sight is not None and sight.frame_key is not None:
        sight = replace(sight, frame_key=keys[int(sight.frame_key)])
    part.step.set()
    assert with_frames(part.dataset, sight) is (part.whole if waits else part.dataset)


def test_frames_are_missing_where_the_rest_is_given_up(desk, beginning):
    part = beginning(slice(0, 4))
    desk.session.open_dataset(part.dataset)
    desk.settle(lambda: shown(desk, part.dataset.scenes[0]))
    desk.session.jobs.cancel("index")
    part.step.set()
    desk.settle()
    assert [problem.message for problem in desk.session.problems()] == [
        "is not indexed to its end; frames and labels are missing until it is opened again"
    ]
    assert desk.session.scene is part.dataset.scenes[0]


def test_what_is_compared_or_handed_over_is_the_whole_dataset(beginning):
    part = beginning(slice(0, 4))
    part.step.set()
    assert DatasetNames(part.dataset, "d").scene("yard") is not None
    assert DatasetNames(part.whole, "d").scene("mill") is None


def test_what_is_left_of_what_came_is_indexed_in_turn(desk):
    first, second = make_scene(scene_id="first"), make_scene(scene_id="second")
    last = make_dataset(first, replace(second, description="whole"))
    middle = replace(make_dataset(first, second), growth=Growth(lambda: last))
    session = desk.session
    session.open_dataset(replace(make_dataset(first), growth=Growth(lambda: middle)))
    desk.settle()
    assert session.dataset is last
    kinds = [type(change) for change in desk.changes]
    assert kinds.count(DatasetGrown) == 2
    assert session.problems() == ()
