"""Versions of label sets at the desk: naming, comparing and restoring them."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.review import CommandRefused, Reading, Subject, Workspace, new_id
from viewer.review.commands.versions import (
    DeleteVersion,
    ForkVersion,
    RestoreVersion,
    SaveVersion,
)
from viewer.review.slices.reading import slices
from viewer.review.versions.compare import (
    Comparison,
    LabelSource,
    Side,
    as_delivered,
    as_edited,
    as_version,
    compare,
)
from viewer.review.versions.diff import Difference
from viewer.review.versions.diff_places import DiffByFrame
from viewer.review.versions.diff_totals import ClassDiff, class_diffs, total_diff
from viewer.review.versions.label_table import LabelKind
from viewer.review.versions.model import ForkChoices
from viewer.review.versions.reading import version_by_id, versions
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Scene
from viewer.session.review_board import ReviewBoard

_NO_LABELS = (LabelKind.PIXELS, LabelKind.POINTS)
"""Rows of a comparison that stand for a class of a whole."""
COMPARE_JOB = "review-compare"
DIFFERENT = (Difference.CHANGED, Difference.ADDED, Difference.REMOVED)


class SideKind(StrEnum):
    """What labels are taken as."""

    NOW = "now"
    """With everyone's edits."""
    DELIVERED = "delivered"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class SideChoice:
    """One of the things that can be compared."""

    kind: SideKind
    label_set_id: str
    text: str
    """For people."""
    version_id: str | None = None

    @property
    def key(self) -> str:
        """Tells choices apart."""
        return self.version_id or f"{self.kind}:{self.label_set_id}"


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found between two sides."""

    before: SideChoice
    after: SideChoice
    comparison: Comparison
    rows: npt.NDArray[np.int64]
    """Rows of the diff that are not the same, in the order of scenes and frames."""
    total: ClassDiff
    classes: tuple[ClassDiff, ...]
    """Those of most labels first."""
    class_places: npt.NDArray[np.int64]
    """(2, len(rows)) place in `classes` before and after; -1 for none."""
    by_frame: DiffByFrame

    def subject(self, dataset_id: str, row: int) -> Subject:
        """Where to look at a row of the diff: its label, or its frame where the label is gone.

        A label of the second side is looked at where there is one.
        """
        diff = self.comparison.diff
        place = diff.place(row)
        own = int(diff.row_after[row])
        if own < 0 or place.kind in _NO_LABELS:
            return Subject.frame(dataset_id, place.scene_id, place.frame_key)
        return Subject.label(
            dataset_id, place.scene_id, place.frame_key, self.after.label_set_id,
            diff.after.label_ids[own],
        )  # fmt: skip

    def rows_of(
        self, difference: Difference | None, class_place: int | None
    ) -> npt.NDArray[np.int64]:
        """Rows of one difference, of one of `classes` before or after; None for all."""
        keep = np.ones(len(self.rows), dtype=bool)
        if difference is not None:
            keep &= self.comparison.diff.difference[self.rows] == difference
        if class_place is not None:
            keep &= (self.class_places == class_place).any(axis=0)
        return self.rows[keep]


@dataclass(frozen=True, slots=True)
class Forkable:
    """What a fork of a version can take along."""

    version: SideChoice
    classes: tuple[str, ...]
    tags: tuple[str, ...]
    slices: tuple[tuple[str, str], ...]
    """Ids and names."""
    has_labels: bool
    """False for a version that was forked without labels itself."""


class VersionWork:
    """Names, compares, restores and deletes versions of the open dataset's label sets."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board = board

    def choices(self) -> tuple[SideChoice, ...]:
        """What can be compared: each label set now and as delivered, and every version."""
        reading, dataset_id = self._board.reading, self._board.dataset_id
        dataset = self._board.session.dataset
        if reading is None or dataset_id is None or dataset is None:
            return ()
        titles = label_set_titles(dataset)
        found: list[SideChoice] = []
        for label_set_id, title in titles.items():
            named = f"{title}, " if len(titles) > 1 else ""
            found += [
                SideChoice(SideKind.NOW, label_set_id, f"{named}now".capitalize()),
                SideChoice(SideKind.DELIVERED, label_set_id, f"{named}as delivered".capitalize()),
            ]
        found += [
            SideChoice(SideKind.VERSION, each.label_set_id, each.name, each.version_id)
            for each in versions(reading, dataset_id)
        ]
        return tuple(found)

    def save(self, name: str, label_set_id: str, parent: str | None = None) -> str | None:
        """Name the labels as they are now; the version's id, None where that failed."""
        dataset_id = self._board.dataset_id
        if dataset_id is None:
            return None
        version_id = new_id()
        saved = SaveVersion(
            version_id, name, dataset_id, label_set_id, self.class_names(), parent=parent
        )
        if not self._board.run(saved):
            return None
        self._board.session.say(f"Version “{name}” saved")
        return version_id

    def class_names(self) -> tuple[str, ...]:
        """Names of the dataset's class maps."""
        dataset = self._board.session.dataset
        scenes = () if dataset is None else dataset.scenes
        return tuple(sorted({name for scene in scenes for name in scene.class_map.names}))

    def forkable(self, choice: SideChoice) -> Forkable | None:
        """What a fork of a version can take along; None where it is gone or no version."""
        reading = self._board.reading
        version = None
        if reading is not None and choice.version_id is not None:
            version = version_by_id(reading, choice.version_id)
        if reading is None or version is None:
            return None
        kept = version.keeps.classes
        known = version.classes or self.class_names()
        return Forkable(
            choice,
            tuple(name for name in known if kept is None or name in kept),
            tuple(sorted(version.tags)),
            tuple((each.slice_id, each.name) for each in slices(reading)),
            has_labels=version.keeps.labels,
        )

    def fork(self, choice: SideChoice, name: str, choices: ForkChoices) -> str | None:
        """Make a new version from another one; its id, None where that failed."""
        if choice.version_id is None:
            return None
        version_id = new_id()
        if not self._board.run(ForkVersion(version_id, name, choice.version_id, choices)):
            return None
        self._board.session.say(f"Version “{name}” forked from “{choice.text}”")
        return version_id

    def restore(self, choice: SideChoice) -> bool:
        """Make the labels as they were in a version, as one step of undo."""
        if choice.version_id is None:
            return False
        done = self._board.run(RestoreVersion(choice.version_id, choice.text))
        if done:
            self._board.session.say(f"Restored version “{choice.text}”; undo takes it back")
        return done

    def delete(self, choice: SideChoice) -> bool:
        """Delete a version; undo brings it back."""
        if choice.version_id is None:
            return False
        return self._board.run(DeleteVersion(choice.version_id, choice.text))

    def compare(
        self,
        before: SideChoice,
        after: SideChoice,
        scene_id: str | None,
        done: Callable[[Compared], None],
        ended: Callable[[], None],
    ) -> None:
        """Compare in the background, one scene or all; `ended` follows in any case."""
        board = self._board
        workspace, dataset, dataset_id = board.workspace, board.session.dataset, board.dataset_id
        if workspace is None or dataset is None or dataset_id is None:
            ended()
            return

        def job(context: JobContext) -> Compared:
            return compare_sides(context, workspace, dataset, dataset_id, (before, after), scene_id)

        def finish(found: Compared) -> None:
            ended()
            done(found)

        def failed(error: Exception) -> None:
            ended()
            board.session.say(f"Nothing was compared: {error}", is_problem=True)

        board.session.jobs.start(
            COMPARE_JOB, job, done=finish, failed=failed, given_up=ended, title="Comparing labels"
        )


