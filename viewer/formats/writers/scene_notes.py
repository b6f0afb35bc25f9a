"""Notes what a layout has no place for in a scene as a whole."""

from viewer.formats.writers.kitti_files import first_rig
from viewer.formats.writers.losses import LossLog
from viewer.geometry.trajectory import Trajectory
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Scene


def note_scene_facts(
    scene: Scene, title: str, losses: LossLog, *, keeps_motion: bool, keeps_order: bool
) -> None:
    """Note description, facts, motion of the vehicle and order in time, where they get lost."""
    where, why = scene.scene_id, f"{title} has no place for it"
    losses.add("description", where, why, int(bool(scene.description)))
    losses.add("fact about the scene", where, why, len(scene.metadata))
    if isinstance(scene.reader, FrameMetadata):
        facts = sum(len(scene.reader.read_frame_metadata(each.index)) for each in scene.frames)
        losses.add("fact about a frame", where, why, facts)
    rig = first_rig(scene)
    if not keeps_motion and rig is not None:
        moving = sum(1 for edge in rig.transforms.edges if isinstance(edge, Trajectory))
        losses.add("motion of the vehicle", where, "is not written", moving)
    if not keeps_order and not scene.independent and len(scene.frames) > 1:
        losses.add("order in time", where, f"frames of {title} share no time")
