"""Slices at the desk: made of what is looked at, combined, changed, written; large ones too."""

import json
import threading
from dataclasses import replace

import pytest

from tests.session.reviewing import CAR_2, go, messages
from viewer.progress import JobContext
from viewer.review import Subject, SubjectKind, WorkspaceError
from viewer.review.commands.slices import CreateSlice
from viewer.review.commands.tags import AddTag
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.slices.algebra import Operation
from viewer.review.slices.members import Members
from viewer.review.slices.reading import member_subjects
from viewer.review.subject_rows import label_rows
from viewer.review.tags.model import TagFilter
from viewer.review.verdicts.model import VerdictState
from viewer.session import review_large
from viewer.session.review_slice_files import SliceForm, export_slices
from viewer.session.review_slice_query import NOT_JUDGED, SliceQuery
from viewer.session.review_slices import MAKE_JOB, MOST_LISTED, Extent, Strata

LABEL, TRACK, FRAME, SCENE = (
    SubjectKind.LABEL, SubjectKind.TRACK, SubjectKind.FRAME, SubjectKind.SCENE,
)  # fmt: skip
WALKER_FRAMES = (3, 4, 6, 7, 8)


def label(reviewing, frame, name, scene="drive"):
    return Subject.label(reviewing.dataset_id, scene, f"{frame:06}", "gt", name)


def members(reviewing, name=None):
    """Ids of the members of a slice, by default of the chosen one."""
    found = reviewing.slices.current
    if name is not None:
        found = next(each for each in reviewing.slices.all() if each.name == name)
    subjects = list(member_subjects(reviewing.reading, found.slice_id))
    return {s.label_id or s.track_id or s.frame_key or s.scene_id for s in subjects}


def named(reviewing, name, *subjects):
    assert reviewing.run(CreateSlice(f"id-{name}", name, Members.of(subjects)))
    return f"id-{name}"


