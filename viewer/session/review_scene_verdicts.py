"""States of all verdicts in one scene, kept in step row by row: timeline and table ask often."""

import json
from dataclasses import dataclass, field
from typing import TypeVar

from viewer.review import Changed, Reading, Subject, SubjectKind
from viewer.review.verdicts.entities import VERDICTS
from viewer.session.tracks import TrackName

Key = TypeVar("Key")
_LATEST = """
SELECT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id, s.track_id, (
    SELECT v.state FROM verdicts v WHERE v.subject = s.key
    ORDER BY v.time_ns DESC, v.reviewer DESC LIMIT 1
) AS state
FROM subjects s WHERE {where} AND state IS NOT NULL
"""


@dataclass(slots=True)
class SceneVerdicts:
    """The newest state on each label, track and frame of a scene, and on the scene."""

    dataset_id: str
    scene_id: str
    labels: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By (frame key, label set id, label id)."""
    tracks: dict[TrackName, str] = field(default_factory=dict)
    frames: dict[str, str] = field(default_factory=dict)
    scene: str | None = None

    @classmethod
    def read(cls, reading: Reading, dataset_id: str, scene_id: str) -> "SceneVerdicts":
        """Read them all."""
        found = cls(dataset_id, scene_id)
        where = "s.dataset_id = ? AND s.scene_id = ?"
        for row in reading.query(_LATEST.format(where=where), (dataset_id, scene_id)):
            found._put(Subject(SubjectKind(row[0]), *row[1:7]), row[7])
        return found

    def follow(self, reading: Reading, changed: Changed) -> None:
        """Read those again that commands touched."""
        for entity, key in changed.touched:
            if entity != VERDICTS.name:
                continue
            subject_key = json.loads(key)[0]
            subject = reading.subject(subject_key)
            if subject is None or subject.dataset_id != self.dataset_id:
                continue
            if subject.scene_id == self.scene_id:
                found = reading.query(_LATEST.format(where="s.key = ?"), (subject_key,))
                self._put(subject, found[0][7] if found else None)

    def _put(self, subject: Subject, state: str | None) -> None:
        match subject.kind:
            case SubjectKind.LABEL:
                key = (subject.frame_key or "", subject.label_set_id or "", subject.label_id or "")
                _set(self.labels, key, state)
            case SubjectKind.TRACK:
                _set(self.tracks, (subject.label_set_id or "", subject.track_id or ""), state)
            case SubjectKind.FRAME:
                _set(self.frames, subject.frame_key or "", state)
            case SubjectKind.SCENE:
                self.scene = state
            case _:
                pass

    def state_of(
        self, frame_key: str, label_set_id: str, label_id: str, track_id: str | None
    ) -> str | None:
        """State that holds for a label: its own, else its track's, its frame's, its scene's."""
        own = self.labels.get((frame_key, label_set_id, label_id))
        if own is None and track_id is not None:
            own = self.tracks.get((label_set_id, track_id))
        return own or self.frames.get(frame_key) or self.scene


def _set(states: dict[Key, str], key: Key, state: str | None) -> None:
    if state is None:
        states.pop(key, None)
    else:
        states[key] = state
