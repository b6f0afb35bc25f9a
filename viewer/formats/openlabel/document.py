"""One OpenLABEL file: its static parts decoded, its frames kept as text until they are read."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import in_natural_order
from viewer.formats.growth import is_large
from viewer.formats.iso_time import time_from_iso
from viewer.formats.json_bounds import UNCOUNTED_BYTES, require_few_values
from viewer.formats.json_numbers import is_number
from viewer.formats.json_rows import JsonFile
from viewer.formats.native.json_file import decode
from viewer.formats.openlabel.kept import KeptParts, Parts, span_of
from viewer.formats.text_file import read_bytes

OWN_NAMES = "sightline:names"
"""Value of the resource under which objects keep a track's name that is no OpenLABEL uid.

An object that refers to it is of the track of that name, of none where the name is empty, and its
data are called as their labels are.
"""
MAX_DOCUMENT_BYTES = 1024 * 1024 * 1024
MAX_ENTRIES = 1_000_000
UNSHOWN = ("actions", "events", "contexts", "relations")
RAW_PARTS = ("frames", *UNSHOWN)
STATIC = ("metadata", "objects", "streams", "coordinate_systems", "resources")
HEAD_BYTES = 4096
_HEAD = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"openlabel"\s*:\s*\{')
_UNITS_PER_S = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (0.0, 1_000_000_000))
"""Least number that is taken as ns, us, ms, s, and how many ns one unit has."""


class _Body(msgspec.Struct):
    metadata: dict[str, Any] = {}
    objects: dict[str, dict[str, Any]] = {}
    frames: dict[str, msgspec.Raw] = {}
    streams: dict[str, dict[str, Any]] = {}
    coordinate_systems: dict[str, dict[str, Any]] = {}
    resources: dict[str, Any] = {}
    actions: dict[str, msgspec.Raw] = {}
    events: dict[str, msgspec.Raw] = {}
    contexts: dict[str, msgspec.Raw] = {}
    relations: dict[str, msgspec.Raw] = {}


class _Document(msgspec.Struct):
    openlabel: _Body


class _FrameHead(msgspec.Struct):
    frame_properties: dict[str, Any] = {}


class _Parts(msgspec.Struct):
    openlabel: dict[str, msgspec.Raw]


class OpenLabelFile:
    """The document. A file without frames is one frame, ``0``, of static data.

    Where the frames of a large file lie is kept in the cache: it is not read as a whole again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Mapping[str, int] = {}
        """Entries of what is not shown, by key."""
        self.body = _Body()
        self._mapped: JsonFile | None = None
        self._parts: Parts | None = None
        self._sorted: list[str] = []
        self._numbers: dict[str, int] = {}
        try:
            is_kept = is_large(size_bytes=path.stat().st_size)
        except OSError:
            is_kept = False
        store = KeptParts(path) if is_kept else None
        kept = None if store is None else store.load()
        if kept is None or not self._use(kept):
            self._read(store)
        self.keys: tuple[str, ...] = tuple(self._order()) or ("0",)

    @property
    def has_frames(self) -> bool:
        """False when all is static."""
        return bool(self._order())

    def times(self) -> list[int | None]:
        """Return the time that each frame tells."""
        if self._parts is not None:
            return list(self._parts.times_ns)
        told = (self.frame_properties(key).get("timestamp") for key in self.keys)
        return [time_of(each) for each in told]

    def place(self, key: str) -> str:
        """Return the JSON path of a frame."""
        return f"$.openlabel.frames.{key}" if self.has_frames else "$.openlabel"

    def frame_properties(self, key: str) -> Mapping[str, Any]:
        """Return what a frame says of its time, streams and transforms."""
        text = self._frame_text(key)
        return {} if text is None else decode(text, _FrameHead, self.path, key).frame_properties

    def frame(self, key: str) -> Mapping[str, Any]:
        """Return all of a frame."""
        text = self._frame_text(key)
        return {} if text is None else decode(text, dict[str, Any], self.path, key)

    def _order(self) -> list[str]:
        return self._parts.keys if self._parts is not None else self._sorted

    def _frame_text(self, key: str) -> bytes | msgspec.Raw | None:
        if self._parts is None or self._mapped is None:
            return self.body.frames.get(key)
        number = self._numbers.get(key)
        return None if number is None else self._mapped.piece(*self._parts.spans[number])

    def _read(self, store: KeptParts | None) -> None:
        data = read_bytes(self.path, max_bytes=MAX_DOCUMENT_BYTES)
        if len(data) > UNCOUNTED_BYTES:
            _require_bearable(JsonFile(self.path))
        text = data.removeprefix(b"\xef\xbb\xbf")
        self.body = decode(text, _Document, self.path).openlabel
        self._sorted = in_natural_order(self.body.frames)
        self.counts = {kind: len(getattr(self.body, kind)) for kind in UNSHOWN}
        if store is None or not self._sorted or text is not data:
            return
        whole = np.frombuffer(data, dtype=np.uint8)
        parts = decode(data, _Parts, self.path).openlabel
        static = {key: span_of(parts[key], whole) for key in STATIC if key in parts}
        spans = [span_of(self.body.frames[key], whole) for key in self._sorted]
        self.keys = tuple(self._sorted)
        found = Parts(self._sorted, spans, self.times(), static, self.counts)
        store.save(found, len(data))

    def _use(self, kept: Parts) -> bool:
        """Take what is kept; False where the file does not say so."""
        mapped = JsonFile(self.path)
        pairs = [
            json.dumps(key).encode() + b":" + mapped.piece(*span)
            for key, span in kept.static.items()
        ]
        try:
            self.body = decode(b"{" + b",".join(pairs) + b"}", _Body, self.path)
        except DamagedData:
            return False
        self._mapped, self._parts, self.counts = mapped, kept, kept.counts
        self._numbers = {key: number for number, key in enumerate(kept.keys)}
        return True

    def own_track(self, static: Mapping[str, Any]) -> str | None:
        """Return the track that an object names through `OWN_NAMES`; None when it names none."""
        links = mapping_of(static.get("resource_uid"))
        names = (links[key] for key, value in self.body.resources.items()
                 if value == OWN_NAMES and key in links)  # fmt: skip
        return next((name for name in names if isinstance(name, str)), None)

    def unshown(self) -> str:
        """Name what the file holds that is not shown, with counts; empty when there is none."""
        counts = ((kind, self.counts.get(kind, 0)) for kind in UNSHOWN)
        return ", ".join(f"{count} {kind}" for kind, count in counts if count)


