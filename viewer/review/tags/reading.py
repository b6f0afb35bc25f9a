"""Which tags there are, and what carries them."""

from collections.abc import Iterable, Mapping

from viewer.review.entity import to_json
from viewer.review.ledger import Reading
from viewer.review.subject import Subject, SubjectKind
from viewer.review.tags.model import Item, ItemKind, TagFilter, Target


def tag_counts(reading: Reading) -> dict[str, int]:
    """Return all tags by name, with the number of things that carry each."""
    return dict(reading.query("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag"))


def tags_of(reading: Reading, target: Target) -> tuple[str, ...]:
    """Return the tags that one thing carries itself."""
    if isinstance(target, Item):
        found = reading.query(
            "SELECT tag FROM tags WHERE item_kind = ? AND item_id = ? ORDER BY tag",
            (str(target.kind), target.item_id),
        )
    else:
        found = reading.query("SELECT tag FROM tags WHERE subject = ? ORDER BY tag", (target.key,))
    return tuple(tag for (tag,) in found)


def item_tag_keys(reading: Reading, item: Item) -> list[str]:
    """Return the keys of the rows that are about an item, which go when it goes."""
    found = reading.query(
        "SELECT key FROM tags WHERE item_kind = ? AND item_id = ? ORDER BY key",
        (str(item.kind), item.item_id),
    )
    return [key for (key,) in found]


def tags_by_subject(reading: Reading, subject_keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the tags of each of many subjects; those without any are left out."""
    found: dict[str, set[str]] = {}
    rows = reading.query(
        "SELECT t.subject, t.tag FROM json_each(?) j JOIN tags t ON t.subject = j.value",
        (to_json(sorted(set(subject_keys))),),
    )
    for subject, tag in rows:
        found.setdefault(subject, set()).add(tag)
    return {subject: frozenset(tags) for subject, tags in found.items()}


def tags_over(reading: Reading, subject: Subject, track_id: str | None = None) -> dict[str, Target]:
    """Return the tags that hold for a subject, each with what carries it, nearest first.

    Parameters
    ----------
    track_id
        Track of a label, whose tags hold for the label too.
    """
    found: dict[str, Target] = {}
    for each in _with_those_around(subject, track_id):
        for tag in tags_of(reading, each):
            found.setdefault(tag, each)
    return found


def tagged_subjects(
    reading: Reading, wanted: TagFilter, kind: SubjectKind | None = None
) -> list[Subject]:
    """Return the subjects that carry tags and pass a filter, by their names."""
    where, values = _condition(wanted, "t.subject")
    if kind is not None:
        where, values = f"{where} AND s.kind = ?", (*values, str(kind))
    found = reading.query(
        "SELECT DISTINCT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id,"
        " s.label_id, s.track_id FROM tags t JOIN subjects s ON s.key = t.subject"
        f" WHERE {where} ORDER BY 1, 2, 3, 4, 5, 6, 7",
        values,
    )
    return [Subject(SubjectKind(row_kind), *names) for row_kind, *names in found]


def tagged_items(reading: Reading, wanted: TagFilter, kind: ItemKind) -> list[str]:
    """Return the ids of the issues or slices that carry tags and pass a filter."""
    where, values = _condition(wanted, "t.item_id", " AND u.item_kind = t.item_kind")
    found = reading.query(
        f"SELECT DISTINCT t.item_id FROM tags t WHERE t.item_kind = ? AND {where} ORDER BY 1",
        (str(kind), *values),
    )
    return [item_id for (item_id,) in found]


def targets_of(reading: Reading, tag: str) -> list[Mapping[str, str | None]]:
    """Return the rows of one tag: ``subject``, ``item_kind``, ``item_id``."""
    found = reading.query(
        "SELECT subject, item_kind, item_id FROM tags WHERE tag = ? ORDER BY 1, 2, 3", (tag,)
    )
    return [dict(zip(("subject", "item_kind", "item_id"), row, strict=True)) for row in found]


def _condition(wanted: TagFilter, column: str, also: str = "") -> tuple[str, tuple[str, ...]]:
    """Return SQL over the rows t of tags, for what carries them."""
    own = f"u.{column.removeprefix('t.')} = {column}{also}"
    parts, values = [f"{column} IS NOT NULL"], []
    for tag in wanted.all_of:
        parts.append(f"EXISTS (SELECT 1 FROM tags u WHERE u.tag = ? AND {own})")
        values.append(tag)
    for negation, tags in (("", wanted.any_of), ("NOT ", wanted.none_of)):
        if tags:
            marks = ", ".join("?" * len(tags))
            parts.append(
                f"{negation}EXISTS (SELECT 1 FROM tags u WHERE u.tag IN ({marks}) AND {own})"
            )
            values.extend(tags)
    return " AND ".join(parts), tuple(values)


def _with_those_around(subject: Subject, track_id: str | None) -> list[Subject]:
    dataset_id, scene_id = subject.dataset_id, subject.scene_id
    found = [subject]
    if track_id is not None and scene_id is not None and subject.label_set_id is not None:
        found.append(Subject.track(dataset_id, scene_id, subject.label_set_id, track_id))
    if scene_id is not None and subject.frame_key is not None:
        found.append(Subject.frame(dataset_id, scene_id, subject.frame_key))
    if scene_id is not None:
        found.append(Subject.scene(dataset_id, scene_id))
    found.append(Subject.dataset(dataset_id))
    return list(dict.fromkeys(found))
