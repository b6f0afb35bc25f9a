from collections import Counter
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.review import Batch, CommandRefused, LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.verdicts import ClearVerdict, DefineReasons, SetVerdict
from viewer.review.subject import SubjectKind
from viewer.review.verdicts.counts import CountBy, count_verdicts, verdicts_in_time
from viewer.review.verdicts.entities import VERDICTS
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import (
    LabelSubjects,
    all_verdicts,
    effective_verdict,
    effective_verdicts,
    verdict_of,
    verdicts_in_frame,
    verdicts_of,
    verdicts_of_tracks,
)
from viewer.review.verdicts.reasons import DEFAULT_REASONS, verdict_reasons

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState
SCENE = Subject.scene("d", "street")
FRAME = Subject.frame("d", "street", "000042")
TRACK = Subject.track("d", "street", "gt", "7")
LABEL = Subject.label("d", "street", "000042", "gt", "18")
OTHER = Subject.label("d", "street", "000042", "gt", "19")
CAR = LabelSnapshot("cuboid", "car", (1.0, 2, 3, 4, 2, 1.5, 1, 0, 0, 0), "7")


def test_a_verdict_keeps_everything_that_was_said(workspace: Workspace):
    entry = workspace.run(SetVerdict(LABEL, NEEDS_FIX, ("loose box", "bad heading"), "0.5 m", CAR))
    verdict = verdict_of(workspace.reading, LABEL)
    assert verdict.state is NEEDS_FIX
    assert verdict.reviewer == "ann"
    assert verdict.reasons == ("loose box", "bad heading")
    assert verdict.comment == "0.5 m"
    assert verdict.time_ns == entry.time_ns
    assert workspace.reading.snapshot(verdict.snapshot_hash) == CAR
    assert verdict.class_name == "car"
    assert entry.text == "Ask to fix label 18 in street / 000042"


def test_the_same_verdict_again_is_no_step(workspace: Workspace):
    workspace.run(SetVerdict(LABEL, ACCEPTED))
    assert workspace.run(SetVerdict(LABEL, ACCEPTED)) is None
    assert workspace.run(SetVerdict(LABEL, REJECTED)) is not None


def test_a_track_covers_its_labels_unless_one_has_its_own(workspace: Workspace):
    def counts() -> tuple[VerdictState, Subject] | None:
        found = effective_verdict(workspace.reading, LABEL, TRACK)
        return None if found is None else (found.verdict.state, found.given_to)

    assert counts() is None
    for subject, state in (
        (SCENE, SKIPPED), (FRAME, REJECTED), (TRACK, NEEDS_FIX), (LABEL, ACCEPTED)
    ):  # fmt: skip
        workspace.run(SetVerdict(subject, state))
        assert counts() == (state, subject)
    workspace.run(SetVerdict(SCENE, ACCEPTED))
    assert counts() == (ACCEPTED, LABEL)
    workspace.run(ClearVerdict(LABEL))
    assert counts() == (NEEDS_FIX, TRACK)
    assert effective_verdict(workspace.reading, LABEL).given_to == FRAME
    elsewhere = Subject.label("d", "street", "000043", "gt", "18")
    assert effective_verdict(workspace.reading, elsewhere).given_to == SCENE


def test_of_two_reviewers_the_later_one_counts_and_both_are_kept(workspace: Workspace):
    workspace.run(SetVerdict(LABEL, ACCEPTED))
    workspace.reviewer = Reviewer("bob")
    workspace.run(SetVerdict(LABEL, REJECTED))
    assert verdict_of(workspace.reading, LABEL).state is REJECTED
    assert verdict_of(workspace.reading, LABEL, "ann").state is ACCEPTED
    assert [each.reviewer for each in verdicts_of(workspace.reading, LABEL)] == ["bob", "ann"]
    workspace.reviewer = Reviewer("ann")
    assert workspace.run(SetVerdict(LABEL, ACCEPTED)) is not None
    assert verdict_of(workspace.reading, LABEL).reviewer == "ann"


