"""Recognising the reviewed dataset by its content, and what a new delivery does to decisions."""

from dataclasses import dataclass

from viewer.progress import JobContext
from viewer.review import Workspace, WorkspaceError
from viewer.review.attach import attach_dataset
from viewer.review.commands.redelivery import AcceptCarry, Reanchor
from viewer.review.datasets.fingerprint import Fingerprint, fingerprint
from viewer.review.datasets.relink import Recognised, Recognition, recognise, was_delivered_again
from viewer.review.redelivery.carry_over import CarryOver, Stale, carry_over
from viewer.scene.scene import Dataset
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import DeskChange, StaleChanged, WorkspaceClosed, WorkspaceOpened
from viewer.session.review_place import dataset_name

RECOGNISE_JOB, COMPARE_JOB = "review-recognise", "review-compare"
_AGAIN = (Recognised.DELIVERED_AGAIN, Recognised.MOVED_AND_DELIVERED_AGAIN)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was open when a job began: its answer counts only while it still is."""

    workspace: Workspace
    dataset: Dataset


class DeliveryWatch:
    """Looks at the dataset's content whenever a workspace is opened for it. Made by the desk."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board, self._session = board, board.session
        self.stale: tuple[Stale, ...] = ()
        """Decisions about what changed or is gone since."""
        self.told = ""
        """What became of the decisions, for people; empty until it was compared."""
        board.subscribe(self._on_change)

    # -- recognising -------------------------------------------------------------------------

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened):
            self._recognise()
        elif isinstance(change, WorkspaceClosed):
            for job in (RECOGNISE_JOB, COMPARE_JOB):
                self._session.jobs.cancel(job)
            self._show((), "")

    def _asked(self) -> _Asked | None:
        workspace, dataset = self._board.workspace, self._session.dataset
        if workspace is None or dataset is None or not dataset.path.exists():
            return None
        return _Asked(workspace, dataset)

    def _holds(self, asked: _Asked) -> bool:
        now = self._asked()
        # More of the dataset's index may be there by now.
        return now is not None and (now.workspace, now.dataset.path) == (
            asked.workspace, asked.dataset.path
        )  # fmt: skip

    def _recognise(self) -> None:
        asked = self._asked()
        if asked is None:
            return
        path = asked.dataset.path.resolve()
        self._session.jobs.start(
            RECOGNISE_JOB,
            lambda context: fingerprint(path, context),
            done=lambda found: self._recognised(asked, found),
            failed=lambda error: self._session.say(
                f"The dataset's content cannot be recognised: {error}", is_problem=True
            ),
            title="Recognising the dataset",
            priority=50,
        )

    def _recognised(self, asked: _Asked, found: Fingerprint) -> None:
        if not self._holds(asked):
            return
        path = asked.dataset.path.resolve()
        known: Recognition = recognise(
            asked.workspace.reading, path, dataset_name(asked.dataset), found
        )
        if known.dataset_id is None and self._board.dataset_id is None:
            # The workspace is about other datasets.
            self._board.use_dataset(None)
            return
        if asked.workspace.is_writable:
            try:
                known = attach_dataset(asked.workspace, asked.dataset, found)
            except WorkspaceError as error:
                self._session.say(str(error), is_problem=True)
                return
        self._board.use_dataset(known.dataset_id or self._board.dataset_id)
        if known.how in _AGAIN:
            changed = "" if known.difference is None else f" ({known.difference.text})"
            self._session.say(f"The dataset was delivered again{changed}")
            self.compare()
        elif known.dataset_id is not None and was_delivered_again(
            asked.workspace.reading, known.dataset_id
        ):
            # What was stale still is; what someone took back is not carried over again.
            self.compare(carry=False)

    # -- comparing ---------------------------------------------------------------------------

    def compare(self, *, carry: bool = True) -> None:
        """Compare all decisions with the labels as they are now; `StaleChanged` follows.

        With `carry` decisions go to labels that are found under another id.
        """
        asked, dataset_id = self._asked(), self._board.dataset_id
        if asked is None or dataset_id is None:
            self._session.say("Nothing to compare: no dataset is open", is_problem=True)
            return

        def run(context: JobContext) -> CarryOver:
            reading, connection = asked.workspace.another_reading()
            try:
                return carry_over(reading, asked.dataset, dataset_id, context)
            finally:
                connection.close()

        self._session.jobs.start(
            COMPARE_JOB,
            run,
            done=lambda found: self._compared(asked, found, carry=carry),
            failed=lambda error: self._session.say(
                f"The decisions cannot be compared with the labels: {error}", is_problem=True
            ),
            title="Comparing decisions with the labels",
            priority=40,
        )

    def _compared(self, asked: _Asked, found: CarryOver, *, carry: bool) -> None:
        if not self._holds(asked):
            return
        if carry and found.moves and self._board.read_only_reason is None:
            self._board.run(AcceptCarry(found.moves))
        self._show(found.stale, found.text)
        if carry or found.stale:
            self._session.say(f"Decisions on the labels as they are now: {found.text}")

    def _show(self, stale: tuple[Stale, ...], told: str) -> None:
        if (stale, told) != (self.stale, self.told):
            self.stale, self.told = stale, told
            self._board.emit(StaleChanged())

    # -- deciding ----------------------------------------------------------------------------

    def keep(self, stale: Stale) -> bool:
        """Let decisions stand about a label that changed."""
        return self._settle(stale, Reanchor(stale.subject, stale.subject, stale.after))

    def move(self, stale: Stale) -> bool:
        """Put decisions about a label that is gone on the one that is near."""
        if stale.candidate is None:
            return False
        return self._settle(stale, Reanchor(stale.subject, stale.candidate, stale.after))

    def _settle(self, stale: Stale, command: Reanchor) -> bool:
        if not self._board.run(command):
            return False
        self._show(tuple(each for each in self.stale if each is not stale), self.told)
        return True
