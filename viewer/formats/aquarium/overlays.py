"""Overlays of a frame: pictures that belong over one of its images."""

from collections.abc import Iterator, Sequence

from viewer.formats.aquarium.schema import SensorRecord

FILL = "fill"


def overlays_of(sensors: Sequence[SensorRecord]) -> Iterator[tuple[SensorRecord, str | None]]:
    """Yield each overlay and the camera over whose image it belongs, None where there is none.

    That is the image of the same sensor id; else the one in the coord frame that the overlay
    names, which may be named after it.
    """
    cameras = [sensor for sensor in sensors if sensor.is_camera]
    by_frame: dict[str, str] = {}
    for camera in cameras:
        by_frame.setdefault(camera.sensor_id, camera.sensor_id)
    for camera in reversed(cameras):
        if camera.coordinate_frame:
            by_frame[camera.coordinate_frame] = camera.sensor_id
    names = {camera.sensor_id for camera in cameras}
    for sensor in sensors:
        if sensor.is_overlay:
            own = sensor.sensor_id
            yield sensor, own if own in names else by_frame.get(sensor.coordinate_frame or own)


def is_filling(overlay: SensorRecord) -> bool:
    """Say whether an overlay is stretched to its image; else it keeps its own size."""
    mode = (overlay.sensor_metadata or {}).get("resize_mode")
    return isinstance(mode, str) and mode.lower() == FILL
