"""Going on in a copy of the workspace, e.g. beside a medium that cannot be written."""

from collections.abc import Callable
from pathlib import Path

from viewer.progress import JobContext
from viewer.review import WorkspaceError
from viewer.review.workspace import SUFFIX
from viewer.session.review_board import ReviewBoard
from viewer.session.review_place import InsideDataset, is_inside

JOB = "review-copy"


def go_on_in_copy(board: ReviewBoard, path: Path, then: Callable[[Path], None]) -> bool:
    """Write the open workspace to a new file in the background and open that one.

    Parameters
    ----------
    then
        Hears where decisions go from now on. What fails is said instead, and nothing is changed
        then, as where it is given up.

    Returns
    -------
    bool
        Whether it was begun.
    """
    workspace, session = board.workspace, board.session
    if workspace is None:
        session.say("No workspace is open", is_problem=True)
        return False
    former = workspace.path
    path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
    dataset = session.dataset
    if dataset is not None and is_inside(path.parent, dataset.path):
        _tell_failure(board, InsideDataset(path, dataset.path))
        return False

    last = workspace.journal.last_seq

    def job(context: JobContext) -> None:
        workspace.copy_to(path, context)

    def done(_nothing: None) -> None:
        if board.workspace is not workspace:
            session.say(f"The copy is {path}; another workspace was opened meanwhile")
        elif workspace.journal.last_seq != last:
            # What was decided meanwhile shall be in it too.
            path.unlink()
            go_on_in_copy(board, path, then)
        elif board.open_workspace(path):
            session.say(f"Decisions go to {path} from now on; {former.name} stays as it is")
            then(path)

    session.jobs.start(
        JOB, job, done=done, failed=lambda error: _tell_failure(board, error),
        title=f"Copying {former.name}",
    )  # fmt: skip
    return True


def _tell_failure(board: ReviewBoard, error: Exception) -> None:
    if not isinstance(error, WorkspaceError):
        raise error
    board.session.say(f"No copy was made: {error}", is_problem=True)
