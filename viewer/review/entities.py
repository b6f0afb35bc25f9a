"""All kinds of rows of a workspace, by their part of the product."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from viewer.review.bookmarks.entities import BOOKMARKS
from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.datasets.entities import DATASETS, DELIVERIES, REVIEWERS, SETTINGS
from viewer.review.dismissals.entities import DISMISSALS
from viewer.review.edits.entities import LABEL_EDITS
from viewer.review.entity import Entity
from viewer.review.issues.entities import COMMENTS, ELEMENTS, ISSUE_LABELS, ISSUES
from viewer.review.marks.entities import MARKS
from viewer.review.queues.entities import QUEUE_BATCHES, QUEUE_DONE, QUEUES
from viewer.review.slices.entities import SLICE_MEMBERS, SLICES
from viewer.review.splits.entities import SPLITS
from viewer.review.tags.entities import TAGS
from viewer.review.tasks.entities import TASK_ITEMS, TASKS
from viewer.review.verdicts.entities import VERDICTS
from viewer.review.versions.entities import VERSION_SCENES, VERSIONS

ENTITIES: Final[tuple[Entity, ...]] = (
    REVIEWERS,
    DATASETS,
    DELIVERIES,
    SETTINGS,
    VERDICTS,
    QUEUES,
    QUEUE_BATCHES,
    QUEUE_DONE,
    TASKS,
    TASK_ITEMS,
    ISSUES,
    ISSUE_LABELS,
    ELEMENTS,
    COMMENTS,
    BOOKMARKS,
    SLICES,
    SLICE_MEMBERS,
    TAGS,
    VERSIONS,
    VERSION_SCENES,
    SPLITS,
    LABEL_EDITS,
    MARKS,
    DISMISSALS,
    MERGE_CONFLICTS,
)
_BY_NAME: Mapping[str, Entity] = MappingProxyType({each.name: each for each in ENTITIES})


def entity_named(name: str) -> Entity:
    """Return an entity; KeyError for a name that this version does not know."""
    return _BY_NAME[name]
