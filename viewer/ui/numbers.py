"""Numbers as people read them."""


def bytes_text(count: int) -> str:
    """Bytes with a unit.

    Examples
    --------
    >>> bytes_text(512), bytes_text(312 * 1024**2), bytes_text(2 * 1024**3)
    ('512 B', '312 MB', '2 GB')
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    text = f"{size:.1f}" if unit == "GB" and size < 10 else f"{size:.0f}"
    return f"{text.removesuffix('.0')} {unit}"


def duration_text(seconds: float) -> str:
    """A time that is left.

    Examples
    --------
    >>> duration_text(0.4), duration_text(42.2), duration_text(150), duration_text(13_080)
    ('1 s', '42 s', '3 min', '3.6 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{round(seconds / 60 + 0.001)} min"


def counted(count: int, noun: str) -> str:
    """A count and its noun.

    Examples
    --------
    >>> counted(1, "point"), counted(1200, "camera")
    ('1 point', '1,200 cameras')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
