"""Overlays of a frame: pictures that belong over one of its images."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from viewer.formats.aquarium.schema import SensorRecord

FILL = "fill"


class Overlay(NamedTuple):
    """An overlay and where it belongs."""

    record: SensorRecord
    camera_id: str | None
    """Over whose image; None where the frame has none such."""
    overlay_id: str
    """As stored; with a number where another overlay of the camera has the same."""


def overlays_of(sensors: Sequence[SensorRecord]) -> Iterator[Overlay]:
    """Yield the overlays of a frame.

    One belongs over the image of the same sensor id; else over the one in the coord frame that
    the overlay names, which may be named after it.
    """
    cameras = [sensor for sensor in sensors if sensor.is_camera]
    names = {camera.sensor_id for camera in cameras}
    by_frame = {name: name for name in names}
    for camera in reversed(cameras):
        if camera.coordinate_frame:
            by_frame[camera.coordinate_frame] = camera.sensor_id
    taken: set[tuple[str | None, str]] = set()
    for sensor in sensors:
        if not sensor.is_overlay:
            continue
        own = sensor.sensor_id
        camera_id = own if own in names else by_frame.get(sensor.coordinate_frame or own)
        overlay_id, number = sensor.overlay_id, 1
        while (camera_id, overlay_id) in taken:
            number += 1
            overlay_id = f"{sensor.overlay_id}_{number}"
        taken.add((camera_id, overlay_id))
        yield Overlay(sensor, camera_id, overlay_id)


def is_filling(overlay: SensorRecord) -> bool:
    """Say whether an overlay is stretched to its image; else it keeps its own size."""
    mode = (overlay.sensor_metadata or {}).get("resize_mode")
    return isinstance(mode, str) and mode.lower() == FILL
