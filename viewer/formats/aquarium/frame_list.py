"""The frames of a scene: what of their sensors lies on this machine."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from viewer.formats.aquarium.frame_state import FrameState, read_state
from viewer.formats.aquarium.index import FrameEntry
from viewer.formats.aquarium.overlays import Overlay, is_filling, overlays_of
from viewer.formats.aquarium.previews import IMAGE_URL, PREVIEW_URL, image_path, note_preview
from viewer.formats.aquarium.reader import BIN_URLS
from viewer.formats.aquarium.schema import OTHER_KINDS, SensorRecord
from viewer.formats.base import DamagedData
from viewer.formats.data_urls import PlaceNames, UnmappedUrl
from viewer.formats.iso_time import time_from_iso
from viewer.formats.problem_log import ProblemLog
from viewer.scene.images import ImageRef, OverlayRef
from viewer.scene.scene import Frame, OtherRef, SweepRef


class _Remote(NamedTuple):
    path: Path
    host: str
    reason: str


class FrameLister:
    """Makes the frames of one scene, and counts what they hold that cannot be shown."""

    def __init__(
        self, entries: Sequence[FrameEntry], names: PlaceNames, root: Path, problems: ProblemLog
    ) -> None:
        self._entries = entries
        self._names = names
        self._root = root
        self._problems = problems
        self._unmapped: Counter[_Remote] = Counter()
        self._examples: dict[_Remote, tuple[str, str]] = {}
        self._homeless: Counter[str] = Counter()
        self._unshown: Counter[str] = Counter()

    def frames(self) -> Iterator[Frame]:
        """Yield all frames; what was counted is noted after the last."""
        for number, entry in enumerate(self._entries):
            yield self._frame(number, entry)
        self._note_totals()

    def _frame(self, number: int, entry: FrameEntry) -> Frame:
        time_ns = entry.time_ns
        if entry.date and time_ns is None:
            row = entry.state_rows[-1]
            problem = f"{entry.date[:40]!r} is no ISO date; the frame has no time"
            self._problems.add(row.path, f"{row.place}, $.date_captured", problem)
        try:
            state = read_state(entry, self._problems, with_coord_frames=False)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            state = FrameState()
        sweeps, images, others, overlays = [], [], [], []
        for sensor in state.sensors:
            own_ns = time_from_iso(sensor.date_captured) if sensor.date_captured else None
            at_ns = time_ns if own_ns is None else own_ns
            if sensor.is_lidar:
                source = self._source(entry, sensor, ("pcd_url", *BIN_URLS))
                if source is not None:
                    sweeps.append(SweepRef(sensor.sensor_id, at_ns, source))
            elif sensor.is_camera:
                source = self._image_source(entry, sensor)
                if source is not None:
                    images.append(ImageRef(sensor.sensor_id, at_ns, source))
            elif sensor.sensor_type in OTHER_KINDS:
                source = next((url for url in sensor.data_urls.values() if url), "")
                kind = OTHER_KINDS[sensor.sensor_type]
                others.append(OtherRef(kind, sensor.sensor_id, source))
            elif not sensor.is_overlay:
                self._unshown[sensor.sensor_type or "unnamed"] += 1
        for overlay in overlays_of(state.sensors):
            found = self._overlay(entry, overlay)
            if found is not None:
                overlays.append(found)
        return Frame(
            number, entry.frame_id, time_ns, tuple(sweeps), tuple(images), tuple(others),
            tuple(overlays),
        )  # fmt: skip

    def _overlay(self, entry: FrameEntry, overlay: Overlay) -> OverlayRef | None:
        record, camera_id, overlay_id = overlay
        if camera_id is None:
            self._homeless[record.coordinate_frame or record.sensor_id] += 1
            return None
        source = self._source(entry, record, (IMAGE_URL,))
        if source is None:
            return None
        return OverlayRef(camera_id, overlay_id, source, is_filling(record))

    def _image_source(self, entry: FrameEntry, sensor: SensorRecord) -> str | None:
        """Return where an image lies; its preview where only that has a place on this machine.

        Whether a file is there is found out when it is read.
        """
        manifest = entry.state_rows[-1].path
        full = sensor.data_urls.get(IMAGE_URL)
        if sensor.data_urls.get(PREVIEW_URL) and not (full and self._is_mapped(full, manifest)):
            try:
                path, _ = image_path(sensor, lambda url: Path(self._names.name(url, manifest)))
            except UnmappedUrl:
                # The full image tells what both lack.
                return self._source(entry, sensor, (IMAGE_URL,))
            note_preview(sensor, self._root, self._problems)
            return str(path)
        return self._source(entry, sensor, (IMAGE_URL,))

    def _is_mapped(self, url: str, manifest: Path) -> bool:
        try:
            self._names.name(url, manifest)
        except UnmappedUrl:
            return False
        return True

    def _source(self, entry: FrameEntry, sensor: SensorRecord, keys: Sequence[str]) -> str | None:
        row = entry.state_rows[-1]
        found = []
        for key in keys:
            url = sensor.data_urls.get(key)
            if not url:
                continue
            try:
                found.append(self._names.name(url, row.path))
            except UnmappedUrl as unmapped:
                remote = _Remote(row.path, unmapped.place, unmapped.reason)
                self._unmapped[remote] += 1
                place = f"{row.place}, {sensor.sensor_id}.{key}"
                self._examples.setdefault(remote, (place, url))
                return None
        if not found:
            problem = f"{sensor.sensor_id!r} has none of {', '.join(keys)}; it is not shown"
            self._problems.add(row.path, row.place, problem)
            return None
        return found[0]

    def _note_totals(self) -> None:
        for remote, count in self._unmapped.items():
            place, example = self._examples[remote]
            files = "1 file" if count == 1 else f"{count} files"
            message = f"{files} of the frames cannot be shown: {example[:120]!r} {remote.reason}"
            self._problems.add(remote.path, place, message)
        for name, count in sorted(self._homeless.items()):
            overlays = "1 overlay names" if count == 1 else f"{count} overlays name"
            message = f"{overlays} {name[:80]!r}, where the frame has no image; not shown"
            self._problems.add(self._root, "", message)
        for kind, count in sorted(self._unshown.items()):
            message = f"{count} sensors of type {kind[:40]!r} are kept in the file and not shown"
            self._problems.add(self._root, "", message)
