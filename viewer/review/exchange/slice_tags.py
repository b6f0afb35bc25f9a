"""Slices of frames as Lightly tags: bit masks over the ordered list of a dataset's frames."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from viewer.formats.label_rows import load_json
from viewer.formats.lightly.tags import INITIAL, Tag, read_tags, tag_of
from viewer.review.exchange.base import MAX_BYTES, Exported, Losses, write_json, write_text
from viewer.review.exchange.slice_lists import ReadSlice
from viewer.review.ledger import Reading
from viewer.review.slices.ids import member_id, names_of
from viewer.review.slices.provenance import by_import
from viewer.review.slices.reading import Slice, member_keys
from viewer.review.subject import SubjectKind
from viewer.review.subject_rows import SubjectRow
from viewer.scene.scene import Problem

TAG_FILE: Final = "lightly_tags.json"
LIST_FILE: Final = "filenames.txt"
SHORTEST_NAME: Final = 3
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9 .:;=@_-]")


def write_lightly_tags(
    folder: Path, reading: Reading, slices: Sequence[Slice], frames: Sequence[SubjectRow]
) -> Exported:
    """Write slices of frames as tags, and beside them the list whose order their bits count.

    Names are changed where the format has no place for them.

    Parameters
    ----------
    frames
        All frames of the dataset, in its order.
    """
    ordered = _frame_names(frames)
    names = {row.key: name for row, name in zip(frames, ordered, strict=True)}
    losses = Losses()
    chosen = [each for each in slices if each.kind is SubjectKind.FRAME]
    losses.note("slices of other things than frames", len(slices) - len(chosen))
    ids = {each.slice_id: _tag_id(each.slice_id) for each in chosen}
    root = _tag_id(INITIAL)
    documents = [_document(tag_of(INITIAL, ordered, ordered), root, None)]
    taken = {INITIAL}
    for each in chosen:
        members = member_keys(reading, each.slice_id)
        inside = [names[key] for key in members if key in names]
        losses.note("frames of other datasets", len(members) - len(inside))
        name = _tag_name(each.name, taken)
        losses.note("names changed to what the format allows", int(name != each.name))
        parent = ids.get(each.parent or "", root)
        documents.append(_document(tag_of(name, inside, ordered), ids[each.slice_id], parent))
    files = (
        write_json(folder / TAG_FILE, documents),
        write_text(folder / LIST_FILE, "".join(f"{name}\n" for name in ordered)),
    )
    return Exported(files, {"tags": len(documents)}, losses)


def read_lightly_tags(
    path: Path, frames: Sequence[SubjectRow]
) -> tuple[list[ReadSlice], list[Problem]]:
    """Return the tags of a file as slices of a dataset's frames, without the tag of everything.

    Parameters
    ----------
    frames
        All frames of the dataset, in the order that the bits count.

    Raises
    ------
    DamagedData
        When the file is none of the format.
    """
    document = load_json(path, max_bytes=MAX_BYTES)
    found: list[ReadSlice] = []
    problems: list[Problem] = []
    tags = read_tags([document] if _is_one_tag(document) else document, path)
    for number, tag in enumerate(tags):
        if tag.name == INITIAL:
            continue
        if tag.sample_count != len(frames):
            told = f"counts {tag.sample_count} samples, the dataset {len(frames)} frames"
            problems.append(Problem(str(path), f"$[{number}]", f"tag {tag.name!r} {told}"))
            continue
        rows = tuple(frames[place] for place in tag.indices())
        found.append(ReadSlice(tag.name, SubjectKind.FRAME, rows, how=by_import(path.name)))
    return found, problems


def is_lightly(document: object) -> bool:
    """Say whether a decoded file has tags, from its first one."""
    rows = document.get("tags") if isinstance(document, dict) else document
    first = rows[0] if isinstance(rows, list) and rows else document
    return _is_one_tag(first)


def _is_one_tag(document: object) -> bool:
    return isinstance(document, dict) and "bitMaskData" in document


def _frame_names(frames: Sequence[SubjectRow]) -> list[str]:
    """Return frame keys, or whole ids where two scenes have a frame of one key."""
    short = [names_of(row)[-1] for row in frames]
    if len(set(short)) == len(short) and not any("\n" in name for name in short):
        return short
    return [member_id(row) for row in frames]


def _tag_name(name: str, taken: set[str]) -> str:
    found = _FORBIDDEN.sub("_", name)
    if not found[:1].isalnum():
        found = f"s{found}"
    found = found.ljust(SHORTEST_NAME, "_")
    number, base = 2, found
    while found in taken:
        found, number = f"{base} {number}", number + 1
    taken.add(found)
    return found


def _tag_id(text: str) -> str:
    """Return 24 hex digits, as the format's ids are."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _document(tag: Tag, tag_id: str, parent: str | None) -> dict[str, Any]:
    return {
        "id": tag_id, "name": tag.name, "prevTagId": parent, "bitMaskData": tag.mask(),
        "totSize": tag.sample_count,
    }  # fmt: skip
