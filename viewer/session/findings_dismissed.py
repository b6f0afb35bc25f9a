"""Which findings somebody dismissed, and whether that still holds: the label must be the same."""

from collections.abc import Callable, Mapping, Sequence

from viewer.progress import JobContext
from viewer.review import Subject, SubjectKind, Workspace
from viewer.review.dismissals.reading import Dismissal, dismissals
from viewer.session.findings_list import Place, SceneFindings
from viewer.session.findings_run import LabelNamed, label_hashes
from viewer.session.session import Session

HASH_JOB = "findings-dismissed"
Opened = tuple[Workspace, str]
"""The workspace, and the id of the dataset in it."""


class Dismissed:
    """Follows the dismissals of the open workspace. Owner's thread only.

    Parameters
    ----------
    changed
        Called when other findings are dismissed than before.
    """

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self._session, self._changed = session, changed
        self._by_place: dict[tuple[str, Place], Dismissal] = {}
        self._hashes: dict[LabelNamed, str | None] = {}

    def read(self, opened: Opened | None) -> None:
        """Read what was dismissed."""
        found = [] if opened is None else dismissals(opened[0].reading, opened[1])
        before = self._by_place
        self._by_place = {(each.subject.scene_id or "", _place(each)): each for each in found}
        if before != self._by_place:
            self._look()
            self._changed()

    def labels_changed(self, scene_id: str | None = None) -> None:
        """Look at the labels again, of one scene or of all."""
        self._hashes = {
            each: value
            for each, value in self._hashes.items()
            if scene_id is not None and each[0] != scene_id
        }
        self._look()

    def clear(self) -> None:
        """Forget everything: another dataset is open."""
        self._by_place.clear()
        self._hashes.clear()

    def rows(self, scenes: Sequence[SceneFindings]) -> Mapping[str, Sequence[int]]:
        """Rows of each scene that are dismissed, by its id."""
        found: dict[str, list[int]] = {}
        by_id = {each.scene_id: each for each in scenes}
        for (scene_id, place), dismissal in self._by_place.items():
            scene = by_id.get(scene_id)
            if scene is not None and self._holds(dismissal):
                found.setdefault(scene_id, []).extend(scene.rows_by_place.get(place, ()))
        return found

    def _holds(self, dismissal: Dismissal) -> bool:
        named = _named(dismissal)
        if dismissal.shown_hash is None or named is None:
            return True
        # Until the label was looked at, what a person said counts.
        return self._hashes.get(named, dismissal.shown_hash) == dismissal.shown_hash

    def _look(self) -> None:
        """Find out how the labels of dismissed findings look now."""
        dataset = self._session.dataset
        named = {_named(each) for each in self._by_place.values()}
        wanted = [each for each in named if each is not None and each not in self._hashes]
        if dataset is None or not wanted:
            return
        scenes = {each.scene_id: each for each in dataset.scenes}
        edits = self._session.edit_labels

        def look(context: JobContext) -> dict[LabelNamed, str | None]:
            return label_hashes(context, scenes, edits, wanted)

        def keep(found: dict[LabelNamed, str | None]) -> None:
            self._hashes.update(found)
            self._changed()

        self._session.jobs.start(
            HASH_JOB,
            look,
            done=keep,
            failed=lambda error: self._session.say(str(error), is_problem=True),
            priority=8,
        )


def subject_place(subject: Subject, check_id: str, detail: str) -> Place:
    """Name in its scene of the finding that a dismissal is about."""
    return (
        check_id, subject.frame_key or "", subject.label_set_id or "", subject.label_id or "",
        detail,
    )  # fmt: skip


def _place(dismissal: Dismissal) -> Place:
    return subject_place(dismissal.subject, dismissal.check_id, dismissal.detail)


def _named(dismissal: Dismissal) -> LabelNamed | None:
    subject = dismissal.subject
    if subject.kind is not SubjectKind.LABEL:
        return None
    return (
        subject.scene_id or "", subject.frame_key or "", subject.label_set_id or "",
        subject.label_id or "",
    )  # fmt: skip
