"""The rows that labels were read from, for a writer of the same format to keep what it can."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from viewer.scene.labels import FrameLabels


@dataclass(frozen=True, eq=False, slots=True)
class SourceRow:
    """One row of a file, decoded, with every key that it has."""

    format_name: str
    values: Mapping[str, Any]
    labels: FrameLabels
    """What this row alone is read as."""


@runtime_checkable
class SourceRows(Protocol):
    """A scene's reader that can hand over the rows behind its labels."""

    def read_source_rows(self, frame_index: int, label_set_id: str) -> Mapping[str, SourceRow]:
        """Return the row of each label id of a frame; labels without a row are left out."""
        ...
