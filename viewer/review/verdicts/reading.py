"""Reading verdicts: one subject's, those that cover a label, a frame's, lists for export."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.review.entity import Row
from viewer.review.ledger import Reading
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.entities import VERDICTS
from viewer.review.verdicts.model import Verdict, VerdictState

NEWEST_FIRST = "ORDER BY time_ns DESC, reviewer DESC"
"""Of two verdicts of one subject the newer one counts."""
KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class LabelSubjects:
    """A label and what else may carry a verdict on it."""

    label: Subject
    track: Subject | None = None

    @property
    def widening(self) -> tuple[Subject, ...]:
        """The label, its track, frame and scene: the first that has a verdict tells."""
        label = self.label
        if label.scene_id is None or label.frame_key is None:
            raise ValueError(f"{label.text} is no label")
        frame = Subject.frame(label.dataset_id, label.scene_id, label.frame_key)
        scene = Subject.scene(label.dataset_id, label.scene_id)
        return tuple(each for each in (label, self.track, frame, scene) if each is not None)


@dataclass(frozen=True, slots=True)
class EffectiveVerdict:
    """The verdict that counts for a label, and whose it is."""

    verdict: Verdict
    given_to: Subject
    """The label itself, or the track, frame or scene that covers it."""


def verdict_of(
    reading: Reading, subject: Subject | str, reviewer: str | None = None
) -> Verdict | None:
    """Return the newest verdict of a subject itself, or one reviewer's; None when there is none.

    Parameters
    ----------
    subject
        The subject or its key.
    """
    key = subject if isinstance(subject, str) else subject.key
    if reviewer is not None:
        mine = reading.row(VERDICTS, VERDICTS.key_of({"subject": key, "reviewer": reviewer}))
        return None if mine is None else _verdict(mine)
    found = reading.rows(VERDICTS, f"WHERE subject = ? {NEWEST_FIRST} LIMIT 1", (key,))
    return _verdict(found[0]) if found else None


def verdicts_of(reading: Reading, subject: Subject | str) -> list[Verdict]:
    """Return all reviewers' verdicts of a subject itself, newest first."""
    key = subject if isinstance(subject, str) else subject.key
    found = reading.rows(VERDICTS, f"WHERE subject = ? {NEWEST_FIRST}", (key,))
    return [_verdict(row) for row in found]


def effective_verdict(
    reading: Reading, label_subject: Subject, track_subject: Subject | None = None
) -> EffectiveVerdict | None:
    """Return the verdict that counts for a label: its own, else track's, frame's, scene's."""
    return effective_verdicts(reading, [LabelSubjects(label_subject, track_subject)])[0]


def effective_verdicts(
    reading: Reading, labels: Sequence[LabelSubjects]
) -> list[EffectiveVerdict | None]:
    """Return for each label the verdict that counts for it; a few queries for all."""
    chains = [each.widening for each in labels]
    keys = {subject: subject.key for subject in {each for chain in chains for each in chain}}
    newest = newest_verdicts(reading, keys.values())
    found: list[EffectiveVerdict | None] = []
    for chain in chains:
        judged = next((each for each in chain if keys[each] in newest), None)
        found.append(None if judged is None else EffectiveVerdict(newest[keys[judged]], judged))
    return found


def newest_verdicts(reading: Reading, subject_keys: Iterable[str]) -> dict[str, Verdict]:
    """Return the newest verdict of each subject that has one, by its key."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts_of_all(reading, subject_keys):
        found.setdefault(verdict.subject_key, verdict)
    return found


def verdicts_of_all(reading: Reading, subject_keys: Iterable[str]) -> Iterator[Verdict]:
    """Yield all reviewers' verdicts of subjects; a subject's newest comes before its others."""
    keys = list(subject_keys)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        marks = ", ".join("?" * len(part))
        for row in reading.rows(VERDICTS, f"WHERE subject IN ({marks}) {NEWEST_FIRST}", part):
            yield _verdict(row)


def verdicts_in_frame(
    reading: Reading, dataset_id: str, scene_id: str, frame_key: str
) -> dict[Subject, Verdict]:
    """Return the newest verdict of a frame and of each of its labels that has one."""
    return _verdicts_where(
        reading,
        "s.dataset_id = ? AND s.scene_id = ? AND s.frame_key = ?",
        (dataset_id, scene_id, frame_key),
    )


def verdicts_of_tracks(reading: Reading, dataset_id: str, scene_id: str) -> dict[Subject, Verdict]:
    """Return the newest verdict of a scene and of each of its tracks that has one."""
    return _verdicts_where(
        reading,
        "s.dataset_id = ? AND s.scene_id = ? AND s.frame_key IS NULL",
        (dataset_id, scene_id),
    )


def all_verdicts(
    reading: Reading,
    *,
    state: VerdictState | None = None,
    reviewer: str | None = None,
    limit: int | None = None,
) -> list[tuple[Subject, Verdict]]:
    """Return verdicts with their subjects, newest first, e.g. for a list or an export."""
    where = {"v.state = ?": state, "v.reviewer = ?": reviewer}
    asked = {clause: str(value) for clause, value in where.items() if value is not None}
    clause = f"WHERE {' AND '.join(asked)}" if asked else ""
    order = "ORDER BY v.time_ns DESC, v.reviewer DESC"
    rest = f"{clause} {order} LIMIT {-1 if limit is None else int(limit)}"
    return list(_with_subjects(reading, rest, tuple(asked.values())))


def _verdicts_where(reading: Reading, clause: str, values: Sequence[Any]) -> dict[Subject, Verdict]:
    found: dict[Subject, Verdict] = {}
    rest = f"WHERE {clause} ORDER BY v.time_ns DESC, v.reviewer DESC"
    for subject, verdict in _with_subjects(reading, rest, values):
        found.setdefault(subject, verdict)
    return found


def _with_subjects(
    reading: Reading, rest: str, values: Sequence[Any]
) -> Iterator[tuple[Subject, Verdict]]:
    names = tuple(VERDICTS.columns)
    columns = ", ".join(f"v.{name}" for name in names)
    sql = (
        "SELECT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        f" s.track_id, {columns} FROM verdicts v JOIN subjects s ON s.key = v.subject {rest}"
    )
    for found in reading.query(sql, values):
        yield subject_from(found[:7]), _verdict(VERDICTS.from_sql(names, found[7:]))


def subject_from(values: Sequence[Any]) -> Subject:
    """Return the subject of a row of ``subjects`` without its key."""
    kind, *names = values
    return Subject(SubjectKind(kind), *names)


def _verdict(row: Row) -> Verdict:
    return Verdict(
        row["subject"], row["reviewer"], VerdictState(row["state"]), tuple(row["reasons"]),
        row["comment"], row["time_ns"], row["snapshot_hash"], row["class_name"],
    )  # fmt: skip
