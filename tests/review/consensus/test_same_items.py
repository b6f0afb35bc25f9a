import pytest

from viewer.review import Subject, Workspace
from viewer.review.consensus.same_items import same_items_for
from viewer.review.queues.plan import QueuePlan
from viewer.review.queues.reading import next_item, queues

FRAMES = [Subject.frame("d", "street", f"{number:06}") for number in range(3)]
PLAN = QueuePlan.of(FRAMES)


def test_each_reviewer_gets_all_items_in_one_step(workspace: Workspace):
    workspace.run(same_items_for("night", PLAN, ["ann", "bob"]))
    found = {each.name: each for each in queues(workspace.reading)}
    assert set(found) == {"night (ann)", "night (bob)"}
    assert {each.total for each in found.values()} == {3}
    assert found["night (ann)"].origin == "by hand, the same for ann and bob"
    bobs = found["night (bob)"].queue_id
    assert next_item(workspace.reading, bobs, "bob") == FRAMES[0].key
    assert next_item(workspace.reading, bobs, "ann") is None
    workspace.undo()
    assert queues(workspace.reading) == []


@pytest.mark.parametrize("reviewers", [[], ["ann"], ["ann", "ann"], ["ann", "bob", "ann"]])
def test_agreement_needs_two(reviewers):
    with pytest.raises(ValueError, match="two reviewers"):
        same_items_for("night", PLAN, reviewers)
