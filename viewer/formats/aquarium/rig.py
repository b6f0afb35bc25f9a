"""The rig of one frame: its own coord frames, lidars and cameras."""

from viewer.formats.aquarium.coord_frames import build_tree
from viewer.formats.aquarium.frame_state import FrameState
from viewer.formats.aquarium.lens import read_camera_matrix, read_lens
from viewer.formats.aquarium.previews import image_path
from viewer.formats.aquarium.schema import ROOT, CoordFrameRecord, SensorRecord
from viewer.formats.base import DamagedData
from viewer.formats.data_urls import DataPlaces, UnmappedUrl
from viewer.formats.images import image_size
from viewer.formats.json_lines import RowPlace
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig


def build_rig(state: FrameState, places: DataPlaces, problems: ProblemLog) -> Rig:
    """Return the rig; cameras that cannot be used say why."""
    if state.place is None:
        return Rig({}, {}, TransformTree())
    tree = build_tree(state.coord_frames, state.place, problems)
    records = {record.coordinate_frame_id: record for record in state.coord_frames}
    known = set(tree.coord_frame_ids)
    lidars, cameras = {}, {}
    for index, sensor in enumerate(state.sensors):
        place = f"{state.place.place}, $.sensor_data[{index}]"
        name = sensor.sensor_id
        if sensor.is_lidar:
            frame_id = sensor.coordinate_frame or ROOT
            if frame_id in known:
                lidars[name] = LidarSensor(name, frame_id)
            else:
                problem = f"{name!r} sits in {frame_id!r}, no coord frame; it is not shown"
                problems.add(state.place.path, place, problem)
        elif sensor.is_camera:
            record = records.get(sensor.coordinate_frame or name)
            cameras[name] = _camera(sensor, record, known, places, state.place, problems)
    return Rig(cameras, lidars, tree)


def _camera(
    sensor: SensorRecord,
    record: CoordFrameRecord | None,
    known: set[str],
    places: DataPlaces,
    row: RowPlace,
    problems: ProblemLog,
) -> CameraSensor:
    name = sensor.sensor_id
    frame_id = sensor.coordinate_frame or name
    if record is None:
        return _refused(name, f"its coord frame {frame_id!r} does not exist")
    if record.coordinate_frame_type.upper() != "IMAGE_PROJECTION":
        return _refused(name, "the frame gives no projection for this image")
    if frame_id not in known:
        return _refused(name, f"the pose of its coord frame {frame_id!r} cannot be used")
    metadata = record.coordinate_frame_metadata or {}
    place = f"{row.place}, coordinate frame {frame_id!r}"
    try:
        size_px = sensor.size_px or _stored_size(sensor, places, row)
        lens = read_lens(metadata, size_px, row.path, place, problems)
        matrix = read_camera_matrix(metadata, row.path, place, problems)
    except UnmappedUrl as unmapped:
        return _refused(name, f"the size of its images is not known: {unmapped}")
    except DamagedData as damage:
        problems.add_damage(damage)
        return _refused(name, damage.problem)
    return CameraSensor(name, frame_id, lens, camera_matrix=matrix)


def _stored_size(sensor: SensorRecord, places: DataPlaces, row: RowPlace) -> tuple[int, int]:
    try:
        path, _ = image_path(sensor, lambda url: places.find(url, row.path.parent))
    except LookupError as error:
        raise DamagedData(row.path, row.place, str(error.args[0])) from None
    return image_size(path)


def _refused(sensor_id: str, reason: str) -> CameraSensor:
    return CameraSensor(sensor_id, ROOT, None, reason)
