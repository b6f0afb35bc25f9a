"""Many subjects at once, as the rows in which a workspace writes down what their keys mean."""

import hashlib
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import NamedTuple

from viewer.review.subject import KEY_BYTES, Subject, SubjectKind


class SubjectRow(NamedTuple):
    """A subject's key and names."""

    key: str
    kind: str
    dataset_id: str
    scene_id: str | None
    frame_key: str | None
    label_set_id: str | None
    label_id: str | None
    track_id: str | None

    @property
    def subject(self) -> Subject:
        """The subject itself."""
        return Subject(SubjectKind(self.kind), *self[2:])


def subject_row(subject: Subject) -> SubjectRow:
    """Return the row of one subject."""
    return SubjectRow(
        subject.key, str(subject.kind), subject.dataset_id, subject.scene_id, subject.frame_key,
        subject.label_set_id, subject.label_id, subject.track_id,
    )  # fmt: skip


def label_rows(
    dataset_id: str, scene_id: str, frame_key: str, label_set_id: str, label_ids: Iterable[str]
) -> Iterator[SubjectRow]:
    """Yield the rows of labels of one frame, six times as fast as one `Subject` after the other.

    Examples
    --------
    >>> row = next(label_rows("d", "street", "000042", "gt", ["18"]))
    >>> row.key == Subject.label("d", "street", "000042", "gt", "18").key
    True
    """
    kind = str(SubjectKind.LABEL)
    names = (kind, dataset_id, scene_id, frame_key, label_set_id)
    head = "[" + "".join(encode_basestring(name) + "," for name in names)
    begun = hashlib.blake2b(head.encode(), digest_size=KEY_BYTES)
    for label_id in label_ids:
        hashed = begun.copy()
        hashed.update(f"{encode_basestring(label_id)},null]".encode())
        yield SubjectRow(
            hashed.hexdigest(), kind, dataset_id, scene_id, frame_key, label_set_id, label_id, None
        )
