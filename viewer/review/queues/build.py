"""What goes into a queue: a slice, findings, a sample, what nobody or only others judged."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from viewer.review.errors import CommandRefused
from viewer.review.ledger import Reading
from viewer.review.queues import origin
from viewer.review.queues.plan import PlannedItem, QueuePlan, each_once
from viewer.review.slices.provenance import Provenance
from viewer.review.slices.reading import member_subjects, slice_by_id
from viewer.review.slices.sample import draw, draw_in_proportion
from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow, subject_row

KEYS_AT_ONCE = 20_000
LOOK_UP_COST = 5
"""Looking a verdict up takes as long as reading this many one after the other."""

Scored = tuple[Subject | SubjectRow, float | None, str]
"""A subject that a check found, how likely something is wrong with it, and why."""


def plan_of_slice(reading: Reading, slice_id: str) -> QueuePlan:
    """Return the members of a slice, in the order of scenes and frames.

    Raises
    ------
    CommandRefused
        When the slice is gone.
    """
    found = slice_by_id(reading, slice_id)
    if found is None:
        raise CommandRefused("the slice is gone")
    rows = sorted((subject_row(each) for each in member_subjects(reading, slice_id)), key=in_time)
    return QueuePlan.of(rows, origin.by_slice(slice_id, found.name))


def plan_of_findings(findings: Iterable[Scored], text: str) -> QueuePlan:
    """Return what checks found, most suspicious first, those without a score last.

    A subject that was found more than once comes by its highest score, with all reasons.

    Parameters
    ----------
    text
        Which findings they are, for people.
    """
    reasons: dict[str, list[str]] = {}
    best: dict[str, PlannedItem] = {}
    for subject, score, why in findings:
        row = subject if isinstance(subject, SubjectRow) else subject_row(subject)
        told = reasons.setdefault(row.key, [])
        if why and why not in told:
            told.append(why)
        present = best.get(row.key)
        if present is None or _suspicion(score) > _suspicion(present.score):
            best[row.key] = PlannedItem(row, score=score)
    items = sorted(best.values(), key=lambda item: (-_suspicion(item.score), in_time(item.row)))
    named = (item._replace(why="; ".join(reasons[item.key])) for item in items)
    return QueuePlan(tuple(named), origin.by_findings(text))


def let_through(plan: QueuePlan, filtered: QueuePlan) -> QueuePlan:
    """Return the items that a filter lets through, with the class and track that it knows."""
    known = {item.key: item for item in filtered.items}
    kept = tuple(item for item in plan.items if item.key in known)
    text = f"{origin.describe_queue(plan.how)}, {origin.describe_queue(filtered.how)}"
    return with_classes(QueuePlan(kept, origin.by_filter(text)), filtered)


def with_classes(plan: QueuePlan, labels: QueuePlan) -> QueuePlan:
    """Return the same items, labels with the class and track by which `labels` know them."""
    known = {item.key: item for item in labels.items}

    def told(item: PlannedItem) -> PlannedItem:
        found = known.get(item.key, item)
        return item._replace(class_name=found.class_name, track_id=found.track_id)

    return QueuePlan(tuple(map(told, plan.items)), plan.how)


def sampled(plan: QueuePlan, count: int, seed: int) -> QueuePlan:
    """Return some items drawn by chance, in the order of the plan.

    The same subjects and seed give the same items, whatever the order of the plan.
    """
    drawn = set(draw((item.key for item in plan.items), count, seed))
    return _keep(plan, drawn, origin.sampled(plan.how, len(drawn), seed))


def sampled_in_proportion(
    plan: QueuePlan, count: int, seed: int, stratum_of: Callable[[PlannedItem], str], strata: str
) -> QueuePlan:
    """Return some items drawn so that each stratum keeps its share, to the nearest whole.

    Parameters
    ----------
    stratum_of
        E.g. `class_of` or `scene_of`.
    strata
        What the strata are, for people, e.g. ``class``.
    """
    pools: dict[str, list[str]] = {}
    for item in plan.items:
        pools.setdefault(stratum_of(item), []).append(item.key)
    drawn = set(draw_in_proportion(pools, count, seed))
    return _keep(plan, drawn, origin.sampled(plan.how, len(drawn), seed, strata))


def class_of(item: PlannedItem) -> str:
    """Return the class of an item, empty where it is not known."""
    return item.class_name or ""


def scene_of(item: PlannedItem) -> str:
    """Return the scene of an item."""
    return item.row.scene_id or ""


def tracks_of(plan: QueuePlan) -> QueuePlan:
    """Return the tracks of the planned labels in their stead; labels without one stay.

    A track comes where its most suspicious label would, with that label's score and reason.
    """

    def widened(item: PlannedItem) -> PlannedItem:
        track = _track_row(item)
        return item if track is None else item._replace(row=track, track_id=None)

    items = sorted(plan.items, key=lambda item: -_suspicion(item.score))
    best = {item.key: item for item in reversed([widened(each) for each in items])}
    order = each_once(widened(each) for each in plan.items)
    return QueuePlan(tuple(best[item.key] for item in order), plan.how)


def not_yet_reviewed(reading: Reading, plan: QueuePlan) -> QueuePlan:
    """Return the items that nobody judged; one on a label's track, frame or scene counts too."""
    judged = {item.key for item, names in _reviewers(reading, plan.items) if names}
    left = {item.key for item in plan.items} - judged
    return _keep(plan, left, origin.not_yet_reviewed(plan.how))