def test_a_verdict_from_elsewhere_keeps_its_giver_and_time(workspace: Workspace):
    workspace.run(SetVerdict(LABEL, ACCEPTED))
    workspace.run(SetVerdict(LABEL, REJECTED, given_by="eve@example.org", given_ns=5))
    assert verdict_of(workspace.reading, LABEL, "eve@example.org").time_ns == 5
    assert verdict_of(workspace.reading, LABEL).state is ACCEPTED


def test_reasons_come_from_the_workspaces_list(workspace: Workspace):
    assert verdict_reasons(workspace.reading) == DEFAULT_REASONS
    with pytest.raises(CommandRefused, match="“too far” is no reason"):
        workspace.run(SetVerdict(LABEL, REJECTED, ("too far",)))
    assert verdict_of(workspace.reading, LABEL) is None
    workspace.run(DefineReasons(("too far", "other")))
    workspace.run(SetVerdict(LABEL, REJECTED, ("too far",)))
    assert verdict_reasons(workspace.reading) == ("too far", "other")
    workspace.run(DefineReasons(("other",)))
    assert verdict_of(workspace.reading, LABEL).reasons == ("too far",)


@pytest.mark.parametrize(
    ("reasons", "problem"), [(("a", "A"), "twice"), ((" ",), "name"), (("a ",), "spaces")]
)
def test_a_list_of_reasons_must_make_sense(workspace: Workspace, reasons, problem):
    with pytest.raises(CommandRefused, match=problem):
        workspace.run(DefineReasons(reasons))


def test_a_whole_dataset_has_no_verdict(workspace: Workspace):
    with pytest.raises(CommandRefused, match="label, track, frame or scene"):
        workspace.run(SetVerdict(Subject.dataset("d"), ACCEPTED))


def test_verdicts_of_a_frame_and_of_tracks(workspace: Workspace):
    for subject in (SCENE, FRAME, TRACK, LABEL, Subject.frame("d", "street", "000043")):
        workspace.run(SetVerdict(subject, ACCEPTED))
    reading = workspace.reading
    assert verdicts_in_frame(reading, "d", "street", "000042").keys() == {FRAME, LABEL}
    assert verdicts_of_tracks(reading, "d", "street").keys() == {SCENE, TRACK}


def test_a_list_of_verdicts_is_newest_first(workspace: Workspace):
    workspace.run(SetVerdict(LABEL, REJECTED))
    workspace.run(SetVerdict(OTHER, ACCEPTED))
    workspace.run(SetVerdict(TRACK, REJECTED))
    reading = workspace.reading
    assert [each for each, _ in all_verdicts(reading)] == [TRACK, OTHER, LABEL]
    assert [each for each, _ in all_verdicts(reading, state=REJECTED)] == [TRACK, LABEL]
    assert all_verdicts(reading, reviewer="bob") == []
    assert [each for each, _ in all_verdicts(reading, limit=1)] == [TRACK]


def test_a_thousand_labels_are_covered_at_once(workspace: Workspace):
    labels = [Subject.label("d", "street", f"{n:06}", "gt", "18") for n in range(1200)]
    own = [SetVerdict(each, ACCEPTED) for each in labels[::3]]
    workspace.run(Batch("Accept a third", [*own, SetVerdict(TRACK, REJECTED)]))
    found = effective_verdicts(workspace.reading, [LabelSubjects(each, TRACK) for each in labels])
    assert [each.verdict.state for each in found] == [
        REJECTED if n % 3 else ACCEPTED for n in range(1200)
    ]


# -- counts against a count by hand ---------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "eve"]),
        st.sampled_from([LABEL, OTHER, TRACK, FRAME]),
        st.sampled_from([*VerdictState, None, "undo", "redo"]),
        st.lists(st.sampled_from(DEFAULT_REASONS[:3]), unique=True),
        st.sampled_from([None, "car", "pedestrian"]),
    ),
    max_size=25,
)


