"""The objects of a file: which track is which OpenLABEL uid, and in which frames it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from viewer.formats.openlabel.document import OWN_NAMES

RESOURCE_UID = "0"
_UID = re.compile(r"-?[0-9]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(slots=True)
class _Object:
    uid: str
    class_name: str
    own_track: str | None
    """None where the uid is the track; see `OWN_NAMES`."""
    name: str
    frames: list[int] = field(default_factory=list)


class ObjectTable:
    """Gives every label its object: one a track and class, as an object has one type."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str | None, str, str], _Object] = {}
        self._uids: set[str] = set()
        self._next = 0

    def place(
        self, track_id: str | None, class_name: str, label_id: str, frame: int
    ) -> tuple[str, str]:
        """Return the uid of a label's object, and the name of its data in it."""
        if track_id and _UID.fullmatch(track_id) and label_id.startswith(f"{track_id}:"):
            found = self._objects.get((track_id, class_name, "plain"))
            if found is None and track_id not in self._uids:
                found = self._add((track_id, class_name, "plain"), track_id, None, track_id)
            if found is not None:
                _note_frame(found, frame)
                return track_id, label_id[len(track_id) + 1 :]
        key = (track_id, class_name, "" if track_id else label_id)
        found = self._objects.get(key)
        if found is None:
            found = self._add(key, self._free_uid(), track_id or "", track_id or label_id)
        _note_frame(found, frame)
        return found.uid, label_id

    def as_json(self) -> dict[str, Any]:
        """Return ``objects``, and ``resources`` where tracks have names of their own."""
        objects = {}
        for each in self._objects.values():
            found: dict[str, Any] = {
                "name": each.name,
                "type": each.class_name,
                "frame_intervals": intervals(each.frames),
            }
            if each.own_track is not None:
                found["resource_uid"] = {RESOURCE_UID: each.own_track}
            objects[each.uid] = found
        named = any(each.own_track is not None for each in self._objects.values())
        return {"objects": objects, **({"resources": {RESOURCE_UID: OWN_NAMES}} if named else {})}

    def class_names(self) -> list[str]:
        """Return the classes of all objects in order of name."""
        return sorted({each.class_name for each in self._objects.values()})

    def _add(
        self, key: tuple[str | None, str, str], uid: str, own_track: str | None, name: str
    ) -> _Object:
        self._uids.add(uid)
        self._objects[key] = _Object(uid, key[1], own_track, name)
        return self._objects[key]

    def _free_uid(self) -> str:
        while str(self._next) in self._uids:
            self._next += 1
        return str(self._next)


def intervals(frames: Iterable[int]) -> list[dict[str, int]]:
    """Return closed runs of rising frame numbers.

    Examples
    --------
    >>> intervals([0, 1, 4])
    [{'frame_start': 0, 'frame_end': 1}, {'frame_start': 4, 'frame_end': 4}]
    """
    found: list[dict[str, int]] = []
    for number in frames:
        if found and found[-1]["frame_end"] == number - 1:
            found[-1]["frame_end"] = number
        else:
            found.append({"frame_start": number, "frame_end": number})
    return found


def _note_frame(found: _Object, frame: int) -> None:
    if not found.frames or found.frames[-1] != frame:
        found.frames.append(frame)