def for_second_reviewer(reading: Reading, plan: QueuePlan, reviewer: str) -> QueuePlan:
    """Return the items that someone else judged and this reviewer did not."""
    left = {
        item.key
        for item, names in _reviewers(reading, plan.items)
        if names and reviewer not in names
    }
    return _keep(plan, left, origin.second_reviewer(plan.how, reviewer))


def plan_of_judged(reading: Reading, dataset_id: str, kind: SubjectKind | None = None) -> QueuePlan:
    """Return everything that has a verdict of its own, in the order of scenes and frames.

    With `for_second_reviewer` it is what one reviewer leaves to the next.
    """
    rows = reading.query(
        "SELECT s.key, s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        " s.track_id, v.class_name FROM subjects s JOIN verdicts v ON v.subject = s.key"
        " WHERE s.dataset_id = ? AND (? IS NULL OR s.kind = ?) ORDER BY v.time_ns DESC",
        (dataset_id, *[None if kind is None else str(kind)] * 2),
    )
    items = each_once(PlannedItem(SubjectRow(*row), name) for *row, name in rows)
    ordered = sorted(items, key=lambda item: in_time(item.row))
    return QueuePlan(tuple(ordered), origin.judged())


def in_time(row: SubjectRow) -> tuple[str, ...]:
    """Return by what subjects are ordered: dataset, scene, frame, then label or track."""
    names = (row.dataset_id, row.scene_id, row.frame_key, row.label_set_id)
    return (*(name or "" for name in names), *_counted(row.label_id or row.track_id or ""))


def _counted(name: str) -> tuple[str, str]:
    """Return a name so that ``9`` comes before ``10``."""
    return (name.zfill(20), name) if name.isdecimal() else (name, name)


def _suspicion(score: float | None) -> float:
    return float("-inf") if score is None or score != score else score


def _keep(plan: QueuePlan, keys: set[str], how: Provenance) -> QueuePlan:
    return QueuePlan(tuple(item for item in plan.items if item.key in keys), how)


def _track_row(item: PlannedItem) -> SubjectRow | None:
    row = item.row
    if row.kind != SubjectKind.LABEL or item.track_id is None:
        return None
    track = Subject.track(row.dataset_id, row.scene_id or "", row.label_set_id or "", item.track_id)
    return subject_row(track)


def _reviewers(
    reading: Reading, items: Sequence[PlannedItem]
) -> Iterator[tuple[PlannedItem, set[str]]]:
    """Yield each item with those who judged it or what covers it."""
    known = _KnownKeys()
    covers = [_cover(item, known) for item in items]
    judged = _judged_by(reading, {key for keys in covers for key in keys})
    for item, keys in zip(items, covers, strict=True):
        yield item, {name for key in keys for name in judged.get(key, ())}


class _KnownKeys:
    """Keys of tracks, frames and scenes, each computed once: many items lie in the same ones."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str | None, ...], str] = {}

    def of(self, kind: SubjectKind, names: tuple[str | None, ...]) -> str:
        """Return the key of a subject by its kind and the names that it has, in their order."""
        found = self._keys.get((kind, *names))
        if found is None:
            found = self._keys[(kind, *names)] = _MAKERS[kind](*names).key
        return found


_MAKERS: Mapping[SubjectKind, Callable[..., Subject]] = {
    SubjectKind.TRACK: Subject.track,
    SubjectKind.FRAME: Subject.frame,
    SubjectKind.SCENE: Subject.scene,
}


def _cover(item: PlannedItem, known: _KnownKeys) -> list[str]:
    """Return keys of an item and of the track, frame and scene that it lies in."""
    row, keys = item.row, [item.row.key]
    if row.kind == SubjectKind.LABEL:
        if item.track_id is not None:
            names = (row.dataset_id, row.scene_id, row.label_set_id, item.track_id)
            keys.append(known.of(SubjectKind.TRACK, names))
        keys.append(known.of(SubjectKind.FRAME, (row.dataset_id, row.scene_id, row.frame_key)))
    if row.scene_id is not None and row.kind != SubjectKind.SCENE:
        keys.append(known.of(SubjectKind.SCENE, (row.dataset_id, row.scene_id)))
    return keys


def covering_keys(items: Sequence[PlannedItem]) -> Iterator[tuple[PlannedItem, list[str]]]:
    """Yield each item with its own key and those of its track, frame and scene, nearest first."""
    known = _KnownKeys()
    for item in items:
        yield item, _cover(item, known)


def _judged_by(reading: Reading, keys: AbstractSet[str]) -> dict[str, set[str]]:
    """Return who judged subjects, by their keys; of many subjects all verdicts are read."""
    found: dict[str, set[str]] = {}
    verdicts = reading.query(
        "SELECT ifnull(sum(count), 0) FROM verdict_counts WHERE is_effective = 0"
    )[0][0]
    if len(keys) * LOOK_UP_COST > verdicts:
        for key, reviewer in reading.query("SELECT subject, reviewer FROM verdicts"):
            if key in keys:
                found.setdefault(key, set()).add(reviewer)
        return found
    left = list(keys)
    for start in range(0, len(left), KEYS_AT_ONCE):
        for key, reviewer in reading.query(
            "SELECT v.subject, v.reviewer FROM json_each(?) j"
            " JOIN verdicts v ON v.subject = j.value",
            (json.dumps(left[start : start + KEYS_AT_ONCE]),),
        ):
            found.setdefault(key, set()).add(reviewer)
    return found
