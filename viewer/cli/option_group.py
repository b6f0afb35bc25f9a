"""Options that several commands take together: one argument of the functions behind them."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Any


class OptionGroup:
    """A frozen dataclass whose fields are options, each annotated as such and with a default."""


def with_option_groups(run: Callable[..., None]) -> Callable[..., None]:
    """Let a command take the options of its `OptionGroup` arguments where these stand.

    Raises ValueError where two options of the command have one name.
    """
    groups: dict[str, type[OptionGroup]] = {}
    options: list[inspect.Parameter] = []
    for parameter in inspect.signature(run).parameters.values():
        kind = parameter.annotation
        if isinstance(kind, type) and issubclass(kind, OptionGroup):
            groups[parameter.name] = kind
            options += _options_of(kind)
        else:
            options.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(run)
    def collect(**values: object) -> None:
        made = {
            name: kind(**{each.name: values.pop(each.name) for each in _options_of(kind)})
            for name, kind in groups.items()
        }
        run(**values, **made)

    vars(collect)["__signature__"] = inspect.Signature(options)
    return collect


def _options_of(kind: Any) -> list[inspect.Parameter]:  # noqa: ANN401 - a dataclass, by contract
    return [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if each.default is MISSING else each.default,
            annotation=each.type,
        )
        for each in fields(kind)
    ]