def label_set_titles(dataset: Dataset) -> dict[str, str]:
    """Titles of the label sets that any scene has, by id."""
    found: dict[str, str] = {}
    for scene in dataset.scenes:
        for each in scene.label_sets:
            found.setdefault(each.label_set_id, each.title or each.label_set_id)
    return found


def compare_sides(
    context: JobContext,
    workspace: Workspace,
    dataset: Dataset,
    dataset_id: str,
    sides: tuple[SideChoice, SideChoice],
    scene_id: str | None = None,
) -> Compared:
    """Read and compare two sides; runs on a worker thread.

    Raises
    ------
    CommandRefused
        When a version is gone.
    """
    scenes = [each for each in whole(dataset).scenes if scene_id in (None, each.scene_id)]
    opened = [workspace.another_reading() for _ in sides]
    try:
        sources = [
            _source(reading, dataset_id, choice)
            for (reading, _), choice in zip(opened, sides, strict=True)
        ]
        before = Side(scenes, _told(context, sources[0], sum(len(scene) for scene in scenes)))
        # It tells its progress by scenes alone, of which there may be one.
        found = compare(before, Side(scenes, sources[1]), JobContext())
    finally:
        for _, connection in opened:
            connection.close()
    diff = found.diff
    classes = [each for each in class_diffs(diff) if each.before or each.after]
    classes.sort(key=lambda each: (-max(each.before, each.after), each.class_name))
    rows = diff.rows(*DIFFERENT)
    places = {each.class_name: place for place, each in enumerate(classes)}
    class_places = np.array(
        [
            _class_places(places, diff.before.class_names, diff.row_before[rows]),
            _class_places(places, diff.after.class_names, diff.row_after[rows]),
        ],
        dtype=np.int64,
    )
    return Compared(
        *sides, found, rows, total_diff(diff), tuple(classes), class_places, DiffByFrame(diff)
    )  # fmt: skip


def _told(context: JobContext, source: LabelSource, total: int) -> LabelSource:
    """Return a source that reports each frame, and stops where the work is given up."""
    frames = itertools.count()

    def labels(scene: Scene, frame_index: int) -> FrameLabels:
        context.report(next(frames), total, "Comparing labels")
        return source(scene, frame_index)

    return labels


def _class_places(
    places: Mapping[str, int], names: Sequence[str], own: npt.NDArray[np.int64]
) -> list[int]:
    return [places[names[row]] if row >= 0 else -1 for row in own.tolist()]


def _source(reading: Reading, dataset_id: str, choice: SideChoice) -> LabelSource:
    if choice.kind is SideKind.DELIVERED:
        return as_delivered(choice.label_set_id)
    if choice.kind is SideKind.NOW:
        return as_edited(reading, dataset_id, choice.label_set_id)
    version = version_by_id(reading, choice.version_id or "")
    if version is None:
        raise CommandRefused(f"version “{choice.text}” is gone")
    return as_version(reading, version)


def total_text(total: ClassDiff) -> str:
    """Totals for people, e.g. ``12 changed, 3 added, 1 removed, 1,204 the same``."""
    parts = (
        (total.changed, "changed"), (total.added, "added"), (total.removed, "removed"),
        (total.same, "the same"),
    )  # fmt: skip
    return ", ".join(f"{count:,} {word}" for count, word in parts)
