"""Images of which only the preview is on this machine.

A preview has the size of its image in pixels, so it can stand in for it.
"""

from collections.abc import Callable
from pathlib import Path

from viewer.formats.aquarium.schema import SensorRecord
from viewer.formats.data_urls import UnmappedUrl
from viewer.formats.folder_index import is_there
from viewer.formats.problem_log import ProblemLog

IMAGE_URL, PREVIEW_URL = "image_url", "preview_url"


def image_path(sensor: SensorRecord, find: Callable[[str], Path]) -> tuple[Path, bool]:
    """Return where the image of a sensor lies, and whether that is its preview.

    Parameters
    ----------
    find
        Returns the file that an address means; raises `UnmappedUrl`.

    Raises
    ------
    UnmappedUrl
        When neither address means a file here; it tells of the full image.
    LookupError
        When there is no address at all.
    """
    full, preview = (sensor.data_urls.get(key) for key in (IMAGE_URL, PREVIEW_URL))
    if full and not preview:
        return find(full), False
    found = _found(full, find)
    if found is not None:
        return found, False
    stand_in = _found(preview, find)
    if stand_in is not None:
        return stand_in, True
    if full:
        return find(full), False
    if preview:
        return find(preview), True
    raise LookupError(f"{sensor.sensor_id!r} has no {IMAGE_URL}")


def note_preview(sensor: SensorRecord, root: Path, problems: ProblemLog) -> None:
    """Note, once a sensor, that previews are shown."""
    name = sensor.sensor_id[:80]
    message = f"full images of {name!r} are not on this machine; their previews are shown"
    problems.add(root, f"sensor {name!r}", message)


def _found(url: str | None, find: Callable[[str], Path]) -> Path | None:
    if not url:
        return None
    try:
        path = find(url)
    except UnmappedUrl:
        return None
    return path if is_there(path) else None
