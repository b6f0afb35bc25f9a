"""Problems that readers tell, as sentences: the same one in many places is told once."""

from collections.abc import Iterable
from typing import Final

MOST_PLACES: Final = 10
"""In so many places a problem is told each time."""


def sentences(problems: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what a finding is about, and its sentence.

    Parameters
    ----------
    problems
        Place and message of each; an empty place for a problem of no place.

    Examples
    --------
    >>> sentences([("b.txt", "is odd."), ("a.txt", "is odd"), ("a.txt", "is long")])
    [('a.txt', 'a.txt: is long; is odd'), ('b.txt', 'b.txt: is odd')]
    >>> sentences([(f"{n:02}", "is lost") for n in range(30)])
    [('is lost', '00 and 29 other places: is lost')]
    """
    places: dict[str, set[str]] = {}
    for place, message in problems:
        places.setdefault(message.rstrip("."), set()).add(place)
    found: list[tuple[str, str]] = []
    messages: dict[str, list[str]] = {}
    for message, at in sorted(places.items()):
        if len(at) > MOST_PLACES:
            found.append((message, f"{min(at)} and {len(at) - 1:,} other places: {message}"))
            continue
        for place in at:
            messages.setdefault(place, []).append(message)
    for place, own in sorted(messages.items()):
        text = "; ".join(own)
        found.append((place, f"{place}: {text}" if place else text))
    return found