class TestMaking:
    def test_of_the_selection_as_label_track_frame_or_scene(self, desk, reviewing):
        go(desk, CAR_2)
        for kind, expected in ((LABEL, "car-2"), (TRACK, "1"), (FRAME, "000002"), (SCENE, "drive")):
            assert reviewing.slices.make_of_selection(f"a {kind}", kind)
            assert members(reviewing) == {expected}
            assert reviewing.slices.current.origin == "by hand"
        desk.session.select(None)
        assert not reviewing.slices.make_of_selection("nothing", LABEL)
        assert messages(desk)[-1] == "No slice: no label is selected"

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            # 12 cars and 5 walkers in the drive, 5 cars and 2 walkers in the yard.
            (SliceQuery(LABEL, "gt"), 24),
            (SliceQuery(LABEL, "gt", "drive"), 17),
            (SliceQuery(LABEL, "gt", classes=frozenset({"pedestrian"})), 7),
            (SliceQuery(TRACK, "gt"), 4),
            (SliceQuery(FRAME, None), 17),
            (SliceQuery(SCENE, None), 2),
        ],
    )
    def test_of_a_query_of_kind_class_and_scene(self, desk, reviewing, query, expected):
        reviewing.slices.make_of_query("found", query)
        desk.settle()
        assert reviewing.slices.current.count == expected
        assert reviewing.slices.current.kind is query.kind
        assert reviewing.slices.current.origin == f"query {query.text}"

    def test_of_a_query_of_tags_any_and_all(self, desk, reviewing):
        own = reviewing.dataset_id
        reviewing.run(AddTag("night", [Subject.frame(own, "drive", "000003")]))
        reviewing.run(AddTag("rain", [label(reviewing, 3, "car-3"), label(reviewing, 5, "car-5")]))
        reviewing.run(AddTag("seen", [Subject.track(own, "drive", "gt", "2")]))
        for tags, expected in (
            (TagFilter(any_of=("night", "rain")), {"car-3", "walker-3", "car-5"}),
            (TagFilter(all_of=("night", "rain")), {"car-3"}),
            (TagFilter(all_of=("seen",)), {f"walker-{frame}" for frame in WALKER_FRAMES}),
        ):
            query = SliceQuery(LABEL, "gt", tags=tags)
            reviewing.slices.make_of_query(query.text, query)
            desk.settle()
            assert members(reviewing) == expected

    def test_of_a_query_of_the_verdicts_that_count(self, desk, reviewing):
        own = reviewing.dataset_id
        rejected, accepted = VerdictState.REJECTED, VerdictState.ACCEPTED
        reviewing.run(SetVerdict(Subject.frame(own, "drive", "000003"), rejected))
        reviewing.run(SetVerdict(label(reviewing, 3, "car-3"), accepted))
        reviewing.run(SetVerdict(label(reviewing, 4, "car-4"), rejected))
        reviewing.run(SetVerdict(label(reviewing, 4, "car-4"), accepted))
        for state, expected in (("rejected", {"walker-3"}), ("accepted", {"car-3", "car-4"})):
            query = SliceQuery(LABEL, "gt", "drive", verdicts=frozenset({state}))
            reviewing.slices.make_of_query(state, query)
            desk.settle()
            assert members(reviewing) == expected
        query = SliceQuery(LABEL, "gt", "drive", verdicts=frozenset({NOT_JUDGED}))
        reviewing.slices.make_of_query("open", query)
        desk.settle()
        assert reviewing.slices.current.count == 17 - 3

    def test_a_query_that_finds_nothing_makes_nothing(self, desk, reviewing):
        query = SliceQuery(LABEL, "gt", tags=TagFilter(any_of=("no such",)))
        reviewing.slices.make_of_query("nothing", query)
        desk.settle()
        assert reviewing.slices.all() == []
        assert messages(desk)[-1] == "No slice: nothing fits: the slice would be empty"

    def test_of_what_the_filters_show(self, desk, reviewing):
        """The car is hypot(30 - frame, 2) m away, a walker 10.4 m, the guesses about there."""
        session = desk.session
        hidden = frozenset({"model"})
        filters = replace(session.view.filters, max_range_m=25.0, hidden_label_sets=hidden)
        session.set_view(filters=filters)
        reviewing.slices.make_of_shown("near", LABEL, Extent.SCENE)
        desk.settle()
        expected = {f"car-{frame}" for frame in range(6, 12)}
        assert members(reviewing) == expected | {f"walker-{frame}" for frame in WALKER_FRAMES}
        assert reviewing.slices.current.origin == "query labels of drive that the filters showed"
        session.set_view(filters=replace(filters, hidden_classes=frozenset({"car"})))
        reviewing.slices.make_of_shown("tracks", TRACK, Extent.DATASET)
        desk.settle()
        assert reviewing.slices.current.count == 2
        guesses = replace(
            session.view.filters, hidden_classes=frozenset(), max_range_m=None,
            hidden_label_sets=frozenset({"gt"}), min_score=0.5,
        )  # fmt: skip
        session.set_view(filters=guesses)
        reviewing.slices.make_of_shown("sure", LABEL, Extent.FRAME)
        desk.settle()
        assert members(reviewing) == {"p0-0"}

    def test_of_a_sample_plain_and_by_class(self, desk, reviewing):
        reviewing.slices.make_of_query("all", SliceQuery(LABEL, "gt", "drive"))
        desk.settle()
        whole = reviewing.slices.current
        reviewing.slices.make_of_sample("some", 5, 7, Strata.NONE)
        first = members(reviewing)
        reviewing.slices.chosen = (whole.slice_id,)
        reviewing.slices.make_of_sample("again", 5, 7, Strata.NONE)
        assert members(reviewing) == first
        assert len(first) == 5
        assert reviewing.slices.current.origin == "5 of all, seed 7"
        assert reviewing.slices.current.parent == whole.slice_id
        reviewing.slices.chosen = (whole.slice_id,)
        # 12 cars and 5 walkers: of 10, 7.06 and 2.94 are due.
        reviewing.slices.make_of_sample("fair", 10, 7, Strata.CLASS)
        desk.settle()
        drawn = members(reviewing)
        assert sum(each.startswith("car") for each in drawn) == 7
        assert sum(each.startswith("walker") for each in drawn) == 3
        assert reviewing.slices.current.origin == "10 of all, by class, seed 7"

    def test_of_two_slices(self, desk, reviewing):
        a, b, c = (label(reviewing, frame, f"car-{frame}") for frame in range(3))
        ids = (named(reviewing, "night", a, b), named(reviewing, "rain", b, c))
        for operation, name, expected in (
            (Operation.UNION, "night ∪ rain", {"car-0", "car-1", "car-2"}),
            (Operation.INTERSECTION, "night ∩ rain", {"car-1"}),
            (Operation.DIFFERENCE, "night − rain", {"car-0"}),
        ):
            reviewing.slices.chosen = ids
            assert reviewing.slices.combine(operation)
            assert reviewing.slices.current.name == name
            assert members(reviewing) == expected
        reviewing.slices.chosen = ids
        reviewing.slices.combine(Operation.UNION)
        assert reviewing.slices.current.name == "night ∪ rain 2"
        reviewing.slices.chosen = ids[:1]
        assert not reviewing.slices.combine(Operation.UNION)
        frames = named(reviewing, "frames", Subject.frame(reviewing.dataset_id, "drive", "000000"))
        reviewing.slices.chosen = (ids[0], frames)
        reviewing.slices.combine(Operation.UNION)
        assert "only slices of one kind" in messages(desk)[-1]


