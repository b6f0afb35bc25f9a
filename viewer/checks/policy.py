"""What a site pins for the checks: a TOML file that people and CI share.

.. code-block:: toml

    fail_on = "high"
    skip = ["class-imbalance"]
    annotator_attribute = "created_by"
    batch_key = "delivery"

    [checks.too-few-points]
    least_usual_points = 30

    [checks.too-few-points.classes.pedestrian]
    least_usual_points = 10
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from viewer.checks.base import Parameters, Question
from viewer.checks.finding import Severity
from viewer.checks.policy_lines import line_of
from viewer.formats.base import DamagedData

_CLASSES: Final = "classes"
_KNOWN: Final = frozenset({"fail_on", "only", "skip", "checks", "annotator_attribute", "batch_key"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Which checks run, and with which numbers."""

    only: frozenset[str] | None = None
    """None for all."""
    skip: frozenset[str] = frozenset()
    fail_on: Severity | None = None
    pinned: Mapping[str, Parameters] = field(default_factory=dict)
    """What differs from the defaults, by check."""
    annotator_attribute: str | None = None
    """Attribute of labels that names who made them; None to look for a usual one."""
    batch_key: str | None = None
    """Metadata of scenes by which they are compared; None to look for a usual one."""

    def runs(self, check_id: str) -> bool:
        """Whether a check is wanted."""
        return check_id not in self.skip and (self.only is None or check_id in self.only)

    def parameters_of(self, check: type[Question]) -> Parameters:
        """Defaults of a check with what is pinned over them."""
        defaults = check.defaults()
        own = self.pinned.get(check.id)
        if own is None:
            return defaults
        return Parameters({**defaults.values, **own.values}, own.by_class)

    def narrowed(self, only: Collection[str], skip: Collection[str]) -> "Policy":
        """Return it with what a person asked for on top."""
        chosen = frozenset(only) if only else self.only
        return replace(self, only=chosen, skip=self.skip | frozenset(skip))


def require_known(names: Collection[str], checks: Sequence[type[Question]]) -> None:
    """Raise ValueError that names what is no check."""
    known = {each.id for each in checks}
    unknown = sorted(set(names) - known)
    if unknown:
        told = ", ".join(unknown)
        raise ValueError(f"no such check: {told}; there are {', '.join(sorted(known))}")


def read_policy(path: Path, checks: Sequence[type[Question]]) -> Policy:
    """Read a policy file.

    Raises
    ------
    DamagedData
        When it cannot be read, or names a check, parameter or value that there is not.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DamagedData(path, "", f"is no TOML: {error}") from error
    try:
        return _Reading(path, checks).policy(document)
    except DamagedData as error:
        line = line_of(text, error.place)
        place = error.place if line is None else f"line {line}, {error.place}"
        raise DamagedData(path, place, error.problem) from None


class _Reading:
    def __init__(self, path: Path, checks: Sequence[type[Question]]) -> None:
        self._path = path
        self._checks = {each.id: each for each in checks}

    def policy(self, document: Mapping[str, Any]) -> Policy:
        for key in document:
            if key not in _KNOWN:
                raise self._wrong(key, f"is no setting; there are {', '.join(sorted(_KNOWN))}")
        only = self._names(document, "only")
        return Policy(
            only=frozenset(only) if "only" in document else None,
            skip=frozenset(self._names(document, "skip")),
            fail_on=self._severity(document.get("fail_on")),
            pinned=self._pinned(document.get("checks", {})),
            annotator_attribute=self._name(document, "annotator_attribute"),
            batch_key=self._name(document, "batch_key"),
        )

    def _wrong(self, place: str, problem: str) -> DamagedData:
        return DamagedData(self._path, place, problem)

    def _name(self, document: Mapping[str, Any], key: str) -> str | None:
        name = document.get(key)
        if name is not None and not (isinstance(name, str) and name):
            raise self._wrong(key, "is no name")
        return name

    def _names(self, document: Mapping[str, Any], key: str) -> list[str]:
        names = document.get(key, [])
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise self._wrong(key, "is no list of checks")
        for name in names:
            self._require_check(key, name)
        return names

    def _require_check(self, place: str, name: str) -> type[Question]:
        check = self._checks.get(name)
        if check is None:
            raise self._wrong(place, f"there is no check {name!r}")
        return check

    def _severity(self, value: object) -> Severity | None:
        if value is None:
            return None
        found = {each.word: each for each in Severity}.get(str(value))
        if found is None:
            words = ", ".join(each.word for each in Severity)
            raise self._wrong("fail_on", f"{value!r} is no severity; there are {words}")
        return found

    def _pinned(self, tables: object) -> dict[str, Parameters]:
        if not isinstance(tables, dict):
            raise self._wrong("checks", "is no table")
        pinned = {}
        for name, table in tables.items():
            place = f"checks.{name}"
            check = self._require_check(place, name)
            if not isinstance(table, dict):
                raise self._wrong(place, "is no table")
            classes = table.get(_CLASSES, {})
            if not isinstance(classes, dict):
                raise self._wrong(f"{place}.{_CLASSES}", "is no table")
            own = {key: value for key, value in table.items() if key != _CLASSES}
            by_class = {
                class_name: self._values(check, f"{place}.{_CLASSES}.{class_name}", values)
                for class_name, values in classes.items()
            }
            pinned[name] = Parameters(self._values(check, place, own), by_class)
        return pinned

    def _values(self, check: type[Question], place: str, table: object) -> dict[str, float]:
        if not isinstance(table, dict):
            raise self._wrong(place, "is no table")
        known = {each.name: each for each in check.parameters}
        values = {}
        for name, value in table.items():
            parameter = known.get(name)
            if parameter is None:
                there = ", ".join(known) or "none"
                raise self._wrong(f"{place}.{name}", f"is no parameter; there are {there}")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not parameter.low <= value <= parameter.high:
                bounds = f"from {parameter.low:g} to {parameter.high:g}"
                if parameter.high == float("inf"):
                    bounds = f"of {parameter.low:g} or more"
                raise self._wrong(f"{place}.{name}", f"{value!r} is no number {bounds}")
            values[name] = float(value)
        return values
