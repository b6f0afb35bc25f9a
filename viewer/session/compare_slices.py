"""Slices of the open workspace as parts of a comparison."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.scenarios import Scenario
from viewer.progress import JobContext
from viewer.review import Reading, SubjectKind, Workspace
from viewer.review.slices.reading import Slice, member_rows, slices


def slices_of(
    context: JobContext, workspace: Workspace, dataset_id: str, truth: EvaluatedObjects,
    label_set_id: str,
) -> tuple[Scenario, ...]:  # fmt: skip
    """Return every slice that has frames or labels of the compared ones; runs on any thread."""
    reading, connection = workspace.another_reading()
    try:
        places = _Places(truth, label_set_id, dataset_id)
        found = []
        for each in context.track(slices(reading), "Reading slices"):
            scenario = places.scenario(reading, each)
            if scenario is not None:
                found.append(scenario)
        return tuple(found)
    finally:
        connection.close()


class _Places:
    """Rows of frames and labels by their names."""

    def __init__(self, truth: EvaluatedObjects, label_set_id: str, dataset_id: str) -> None:
        self._truth, self._set_id, self._dataset_id = truth, label_set_id, dataset_id
        frames = truth.frames
        scenes = [frames.scene_ids[row] for row in frames.scene_of_frame.tolist()]
        names = enumerate(zip(scenes, frames.keys, strict=True))
        self._frames: Mapping[tuple[str, str], int] = {name: row for row, name in names}
        self._of_scene: dict[str, list[int]] = defaultdict(list)
        for row, name in enumerate(scenes):
            self._of_scene[name].append(row)
        self._offsets = truth.frame_offsets()

    def scenario(self, reading: Reading, each: Slice) -> Scenario | None:
        """One slice; None where it has nothing of these frames."""
        frames: set[int] = set()
        labels: set[int] = set()
        for row in member_rows(reading, each.slice_id):
            if row.dataset_id != self._dataset_id:
                continue
            if row.kind == SubjectKind.SCENE:
                frames.update(self._of_scene.get(row.scene_id or "", ()))
            elif row.kind == SubjectKind.FRAME:
                frame = self._frames.get((row.scene_id or "", row.frame_key or ""))
                frames.update(() if frame is None else (frame,))
            elif row.kind == SubjectKind.LABEL and row.label_set_id == self._set_id:
                labels.update(self._label(row.scene_id, row.frame_key, row.label_id))
            elif row.kind == SubjectKind.TRACK and row.label_set_id == self._set_id:
                labels.update(self._track(row.scene_id, row.track_id))
        if labels and not frames:
            own = sorted(labels)
            return Scenario(
                each.name, np.unique(self._truth.frame_rows[own]).tolist(), own, "slice",
                each.slice_id,
            )  # fmt: skip
        return Scenario(each.name, sorted(frames), None, "slice", each.slice_id) if frames else None

    def _label(self, scene: str | None, key: str | None, label_id: str | None) -> list[int]:
        frame = self._frames.get((scene or "", key or ""))
        if frame is None:
            return []
        rows = range(int(self._offsets[frame]), int(self._offsets[frame + 1]))
        return [row for row in rows if self._truth.label_ids[row] == label_id]

    def _track(self, scene: str | None, track_id: str | None) -> list[int]:
        tracks = self._truth.track_rows
        if tracks is None or track_id not in self._truth.track_ids:
            return []
        own = tracks == self._truth.track_ids.index(track_id)
        frames = self._of_scene.get(scene or "", [])
        within = np.isin(self._truth.frame_rows, frames)
        found: list[int] = np.flatnonzero(own & within).tolist()
        return found
