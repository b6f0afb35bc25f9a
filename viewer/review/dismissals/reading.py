"""Reading which findings of a dataset were dismissed."""

from dataclasses import dataclass

from viewer.review.dismissals.entities import DISMISSALS
from viewer.review.ledger import Reading
from viewer.review.subject import Subject
from viewer.review.verdicts.reading import subject_from


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that a person found to be none. It holds as long as the label is the same."""

    subject: Subject
    check_id: str
    detail: str
    reason: str
    reviewer: str
    time_ns: int
    snapshot_hash: str | None
    """The label as it was delivered; None where the finding accuses no label."""
    shown_hash: str | None
    """The label as it was edited then."""


def dismissals(reading: Reading, dataset_id: str) -> list[Dismissal]:
    """Return every dismissed finding of a dataset, the oldest first."""
    names = tuple(DISMISSALS.columns)[1:]
    sql = (
        "SELECT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        f" s.track_id, {', '.join(f'd.{name}' for name in names)} FROM dismissals d"
        " CROSS JOIN subjects s ON s.key = d.subject WHERE s.dataset_id = ?"
        " ORDER BY d.time_ns, d.key"
    )
    return [
        Dismissal(subject_from(each[:7]), *each[7:]) for each in reading.query(sql, (dataset_id,))
    ]
