"""Where the things of a frame stand: poses in the world, with the sensors' time offsets."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels
from viewer.scene.sensors import CameraSensor
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.view_settings import ViewSettings

Matrix = npt.NDArray[np.float64]


def sweep_ns(sweep: LoadedSweep, view: ViewSettings | None) -> int | None:
    """Time at which a sweep is posed."""
    return _offset(sweep.timestamp_ns, sweep.sensor_id, view)


def image_ns(content: FrameContent, sensor_id: str, view: ViewSettings | None) -> int | None:
    """Time at which a camera's image is posed."""
    return _offset(content.image_timestamp_ns(sensor_id), sensor_id, view)


def _offset(time_ns: int | None, sensor_id: str, view: ViewSettings | None) -> int | None:
    if time_ns is None or view is None:
        return time_ns
    return time_ns + view.time_offsets_ns.get(sensor_id, 0)


def labels_ns(
    content: FrameContent, labels: CuboidLabels, view: ViewSettings | None = None
) -> int | None:
    """Reference time of labels; the frame's where they state none.

    Labels were drawn on a cloud and stay with it: they take the time offset of the lidar whose
    sweep is nearest in time. Labels in world coordinates keep their place all the same.
    """
    time_ns = labels.timestamp_ns if labels.timestamp_ns is not None else content.timestamp_ns
    if time_ns is None or view is None or not view.time_offsets_ns:
        return time_ns
    own = [
        (abs(sweep.timestamp_ns - time_ns), place, sweep.sensor_id)
        for place, sweep in enumerate(content.sweeps)
        if sweep.frame_index == content.index and sweep.timestamp_ns is not None
    ]
    return _offset(time_ns, min(own)[2], view) if own else time_ns


def world_from_sweep(
    content: FrameContent, sweep: LoadedSweep, view: ViewSettings | None = None
) -> Matrix:
    """(4, 4) `world_from_points` at the sweep's own time."""
    return content.world_from(sweep.cloud.coord_frame_id, sweep_ns(sweep, view))


def ego_from_sweep(
    content: FrameContent, sweep: LoadedSweep, view: ViewSettings | None = None
) -> Matrix:
    """(4, 4) `ego_from_points`, the ego at the frame's time."""
    return inverse_rigid(content.world_from_ego()) @ world_from_sweep(content, sweep, view)


def camera_from_world(
    content: FrameContent, camera: CameraSensor, view: ViewSettings | None = None
) -> Matrix:
    """(4, 4) `camera_from_world` at the image's time; not rigid where `camera_matrix` is not."""
    time_ns = image_ns(content, camera.sensor_id, view)
    pose = inverse_rigid(content.world_from(camera.coord_frame_id, time_ns))
    return pose if camera.camera_matrix is None else camera.camera_matrix @ pose


def cuboids_in(
    content: FrameContent,
    labels: CuboidLabels,
    dst: str,
    at_ns: int | None,
    view: ViewSettings | None = None,
) -> Cuboids:
    """Cuboids as seen from a coord frame at a time; they stay where they were in the world."""
    dst_from_labels = content.rig.transforms.transform(
        dst, labels.cuboids.coord_frame_id, at_ns, src_ns=labels_ns(content, labels, view)
    )
    return labels.cuboids.transformed(dst_from_labels)


def cuboids_in_ego(content: FrameContent, labels: CuboidLabels) -> Cuboids:
    """Cuboids as seen from the ego vehicle at the frame's time."""
    return cuboids_in(content, labels, content.rig.ego_coord_frame_id, content.timestamp_ns)


def inverse_rigid(matrix: npt.NDArray[Any]) -> Matrix:
    """Inverse of a rigid (4, 4) matrix."""
    result = np.eye(4)
    result[:3, :3] = matrix[:3, :3].T
    result[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return result
