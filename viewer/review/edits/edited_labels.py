"""Labels of a frame with their edits, and what was delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from viewer.review.edits.model import LabelEdit
from viewer.scene.kept_rows import kept_cuboids
from viewer.scene.labels import CuboidLabels, FrameLabels


@dataclass(frozen=True, eq=False, slots=True)
class EditedLabels(FrameLabels):
    """What reviewers made of the labels; deleted ones are not among them."""

    delivered: FrameLabels = field(
        default_factory=lambda: FrameLabels(CuboidLabels.empty("world")), kw_only=True
    )
    edits: Mapping[str, LabelEdit] = field(
        default_factory=lambda: MappingProxyType({}), kw_only=True
    )
    """Those that count, by label id; of labels that the frame no longer has too."""
    stale: Mapping[str, LabelEdit] = field(
        default_factory=lambda: MappingProxyType({}), kw_only=True
    )
    """Those that do not count: they were made about the label as it was in a former delivery."""

    @property
    def missing(self) -> frozenset[str]:
        """Labels with an edit that the frame does not have."""
        labels = self.delivered
        columns = (labels.cuboids, labels.boxes_2d, labels.shapes_2d)
        items = (*labels.masks, *labels.classifications, *labels.text_tokens)
        known = {name for each in columns for name in each.label_ids}
        return frozenset(self.edits.keys() - known - {item.label_id for item in items})

    def original_cuboids(self) -> CuboidLabels:
        """Cuboids as delivered, of labels whose box was changed or that were deleted."""
        labels = self.delivered.cuboids
        other = [
            edit is not None and (edit.moves_box or edit.deleted)
            for edit in map(self.edits.get, labels.label_ids)
        ]
        return kept_cuboids(labels, np.array(other, dtype=bool))


def delivered_labels(labels: FrameLabels) -> FrameLabels:
    """Return the labels without edits."""
    return labels.delivered if isinstance(labels, EditedLabels) else labels


def edit_of(labels: FrameLabels, label_id: str) -> LabelEdit | None:
    """Return the edit of a label, None where it is as delivered."""
    return labels.edits.get(label_id) if isinstance(labels, EditedLabels) else None
