"""Findings as columns: ranked worst first, narrowed and grouped without looking at each again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.checks.catalog import all_checks
from viewer.checks.finding import Finding, Severity
from viewer.checks.ranking import Ranked, default_weights, rank, sureness
from viewer.checks.running import SceneResult

Ints = npt.NDArray[np.int64]
Place = tuple[str, str, str, str, str]
"""Check, frame, label set and label id (empty for none), detail: names a finding in its scene."""
CHECK_IDS = tuple(check.id for check in all_checks())
TITLES: Mapping[str, str] = {check.id: check.title for check in all_checks()}
NO_CLASS = ""


class Grouping(StrEnum):
    """By what findings stand together."""

    NONE = "none"
    CHECK = "check"
    CLASS = "class"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are listed; everything is wanted where nothing is said."""

    least: Severity = Severity.INFO
    check: str | None = None
    class_name: str | None = None
    text: str = ""
    scene_id: str | None = None

    @property
    def narrows(self) -> bool:
        """Whether it may leave something out."""
        return self != FindingFilter()


@dataclass(frozen=True, eq=False, slots=True)
class SceneFindings:
    """What the checks say of one scene; the N findings of its worst label come first."""

    scene_id: str
    findings: tuple[Finding, ...]
    ranked: tuple[Ranked, ...]
    """(N,) the label, or place without one, to which each finding belongs."""
    scores: npt.NDArray[np.float64]
    """(N,) of that label."""
    severities: npt.NDArray[np.int8]
    checks: npt.NDArray[np.int16]
    """(N,) rows of `CHECK_IDS`; -1 for a check that is not in it."""
    classes: Ints
    """(N,) rows of `class_names`."""
    class_names: tuple[str, ...]
    tracks: Ints
    """(N,) rows of `track_names`."""
    track_names: tuple[str, ...]
    wholes: Ints
    """(N,) a number for each track that is accused as a whole; -1 where none is."""
    texts: tuple[str, ...]
    """(N,) what words are looked for in, in small letters."""
    rows_by_place: Mapping[Place, tuple[int, ...]]
    skipped: Mapping[str, str]
    problems: tuple[str, ...]
    frames: int
    labels: int
    is_edited: bool = False
    """Whether somebody edited labels of it: then the ranking is not that of what was delivered."""

    def __len__(self) -> int:
        return len(self.findings)


def scene_findings(result: SceneResult, *, is_edited: bool = False) -> SceneFindings:
    """Rank the findings of a scene and make columns of them; long work, on any thread."""
    ranked = rank(result.findings)
    in_ranking = {id(each) for group in ranked for each in group.findings}
    ranked += [_alone(each) for each in result.findings if id(each) not in in_ranking]
    ranked.sort(key=lambda each: -each.score)
    owners = [group for group in ranked for _ in group.findings]
    findings = [each for group in ranked for each in group.findings]
    class_names, classes = _coded([each.class_name for each in findings])
    track_names, tracks = _coded([_track_name(each) for each in findings])
    whole = {id(each): number for number, each in enumerate(ranked) if each.track is not None}
    number_of = {check: number for number, check in enumerate(CHECK_IDS)}
    places: dict[Place, tuple[int, ...]] = {}
    for row, each in enumerate(findings):
        place = place_of(each)
        places[place] = (*places.get(place, ()), row)
    return SceneFindings(
        scene_id=result.scene_id,
        findings=tuple(findings),
        ranked=tuple(owners),
        scores=np.array([each.score for each in owners], np.float64),
        severities=np.array([int(each.severity) for each in findings], np.int8),
        checks=np.array([number_of.get(each.check, -1) for each in findings], np.int16),
        classes=classes,
        class_names=class_names,
        tracks=tracks,
        track_names=track_names,
        wholes=np.array([whole.get(id(each), -1) for each in owners], np.int64),
        texts=tuple(_search_text(each) for each in findings),
        rows_by_place=places,
        skipped=dict(result.skipped),
        problems=tuple(str(each) for each in result.problems),
        frames=result.frames,
        labels=result.labels,
        is_edited=is_edited,
    )


def place_of(finding: Finding) -> Place:
    """Name a finding within its scene, the same in every run."""
    label = finding.labels[0] if finding.labels else None
    set_id, label_id = ("", "") if label is None else (label.label_set_id, label.label_id)
    frame = finding.frame_key if label is None else label.frame_key
    return finding.check, frame or "", set_id, label_id, detail_of(finding)