def counted_by_hand(workspace: Workspace, names, *, every_reviewer: bool) -> Counter:
    rows = sorted(
        workspace.reading.rows(VERDICTS), key=lambda row: (row["time_ns"], row["reviewer"])
    )
    if not every_reviewer:
        rows = list({row["subject"]: row for row in rows}.values())
    found: Counter = Counter()
    for row in rows:
        subject = workspace.reading.subject(row["subject"])
        facts = row | {
            "kind": str(subject.kind), "dataset_id": "d", "class_name": row["class_name"] or ""
        }  # fmt: skip
        for reason in row["reasons"] if "reason" in names else [None]:
            found[tuple((facts | {"reason": reason})[name] for name in names)] += 1
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_counts_hold_after_any_steps(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("counts") / "a.sightline"
    with Workspace.create(path, Reviewer("ann")) as workspace:
        for reviewer, subject, step, reasons, class_name in steps:
            workspace.reviewer = Reviewer(reviewer)
            try:
                if step == "undo":
                    workspace.undo()
                elif step == "redo":
                    workspace.redo()
                elif step is None:
                    workspace.run(ClearVerdict(subject))
                else:
                    workspace.run(SetVerdict(subject, step, tuple(reasons), class_name=class_name))
            except CommandRefused:
                pass
        for names, every_reviewer in product(
            [("state",), ("reviewer", "state"), ("class_name", "state"), ("kind",), ("reason",),
             ("class_name", "reason")],
            [False, True],
        ):  # fmt: skip
            found = count_verdicts(
                workspace.reading, *map(CountBy, names), every_reviewer=every_reviewer
            )
            assert {each.values: each.count for each in found} == counted_by_hand(
                workspace, names, every_reviewer=every_reviewer
            )


def test_counts_of_a_kind_and_dataset(workspace: Workspace):
    workspace.run(SetVerdict(LABEL, REJECTED, ("loose box",), snapshot=CAR))
    workspace.run(SetVerdict(TRACK, ACCEPTED))
    reading = workspace.reading
    only_labels = count_verdicts(reading, CountBy.STATE, kind=SubjectKind.LABEL)
    assert [(each.values, each.count) for each in only_labels] == [(("rejected",), 1)]
    assert count_verdicts(reading, dataset_id="e") == []
    with pytest.raises(ValueError, match="not both"):
        count_verdicts(reading, CountBy.REASON, CountBy.STATE)


def test_verdicts_in_steps_of_time(workspace: Workspace):
    given = [
        (LABEL, REJECTED, 5),
        (OTHER, REJECTED, 9),
        (TRACK, ACCEPTED, 9),
        (FRAME, ACCEPTED, 31),
    ]
    for subject, state, time_ns in given:
        workspace.run(SetVerdict(subject, state, given_ns=time_ns))
    workspace.run(SetVerdict(FRAME, SKIPPED, given_by="eve", given_ns=30))
    found = verdicts_in_time(workspace.reading, 10)
    assert [(each.start_ns, each.reviewer, each.state, each.count) for each in found] == [
        (0, "ann", ACCEPTED, 1), (0, "ann", REJECTED, 2),
        (30, "ann", ACCEPTED, 1), (30, "eve", SKIPPED, 1),
    ]  # fmt: skip
    assert [each.start_ns for each in verdicts_in_time(workspace.reading, 10, since_ns=20)] == [
        30
    ] * 2
    with pytest.raises(ValueError, match="longer"):
        verdicts_in_time(workspace.reading, 0)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([LABEL, OTHER, TRACK, FRAME, SCENE]), st.sampled_from(["ann", "bob"]),
            st.sampled_from(VerdictState), st.integers(1, 5),
        )
    )
)  # fmt: skip
def test_the_narrowest_and_then_the_newest_verdict_counts(tmp_path_factory, given_verdicts):
    path = tmp_path_factory.mktemp("cover") / "a.sightline"
    kept: dict[tuple[Subject, str], tuple[int, str, VerdictState]] = {}
    with Workspace.create(path, Reviewer("ann")) as workspace:
        for subject, reviewer, state, time_ns in given_verdicts:
            workspace.run(SetVerdict(subject, state, given_by=reviewer, given_ns=time_ns))
            kept[subject, reviewer] = (time_ns, reviewer, state)
        for label, track in ((LABEL, TRACK), (OTHER, None)):
            chain = [each for each in (label, track, FRAME, SCENE) if each is not None]
            said = [[kept[place] for place in kept if place[0] == each] for each in chain]
            expected = next((max(each)[2] for each in said if each), None)
            found = effective_verdict(workspace.reading, label, track)
            assert (found and found.verdict.state) == expected
