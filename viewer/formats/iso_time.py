"""ISO 8601 dates to integer nanoseconds."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_FRACTION = re.compile(r"^(.*:[0-9]{2})[.,]([0-9]{1,18})(.*)$")
_NS_PER_S = 1_000_000_000


@lru_cache(256)
def time_from_iso(text: str) -> int | None:
    """Return nanoseconds since 1970; None when the text is no date. No zone means UTC.

    Examples
    --------
    >>> time_from_iso("1970-01-01T00:00:01.000000005Z")
    1000000005
    >>> time_from_iso("1970-01-01 02:00:00+02:00")
    0
    >>> time_from_iso("yesterday") is None
    True
    """
    fraction_ns = 0
    split = _FRACTION.match(text.strip())
    if split:
        fraction_ns = int(split[2][:9].ljust(9, "0"))
        text = split[1] + split[3]
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return (
        (since.days * 86_400 + since.seconds) * _NS_PER_S + since.microseconds * 1000 + fraction_ns
    )
