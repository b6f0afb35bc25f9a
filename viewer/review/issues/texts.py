"""What people write in issues and comments, as it is stored, or refused with the reason."""

from collections.abc import Mapping
from typing import Any

from viewer.review.datasets.entities import REVIEWERS
from viewer.review.entity import to_json
from viewer.review.errors import CommandRefused
from viewer.review.issues.mentions import mentions_in
from viewer.review.ledger import Reading

MAX_TITLE_LENGTH = 300
MAX_TEXT_LENGTH = 100_000
MAX_SIGHT_BYTES = 1024 * 1024


def mentioned(reading: Reading, text: str) -> list[str] | None:
    """Return whom a text mentions, None for nobody."""
    if "@" not in text:
        return None
    names = [row["name"] for row in reading.rows(REVIEWERS)]
    return mentions_in(text, names) or None


def checked_title(title: str) -> str:
    """Return a title without blanks around it, or refuse it."""
    title = title.strip()
    if not title or len(title) > MAX_TITLE_LENGTH or not title.isprintable():
        raise CommandRefused(f"an issue needs a title of one line, {MAX_TITLE_LENGTH} letters long")
    return title


def checked_text(text: str) -> str:
    """Return a text that can be stored and searched, or refuse it."""
    if len(text) > MAX_TEXT_LENGTH:
        raise CommandRefused(f"the text has {len(text)} letters; {MAX_TEXT_LENGTH} are kept")
    return text.replace("\0", "").encode(errors="replace").decode()


def comment_text(text: str) -> str:
    """Return a comment without blanks around it, or refuse it."""
    text = text.strip()
    if not text:
        raise CommandRefused("a comment needs words")
    return checked_text(text)


def checked_json(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a mapping that JSON can hold, or refuse it."""
    if value is None:
        return None
    try:
        size = len(to_json(dict(value)).encode())
    except (TypeError, ValueError) as error:
        raise CommandRefused(f"this cannot be kept as JSON: {error}") from error
    if size > MAX_SIGHT_BYTES:
        raise CommandRefused(f"{size} bytes of JSON are more than {MAX_SIGHT_BYTES}")
    return dict(value)
