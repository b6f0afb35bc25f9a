"""Which labels a fork takes, from a slice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from viewer.review.subject import Subject, SubjectKind
from viewer.review.versions.model import (
    ForkChoices,
    SceneKeep,
    SceneVersion,
    Version,
    VersionKeeps,
)

NOTHING = SceneKeep(frames=frozenset())


def scene_keeps(members: Iterable[Subject], version: Version) -> dict[str, SceneKeep]:
    """Return what the members of a slice keep of each scene; scenes without any are left out.

    Members of other datasets and label sets do not count.
    """
    frames: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    tracks: dict[str, set[str]] = defaultdict(set)
    whole: set[str] = set()
    for each in members:
        if each.dataset_id != version.dataset_id or each.scene_id is None:
            continue
        if each.label_set_id not in (None, version.label_set_id):
            continue
        match each.kind:
            case SubjectKind.SCENE:
                whole.add(each.scene_id)
            case SubjectKind.FRAME:
                frames[each.scene_id].add(str(each.frame_key))
            case SubjectKind.LABEL:
                labels[each.scene_id][str(each.frame_key)].add(str(each.label_id))
            case SubjectKind.TRACK:
                tracks[each.scene_id].add(str(each.track_id))
    found = {scene: SceneKeep() for scene in whole}
    found |= {scene: SceneKeep(frames=frozenset(keys)) for scene, keys in frames.items()}
    found |= {scene: SceneKeep(tracks=frozenset(ids)) for scene, ids in tracks.items()}
    for scene, by_frame in labels.items():
        found[scene] = SceneKeep(labels={key: frozenset(ids) for key, ids in by_frame.items()})
    return found


def fork_keeps(version: Version, choices: ForkChoices) -> VersionKeeps:
    """Return what a fork has of its label set, all choices of the version before it included."""
    keeps = version.keeps
    classes = keeps.classes
    if choices.classes is not None:
        before = choices.classes if classes is None else classes
        classes = tuple(sorted(set(before).intersection(choices.classes)))
    return VersionKeeps(
        labels=keeps.labels and choices.with_labels,
        classes=classes,
        every_scene=keeps.every_scene and choices.slice_id is None,
    )


def fork_scenes(
    version: Version, scenes: Iterable[SceneVersion], members: Iterable[Subject] | None
) -> list[SceneVersion]:
    """Return the scenes of a fork of a version that keeps the members of a slice, or all.

    A scene that lies outside is kept with its edits, and with a choice that lets nothing through.
    """
    held = {each.scene_id: each for each in scenes}
    if members is None:
        return list(held.values())
    chosen = scene_keeps(members, version)
    wanted = held.keys() | (chosen.keys() if version.keeps.every_scene else set())
    found = []
    for scene_id in sorted(wanted):
        before = held.get(scene_id, SceneVersion(scene_id, {}))
        keep = chosen.get(scene_id, NOTHING)
        if keep in (SceneKeep(), *before.keeps):
            found.append(before)
        else:
            found.append(replace(before, keeps=(*before.keeps, keep)))
    return found
