"""Everything on which two reviewers can agree or not, for a report or a panel."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from viewer.review.consensus.agreement import (
    Agreement,
    VerdictPair,
    agreement,
    agreement_by_class,
)
from viewer.review.consensus.boxes import (
    BoxAgreement,
    LabelComparison,
    SameBox,
    box_agreement,
    box_agreement_by_class,
    compare_labels,
)
from viewer.review.consensus.reading import verdict_pairs
from viewer.review.consensus.versions import versions_by_reviewer
from viewer.review.datasets.known_thresholds import (
    CONSENSUS_CENTRE_M,
    CONSENSUS_HEADING_DEG,
    CONSENSUS_IOU,
    threshold,
)
from viewer.review.ledger import Reading


@dataclass(frozen=True, slots=True)
class Consensus:
    """How far two reviewers agree."""

    first: str
    second: str
    verdicts: Agreement
    verdicts_by_class: Mapping[str, Agreement]
    disagreements: tuple[VerdictPair, ...]
    """Subjects of which they said different things, skipped ones left out: to be looked at."""
    boxes: BoxAgreement
    boxes_by_class: Mapping[str, BoxAgreement]
    labels: tuple[LabelComparison, ...]
    """Labels that both changed, least overlap first, those without boxes last."""


def consensus(reading: Reading, first: str, second: str, queue_id: str | None = None) -> Consensus:
    """Compare two reviewers: verdicts of the same subjects, and labels that both changed.

    Parameters
    ----------
    queue_id
        Only verdicts of what someone finished in this queue; None for everything.
    """
    pairs = verdict_pairs(reading, first, second, queue_id)
    labels = compare_labels(versions_by_reviewer(reading, first, second), first, second)
    limits = same_box_limits(reading)
    return Consensus(
        first,
        second,
        agreement(pairs),
        agreement_by_class(pairs),
        tuple(pair for pair in pairs if pair.is_judged and not pair.agrees),
        box_agreement(labels, limits),
        box_agreement_by_class(labels, limits),
        tuple(sorted(labels, key=lambda each: 2.0 if each.iou_3d is None else each.iou_3d)),
    )


def same_box_limits(reading: Reading) -> SameBox:
    """Return within what the workspace takes two boxes for the same."""
    return SameBox(
        threshold(reading, CONSENSUS_IOU),
        threshold(reading, CONSENSUS_CENTRE_M),
        math.radians(threshold(reading, CONSENSUS_HEADING_DEG)),
    )
