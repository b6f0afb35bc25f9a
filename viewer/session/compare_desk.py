"""The desk at which predictions are compared: figures, the row looked at, what becomes of it."""

from viewer.session.compare_board import COMPARE_JOB, LOAD_JOB, CompareBoard
from viewer.session.compare_list import ErrorWalk
from viewer.session.compare_protocols import ProtocolRuns
from viewer.session.compare_review import ErrorReview
from viewer.session.session import Session

__all__ = ["COMPARE_JOB", "LOAD_JOB", "CompareDesk"]


class CompareDesk(CompareBoard):
    """Everything that the Compare layout stands on, without Qt."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        # They hear of a new comparison before everyone who asks them.
        self.walk = ErrorWalk(self)
        self.protocols = ProtocolRuns(self)
        self.work = ErrorReview(self, self.walk)

    def dispose(self) -> None:
        """Stop listening and computing."""
        self.walk.dispose()
        super().dispose()
