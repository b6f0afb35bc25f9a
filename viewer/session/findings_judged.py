"""What people said of labels that the checks rank: the truth that calibrates the ranking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from viewer.checks.calibration import Calibration, calibrate
from viewer.checks.finding import LabelName
from viewer.checks.ranking import Ranked
from viewer.progress import JobContext
from viewer.review import Reading, Subject, SubjectKind
from viewer.review.dismissals.reading import dismissals
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts
from viewer.scene.scene import Scene
from viewer.session.findings_dismissed import subject_place
from viewer.session.findings_list import Place, place_of
from viewer.session.findings_run import LabelNamed, label_hashes
from viewer.session.label_edits import as_delivered

TrackNamed = tuple[str, str, str]
"""Scene, label set, track."""
Hashes = dict[LabelNamed, str | None]
"""How labels look as delivered; None for one that is gone."""
IS_WRONG: Final[Mapping[VerdictState, bool]] = {
    VerdictState.ACCEPTED: False, VerdictState.REJECTED: True, VerdictState.NEEDS_FIX: True,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgements:
    """Every verdict and dismissal of a dataset that says whether something is wrong.

    Beside each stands the hash of the label as it was then; None where nobody kept it.
    """

    labels: Mapping[LabelNamed, tuple[bool, str | None]] = field(default_factory=dict)
    """Whether a label is wrong."""
    tracks: Mapping[TrackNamed, bool] = field(default_factory=dict)
    """Whether a track is."""
    dismissed: Mapping[tuple[str, Place], tuple[LabelNamed, str | None]] = field(
        default_factory=dict
    )
    """Findings that somebody found to be none, by scene and place."""

    def __bool__(self) -> bool:
        return bool(self.labels or self.tracks or self.dismissed)

    @property
    def scene_ids(self) -> frozenset[str]:
        """Scenes in which anything was judged."""
        return frozenset(
            [*(each[0] for each in self.labels), *(each[0] for each in self.tracks),
             *(each[0] for each in self.dismissed)]
        )  # fmt: skip


def judgements(reading: Reading, dataset_id: str) -> Judgements:
    """Read what people decided; of several verdicts on one subject the newest counts.

    Verdicts on frames and scenes do not say which label is wrong, and tell nothing here.
    """
    labels: dict[LabelNamed, tuple[bool, str | None]] = {}
    tracks: dict[TrackNamed, bool] = {}
    for subject, verdict in all_verdicts(reading):
        wrong = IS_WRONG.get(verdict.state)
        if wrong is None or subject.dataset_id != dataset_id:
            continue
        if subject.kind is SubjectKind.LABEL:
            labels.setdefault(_label(subject), (wrong, verdict.snapshot_hash))
        elif subject.kind is SubjectKind.TRACK:
            names = (subject.scene_id or "", subject.label_set_id or "", subject.track_id or "")
            tracks.setdefault(names, wrong)
    return Judgements(labels, tracks, {
        (each.subject.scene_id or "", subject_place(each.subject, each.check_id, each.detail)):
        (_label(each.subject), each.snapshot_hash)
        for each in dismissals(reading, dataset_id)
        # What was said of a label that somebody had edited tells nothing of the delivered one.
        if each.subject.kind is SubjectKind.LABEL and each.shown_hash == each.snapshot_hash
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores of labels and tracks that were judged, and whether they were found wrong."""

    scores: list[float]
    wrong: list[bool]

    def __len__(self) -> int:
        return len(self.scores)

    def calibration(self) -> Calibration | None:
        """What turns scores into probabilities; None while too little is judged."""
        return calibrate(self.scores, self.wrong)


def judged(
    ranked: Iterable[Ranked],
    told: Judgements,
    scenes: Mapping[str, Scene],
    context: JobContext,
    hashes: Hashes,
) -> Judged:
    """Return what was said of the labels that the checks rank.

    A label whose findings all were dismissed is right. What is missing has no label and no verdict
    of its own; labels that were delivered again in another shape are left out.

    Parameters
    ----------
    ranked
        Of labels as they were delivered: an edit that mends a label takes its findings away, and
        what was said of it too.
    hashes
        Labels that were looked at before; the others are added.
    """
    found = Judged([], [])
    entries = [(each, _said_of(each, told)) for each in ranked]
    said = [(each, answer) for each, answer in entries if answer is not None]
    wanted = {named for _, answer in said for named in answer.hashes} - hashes.keys()
    known = [named for named in sorted(wanted) if named[0] in scenes]
    hashes.update(label_hashes(context, scenes, as_delivered, known))
    for each, answer in said:
        if all(then is None or hashes.get(named) == then for named, then in answer.hashes.items()):
            found.scores.append(each.score)
            found.wrong.append(answer.wrong)
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    wrong: bool
    hashes: Mapping[LabelNamed, str | None] = field(default_factory=dict)
    """Of the labels that were looked at."""


def _said_of(entry: Ranked, told: Judgements) -> _Said | None:
    """What was said of an entry; None where nobody judged it."""
    if entry.label is None:
        return None
    labels = {_named(each.labels[0]) for each in entry.findings}
    if entry.track is not None:
        label = entry.label
        own = told.tracks.get((label.scene_id, label.label_set_id, entry.track))
        if own is not None:
            return _Said(own)
    known = {named: told.labels[named] for named in labels if named in told.labels}
    if known:
        hashes = {named: then for named, (_, then) in known.items()}
        return _Said(any(wrong for wrong, _ in known.values()), hashes)
    gone = [told.dismissed.get((each.scene_id, place_of(each))) for each in entry.findings]
    if any(each is None for each in gone):
        return None
    return _Said(wrong=False, hashes=dict(each for each in gone if each is not None))


def _label(subject: Subject) -> LabelNamed:
    return (
        subject.scene_id or "", subject.frame_key or "", subject.label_set_id or "",
        subject.label_id or "",
    )  # fmt: skip


def _named(label: LabelName) -> LabelNamed:
    return label.scene_id, label.frame_key, label.label_set_id, label.label_id
