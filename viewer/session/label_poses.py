"""Where and when labels, points and images of a frame hold."""

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.view_settings import ViewSettings


def labels_ns(content: FrameContent, labels: CuboidLabels) -> int | None:
    """Reference time of labels; the frame's where they state none."""
    return labels.timestamp_ns if labels.timestamp_ns is not None else content.timestamp_ns


def sweep_ns(sweep: LoadedSweep, view: ViewSettings) -> int | None:
    """Time at which a sweep is posed, its sensor's offset added."""
    return _offset(sweep.timestamp_ns, sweep.sensor_id, view)


def image_ns(content: FrameContent, sensor_id: str, view: ViewSettings) -> int | None:
    """Time at which a camera's image is posed, its offset added."""
    return _offset(content.image_timestamp_ns(sensor_id), sensor_id, view)


def _offset(time_ns: int | None, sensor_id: str, view: ViewSettings) -> int | None:
    return None if time_ns is None else time_ns + view.time_offsets_ns.get(sensor_id, 0)


def cuboids_in(content: FrameContent, labels: CuboidLabels, dst: str, at_ns: int | None) -> Cuboids:
    """Cuboids as seen from a coord frame at a time; they stay where they were in the world."""
    dst_from_labels = content.rig.transforms.transform(
        dst, labels.cuboids.coord_frame_id, at_ns, src_ns=labels_ns(content, labels)
    )
    return labels.cuboids.transformed(dst_from_labels)


def cuboids_in_ego(content: FrameContent, labels: CuboidLabels) -> Cuboids:
    """Cuboids as seen from the ego vehicle at the frame's time."""
    return cuboids_in(content, labels, content.rig.ego_coord_frame_id, content.timestamp_ns)
