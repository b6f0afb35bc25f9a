"""Whether what is said of a mark makes sense."""

import math
from collections.abc import Mapping
from typing import Any, Final

from viewer.review.errors import CommandRefused

NUMBER_COUNTS: Final = {"position": 3, "size": 3, "pixel": 2, "box_px": 4}


def checked_mark(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with numbers as JSON holds them; raise where it makes no sense."""
    checked = dict(row)
    for name, count in NUMBER_COUNTS.items():
        if checked[name] is not None:
            numbers = [float(value) for value in checked[name]]
            if len(numbers) != count or not all(map(math.isfinite, numbers)):
                raise CommandRefused(f"{name.replace('_', ' ')} has {count} finite numbers")
            checked[name] = numbers
    if not checked["class_name"]:
        raise CommandRefused("a mark needs a class")
    if checked["position"] is None and checked["pixel"] is None:
        raise CommandRefused("a mark needs a position or a pixel")
    for place, owner in (("position", "coord_frame_id"), ("pixel", "sensor_id")):
        if (checked[place] is None) != (checked[owner] is None):
            raise CommandRefused(f"a {place} and its {owner.replace('_', ' ')} belong together")
    if checked["size"] is not None and min(checked["size"]) < 0:
        raise CommandRefused("a rough box has no negative size")
    if checked["yaw_rad"] is not None and not math.isfinite(checked["yaw_rad"]):
        raise CommandRefused("a heading is a finite number")
    return checked
