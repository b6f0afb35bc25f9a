"""YAML of unknown origin: plain values only, neither nested without end nor of aliases."""

from pathlib import Path
from typing import Any, Final

import yaml

from viewer.formats.base import DamagedData

MAX_DEPTH: Final = 100
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str, path: Path) -> object:
    """Return the values of a YAML text.

    The structure is looked at first: what builds the values calls itself for each level of
    nesting, and in C ends the program where Python would raise.

    Raises
    ------
    DamagedData
        When it is no YAML, nested deeper than `MAX_DEPTH`, or has an alias: an alias of an alias of
        an alias fills the memory.
    """
    try:
        _require_plain(text, path)
        document: object = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        place = _line(getattr(error, "problem_mark", None))
        raise DamagedData(path, place, f"is not valid YAML ({type(error).__name__})") from None
    return document


def _require_plain(text: str, path: Path) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                place = _line(event.start_mark)
                raise DamagedData(path, place, f"is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            place = _line(event.start_mark)
            raise DamagedData(path, place, "has YAML anchors, which are not read")


def _line(mark: Any) -> str:  # noqa: ANN401 - a mark of either of the library's two kinds
    return f"line {mark.line + 1}" if mark is not None else ""
