"""The desk of the findings: what checks say, the one that is looked at, what becomes of it."""

from collections.abc import Callable

from viewer.review import Changed
from viewer.review.dismissals.entities import DISMISSALS
from viewer.review.edits.entities import LABEL_EDITS
from viewer.session.findings_board import DATASET_JOB, SCENE_JOB, FindingsBoard
from viewer.session.findings_changes import FindingsListed
from viewer.session.findings_doctor import Doctor
from viewer.session.findings_policy import PolicyChoice
from viewer.session.findings_review import FindingsReview
from viewer.session.findings_walk import FindingsWalk
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.session import Session

__all__ = ["DATASET_JOB", "SCENE_JOB", "FindingsDesk"]


class FindingsDesk(FindingsBoard):
    """Everything that the findings in the window stand on, without Qt."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.walk = FindingsWalk(self)
        self.work = FindingsReview(self, self.walk)
        self.doctor = Doctor(self, self.walk)
        self.policy = PolicyChoice(self, self.doctor.mark_behind)
        self._followed: ReviewDesk | None = None
        self._stop_following: Callable[[], None] = lambda: None

    def dispose(self) -> None:
        """Stop listening and checking."""
        self._stop_following()
        self.policy.dispose()
        self.doctor.dispose()
        self.walk.dispose()
        super().dispose()

    def labels_changed(self) -> None:
        """Labels of the open scene were edited: what was told of it is behind."""
        super().labels_changed()
        scene = self.session.scene
        if scene is not None:
            self.doctor.mark_behind(scene.scene_id)

    def follow(self, review: ReviewDesk | None) -> None:
        """Hear from now on what is decided at the desk of the review."""
        if review is None or review is self._followed:
            return
        self._stop_following()
        self._followed = review
        self._stop_following = review.subscribe(self._on_review)
        self._read_dismissed()

    def _read_dismissed(self) -> None:
        review = self._followed
        opened = None
        if review is not None and review.workspace is not None and review.dataset_id is not None:
            opened = review.workspace, review.dataset_id
        self.read_dismissed(opened)

    def _on_review(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self.work.decisions_changed()
            self._read_dismissed()
            self.emit(FindingsListed())
        elif isinstance(change, DecisionsChanged):
            self._take(change.changed)

    def _take(self, changed: Changed) -> None:
        entities = {entity for entity, _ in changed.touched}
        if DISMISSALS.name in entities:
            self._read_dismissed()
        if LABEL_EDITS.name in entities:
            self.labels_changed()
        if entities & {"verdicts"}:
            self.work.decisions_changed()
            self.emit(FindingsListed())
