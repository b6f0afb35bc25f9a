"""Who judged the same things, and what they said of them."""

from dataclasses import dataclass

from viewer.review.consensus.agreement import VerdictPair
from viewer.review.ledger import Reading
from viewer.review.verdicts.model import VerdictState


@dataclass(frozen=True, slots=True)
class SharedWork:
    """How many subjects two reviewers both have verdicts of."""

    first: str
    second: str
    count: int


def shared_work(reading: Reading) -> list[SharedWork]:
    """Return the pairs of reviewers who judged the same things, those with most in common first.

    Looks at every verdict: some seconds for a million, so off the main thread.
    """
    found = reading.query(
        "SELECT a.reviewer, b.reviewer, count(*) AS shared FROM verdicts a"
        " JOIN verdicts b ON b.subject = a.subject AND b.reviewer > a.reviewer"
        " GROUP BY a.reviewer, b.reviewer ORDER BY shared DESC, a.reviewer, b.reviewer"
    )
    return [SharedWork(*each) for each in found]


def verdict_pairs(
    reading: Reading, first: str, second: str, queue_id: str | None = None
) -> list[VerdictPair]:
    """Return what two reviewers said of the subjects that both gave a verdict of their own.

    Parameters
    ----------
    queue_id
        Only of what someone finished in this queue; None for everything.
    """
    done = " JOIN queue_done d ON d.queue_id = ? AND d.subject = a.subject"
    only = "" if queue_id is None else done
    found = reading.query(
        "SELECT a.subject, coalesce(b.class_name, a.class_name, ''), a.state, b.state"
        f" FROM verdicts a JOIN verdicts b ON b.subject = a.subject AND b.reviewer = ?{only}"
        " WHERE a.reviewer = ? ORDER BY a.subject",
        (second, *([] if queue_id is None else [queue_id]), first),
    )
    return [
        VerdictPair(key, class_name, (VerdictState(one), VerdictState(other)))
        for key, class_name, one, other in found
    ]
