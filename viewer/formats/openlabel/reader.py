"""Reads the frames of one OpenLABEL file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.data_urls import DataPlaces, UnmappedUrl
from viewer.formats.folder_index import is_file
from viewer.formats.images import IMAGE_SUFFIXES, read_image
from viewer.formats.kept_frames import KeptFrames
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.openlabel.coord_frames import CoordSystems
from viewer.formats.openlabel.document import OpenLabelFile, mapping_of, time_of
from viewer.formats.openlabel.labels import frame_labels
from viewer.formats.openlabel.rig import CAMERA, LIDAR, RADAR, build_rig, streams_of
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.points.catalog import POINT_SUFFIXES, read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig

KEPT_RIGS = 64


class OpenLabelReader:
    """Implements `SceneReader`; images and clouds lie beside the file, or where the map says."""

    def __init__(self, document: OpenLabelFile, path_map: PathMap = NO_MAP) -> None:
        self._document = document
        self._places = DataPlaces(document.path.parent, path_map)
        self._problems = ProblemLog()
        self._systems = CoordSystems(
            document.body.coordinate_systems, document.path, self._problems
        )
        self._rigs = KeptFrames(KEPT_RIGS, self._build_rig)
        unshown = document.unshown()
        if unshown:
            self._problems.add(document.path, "$.openlabel", f"{unshown} are not shown")
        self._images_of = streams_of(document, CAMERA)
        self._clouds_of = (*streams_of(document, LIDAR), *streams_of(document, RADAR))
        self._times_ns = self._used(document.times())
        self.frames: Sequence[Frame] = FramesOnDemand(len(document.keys), self._frame)

    def read_rig(self, frame_index: int) -> Rig:
        return self._rigs.of(frame_index)

    def _build_rig(self, frame_index: int) -> Rig:
        key = self._document.keys[frame_index]
        properties = self._document.frame_properties(key)
        place = f"{self._document.place(key)}.frame_properties.transforms"
        edges = self._systems.edges(properties.get("transforms"), place)
        images = {each.sensor_id: Path(each.source) for each in self.frames[frame_index].images}
        streams = mapping_of(properties.get("streams"))
        return build_rig(self._document, edges, streams, images, self._problems)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.frames[frame_index]
        source = next((each for each in frame.sweeps if each.sensor_id == sensor_id), None)
        if source is None:
            raise DamagedData(self._document.path, sensor_id, "the frame has no such point cloud")
        coord_frame_id = self.read_rig(frame_index).lidars[sensor_id].coord_frame_id
        cloud = read_points(Path(source.source))
        return replace(cloud, coord_frame_id=coord_frame_id, timestamp_ns=source.timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        frame = self.frames[frame_index]
        rig = self.read_rig(frame_index)
        return frame_labels(
            self._document, frame.key, rig, self._problems, timestamp_ns=frame.timestamp_ns
        )

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._rigs.clear()

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        images = self.frames[frame_index].images
        found = next((each.source for each in images if each.sensor_id == sensor_id), None)
        if found is None:
            raise DamagedData(self._document.path, sensor_id, "the frame has no such image")
        return Path(found)

    def _used(self, times: list[int | None]) -> list[int | None]:
        """Times of all frames, or of none: when one lacks its time, or they do not rise."""
        document = self._document
        known = [time for time in times if time is not None]
        rising = all(before < after for before, after in pairwise(known))
        if not known or (len(known) == len(times) and rising):
            return times
        told = "not every frame has a time later than the one before; none is used"
        self._problems.add(document.path, "$.openlabel.frames", told)
        return [None] * len(times)

    def sensor_ids(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lidars and cameras of any of the frames, in the order in which they come."""
        lidars: dict[str, None] = {}
        cameras: dict[str, None] = {}
        wanted = len(self._clouds_of) + len(self._images_of)
        for frame in self.frames if wanted else ():
            lidars |= dict.fromkeys(each.sensor_id for each in frame.sweeps)
            cameras |= dict.fromkeys(each.sensor_id for each in frame.images)
            if len(lidars) + len(cameras) == wanted:
                break
        return tuple(lidars), tuple(cameras)

    def _frame(self, index: int) -> Frame:
        key, time_ns = self._document.keys[index], self._times_ns[index]
        streams: Mapping[str, Any] = {}
        if self._images_of or self._clouds_of:
            streams = mapping_of(self._document.frame_properties(key).get("streams"))
        images, sweeps = [], []
        for name in self._images_of:
            path = self._file(name, key, streams, IMAGE_SUFFIXES)
            if path is not None:
                images.append(ImageRef(name, _recorded_at(name, streams, time_ns), str(path)))
        for name in self._clouds_of:
            path = self._file(name, key, streams, POINT_SUFFIXES)
            if path is not None:
                sweeps.append(SweepRef(name, _recorded_at(name, streams, time_ns), str(path)))
        return Frame(index, key, time_ns, tuple(sweeps), tuple(images))

    def _file(self, name: str, key: str, streams: object, suffixes: tuple[str, ...]) -> Path | None:
        """Return the frame's file of a stream; a static ``uri`` counts when there is one frame."""
        uri = mapping_of(mapping_of(streams).get(name)).get("uri")
        place = f"{self._document.place(key)}.frame_properties.streams.{name}.uri"
        if uri is None and len(self._document.keys) == 1:
            uri = self._document.body.streams[name].get("uri")
            place = f"$.openlabel.streams.{name}.uri"
        if not isinstance(uri, str) or not uri:
            return None
        try:
            path = self._places.find(uri)
        except UnmappedUrl as unmapped:
            self._problems.add(self._document.path, place, str(unmapped))
            return None
        if not path.name.lower().endswith(suffixes):
            return None
        if not is_file(path):
            self._problems.add(path, "", "the file is missing")
            return None
        return path


def _recorded_at(name: str, streams: Mapping[str, Any], frame_ns: int | None) -> int | None:
    """Return the time of a stream in a frame, the frame's where it tells none.

    The transforms of a frame already say where everything was at its own time.
    """
    properties = mapping_of(mapping_of(streams.get(name)).get("stream_properties"))
    time_ns = time_of(mapping_of(properties.get("sync")).get("timestamp"))
    return frame_ns if time_ns is None or frame_ns is None else time_ns
