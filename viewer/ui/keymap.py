"""Which keys run which action: the defaults, and what a person changed."""

from collections.abc import Iterable, Mapping

from PySide6.QtGui import QKeySequence

from viewer.ui.actions.base import Action


class KeyConflict(ValueError):
    """The key already runs another action."""

    def __init__(self, key: str, owner: Action) -> None:
        self.owner = owner
        super().__init__(f"{key} already runs “{owner.text.rstrip('…')}”; change that key first")


class Keymap:
    """Keys by action id.

    Parameters
    ----------
    actions
        The catalogue, with its default keys.
    changed
        (action id, keys) that differ from the defaults, as `to_pairs` wrote them. Unknown ids and
        keys that another action has taken are left out.
    """

    def __init__(self, actions: Iterable[Action], changed: Iterable[tuple[str, str]] = ()) -> None:
        self._actions = {action.id: action for action in actions}
        self._changed: dict[str, tuple[str, ...]] = {}
        for action_id, text in changed:
            if action_id in self._actions:
                self._changed[action_id] = _keys_from(text)
        self._drop_conflicts()

    def keys(self, action_id: str) -> tuple[str, ...]:
        """Keys of an action, the one that is shown first."""
        return self._changed.get(action_id, self._actions[action_id].shortcuts)

    def is_default(self, action_id: str) -> bool:
        """True while the keys are those of the catalogue."""
        return action_id not in self._changed

    def owner(self, key: str) -> Action | None:
        """Action that a key runs."""
        wanted = _canonical(key)
        for action_id, action in self._actions.items():
            if wanted in map(_canonical, self.keys(action_id)):
                return action
        return None

    def assign(self, action_id: str, keys: Iterable[str]) -> None:
        """Give an action other keys, or none. Raise `KeyConflict` when one is taken."""
        wanted = tuple(dict.fromkeys(_canonical(key) for key in keys if key))
        for key in wanted:
            owner = self.owner(key)
            if owner is not None and owner.id != action_id:
                raise KeyConflict(_native(key), owner)
        if wanted == tuple(map(_canonical, self._actions[action_id].shortcuts)):
            self._changed.pop(action_id, None)
        else:
            self._changed[action_id] = wanted

    def reset(self, action_id: str) -> None:
        """Give an action its default keys again."""
        self.assign(action_id, self._actions[action_id].shortcuts)

    def to_pairs(self) -> tuple[tuple[str, str], ...]:
        """Return what differs from the defaults, to be stored."""
        return tuple((action_id, "; ".join(keys)) for action_id, keys in self._changed.items())

    def _drop_conflicts(self) -> None:
        """Stored keys may be older than the catalogue: on a clash the stored change gives way."""
        for action_id in tuple(self._changed):
            others = {
                _canonical(key)
                for other in self._actions
                if other != action_id
                for key in self.keys(other)
            }
            if others & set(self._changed[action_id]):
                del self._changed[action_id]


def shown_keys(keys: Iterable[str]) -> str:
    """First of some keys as people know it, e.g. ``Ctrl+K``; empty when there is none."""
    return next((_native(key) for key in keys), "")


def keys_conflict(actions: Mapping[str, Action]) -> list[tuple[str, str, str]]:
    """Return (key, first id, second id) for every key that two actions share."""
    owners: dict[str, str] = {}
    found = []
    for action in actions.values():
        for key in map(_canonical, action.shortcuts):
            if key in owners:
                found.append((key, owners[key], action.id))
            owners[key] = action.id
    return found


def _keys_from(text: str) -> tuple[str, ...]:
    return tuple(_canonical(key) for key in text.split("; ") if key)


def _canonical(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
