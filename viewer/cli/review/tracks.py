"""`sightline review merge-tracks`, `split-track`: which labels are one object over time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail, terminal_progress
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    dataset_of,
    print_json,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset

if TYPE_CHECKING:
    from viewer.review import Reading, Workspace
    from viewer.review.commands.base import Command
    from viewer.review.edits.track_labels import TrackLabels
    from viewer.scene.scene import Scene

OfScene = Annotated[str, typer.Option("--scene", help="The scene of the tracks.")]
OfLabelSet = Annotated[str, typer.Option("--label-set", help="Their label set, e.g. gt.")]


def run_merge(
    file: File,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The track that stays.")],
    others: Annotated[list[str], typer.Argument(metavar="TRACKS...", help="Those that end.")],
    scene: OfScene,
    label_set: OfLabelSet,
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Put all labels of TRACKS into the track INTO, in one step."""
    from viewer.review.commands.whole_tracks import merged

    if into in others or len(set(others)) < len(others):
        fail("name each track once", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        where = (scene, label_set)
        found, _ = _read(workspace.reading, dataset, data, where, (into, *others))
        _require(found, (into, *others))
        ended = [each for each in found.labels if each.track_id != into]
        _run(workspace, merged(found.labels, into, others), into, len(ended), as_json)


def run_split(
    file: File,
    track: Annotated[str, typer.Argument(metavar="TRACK", help="A track's id.")],
    first: Annotated[
        str,
        typer.Option("--from", metavar="FRAME", help="The first frame that leaves, by its key."),
    ],
    scene: OfScene,
    label_set: OfLabelSet,
    new: Annotated[
        str | None, typer.Option("--new", metavar="ID", help="Id of the new track.")
    ] = None,
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make the labels of TRACK from a frame on a track of their own."""
    from viewer.review.commands.whole_tracks import split_off

    with writing_workspace(file, reviewer) as workspace:
        found, whole = _read(workspace.reading, dataset, data, (scene, label_set), (track,))
        _require(found, (track,))
        index = whole.frame_index_of(first)
        if index is None:
            fail(f"{scene} has no frame {first}", ExitCode.USAGE)
        later = [each for each in found.labels if each.frame_index >= index]
        if not later or len(later) == len(found.labels):
            fail(f"track {track} does not lie on both sides of {first}", ExitCode.USAGE)
        new_id = found.free_id(track) if new is None else new
        if new_id in found.known:
            fail(f"there is a track {new_id} already", ExitCode.USAGE)
        _run(workspace, split_off(later, new_id, track), new_id, len(later), as_json)


def _read(
    reading: "Reading",
    dataset: str | None,
    data: Path | None,
    where: tuple[str, str],
    track_ids: tuple[str, ...],
) -> "tuple[TrackLabels, Scene]":
    """Read tracks as they are now; leave where the scene or the label set is not there."""
    from viewer.review.edits.edited_dataset import edited_scene
    from viewer.review.edits.reading import edits_in_scene
    from viewer.review.edits.track_labels import labels_of_tracks

    scene_id, label_set_id = where
    dataset_id = dataset_of(reading, dataset)
    with opened_dataset(reading, dataset_id, data) as opened:
        scene = next((each for each in opened.scenes if each.scene_id == scene_id), None)
        if scene is None:
            fail(f"there is no scene {scene_id}", ExitCode.USAGE)
        if label_set_id not in (each.label_set_id for each in scene.label_sets):
            fail(f"there is no label set {label_set_id}", ExitCode.USAGE)
        edited = edited_scene(scene, edits_in_scene(reading, dataset_id, scene_id))
        with terminal_progress("Reading tracks") as context:
            found = labels_of_tracks(context, edited, dataset_id, label_set_id, track_ids)
    return found, scene


def _require(found: "TrackLabels", track_ids: tuple[str, ...]) -> None:
    for track_id in track_ids:
        if track_id not in found.known:
            fail(f"there is no track {track_id}", ExitCode.USAGE)


def _run(
    workspace: "Workspace", command: "Command", track_id: str, count: int, as_json: bool
) -> None:
    entry = workspace.run(command)
    text = "nothing to change" if entry is None else entry.text
    print_json({"track": track_id, "labels": count, "text": text}) if as_json else print(text)