class TestChanging:
    def test_the_selection_goes_in_and_out(self, desk, reviewing):
        reviewing.slices.chosen = (named(reviewing, "a", label(reviewing, 0, "car-0")),)
        go(desk, CAR_2)
        assert not reviewing.slices.has_selection
        assert reviewing.slices.add_selection()
        assert members(reviewing) == {"car-0", "car-2"}
        assert reviewing.slices.has_selection
        assert not reviewing.slices.add_selection()
        assert messages(desk)[-1] == "“a” has label car-2 already"
        assert reviewing.slices.remove_selection()
        assert members(reviewing) == {"car-0"}
        assert not reviewing.slices.remove_selection()
        reviewing.undo()
        assert members(reviewing) == {"car-0", "car-2"}

    def test_of_a_slice_of_tracks_the_selections_track_goes_in(self, desk, reviewing):
        other = Subject.track(reviewing.dataset_id, "drive", "gt", "2")
        reviewing.slices.chosen = (named(reviewing, "tracks", other),)
        go(desk, CAR_2)
        assert reviewing.slices.add_selection()
        assert members(reviewing) == {"1", "2"}

    def test_deleting_is_undone(self, reviewing):
        first = named(reviewing, "a", label(reviewing, 0, "car-0"))
        reviewing.slices.chosen = (first,)
        assert reviewing.slices.delete()
        assert reviewing.slices.all() == []
        assert reviewing.slices.current is None
        reviewing.undo()
        assert members(reviewing, "a") == {"car-0"}


class TestListing:
    def test_members_come_in_the_order_of_their_names(self, desk, reviewing):
        found = [label(reviewing, frame, f"car-{frame}") for frame in (7, 1, 11)]
        slice_id = named(reviewing, "a", *found)
        listed = []
        reviewing.slices.list_members(slice_id, listed.append)
        desk.settle()
        assert [row.label_id for row in listed[0].rows] == ["car-1", "car-7", "car-11"]
        assert listed[0].total == 3

    def test_of_very_many_some_are_listed(self, desk, reviewing):
        ids = [str(number) for number in range(30_000)]
        rows = label_rows(reviewing.dataset_id, "drive", "000000", "gt", ids)
        assert reviewing.run(CreateSlice("big", "big", Members.of_rows(rows)))
        listed = []
        reviewing.slices.list_members("big", listed.append)
        desk.settle()
        assert listed[0].total == 30_000
        assert len(listed[0].rows) == MOST_LISTED
        assert len({row.key for row in listed[0].rows}) == MOST_LISTED


