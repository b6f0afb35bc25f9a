"""Nucleus data as they are: the bytes of their payloads, with rows left out that nobody chose.

Nothing is decoded and encoded again, so that every value, unknown keys and the order of keys stay.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.data_urls import UnmappedUrl, resolve_url
from viewer.formats.nucleus.annotation_file import AnnotationSpans
from viewer.formats.nucleus.label_index import LabelIndex
from viewer.formats.nucleus.payload import Payload
from viewer.formats.nucleus.scene_items import SceneItems, items_of
from viewer.formats.nucleus.source import NucleusSource
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.edited_rows import EditedRows
from viewer.progress import JobContext

Rows = npt.NDArray[np.bool_]
Range = tuple[int, int]


class SourceCopy:
    """One run over a dataset.

    Parameters
    ----------
    source
        Its payloads.
    chosen
        The scenes to write.
    root
        Folder to write into; None only notes what cannot be copied.
    edited
        Annotations that are written otherwise, or not at all.
    """

    def __init__(
        self,
        source: NucleusSource,
        chosen: Sequence[SceneItems],
        root: Path | None,
        options: WriteOptions,
        losses: LossLog,
        edited: EditedRows | None = None,
    ) -> None:
        self._edited = edited or {}
        self._source = source
        self._chosen = list(chosen)
        self._root = root
        self._options = options
        self._losses = losses
        self._starts = {(scene.path, scene.start) for scene in chosen if scene.path is not None}
        self._starts |= {(frame.path, frame.start) for scene in chosen for frame in scene.frames}
        self._whole = len(self._chosen) == sum(1 for scene in source.scenes if scene.frame_count)
        self._kept = None if self._whole else self._kept_rows()

    def run(self, context: JobContext) -> None:
        """Copy payloads, then what they refer to."""
        for payload in context.track(self._source.payloads, "Copying payloads"):
            self._copy_payload(payload)
        if self._options.labels_only:
            return
        for scene in self._chosen:
            for frame in context.track(scene.frames, "Copying clouds and images"):
                for item in frame.items.values():
                    if item.source:
                        self._copy(item.source, frame.path)
        self._copy_masks()

    def _copy_payload(self, payload: Payload) -> None:
        if self._options.labels_only and not (payload.annotations or payload.predictions):
            return
        left_out = sorted(self._left_out(payload))
        if left_out and not self._has_rows_left(payload):
            return
        if self._root is None:
            return
        target = self._root / payload.path.relative_to(self._source.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        changed = list(self._changed(payload))
        if not (left_out or changed):
            shutil.copyfile(payload.path, target)
            return
        view = payload.file.data.data
        with target.open("wb") as file:
            at = 0
            for (start, end), new in sorted([*((each, b"") for each in left_out), *changed]):
                if start >= at:
                    file.write(view[at:start])
                    file.write(new)
                at = max(at, end)
            file.write(view[at:])

    def _changed(self, payload: Payload) -> Iterator[tuple[Range, bytes]]:
        """Yield the bytes of annotations that are written otherwise, and what is written."""
        for spans in (*payload.annotations, *payload.predictions):
            for row, new in self._edited.get(id(spans), {}).items():
                if new is not None:
                    yield (int(spans.starts[row]), int(spans.ends[row])), new

    def _left_out(self, payload: Payload) -> Iterator[Range]:
        """Yield the bytes of rows that were not chosen, with the commas between them."""
        if not self._whole:
            known = {(payload.path, each.start) for each in payload.scenes}
            known |= {(payload.path, each.start) for each in payload.items}
            for starts, ends in payload.lists:
                keep = [
                    (payload.path, start) not in known or (payload.path, start) in self._starts
                    for start in starts.tolist()
                ]
                yield from _gaps(starts, ends, np.array(keep, dtype=bool))
        for spans in (*payload.annotations, *payload.predictions):
            yield from _gaps(spans.starts, spans.ends, self._keep(spans))

    def _has_rows_left(self, payload: Payload) -> bool:
        spans = (*payload.annotations, *payload.predictions)
        if any(self._keep(each).any() for each in spans):
            return True
        starts = [each.start for each in payload.scenes] + [each.start for each in payload.items]
        facts = payload.taxonomies or payload.slices or payload.dataset
        own = (self._whole or (payload.path, start) in self._starts for start in starts)
        return bool(facts) or any(own)

    def _keep(self, spans: AnnotationSpans) -> Rows:
        keep = self._chosen_rows(spans)
        gone = [row for row, new in self._edited.get(id(spans), {}).items() if new is None]
        if gone:
            keep = keep.copy()
            keep[gone] = False
        return keep

    def _chosen_rows(self, spans: AnnotationSpans) -> Rows:
        wanted = self._options.label_set_id
        if wanted is not None and wanted != self._label_set_of(spans).label_set_id:
            return np.zeros(len(spans), dtype=bool)
        if self._kept is None:
            return np.ones(len(spans), dtype=bool)
        return self._kept.get(id(spans), np.zeros(len(spans), dtype=bool))

    def _label_set_of(self, spans: AnnotationSpans) -> LabelIndex:
        return next(
            index for index in self._source.labels if any(each is spans for each in index.spans)
        )

    def _kept_rows(self) -> dict[int, Rows]:
        """Return which rows of each list belong to the chosen scenes."""
        owners = {item.item_id for _, item in items_of(self._chosen)}
        owners |= {scene.scene_id for scene in self._chosen}
        owners |= {f.key for scene in self._chosen for f in scene.frames if not f.items}
        kept: dict[int, Rows] = {}
        for index in self._source.labels:
            for spans in index.spans:
                kept[id(spans)] = np.zeros(len(spans), dtype=bool)
            for owner in owners:
                for number, rows in index.rows.get(owner):
                    kept[id(index.spans[number])][rows] = True
        return kept

    def _copy_masks(self) -> None:
        for payload in self._source.payloads:
            for spans in (*payload.annotations, *payload.predictions):
                if self._keep(spans).any():
                    for url in spans.mask_urls:
                        self._copy(url, payload.path)

    def _copy(self, url: str, named_in: Path) -> None:
        """Copy a file to the same place below the target; a remote one stays an address."""
        try:
            path = resolve_url(url, self._source.root, named_in.parent)
        except UnmappedUrl:
            return
        if Path(url).is_absolute() or "://" in url:
            why = "is written as it is and names the source's own file"
            self._losses.add("absolute address", str(named_in), why)
            return
        if not path.is_file():
            self._losses.add("file", str(path), "is missing")
            return
        if self._root is None:
            return
        target = self._root / path.relative_to(self._source.root)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _gaps(
    starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], keep: Rows
) -> Iterator[Range]:
    """Yield the bytes to leave out of a list so that no comma stays alone.

    Examples
    --------
    >>> starts, ends = np.array([1, 4, 7]), np.array([2, 5, 8])  # [a, b, c]
    >>> list(_gaps(starts, ends, np.array([False, True, False])))
    [(1, 4), (5, 8)]
    """
    if keep.all():
        return
    edges = np.flatnonzero(np.diff(np.concatenate([[True], keep, [True]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2).tolist():
        if last < len(keep):
            yield int(starts[first]), int(starts[last])
        elif first > 0:
            yield int(ends[first - 1]), int(ends[last - 1])
        else:
            yield int(starts[0]), int(ends[-1])
