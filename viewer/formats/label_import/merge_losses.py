"""What a merged scene no longer has, and what of the incoming labels' dataset stays behind."""

from collections.abc import Iterable, Mapping
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.label_import.modes import ImportMode
from viewer.formats.label_import.scene_import import TAGS, SceneImport
from viewer.formats.writers.losses import LossLog, LossReport
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Dataset, Scene
from viewer.scene.tracks import TrackSource

_ROWS_OF_FORMATS = {
    "aquarium": "Aquarium",
    "nucleus": "Nucleus",
    "dataloop": "Dataloop",
    "lightly": "Lightly",
}
"""Formats whose rows a writer copies key for key, but only out of a scene that nothing joined."""
_NOT_BROUGHT = "labels alone are brought in"


def merge_losses(work: SceneImport, base: Dataset, labels: Dataset) -> LossReport:
    """Return what no writer gets to see: it stays behind when labels join a scene.

    Parameters
    ----------
    work
        The import.
    base
        The dataset of the scene that gets the labels.
    labels
        The dataset that they come from.
    """
    losses = LossLog()
    scene = work.scene
    for key in base.metadata:
        why = "a merged scene is written without the facts of its dataset"
        losses.add(f"fact about the dataset {key!r}", _where(base), why)
    _note_tracks(work, losses)
    _note_rows(scene, "frame whose rows are written anew", len(scene.frames), losses)
    _note_incoming(work, labels, losses)
    return losses.report()


def joined_reports(reports: Iterable[LossReport]) -> LossReport:
    """Return the losses of several reports, one after the other."""
    losses = LossLog()
    for report in reports:
        for what, where, count, why in report.rows():
            losses.add(what, where, why, count)
    return losses.report()


def _note_tracks(work: SceneImport, losses: LossLog) -> None:
    scene, target = work.scene, work.label_set_id
    if work.mode == ImportMode.REPLACE and target in {e.label_set_id for e in scene.label_sets}:
        where = f"{scene.scene_id}/{target}"
        why = "its labels are replaced; keyframes and facts of the track are left out"
        losses.add("track as a whole", where, why, _track_count(scene, target, losses))
    for other, label_set_id in work.incoming:
        where = f"{other.scene_id}/{label_set_id}"
        why = f"{_NOT_BROUGHT}, frame by frame; keyframes and facts of the track are left out"
        losses.add(
            "incoming track as a whole", where, why, _track_count(other, label_set_id, losses)
        )


def _track_count(scene: Scene, label_set_id: str, losses: LossLog) -> int:
    if not isinstance(scene.reader, TrackSource):
        return 0
    try:
        return len(scene.reader.read_tracks(label_set_id))
    except DamagedData as damage:
        losses.add_unreadable(damage.as_problem())
        return 0


def _note_rows(scene: Scene, what: str, frames: int, losses: LossLog) -> None:
    title = _ROWS_OF_FORMATS.get(scene.format_name)
    if title is not None:
        why = f"keys of {title} that Sightline does not read are left out"
        losses.add(what, scene.scene_id, why, frames)


def _note_incoming(work: SceneImport, labels: Dataset, losses: LossLog) -> None:
    for key in labels.metadata:
        losses.add(f"incoming fact about the dataset {key!r}", _where(labels), _NOT_BROUGHT)
    for scene, _ in work.incoming:
        where = scene.scene_id
        losses.add("incoming fact about the scene", where, _NOT_BROUGHT, len(scene.metadata))
        frames = work.matched_frames(scene)
        facts = sum(len(_facts(scene, index, losses).keys() - {TAGS}) for index in frames)
        losses.add("incoming fact about a frame", where, f"{_NOT_BROUGHT}, with tags", facts)
        _note_rows(scene, "incoming frame whose rows are written anew", len(frames), losses)


def _facts(scene: Scene, index: int, losses: LossLog) -> Mapping[str, Any]:
    if not isinstance(scene.reader, FrameMetadata):
        return {}
    try:
        return scene.reader.read_frame_metadata(index)
    except DamagedData as damage:
        losses.add_unreadable(damage.as_problem())
        return {}


def _where(dataset: Dataset) -> str:
    return dataset.path.name or str(dataset.path)