class TestLarge:
    @pytest.fixture(autouse=True)
    def _small_is_large(self, monkeypatch):
        monkeypatch.setattr(review_large, "LARGE", 10)

    def test_a_large_slice_is_written_by_a_job_and_chosen(self, desk, reviewing):
        reviewing.slices.make_of_query("all", SliceQuery(LABEL, "gt", "drive"))
        desk.settle(lambda: reviewing.slices.current is not None)
        desk.settle()
        assert reviewing.slices.current.count == 17
        assert reviewing.undo_text == "Make slice “all” of 17 labels"
        assert messages(desk)[-1] == "Slice “all”: 17 labels"

    def test_meanwhile_decisions_are_asked_to_wait(self, desk, reviewing):
        go(desk, CAR_2)
        writer = reviewing.workspace.lend()
        reached, go_on = threading.Event(), threading.Event()

        def stop(_progress):
            reached.set()
            assert go_on.wait(20)

        big = CreateSlice("big", "big", Members.of([label(reviewing, 0, "car-0")]))
        thread = threading.Thread(target=lambda: writer.run(JobContext(stop), big))
        thread.start()
        assert reached.wait(20)
        assert not reviewing.slices.make_of_selection("a", LABEL)
        assert messages(desk)[-1] == "Something large is being written: try again in a moment"
        assert reviewing.undo() is None
        go_on.set()
        thread.join(20)
        assert reviewing.slices.make_of_selection("a", LABEL)
        assert {each.name for each in reviewing.slices.all()} == {"a", "big"}

    def test_cancelled_it_is_not_there_and_everything_goes_on(self, desk, reviewing):
        found = [label(reviewing, frame, f"car-{frame}") for frame in range(12)]
        done = []
        command = CreateSlice("big", "big", Members.of(found))
        review_large.write(reviewing, command, 12, lambda: done.append(1), "Writing")
        desk.session.jobs.cancel(review_large.WRITE_JOB)
        desk.settle(lambda: not reviewing.workspace.is_lent)
        reviewing.poll()
        # It was given up before or after it was on disk; then it is told all the same.
        assert done == []
        assert reviewing.slices.make_of_query("next", SliceQuery(SCENE, None)) is None
        desk.settle()
        assert "next" in {each.name for each in reviewing.slices.all()}

    def test_cancelled_while_it_is_made_nothing_is_left(self, desk, reviewing):
        scene = desk.session.scene
        scene.reader.gate.clear()
        reviewing.slices.make_of_query("all", SliceQuery(LABEL, "gt", "drive"))
        assert reviewing.workspace.is_lent
        # Somebody decides meanwhile: nothing is written yet.
        assert reviewing.run(CreateSlice("a", "a", Members.of([label(reviewing, 0, "car-0")])))
        desk.session.jobs.cancel(MAKE_JOB)
        assert not reviewing.workspace.is_lent
        scene.reader.gate.set()
        reviewing.slices.make_of_query("again", SliceQuery(LABEL, "gt", "drive"))
        desk.settle(lambda: len(reviewing.slices.all()) == 2)
        assert {each.name for each in reviewing.slices.all()} == {"a", "again"}

    def test_a_large_undo_is_a_job(self, desk, reviewing, monkeypatch):
        monkeypatch.setattr(review_large, "LARGE_STEP", 2)
        reviewing.slices.make_of_query("all", SliceQuery(LABEL, "gt"))
        desk.settle(lambda: reviewing.slices.current is not None)
        assert reviewing.undo() is None
        desk.settle()
        assert reviewing.slices.all() == []
        assert messages(desk)[-1] == "Undone: Make slice “all” of 24 labels"
        reviewing.redo()
        desk.settle()
        assert reviewing.slices.all()[0].count == 24


class TestWriting:
    def test_ids_json_and_tags(self, desk, reviewing, tmp_path):
        own, session = reviewing.dataset_id, desk.session
        frames = [Subject.frame(own, "drive", f"{frame:06}") for frame in (1, 3)]
        chosen = (named(reviewing, "night", *frames),)
        out = tmp_path / "out"
        out.mkdir()

        def write(form, path):
            return export_slices(
                JobContext(), reviewing.workspace, session.dataset, own, chosen, form, path
            )

        assert write(SliceForm.IDS, out / "ids.txt").startswith("“night” written: 2 ids")
        assert (out / "ids.txt").read_text() == "drive/000001\ndrive/000003\n"
        write(SliceForm.JSON, out / "night.json")
        document = json.loads((out / "night.json").read_text())
        assert (document["name"], document["kind"]) == ("night", "frame")
        assert document["members"] == ["drive/000001", "drive/000003"]
        assert "2 tags" in write(SliceForm.LIGHTLY, out)
        (folder,) = [each for each in out.iterdir() if each.is_dir()]
        tags = json.loads((folder / "lightly_tags.json").read_text())
        # The second and the fourth of 17 frames: bits 1 and 3.
        assert [int(each["bitMaskData"], 16) for each in tags if each["name"] == "night"] == [
            0b1010
        ]
        with pytest.raises(WorkspaceError):
            write(SliceForm.IDS, session.dataset.path / "ids.txt")
