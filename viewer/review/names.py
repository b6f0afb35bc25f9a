"""Names that people give to things."""

from viewer.review.errors import CommandRefused

LONGEST_NAME = 200


def checked_name(name: str) -> str:
    """Return a name without space around it; CommandRefused for one that cannot be shown.

    Examples
    --------
    >>> checked_name("  night rain ")
    'night rain'
    """
    found = name.strip()
    if not found:
        raise CommandRefused("a name needs a letter at least")
    if len(found) > LONGEST_NAME:
        raise CommandRefused(f"a name has {LONGEST_NAME} letters at most")
    if not found.isprintable():
        raise CommandRefused("a name has no line breaks or other control characters")
    return found
