"""Changing which labels are one object over time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.commands.edits import edit_changes
from viewer.review.edits.model import NO_TRACK
from viewer.review.errors import CommandRefused
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.subject import Subject

Snapshots = Mapping[Subject, LabelSnapshot]
"""Labels as delivered; those that are not told are left out."""
_NO_SNAPSHOTS: Snapshots = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChangeTrackId:
    """Put a label into another track; None gives back the delivered one, "" is no track."""

    subject: Subject
    track_id: str | None
    snapshot: LabelSnapshot | None = None
    """The label as delivered."""

    kind: ClassVar[str] = "change_track_id"

    @property
    def text(self) -> str:
        """What it does."""
        label = f"label {self.subject.label_id}"
        if self.track_id is None:
            return f"Put {label} into its delivered track"
        if self.track_id == NO_TRACK:
            return f"Take {label} out of its track"
        return f"Put {label} into track {self.track_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        yield from _retracked(ledger, self.subject, self.track_id, self.snapshot)


@dataclass(frozen=True, slots=True)
class MergeTracks:
    """Make tracks one: their labels go into `track_id`."""

    track_id: str
    labels: Sequence[Subject]
    """All labels of the tracks that go into it; the track's own may be among them."""
    snapshots: Snapshots = field(default_factory=lambda: _NO_SNAPSHOTS)
    merged: Sequence[str] = ()
    """Ids of the tracks that end, for the text."""

    kind: ClassVar[str] = "merge_tracks"

    @property
    def text(self) -> str:
        """What it does."""
        which = ", ".join(self.merged) or f"{len(self.labels)} labels"
        tracks = "tracks" if len(self.merged) > 1 else "track"
        return f"Merge {tracks + ' ' if self.merged else ''}{which} into track {self.track_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the edit of every label.

        Raises
        ------
        CommandRefused
            When two of the labels lie in one frame: one object is labelled once a frame.
        """
        _require_track(self.track_id)
        frames = [(label.label_set_id, label.scene_id, label.frame_key) for label in self.labels]
        twice = {place for place in frames if frames.count(place) > 1} if _has_twice(frames) else ()
        if twice:
            frame = min(str(place[2]) for place in twice)
            raise CommandRefused(
                f"the tracks have two labels in frame {frame}, and one object is labelled once:"
                " split one of them first"
            )
        yield from _all_retracked(ledger, self.labels, self.track_id, self.snapshots)


@dataclass(frozen=True, slots=True)
class SplitTrack:
    """Make some labels of a track a track of their own."""

    new_track_id: str
    labels: Sequence[Subject]
    """Those that leave, e.g. all from a frame on."""
    snapshots: Snapshots = field(default_factory=lambda: _NO_SNAPSHOTS)
    from_track_id: str = ""
    """For the text."""

    kind: ClassVar[str] = "split_track"

    @property
    def text(self) -> str:
        """What it does."""
        source = f" {self.from_track_id}" if self.from_track_id else ""
        return f"Split track{source}: {len(self.labels)} labels become track {self.new_track_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the edit of every label."""
        _require_track(self.new_track_id)
        yield from _all_retracked(ledger, self.labels, self.new_track_id, self.snapshots)


def _has_twice(frames: Sequence[tuple[str | None, ...]]) -> bool:
    return len(set(frames)) != len(frames)


def _require_track(track_id: str) -> None:
    if track_id == NO_TRACK:
        raise CommandRefused("a track needs an id")


def _all_retracked(
    ledger: Ledger, labels: Sequence[Subject], track_id: str, snapshots: Snapshots
) -> Iterable[Change]:
    for label in labels:
        yield from _retracked(ledger, label, track_id, snapshots.get(label))


def _retracked(
    ledger: Ledger, subject: Subject, track_id: str | None, snapshot: LabelSnapshot | None
) -> list[Change]:
    is_delivered = snapshot is not None and track_id == (snapshot.track_id or NO_TRACK)
    value = None if is_delivered else track_id
    return edit_changes(ledger, subject, snapshot, {"track_id": value})
