"""Finds again, in a new delivery, what decisions are about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.formats.base import DamagedData
from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.review.flat_snapshots import snapshots_in
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Reading
from viewer.review.redelivery.decided import Decided, decided_subjects
from viewer.review.redelivery.difference import LabelDifference, difference
from viewer.review.subject import Subject, SubjectKind
from viewer.scene.scene import Dataset, Scene

NEAR_M = 2.0
"""How far a label may have moved to be proposed for one that is gone."""
NEAR_PX = 50.0


class Staleness(StrEnum):
    """Why a decision is about something that no longer is as it was."""

    CHANGED = "changed"
    """The label is there, with another class or geometry."""
    LABEL_GONE = "label_gone"
    TRACK_GONE = "track_gone"
    FRAME_GONE = "frame_gone"
    SCENE_GONE = "scene_gone"
    UNREADABLE = "unreadable"
    """The labels of the frame cannot be read, so nobody can tell."""


@dataclass(frozen=True, slots=True)
class Move:
    """A label that was found again under another id: same class, same geometry, same frame."""

    subject: Subject
    to: Subject
    snapshot: LabelSnapshot
    makes_way: bool = False
    """The label is gone, and another one has its id now: decisions about it go to a name of its
    own, where they wait as stale."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Decisions about something that changed or is gone. They stay until someone says otherwise."""

    subject: Subject
    why: Staleness
    counts: Mapping[str, int]
    """Decisions by table."""
    before: LabelSnapshot | None = None
    """As it was when it was decided about."""
    after: LabelSnapshot | None = None
    """As it is now; of `candidate` where the label is gone."""
    candidate: Subject | None = None
    """The nearest label of the frame that may be the one that is gone."""

    @property
    def difference(self) -> LabelDifference | None:
        """What changed, where both are known."""
        if self.before is None or self.after is None:
            return None
        return difference(self.before, self.after)

    @property
    def text(self) -> str:
        """For people, e.g. ``label 18 in street_0007 / 000042: moved 0.42 m``."""
        changed = self.difference
        match self.why:
            case Staleness.CHANGED:
                told = changed.text if changed is not None else "changed"
            case Staleness.LABEL_GONE if self.candidate is not None and changed is not None:
                told = f"is gone; label {self.candidate.label_id} is near: {changed.text}"
            case Staleness.UNREADABLE:
                told = "the labels of its frame cannot be read"
            case Staleness.FRAME_GONE | Staleness.SCENE_GONE if self.subject.kind not in (
                SubjectKind.FRAME, SubjectKind.SCENE
            ):  # fmt: skip
                told = f"its {'frame' if self.why is Staleness.FRAME_GONE else 'scene'} is gone"
            case _:
                told = "is gone"
        return f"{self.subject.text}: {told}"


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What becomes of the decisions about a dataset."""

    dataset_id: str
    kept_count: int
    """Subjects that are as they were, or about which nothing is known but that they are there."""
    moves: tuple[Move, ...]
    """Found again by class and geometry, and those that make way for them;
    `commands.redelivery.AcceptCarry` writes them down."""
    stale: tuple[Stale, ...]

    @property
    def text(self) -> str:
        """For people."""
        parts = [f"{self.kept_count} as before"]
        found = sum(not move.makes_way for move in self.moves)
        if found:
            parts.append(f"{found} found under another id")
        parts.append(f"{len(self.stale)} stale" if self.stale else "none stale")
        return ", ".join(parts)


def carry_over(
    reading: Reading, dataset: Dataset, dataset_id: str, context: JobContext | None = None
) -> CarryOver:
    """Compare everything that was decided about a dataset with its labels as they are now.

    A label is found by its id; one that is otherwise there, by class and geometry in its frame and
    label set, so that ids which are counted by row do not lead astray; else by id alone, and then
    it is stale. Nothing is written.

    Raises
    ------
    Cancelled
        When the work was given up.
    """
    context = context or JobContext()
    decided = decided_subjects(reading, dataset_id)
    scenes = {scene.scene_id: scene for scene in whole(dataset).scenes}
    by_scene: dict[str, list[Decided]] = defaultdict(list)
    kept = 0
    for each in decided.values():
        if each.row.scene_id is None:
            kept += 1
        else:
            by_scene[each.row.scene_id].append(each)
    moves: list[Move] = []
    stale: list[Stale] = []
    for scene_id, items in context.track(sorted(by_scene.items()), "Comparing with the decisions"):
        scene = scenes.get(scene_id)
        if scene is None:
            stale += [Stale(each.subject, Staleness.SCENE_GONE, each.counts) for each in items]
            continue
        found = _SceneComparison(reading, scene, context)
        found.compare(items)
        kept += found.kept
        moves += found.moves
        stale += found.stale
    return CarryOver(dataset_id, kept, tuple(moves), tuple(stale))


class _SceneComparison:
    """Compares the decisions about one scene, frame by frame."""

    def __init__(self, reading: Reading, scene: Scene, context: JobContext) -> None:
        self._reading = reading
        self._scene = scene
        self._context = context
        self._index_of = {frame.key: frame.index for frame in scene.frames}
        self.kept = 0
        self.moves: list[Move] = []
        self.stale: list[Stale] = []

    def compare(self, items: Sequence[Decided]) -> None:
        labels: dict[tuple[str, str], list[Decided]] = defaultdict(list)
        tracks: dict[str, list[Decided]] = defaultdict(list)
        for each in items:
            row = each.row
            if row.frame_key is not None and row.frame_key not in self._index_of:
                self.stale.append(self._stale(each, Staleness.FRAME_GONE))
            elif row.label_id is not None:
                labels[row.frame_key or "", row.label_set_id or ""].append(each)
            elif row.track_id is not None:
                tracks[row.label_set_id or ""].append(each)
            else:
                self.kept += 1
        for (frame_key, label_set_id), own in sorted(labels.items()):
            self._context.report(0, None, "Comparing with the decisions")
            self._compare_frame(frame_key, label_set_id, own)
        for label_set_id, own in tracks.items():
            self._compare_tracks(label_set_id, own)

    def _compare_frame(self, frame_key: str, label_set_id: str, items: list[Decided]) -> None:
        now = self._labels(self._index_of[frame_key], label_set_id)
        if now is None:
            self.stale += [self._stale(each, Staleness.UNREADABLE) for each in items]
            return
        hashes = {label_id: snapshot.hash for label_id, snapshot in now.items()}
        by_hash: dict[str, list[str]] = defaultdict(list)
        for label_id, own in hashes.items():
            by_hash[own].append(label_id)
        # Labels that are as they were are nobody else's.
        taken = {
            each.row.label_id
            for each in items
            if hashes.get(each.row.label_id or "") in each.snapshot_hashes
        }
        moves: list[Move] = []
        changed: list[Decided] = []
        for each in items:
            label_id = each.row.label_id or ""
            is_known = label_id in now
            if label_id in taken or (is_known and not each.snapshot_hashes):
                self.kept += 1
                continue
            same = {
                other
                for kept_hash in each.snapshot_hashes
                for other in by_hash.get(kept_hash, ())
                if other not in taken
            }
            if len(same) == 1:
                (other,) = same
                moves.append(Move(each.subject, _with_id(each.subject, other), now[other]))
            elif is_known:
                changed.append(each)
            else:
                self.stale.append(self._gone(each, now))
        found = {move.to.label_id for move in moves}
        free = {name: each for name, each in now.items() if name not in taken | found}
        for each in changed:
            label_id = each.row.label_id or ""
            if label_id in found:
                moves.append(self._made_way(each, free))
            else:
                self.stale.append(self._stale(each, Staleness.CHANGED, now[label_id]))
        self.moves += moves

    def _made_way(self, each: Decided, free: Mapping[str, LabelSnapshot]) -> Move:
        """Name a label that is gone and whose id another one has now; it is stale by that name."""
        before = self._before(each)
        assert before is not None
        former = _with_id(each.subject, f"{each.row.label_id} (was {before.hash[:6]})")
        near = nearest(before, free)
        self.stale.append(
            Stale(
                former, Staleness.LABEL_GONE, each.counts, before,
                None if near is None else free[near],
                None if near is None else _with_id(each.subject, near),
            )
        )  # fmt: skip
        return Move(each.subject, former, before, makes_way=True)

    def _gone(self, each: Decided, now: Mapping[str, LabelSnapshot]) -> Stale:
        before = self._before(each)
        near = None if before is None else nearest(before, now)
        if near is None:
            return self._stale(each, Staleness.LABEL_GONE)
        candidate = _with_id(each.subject, near)
        return Stale(each.subject, Staleness.LABEL_GONE, each.counts, before, now[near], candidate)

    def _compare_tracks(self, label_set_id: str, items: list[Decided]) -> None:
        wanted = {each.row.track_id for each in items}
        unreadable = False
        for frame in self._scene.frames:
            if not wanted:
                break
            self._context.report(0, None, "Comparing with the decisions")
            now = self._labels(frame.index, label_set_id)
            unreadable |= now is None
            wanted -= {snapshot.track_id for snapshot in (now or {}).values()}
        for each in items:
            if each.row.track_id not in wanted:
                self.kept += 1
            else:
                why = Staleness.UNREADABLE if unreadable else Staleness.TRACK_GONE
                self.stale.append(self._stale(each, why))

    def _labels(self, index: int, label_set_id: str) -> dict[str, LabelSnapshot] | None:
        """Labels of a frame, none where the scene has not that label set; None if unreadable."""
        if all(each.label_set_id != label_set_id for each in self._scene.label_sets):
            return {}
        try:
            return snapshots_in(self._scene.reader.read_labels(index, label_set_id))
        except (DamagedData, OSError):
            return None

    def _stale(self, each: Decided, why: Staleness, after: LabelSnapshot | None = None) -> Stale:
        return Stale(each.subject, why, each.counts, self._before(each), after)

    def _before(self, each: Decided) -> LabelSnapshot | None:
        """The label as decided; of several states the one that was written down last."""
        return self._reading.snapshot(each.snapshot_hashes[-1]) if each.snapshot_hashes else None


def nearest(before: LabelSnapshot, now: Mapping[str, LabelSnapshot]) -> str | None:
    """Return the label that is likeliest the former one: of its kind and near; same class first."""
    found: list[tuple[bool, float, str]] = []
    for label_id, snapshot in now.items():
        distance = _distance(before, snapshot)
        if distance is not None:
            found.append((snapshot.class_name != before.class_name, distance, label_id))
    return min(found)[2] if found else None


def _distance(before: LabelSnapshot, after: LabelSnapshot) -> float | None:
    """How far apart two labels are, 1 being as far as may be; None beyond."""
    if before.shape != after.shape or len(before.geometry) != len(after.geometry):
        return None
    measured = difference(before, after)
    if measured.moved_m is not None:
        share = measured.moved_m / NEAR_M
    elif measured.edges_px is not None:
        share = max(map(abs, measured.edges_px)) / NEAR_PX
    else:
        return None
    return share if share <= 1.0 else None


def _with_id(subject: Subject, label_id: str) -> Subject:
    return Subject.label(
        subject.dataset_id, subject.scene_id or "", subject.frame_key or "",
        subject.label_set_id or "", label_id,
    )  # fmt: skip


def stale_by_scene(found: Iterable[Stale]) -> dict[str, list[Stale]]:
    """Return stale decisions by scene id, each in the order of frames."""
    by_scene: dict[str, list[Stale]] = defaultdict(list)
    for each in found:
        by_scene[each.subject.scene_id or ""].append(each)
    return dict(by_scene)
