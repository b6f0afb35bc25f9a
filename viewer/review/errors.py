"""What can go wrong with a workspace, each with a sentence for people."""

from pathlib import Path


class WorkspaceError(Exception):
    """Something cannot be done with a workspace; the message says what and why."""


class NotAWorkspace(WorkspaceError):
    """The file is something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no Sightline workspace")


class NewerWorkspace(WorkspaceError):
    """The file was written by a later version of Sightline."""

    def __init__(self, path: Path, version: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer Sightline (layout {version}, this one knows {known}):"
            " open it with that version"
        )


class DamagedWorkspace(WorkspaceError):
    """The file cannot be trusted any more."""

    def __init__(self, path: Path, problem: str, backup: Path | None) -> None:
        self.path = path
        self.problem = problem
        self.backup = backup
        offer = f"the last good backup is {backup}" if backup else "there is no backup beside it"
        super().__init__(f"{path} is damaged ({problem}); {offer}")


class WorkspaceUnreadable(WorkspaceError):
    """The file cannot be read now, though nothing says that it is damaged."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} cannot be read ({reason}); {advice}")


class WorkspaceReadOnly(WorkspaceError):
    """Nothing can be written here; the message says why."""


class WorkspaceBusy(WorkspaceError):
    """Something large is being written; it can be tried again in a moment."""


class WorkspaceUnwritable(WorkspaceError):
    """A change could not be put on disk; the workspace is as it was, and it can be tried again."""


class CommandRefused(WorkspaceError):
    """A command makes no sense in the state that the workspace is in."""


class UndoRefused(CommandRefused):
    """Someone built on what should be undone; the message says who and what."""
