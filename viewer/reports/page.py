"""Pages: jinja2 templates with everything escaped, one file without anything fetched."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("viewer.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["when"] = time_text
    found.filters["day"] = lambda time_ns: time_text(time_ns)[:10]
    found.filters["jpeg"] = lambda data: f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return found


def time_text(time_ns: int) -> str:
    """Return a time for people, in UTC.

    Examples
    --------
    >>> time_text(1_700_000_000_000_000_000)
    '2023-11-14 22:13 UTC'
    """
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")


def write_page(path: Path, template: str, values: Mapping[str, Any]) -> None:
    """Fill a template and write the page; it appears under its name only when it is complete."""
    text = _templates().get_template(template).render(**values)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
