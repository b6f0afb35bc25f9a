"""Who is called in a text: ``@ann``, ``@Ann Lee`` where she is known, ``@"Ann Lee"`` anywhere."""

import re
from collections.abc import Iterable

_CALL = re.compile(r"(?<![\w@.])@")
_QUOTED = re.compile(r'"([^"\n]{1,80})"')
_GOES_ON = re.compile(r"[.\-]*\w")
_WORD = re.compile(r"\w[\w.\-]*(?:@[\w.\-]+)?")


def mention_name(name: str) -> str:
    """Return a name as mentions are compared: letter case does not count."""
    return name.casefold()


def mentions_in(text: str, known_names: Iterable[str] = ()) -> list[str]:
    """Return who is mentioned, each once and sorted, as `mention_name` writes it.

    Parameters
    ----------
    known_names
        Names that may have blanks in them; the longest that fits counts.

    Examples
    --------
    >>> mentions_in("@Bob, ask @ann lee (ann@example.org).", ["Ann Lee", "Ann"])
    ['ann lee', 'bob']
    """
    known = sorted(
        {mention_name(name) for name in known_names}, key=lambda name: (-len(name), name)
    )
    found = set()
    for call in _CALL.finditer(text):
        rest = text[call.end() : call.end() + 200]
        name = _known_at_start(rest, known) or _written_at_start(rest)
        if name:
            found.add(mention_name(name))
    return sorted(found)


def _known_at_start(rest: str, known: Iterable[str]) -> str | None:
    for name in known:
        # Case folding may change the length of a text, so the part is found letter by letter.
        for end in range(1, min(len(rest), len(name)) + 1):
            if mention_name(rest[:end]) == name and not _GOES_ON.match(rest, end):
                return name
    return None


def _written_at_start(rest: str) -> str | None:
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted.group(1).strip()
    word = _WORD.match(rest)
    return word.group().rstrip(".-") if word else None
