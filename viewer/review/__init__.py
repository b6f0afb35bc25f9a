"""What people decide about a dataset: kept in one workspace file, never lost, handed over whole.

    from pathlib import Path
    from viewer.review import Reviewer, Workspace

    with Workspace.open(Path("street.sightline"), Reviewer("ann")) as workspace:
        print(workspace.undo_text)

Every change is a command from `viewer.review.commands`; `Workspace.run` returns when it is on disk.
"""

from viewer.review.commands.base import Batch, Command
from viewer.review.errors import (
    CommandRefused,
    DamagedWorkspace,
    NewerWorkspace,
    NotAWorkspace,
    UndoRefused,
    WorkspaceError,
    WorkspaceReadOnly,
    WorkspaceUnwritable,
)
from viewer.review.journal import Entry
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Reading, new_id
from viewer.review.reviewer import Reviewer, local_reviewer
from viewer.review.subject import Subject, SubjectKind
from viewer.review.workspace import Changed, Workspace

__all__ = [
    "Batch",
    "Changed",
    "Command",
    "CommandRefused",
    "DamagedWorkspace",
    "Entry",
    "LabelSnapshot",
    "NewerWorkspace",
    "NotAWorkspace",
    "Reading",
    "Reviewer",
    "Subject",
    "SubjectKind",
    "UndoRefused",
    "Workspace",
    "WorkspaceError",
    "WorkspaceReadOnly",
    "WorkspaceUnwritable",
    "local_reviewer",
    "new_id",
]
