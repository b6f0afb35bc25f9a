"""The policy of a site in the window: chosen, remembered, taken back, written anew."""

from collections.abc import Callable
from pathlib import Path

from viewer.checks.catalog import all_checks
from viewer.checks.policy import Policy, read_policy
from viewer.checks.policy_writing import policy_text
from viewer.formats.base import DamagedData
from viewer.session.changes import Change, DatasetOpened
from viewer.session.findings_board import FindingsBoard
from viewer.session.findings_changes import RunChanged


class PolicyChoice:
    """Which policy the checks follow. Owner's thread only.

    Parameters
    ----------
    changed
        Called when the checks follow another one.
    """

    def __init__(self, board: FindingsBoard, changed: Callable[[], None]) -> None:
        self._board, self._session, self._changed = board, board.session, changed
        self.path: Path | None = None
        """Of the policy in force; None for none."""
        self.problem = ""
        """Why the file that was chosen last is not in force."""
        self.remember: Callable[[Path | None], None] = lambda _path: None
        self.remembered: Callable[[], Path | None] = lambda: None
        """Both set by the window: of the open dataset."""
        self._unsubscribe = self._session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def restore(self) -> None:
        """Take the policy that the open dataset had the last time."""
        path = self.remembered()
        policy = Policy() if path is None else self._read(path)
        if path is None:
            self.problem = ""
        self.path = None if policy is None else path
        self._board.options = self._board.with_policy(policy or Policy())
        self._board.emit(RunChanged())

    def choose(self, path: Path) -> bool:
        """Follow a policy file; what was checked is checked again. False where it is wrong."""
        policy = self._read(path)
        if policy is None:
            self._session.say(self.problem, is_problem=True)
            self._board.emit(RunChanged())
            return False
        self.path = path
        self.remember(path)
        self._follow(policy)
        self._session.say(f"The checks follow {path.name}")
        return True

    def reread(self) -> None:
        """Take the file as it is now, before the checks run again; a broken one stays as it was."""
        if self.path is None:
            return
        policy = self._read(self.path)
        if policy is None:
            self._session.say(f"{self.problem}; the policy holds as it was", is_problem=True)
        elif policy != self._board.options.policy:
            self._board.take_policy(policy)
            self._changed()

    @property
    def told(self) -> str:
        """What the policy in force changes, in a few words."""
        policy = self._board.options.policy
        numbers = sum(
            len(each.values) + sum(len(own) for own in each.by_class.values())
            for each in policy.pinned.values()
        )
        parts = []
        if policy.only is not None:
            parts.append(f"{_counted(len(policy.only), 'check')} alone")
        if policy.skip:
            parts.append(f"{_counted(len(policy.skip), 'check')} left out")
        parts.append(f"{_counted(numbers, 'number')} pinned")
        return ", ".join(parts)

    def clear(self) -> None:
        """Follow none; what was checked is checked again."""
        self.problem = ""
        was, self.path = self.path, None
        self.remember(None)
        if was is None:
            self._board.emit(RunChanged())
            return
        self._follow(Policy())
        self._session.say("The checks follow no policy")

    def write(self, path: Path) -> bool:
        """Write what was learned of each class as a policy; False where that failed."""
        learned, dataset = self._board.learned, self._session.dataset
        if learned is None or dataset is None:
            self._session.say("Run the checks first: nothing is learned yet", is_problem=True)
            return False
        folder = dataset.path.parent if dataset.path.is_file() else dataset.path
        if path.resolve().is_relative_to(folder.resolve()):
            self._session.say(
                f"{path.name} is not written into the dataset; choose another folder",
                is_problem=True,
            )
            return False
        text = policy_text(learned, self._board.options.policy, all_checks())
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self._session.say(f"{path} cannot be written: {error.strerror}", is_problem=True)
            return False
        self._session.say(f"Wrote {path}; choose it as the policy to pin these numbers")
        return True

    def _read(self, path: Path) -> Policy | None:
        try:
            policy = read_policy(path, all_checks())
        except DamagedData as error:
            place = f", {error.place}:" if error.place else ""
            self.problem = f"{path.name}{place} {error.problem}"
            return None
        self.problem = ""
        return policy

    def _follow(self, policy: Policy) -> None:
        self._board.use_policy(policy)
        self._changed()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened):
            self.restore()


def _counted(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count:,} {word}s"
