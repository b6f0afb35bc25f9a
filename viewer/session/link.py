"""Links to a sight: ``PATH#scene/frame/label?eye=...`` names what is looked at and from where."""

import math
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode

EYE_COUNTS = (9, 11)
"""How many numbers place an eye: without and with view angle and perspective."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A place to come back to; None leaves it to the application."""

    path: str
    scene_id: str | None = None
    frame_key: str | None = None
    label: str | None = None
    """``label_set_id:label_id``."""
    eye: tuple[float, ...] | None = None
    """Position, focal point and up vector of the eye relative to the ego vehicle, metres.

    Two more may follow: the vertical view angle in degrees, and 1 for a view without perspective.
    """

    def to_link(self) -> str:
        """Write as one line of text.

        Examples
        --------
        >>> Sight("/data/run", "a b", "000001", "gt:7").to_link()
        '/data/run#a%20b/000001/gt%3A7'
        """
        parts = [self.scene_id, self.frame_key, self.label]
        while parts and parts[-1] is None:
            parts.pop()
        link = self.path
        if parts or self.eye:
            link += "#" + "/".join(quote(part or "", safe="") for part in parts)
        if self.eye:
            numbers = ",".join(_short(number) for number in self.eye)
            link += "?" + urlencode({"eye": numbers}, safe=",")
        return link


def parse_link(text: str) -> Sight:
    """Read a path or a link.

    A path that exists is taken as it is, even when its name holds a ``#``.

    Examples
    --------
    >>> parse_link("/data/run#a%20b/000001/gt%3A7")
    Sight(path='/data/run', scene_id='a b', frame_key='000001', label='gt:7', eye=None)
    >>> parse_link("/data/run").scene_id is None
    True
    """
    if "#" not in text or _exists(text):
        return Sight(text)
    path, _, fragment = text.rpartition("#")
    places, _, query = fragment.partition("?")
    parts: list[str | None] = [unquote(part) or None for part in places.split("/")]
    parts += [None] * (3 - len(parts))
    return Sight(path, parts[0], parts[1], parts[2], _parse_eye(query))


def _short(number: float) -> str:
    """A tenth of a millimetre is kept, however far away the place is."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return False


def _parse_eye(query: str) -> tuple[float, ...] | None:
    values = parse_qs(query).get("eye")
    if not values:
        return None
    try:
        numbers = tuple(float(number) for number in values[0].split(","))
    except ValueError:
        return None
    return numbers if len(numbers) in EYE_COUNTS and all(map(math.isfinite, numbers)) else None
