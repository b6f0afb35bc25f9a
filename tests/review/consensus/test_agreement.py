import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.consensus.agreement import VerdictPair, agreement, agreement_by_class
from viewer.review.consensus.reading import SharedWork, shared_work, verdict_pairs
from viewer.review.verdicts.model import VerdictState

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState


def pairs(*counted: tuple[VerdictState, VerdictState, int], class_name="car"):
    return [
        VerdictPair("", class_name, (one, other))
        for one, other, count in counted
        for _ in range(count)
    ]


def test_kappa_by_hand():
    """The usual textbook table: 20 and 15 agreed of 50, 5 and 10 not.

    Observed 35/50 = 0.7; by chance (25*30 + 25*20) / 50^2 = 0.5; kappa (0.7-0.5)/(1-0.5) = 0.4.
    """
    found = agreement(pairs(
        (ACCEPTED, ACCEPTED, 20), (ACCEPTED, REJECTED, 5),
        (REJECTED, ACCEPTED, 10), (REJECTED, REJECTED, 15),
    ))  # fmt: skip
    assert (found.total, found.agreed) == (50, 35)
    assert found.share == pytest.approx(0.7)
    assert found.expected_share == pytest.approx(0.5)
    assert found.kappa == pytest.approx(0.4)


def test_kappa_of_three_states_by_hand():
    """Rows 10/2/0, 1/6/1, 0/2/3 of 25: observed 19/25; by chance (12*11+8*10+5*4)/625 = 232/625.

    kappa = (475 - 232) / (625 - 232) = 243/393.
    """
    states = (ACCEPTED, REJECTED, NEEDS_FIX)
    table = [[10, 2, 0], [1, 6, 1], [0, 2, 3]]
    found = agreement(pairs(*(
        (states[row], states[column], table[row][column])
        for row in range(3) for column in range(3)
    )))  # fmt: skip
    assert found.kappa == pytest.approx(243 / 393)


def test_skipped_is_no_judgement_and_is_counted_apart():
    found = agreement(pairs(
        (ACCEPTED, ACCEPTED, 3), (SKIPPED, ACCEPTED, 2), (SKIPPED, SKIPPED, 1)
    ))  # fmt: skip
    assert (found.total, found.skipped, found.share) == (3, 3, 1.0)
    assert found.kappa is None


def test_without_anything_in_common_nothing_is_claimed():
    found = agreement([])
    assert (found.total, found.share, found.expected_share, found.kappa) == (0, None, None, None)


def test_each_class_has_its_own():
    found = agreement_by_class([
        *pairs((ACCEPTED, ACCEPTED, 3), (ACCEPTED, REJECTED, 1)),
        *pairs((REJECTED, REJECTED, 2), class_name="bus"),
    ])  # fmt: skip
    assert list(found) == ["bus", "car"]
    assert found["car"].share == 0.75
    assert found["bus"].share == 1.0


JUDGED = st.sampled_from([ACCEPTED, REJECTED, NEEDS_FIX])


@given(st.lists(st.tuples(JUDGED, JUDGED), min_size=1))
def test_kappa_does_not_depend_on_who_is_first_and_is_at_most_one(said):
    found = agreement(VerdictPair("", "", each) for each in said)
    turned = agreement(VerdictPair("", "", each[::-1]) for each in said)
    assert found.share == turned.share
    if found.kappa is None:
        assert len({state for each in said for state in each}) == 1
    else:
        assert turned.kappa == pytest.approx(found.kappa)
        assert found.kappa <= 1
        assert (found.kappa == 1) == all(one is other for one, other in said)


def test_pairs_are_what_both_judged_themselves(workspace: Workspace):
    frames = [Subject.frame("d", "street", f"{n}") for n in range(4)]
    for subject, state in zip(frames[:3], (ACCEPTED, REJECTED, ACCEPTED), strict=True):
        workspace.run(SetVerdict(subject, state, class_name="car"))
    workspace.reviewer = Reviewer("bob")
    for subject, state in zip(frames[1:], (REJECTED, NEEDS_FIX, ACCEPTED), strict=True):
        workspace.run(SetVerdict(subject, state))
    reading = workspace.reading
    assert shared_work(reading) == [SharedWork("ann", "bob", 2)]
    found = {each.subject_key: each for each in verdict_pairs(reading, "ann", "bob")}
    assert found == {
        frames[1].key: VerdictPair(frames[1].key, "car", (REJECTED, REJECTED)),
        frames[2].key: VerdictPair(frames[2].key, "car", (ACCEPTED, NEEDS_FIX)),
    }
    assert [each.states for each in verdict_pairs(reading, "bob", "ann")] == [
        each.states[::-1] for each in verdict_pairs(reading, "ann", "bob")
    ]
    assert verdict_pairs(reading, "ann", "eve") == []
    workspace.run(CreateQueue("5" * 32, "some", frames))
    workspace.run(FinishItem("5" * 32, frames[2].key))
    in_queue = verdict_pairs(reading, "ann", "bob", "5" * 32)
    assert [each.subject_key for each in in_queue] == [frames[2].key]
