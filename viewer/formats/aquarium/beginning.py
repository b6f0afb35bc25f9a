"""Reads a scene of which only the first rows of the files are known."""

from collections.abc import Mapping, Sequence

from viewer.formats.aquarium.index import AquariumIndex, FrameEntry
from viewer.formats.aquarium.reader import AquariumReader, label_rows
from viewer.formats.cuboid_columns import CuboidColumns
from viewer.formats.data_urls import DataPlaces
from viewer.formats.growth import Deferred
from viewer.formats.json_lines import RowPlace
from viewer.formats.problem_log import ProblemLog
from viewer.scene.scene import Problem

WholeIndex = Deferred[tuple[AquariumIndex, tuple[Problem, ...]]]


class BeginningReader(AquariumReader):
    """Adds `LabelsFollow`: labels further down in the files are those of the whole index.

    Parameters
    ----------
    whole
        The index of all rows, which is made when it is first asked for.
    """

    def __init__(
        self,
        whole: WholeIndex,
        places: DataPlaces,
        entries: Sequence[FrameEntry],
        class_names: Mapping[int, str],
        problems: ProblemLog,
    ) -> None:
        super().__init__(places, entries, class_names, problems)
        self._whole = whole

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        first = label_rows(self.entries[frame_index], label_set_id)
        return bool(first) or self._whole.is_there

    def label_rows(self, frame_index: int, label_set_id: str) -> Sequence[RowPlace]:
        entry = self.entries[frame_index]
        first = label_rows(entry, label_set_id)
        if first and not self._whole.is_there:
            return first
        index, _ = self._whole.result()
        known = index.frames.get(entry.frame_id)
        return [] if known is None else label_rows(known, label_set_id)

    def taken_ahead(self, frame_index: int, label_set_id: str) -> CuboidColumns | None:
        # The rows of a frame change when the whole index is there.
        return None
