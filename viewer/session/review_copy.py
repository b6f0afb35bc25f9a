"""Going on in a copy of the workspace, e.g. beside a medium that cannot be written."""

from pathlib import Path

from viewer.review import WorkspaceError
from viewer.review.workspace import SUFFIX
from viewer.session.review_board import ReviewBoard
from viewer.session.review_place import InsideDataset, is_inside


def go_on_in_copy(board: ReviewBoard, path: Path) -> Path | None:
    """Write the open workspace to a new file and open that one; what fails is said.

    Returns
    -------
    Path | None
        Where decisions go from now on; None where that failed, and nothing is changed then.
    """
    workspace, session = board.workspace, board.session
    if workspace is None:
        session.say("No workspace is open", is_problem=True)
        return None
    former = workspace.path
    path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
    try:
        dataset = session.dataset
        if dataset is not None and is_inside(path.parent, dataset.path):
            raise InsideDataset(path, dataset.path)
        workspace.copy_to(path)
    except WorkspaceError as error:
        session.say(f"No copy was made: {error}", is_problem=True)
        return None
    if not board.open_workspace(path):
        return None
    session.say(f"Decisions go to {path} from now on; {former.name} stays as it is")
    return path