def _require_bearable(file: JsonFile) -> None:
    """Refuse a large file whose parts, decoded, would not fit in memory."""
    for name, body, _ in file.object_entries():
        if name != "openlabel":
            continue
        for key, start, end in file.object_entries(body):
            place = f"$.openlabel.{key}"
            if key not in RAW_PARTS:
                require_few_values(file.piece(start, end), file.path, place)
            elif file.opens_with(b"{", start):
                for count, _ in enumerate(file.object_entries(start)):
                    if count >= MAX_ENTRIES:
                        raise DamagedData(file.path, place, f"has over {MAX_ENTRIES} entries")


def starts_like_openlabel(path: Path) -> bool:
    """Say whether a file's first key is ``openlabel``."""
    try:
        with path.open("rb") as file:
            return _HEAD.match(file.read(HEAD_BYTES)) is not None
    except OSError:
        return False


def time_of(value: object) -> int | None:
    """Return nanoseconds of a timestamp: an ISO date, or a number whose size tells its unit."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return time_from_iso(str(value))
    if not is_number(value) or not math.isfinite(value) or not 0 <= value < 1 << 62:
        return None
    ns_per_unit = next(ns for least, ns in _UNITS_PER_S if value >= least)
    time_ns = round(value * ns_per_unit)
    return time_ns if time_ns < 1 << 62 else None


def objects_in(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; nothing when it is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def require_list(value: object, path: Path, place: str, counts: tuple[int, ...]) -> list[float]:
    """Return a list of finite numbers of one of the lengths, or raise `DamagedData`."""
    if not isinstance(value, list) or not all(is_number(item) for item in value):
        raise DamagedData(path, place, "is not a list of numbers")
    if len(value) not in counts:
        wanted = " or ".join(map(str, counts))
        raise DamagedData(path, place, f"has {len(value)} numbers where {wanted} belong")
    return [float(item) for item in value]
