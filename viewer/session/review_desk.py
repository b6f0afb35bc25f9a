"""The desk at which a person reviews: the open workspace, verdicts on it, the queue walked."""

from viewer.review import Entry, Reviewer
from viewer.session.review_board import POLL_MS, ReviewBoard
from viewer.session.review_bookmarks import Bookmarks
from viewer.session.review_delivery import DeliveryWatch
from viewer.session.review_editing import SelectionEditing
from viewer.session.review_edits import LabelEditing
from viewer.session.review_issue_places import IssuePlaces
from viewer.session.review_issues import IssueWork
from viewer.session.review_judging import Judging
from viewer.session.review_large import is_large, reverse
from viewer.session.review_sights import Sights
from viewer.session.review_slices import SliceWork
from viewer.session.review_tags import TagWork
from viewer.session.review_tasks import TaskWork
from viewer.session.review_thresholds import ThresholdWork
from viewer.session.review_walk import QueueWalk
from viewer.session.session import Session

__all__ = ["POLL_MS", "ReviewDesk"]


class ReviewDesk(ReviewBoard):
    """Everything that the review in the window stands on, without Qt."""

    def __init__(self, session: Session, reviewer: Reviewer) -> None:
        super().__init__(session, reviewer)
        # They hear of decisions before everyone who asks them.
        self.delivery = DeliveryWatch(self)
        self.judging = Judging(self)
        self.walk = QueueWalk(self, self.judging)
        self.judging.queue = self.walk
        self.sights = Sights(self)
        self.bookmarks = Bookmarks(self, self.sights)
        self.issues = IssueWork(self, self.judging, self.walk, self.sights)
        self.issue_places = IssuePlaces(self)
        self.slices = SliceWork(self, self.judging)
        self.tags = TagWork(self, self.judging, self.issues)
        self.tasks = TaskWork(self, self.judging, self.walk)
        self.thresholds = ThresholdWork(self)
        self.editing = LabelEditing(self)
        self.selected = SelectionEditing(self, self.editing)

    def undo(self) -> Entry | None:
        """As the board does; what is large goes on in the background, and None is returned."""
        if is_large(self):
            reverse(self)
            return None
        return super().undo()

    def redo(self) -> Entry | None:
        """As the board does; what is large goes on in the background, and None is returned."""
        if is_large(self, redo=True):
            reverse(self, redo=True)
            return None
        return super().redo()

    def dispose(self) -> None:
        """Close the workspace and stop listening."""
        self.issue_places.dispose()
        self.issues.dispose()
        self.sights.dispose()
        self.walk.dispose()
        self.judging.dispose()
        super().dispose()