def detail_of(finding: Finding) -> str:
    """Tell findings of one check on one label apart: by sensor, other labels, or where it is."""
    evidence = finding.evidence
    parts = [finding.sensor_id or evidence.camera_id or "", finding.about]
    parts += [each.label_id for each in finding.labels[1:]]
    if not finding.labels:
        parts += evidence.place
    return ",".join(part for part in parts if part)


@dataclass(frozen=True, eq=False, slots=True)
class FindingTable:
    """All scenes together; R rows, worst first over all of them."""

    scenes: tuple[SceneFindings, ...] = ()
    scene: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(R,) row of `scenes`."""
    row: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(R,) row in that scene."""
    severities: npt.NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    checks: npt.NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    classes: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(R,) rows of `class_names`."""
    class_names: tuple[str, ...] = ()
    tracks: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(R,) a number for each track of each scene."""
    wholes: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(R,) a number for each track that is accused as a whole; -1 where none is."""
    dismissed: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    def __len__(self) -> int:
        return len(self.row)

    @property
    def starts(self) -> Ints:
        """(S,) what is added to `wholes` of each scene."""
        return np.cumsum([0, *(len(each) for each in self.scenes)])[:-1]

    def finding(self, row: int) -> Finding:
        """One finding."""
        found: Finding = self.scenes[int(self.scene[row])].findings[int(self.row[row])]
        return found

    def ranked(self, row: int) -> Ranked:
        """The label, or place, that a finding is about, with all that is said of it."""
        found: Ranked = self.scenes[int(self.scene[row])].ranked[int(self.row[row])]
        return found


def table_of(
    scenes: Sequence[SceneFindings], dismissed: Mapping[str, Sequence[int]] | None = None
) -> FindingTable:
    """Put scenes together.

    Parameters
    ----------
    dismissed
        Rows of a scene that are not wanted, by its id.
    """
    if not scenes:
        return FindingTable()
    sizes = [len(each) for each in scenes]
    scores = np.concatenate([each.scores for each in scenes])
    order = np.argsort(-scores, kind="stable")
    names = list(dict.fromkeys(name for each in scenes for name in each.class_names))
    number_of = {name: number for number, name in enumerate(names)}
    classes = [
        np.array([number_of[name] for name in each.class_names], np.int64)[each.classes]
        for each in scenes
    ]
    starts = np.cumsum([0, *(len(each.track_names) for each in scenes)])
    wholes = [
        np.where(each.wholes < 0, -1, each.wholes + start)
        for each, start in zip(scenes, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True)
    ]
    tracks = [each.tracks + start for each, start in zip(scenes, starts, strict=False)]
    gone = [np.zeros(size, np.bool_) for size in sizes]
    for mask, each in zip(gone, scenes, strict=True):
        mask[list((dismissed or {}).get(each.scene_id, ()))] = True
    return FindingTable(
        scenes=tuple(scenes),
        scene=np.repeat(np.arange(len(scenes)), sizes)[order],
        row=np.concatenate([np.arange(size) for size in sizes])[order],
        severities=np.concatenate([each.severities for each in scenes])[order],
        checks=np.concatenate([each.checks for each in scenes])[order],
        classes=np.concatenate(classes)[order],
        class_names=tuple(names),
        tracks=np.concatenate(tracks)[order],
        wholes=np.concatenate(wholes)[order],
        dismissed=np.concatenate(gone)[order],
    )


def count_of(table: FindingTable, grouping: Grouping) -> int:
    """How many findings are listed where no filter leaves any out."""
    rows = np.flatnonzero(~table.dismissed)
    return len(_tracks_once(table, rows) if grouping is Grouping.NONE else rows)


@dataclass(frozen=True, eq=False, slots=True)
class Listing:
    """The rows of a table that a filter leaves, in the order in which they are shown."""

    table: FindingTable
    rows: Ints
    """(L,) rows of the table."""
    entries: Ints
    """What the list shows one below the other: a place of `rows`, or -1 - g for group g."""
    groups: tuple[tuple[str, int], ...] = ()
    """Title and number of findings of each group."""

    def __len__(self) -> int:
        return len(self.rows)


def listed(
    table: FindingTable,
    wanted: FindingFilter,
    grouping: Grouping = Grouping.NONE,
    folded: frozenset[str] = frozenset(),
) -> Listing:
    """Return what a filter leaves; groups stand in the order of their worst finding.

    Without groups a track that is accused as a whole stands once, as its worst finding.

    Parameters
    ----------
    folded
        Titles of groups of which only the title is shown.
    """
    mask = _mask(table, wanted)
    for word in wanted.text.casefold().split():
        mask &= _has_word(table, word)
    rows = np.flatnonzero(mask)
    if grouping is Grouping.NONE:
        rows = _tracks_once(table, rows)
    if grouping is Grouping.NONE or not len(rows):
        return Listing(table, rows, np.arange(len(rows)))
    columns: dict[Grouping, npt.NDArray[Any]] = {
        Grouping.CHECK: table.checks, Grouping.CLASS: table.classes, Grouping.TRACK: table.tracks,
    }  # fmt: skip
    keys = columns[grouping][rows].astype(np.int64)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    group_rank = np.empty(len(first), np.int64)
    group_rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    own = group_rank[inverse]
    order = np.argsort(own, kind="stable")
    rows, own = rows[order], own[order]
    bounds = np.searchsorted(own, np.arange(len(first) + 1))
    groups, entries = [], []
    for number in range(len(first)):
        start, stop = int(bounds[number]), int(bounds[number + 1])
        title = _title(table, int(rows[start]), grouping)
        groups.append((title, stop - start))
        entries.append(np.array([-1 - number]))
        if title not in folded:
            entries.append(np.arange(start, stop))
    return Listing(table, rows, np.concatenate(entries), tuple(groups))


def _tracks_once(table: FindingTable, rows: Ints) -> Ints:
    wholes = table.wholes[rows]
    first = np.zeros(len(rows), np.bool_)
    first[np.unique(wholes, return_index=True)[1]] = True
    return rows[first | (wholes < 0)]


def _mask(table: FindingTable, wanted: FindingFilter) -> npt.NDArray[np.bool_]:
    mask = ~table.dismissed & (table.severities >= int(wanted.least))
    if wanted.check is not None:
        number = CHECK_IDS.index(wanted.check) if wanted.check in CHECK_IDS else -2
        mask &= table.checks == number
    if wanted.class_name is not None:
        names = table.class_names
        mask &= table.classes == (
            names.index(wanted.class_name) if wanted.class_name in names else -1
        )
    if wanted.scene_id is not None:
        known = [each.scene_id for each in table.scenes]
        mask &= table.scene == (known.index(wanted.scene_id) if wanted.scene_id in known else -1)
    return mask


def _has_word(table: FindingTable, word: str) -> npt.NDArray[np.bool_]:
    """(R,) whether a word is anywhere in what is said of a finding."""
    found = [word in text for scene in table.scenes for text in scene.texts]
    starts = np.cumsum([0, *(len(each) for each in table.scenes)])
    hits: npt.NDArray[np.bool_] = np.array(found, np.bool_)[starts[table.scene] + table.row]
    return hits


def _title(table: FindingTable, row: int, grouping: Grouping) -> str:
    finding = table.finding(row)
    if grouping is Grouping.CHECK:
        return TITLES.get(finding.check, finding.check)
    if grouping is Grouping.CLASS:
        return finding.class_name or "No class"
    many = len(table.scenes) > 1
    name = _track_name(finding)
    return f"{name}, {finding.scene_id}" if many else name


def _track_name(finding: Finding) -> str:
    label = finding.labels[0] if finding.labels else None
    if label is None:
        # The name of what is predicted says which model and which object.
        return f"Missing {finding.class_name}, {finding.whole_track}" if finding.whole_track else (
            "No label"
        )  # fmt: skip
    return f"Track {label.track_id}" if label.track_id else f"Label {label.label_id}"


def _alone(finding: Finding) -> Ranked:
    """A finding on the scene or a sensor as a whole: it ranks no label."""
    weights = default_weights()
    adds = weights.of(finding.check) * sureness(finding)
    score = float(1.0 / (1.0 + np.exp(-(weights.bias + adds))))
    return Ranked(None, (finding,), {finding.check: adds}, score)


def _coded(names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(name, len(numbers)) for name in names]
    return tuple(numbers), np.array(codes, np.int64)


def _search_text(finding: Finding) -> str:
    label = finding.labels[0] if finding.labels else None
    parts = [
        finding.text, TITLES.get(finding.check, finding.check), finding.check, finding.class_name,
        finding.scene_id, finding.frame_key or "", finding.sensor_id or "",
        finding.evidence.camera_id or "", finding.about,
    ]  # fmt: skip
    if label is not None:
        parts += [label.label_id, label.track_id or ""]
    if finding.of_dataset:
        parts.append("whole dataset")
    return " ".join(part for part in parts if part).casefold()
