"""What becomes of decisions when the dataset's files are no longer what they were."""

from dataclasses import dataclass

from viewer.progress import JobContext
from viewer.review import Workspace
from viewer.review.commands.datasets import RecordDelivery
from viewer.review.commands.redelivery import AcceptCarry, Reanchor
from viewer.review.datasets.entities import DELIVERIES
from viewer.review.datasets.fingerprint import Fingerprint, fingerprint
from viewer.review.datasets.relink import last_delivery
from viewer.review.ledger import Reading
from viewer.review.redelivery.carry_over import CarryOver, Stale, carry_over
from viewer.scene.scene import Dataset
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DeliveryCompared,
    DeskChange,
    WorkspaceClosed,
    WorkspaceOpened,
)

JOB = "workspace-delivery"


@dataclass(frozen=True, slots=True)
class _Look:
    """What a worker thread found."""

    content: Fingerprint
    found: CarryOver | None
    """None where the dataset has been the same from the first."""


class Deliveries:
    """Looks at the dataset's files whenever a workspace is opened with it, in the background.

    The first content is written down. After another one, decisions follow labels that are there
    under another id, as one step that can be undone; what is stale is in `found`.
    """

    def __init__(self, board: ReviewBoard) -> None:
        self.found: CarryOver | None = None
        """The last comparison; None where there was nothing to compare."""
        self._board = board
        self._session = board.session
        self._unsubscribe = board.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop looking."""
        self._session.jobs.cancel(JOB)
        self._unsubscribe()

    def stale(self) -> tuple[Stale, ...]:
        """Decisions about what changed or is gone."""
        return () if self.found is None else self.found.stale

    def accept(self) -> bool:
        """Put decisions on labels found under another id, where that was taken back before."""
        moves = () if self.found is None else self.found.moves
        return bool(moves) and self._board.run(AcceptCarry(moves))

    def keep(self, stale: Stale) -> bool:
        """Say that decisions hold for the label as it is now."""
        return self._settle(stale, Reanchor(stale.subject, stale.subject, stale.after))

    def follow(self, stale: Stale) -> bool:
        """Put decisions about a label that is gone on the one that is proposed for it."""
        if stale.candidate is None:
            self._session.say("Nothing moved: no label is near", is_problem=True)
            return False
        return self._settle(stale, Reanchor(stale.subject, stale.candidate, stale.after))

    def compare(self) -> None:
        """Look at the files now."""
        board, session = self._board, self._session
        workspace, dataset, dataset_id = board.workspace, session.dataset, board.dataset_id
        self.found = None
        if workspace is None or dataset is None or dataset_id is None:
            return
        session.jobs.start(
            JOB,
            lambda context: _look(context, workspace, dataset, dataset_id),
            done=lambda look: self._take(workspace, dataset_id, look),
            failed=self._failed,
            title="Comparing the dataset with the decisions",
            priority=70,
        )

    def _take(self, workspace: Workspace, dataset_id: str, look: _Look) -> None:
        board, told = self._board, look.content.text
        if board.workspace is not workspace or board.dataset_id != dataset_id:
            return
        found = look.found
        if workspace.is_writable and last_delivery(workspace.reading, dataset_id) != told:
            board.run(RecordDelivery(dataset_id, told, look.content.packed()))
            # Once: who takes it back does not want it again.
            if found is not None and found.moves:
                board.run(AcceptCarry(found.moves))
        self.found = found
        if found is not None and (found.moves or found.stale):
            self._session.say(f"Labels were delivered again; decisions: {found.text}")
        board.emit(DeliveryCompared())

    def _settle(self, stale: Stale, command: Reanchor) -> bool:
        if not self._board.run(command):
            return False
        if self.found is not None:
            left = tuple(each for each in self.found.stale if each is not stale)
            kept = self.found.kept_count + 1
            self.found = CarryOver(self.found.dataset_id, kept, self.found.moves, left)
        self._board.emit(DeliveryCompared())
        return True

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, FileNotFoundError):
            self._session.say(f"The dataset was not compared: {error}", is_problem=True)

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened):
            self.compare()
        elif isinstance(change, WorkspaceClosed):
            self._session.jobs.cancel(JOB)
            self.found = None


def _look(context: JobContext, workspace: Workspace, dataset: Dataset, dataset_id: str) -> _Look:
    content = fingerprint(dataset.path, context)
    reading, connection = workspace.another_reading()
    try:
        found = None
        if _was_other(reading, dataset_id, content.text):
            found = carry_over(reading, dataset, dataset_id, context)
        return _Look(content, found)
    finally:
        connection.close()


def _was_other(reading: Reading, dataset_id: str, content: str) -> bool:
    """Whether the dataset was ever seen with another content."""
    rows = reading.rows(DELIVERIES, "WHERE dataset_id = ?", (dataset_id,))
    return any(row["fingerprint"] != content for row in rows)
