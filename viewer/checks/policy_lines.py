"""On which line of a TOML document something is set."""

import tomllib


def line_of(text: str, place: str) -> int | None:
    r"""Return the line, from 1, that sets a key or begins its table; None where none does.

    Parameters
    ----------
    place
        Keys joined by dots; where the last of them is set nowhere, the table that it is in counts.

    Examples
    --------
    >>> line_of("skip = []\n[checks.aspect]\nleast_labels = 3", "checks.aspect.least_labels")
    3
    >>> line_of("skip = []\n[checks.aspect]", "checks.aspect.classes")
    2
    """
    found: tuple[int, int] | None = None
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        own = _keys_on(line)
        if not own:
            continue
        if line.lstrip().startswith("["):
            table, path = own, own
        else:
            path = f"{table}.{own}" if table else own
        fits = place == path or place.startswith(f"{path}.")
        if fits and (found is None or len(path) > found[0]):
            found = len(path), number
    return None if found is None else found[1]


def _keys_on(line: str) -> str:
    """Keys that a line names, joined by dots: of a table, or before the first sign of equality."""
    is_table = line.lstrip().startswith("[")
    try:
        named: object = tomllib.loads(line if is_table else f"{line.split('=')[0]} = 0")
    except tomllib.TOMLDecodeError:
        return ""
    keys: list[str] = []
    while isinstance(named, dict) and named:
        key = next(iter(named))
        keys.append(key)
        named = named[key]
    return ".".join(keys)
