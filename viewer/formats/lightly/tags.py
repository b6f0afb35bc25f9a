"""Tags: named subsets of a dataset as bit masks, below each other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.json_numbers import is_number

INITIAL = "initial-tag"
MAX_SAMPLES = 1 << 26
_MASK = re.compile(r"0x[a-fA-F0-9]+")


@dataclass(frozen=True, slots=True)
class Tag:
    """A subset: bit k, from the least significant, is the k-th file name of the dataset."""

    name: str
    bits: int
    sample_count: int
    """How many samples the dataset had."""
    tag_id: str = ""
    parent_id: str | None = None
    """The tag of which this one is a part."""

    def indices(self) -> list[int]:
        """Return the positions of its samples, rising.

        Examples
        --------
        >>> Tag("a", 0x59, 10).indices()
        [0, 3, 4, 6]
        """
        digits = f"{self.bits:b}"
        return [place for place, bit in enumerate(reversed(digits)) if bit == "1"]

    def file_names(self, ordered: Sequence[str]) -> list[str]:
        """Return its samples; ValueError where the list is not the dataset's."""
        if len(ordered) != self.sample_count:
            raise ValueError(
                f"tag {self.name!r} counts {self.sample_count} samples, the list {len(ordered)}"
            )
        return [ordered[place] for place in self.indices()]

    def mask(self) -> str:
        """Return the bits as the format writes them."""
        return hex(self.bits)


def tag_of(name: str, members: Iterable[str], ordered: Sequence[str]) -> Tag:
    """Return the tag of some file names; KeyError for one that the list has not."""
    places = {each: place for place, each in enumerate(ordered)}
    bits = bytearray((len(ordered) + 7) // 8)
    for each in members:
        place = places[each]
        bits[place // 8] |= 1 << place % 8
    return Tag(name, int.from_bytes(bits, "little"), len(ordered))


def read_tags(document: object, path: Path) -> tuple[Tag, ...]:
    """Return the tags of a decoded file, which is a list or has one under ``tags``."""
    rows = document.get("tags") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise DamagedData(path, "$", "holds no list of tags")
    return tuple(_tag(each, path, f"$[{index}]") for index, each in enumerate(rows))


def chain(tag: Tag, tags: Sequence[Tag]) -> tuple[str, ...]:
    """Return the names from a tag up to the one that has no parent; a circle ends where it closes.

    Examples
    --------
    >>> whole, part = Tag("initial-tag", 3, 2, "a"), Tag("part", 1, 2, "b", "a")
    >>> chain(part, [whole, part])
    ('part', 'initial-tag')
    """
    by_id = {each.tag_id: each for each in tags if each.tag_id}
    found = [tag]
    while found[-1].parent_id in by_id:
        above = by_id[str(found[-1].parent_id)]
        if above in found:
            break
        found.append(above)
    return tuple(each.name for each in found)


def _tag(row: object, path: Path, place: str) -> Tag:
    value: Mapping[str, Any] = row if isinstance(row, dict) else {}
    name, mask, count = value.get("name"), value.get("bitMaskData"), value.get("totSize")
    if not isinstance(name, str) or not name:
        raise DamagedData(path, f"{place}.name", "is not a name")
    if not isinstance(mask, str) or not _MASK.fullmatch(mask):
        raise DamagedData(path, f"{place}.bitMaskData", "is no mask in hexadecimal digits")
    if not is_number(count) or count != int(count) or not 0 <= count <= MAX_SAMPLES:
        raise DamagedData(path, f"{place}.totSize", "is no count of samples")
    bits = int(mask, 16)
    if bits.bit_length() > count:
        told = f"has a sample beyond the {int(count)} of the dataset"
        raise DamagedData(path, f"{place}.bitMaskData", told)
    own, parent = value.get("id"), value.get("prevTagId")
    return Tag(
        name,
        bits,
        int(count),
        own if isinstance(own, str) else "",
        parent if isinstance(parent, str) and parent else None,
    )
