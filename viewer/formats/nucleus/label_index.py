"""Label sets: where the annotations of each item or scene lie."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from viewer.formats.growth import Deferred
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places
from viewer.formats.nucleus.payload import Payload
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import LabelSetKind

ANNOTATIONS_ID = "annotations"


class OwnedRows:
    """Rows of some lists of annotations by the reference id that they belong to.

    Parameters
    ----------
    names
        Reference ids.
    owners
        (entries,) position in `names`, ascending.
    numbers
        (entries,) position of the list.
    offsets
        (entries + 1,) where the rows of each entry begin.
    rows
        (N,) rows within their list.
    """

    def __init__(
        self,
        names: Sequence[str],
        owners: npt.NDArray[np.int32],
        numbers: npt.NDArray[np.int32],
        offsets: npt.NDArray[np.int64],
        rows: Places,
    ) -> None:
        self.names = names
        self.owners = owners
        self.numbers = numbers
        self.offsets = offsets
        self.rows = rows
        self._place = {name: number for number, name in enumerate(names)}
        self._first = np.searchsorted(owners, np.arange(len(names) + 1))

    @classmethod
    def from_lists(cls, lists: Sequence[Mapping[str, Places]]) -> "OwnedRows":
        """Join the rows by reference id of each list."""
        place: dict[str, int] = {}
        entries: list[tuple[int, int, Places]] = []
        for number, own in enumerate(lists):
            for name, rows in own.items():
                entries.append((place.setdefault(name, len(place)), number, rows))
        entries.sort(key=lambda entry: entry[:2])
        lengths = [len(rows) for _, _, rows in entries]
        return cls(
            list(place),
            np.array([owner for owner, _, _ in entries], dtype=np.int32),
            np.array([number for _, number, _ in entries], dtype=np.int32),
            np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
            np.concatenate([np.empty(0, np.int64), *(rows for _, _, rows in entries)]),
        )

    def get(self, name: str) -> list[tuple[int, Places]]:
        """Return (position of the list, rows) of a reference id, nothing for an unknown one."""
        owner = self._place.get(name)
        if owner is None:
            return []
        first, last = int(self._first[owner]), int(self._first[owner + 1])
        return [
            (int(self.numbers[each]), self.rows[self.offsets[each] : self.offsets[each + 1]])
            for each in range(first, last)
        ]

    def require_within(self, lengths: Sequence[int]) -> None:
        """Raise ValueError when it does not fit lists of these lengths."""
        entries = len(self.owners)
        same = len(self.numbers) == entries and len(self.offsets) == entries + 1
        if not same or self.offsets[0] != 0 or self.offsets[-1] != len(self.rows):
            raise ValueError("lengths differ")
        if not entries:
            return
        counts = np.diff(self.offsets)
        numbers_fit = self.numbers.min() >= 0 and self.numbers.max() < len(lengths)
        if not (numbers_fit and counts.min() >= 0 and (np.diff(self.owners) >= 0).all()):
            raise ValueError("out of range")
        limits = np.repeat(np.asarray(lengths, dtype=np.int64)[self.numbers], counts)
        if not ((self.rows >= 0) & (self.rows < limits)).all():
            raise ValueError("rows out of range")

    def __contains__(self, name: str) -> bool:
        return name in self._place

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class LabelIndex:
    """One label set, indexed when its labels are first asked for.

    Parameters
    ----------
    label_set_id, kind
        What it is.
    spans
        Its lists of annotations.
    index
        Returns the rows by owner, and the names of all classes.
    """

    def __init__(
        self,
        label_set_id: str,
        kind: LabelSetKind,
        spans: Sequence[AnnotationSpans],
        index: Callable[[], tuple[OwnedRows, set[str]]],
    ) -> None:
        self.label_set_id = label_set_id
        self.kind = kind
        self.spans = spans
        self._found = Deferred(lambda _: index())

    @property
    def is_indexed(self) -> bool:
        """True once `rows` are there."""
        return self._found.is_there

    @property
    def rows(self) -> OwnedRows:
        """Rows by reference id; waits until they are indexed."""
        return self._found.result()[0]

    @property
    def class_names(self) -> set[str]:
        """Classes of all its labels, of some of them as long as it is not indexed."""
        if self.is_indexed:
            return self._found.result()[1]
        return {name for spans in self.spans for name in spans.some_labels()}


def label_indexes(
    payloads: Sequence[Payload], problems: ProblemLog, id_of_item: Callable[[str], str]
) -> list[LabelIndex]:
    """Return one index of all annotations, and one a file of predictions."""

    def index(spans: Sequence[AnnotationSpans]) -> tuple[OwnedRows, set[str]]:
        lists: list[Mapping[str, Places]] = []
        class_names: set[str] = set()
        for each in spans:
            rows, labels = each.belongings(problems, id_of_item)
            lists.append(rows)
            class_names |= labels
        return OwnedRows.from_lists(lists), class_names

    return [
        LabelIndex(name, kind, spans, lambda spans=spans: index(spans))  # type: ignore[misc]
        for name, kind, spans in label_sets(payloads)
    ]


def label_sets(
    payloads: Sequence[Payload],
) -> Iterator[tuple[str, LabelSetKind, list[AnnotationSpans]]]:
    """Yield id, kind and annotations of each label set."""
    truth = [spans for payload in payloads for spans in payload.annotations]
    if truth:
        yield ANNOTATIONS_ID, LabelSetKind.GROUND_TRUTH, truth
    stems = [payload.path.stem for payload in payloads if payload.predictions]
    taken = {ANNOTATIONS_ID}
    for payload in payloads:
        if payload.predictions:
            stem = payload.path.stem
            name = stem if stems.count(stem) == 1 and stem not in taken else str(payload.path)
            taken.add(name)
            yield name, LabelSetKind.PREDICTIONS, payload.predictions
