"""All steps of the schema, in order; a file's version is the number of steps it has gone."""

from typing import Final

from viewer.review.store.migrations import (
    m0001_journal,
    m0002_verdicts,
    m0003_issues,
    m0004_slices,
    m0005_edits,
    m0006_merge,
    m0007_dismissals,
)

STEPS: Final[tuple[str, ...]] = (
    m0001_journal.SQL,
    m0002_verdicts.SQL,
    m0003_issues.SQL,
    m0004_slices.SQL,
    m0005_edits.SQL,
    m0006_merge.SQL,
    m0007_dismissals.SQL,
)
