"""The numbers of a scene and of its shown frame."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from viewer.scene.metadata import MetadataType
from viewer.scene.scene import Dataset, Problem, Scene
from viewer.session.facts import SHOWN_VALUES, Fact, FactGroup, seconds, values_group
from viewer.session.flat_facts import kind_counts
from viewer.session.frame_content import FrameContent
from viewer.session.marks_set import MARKS_ID, labels_alone
from viewer.session.point_class_lookup import count_classes
from viewer.session.tracks import SceneTracks

SHOWN_PROBLEMS = 50


def scene_facts(
    scene: Scene,
    content: FrameContent | None,
    tracks: SceneTracks | None,
    problems: tuple[Problem, ...],
    dataset: Dataset | None = None,
) -> tuple[FactGroup, ...]:
    """Facts of a scene; counts over all frames appear once `tracks` is there."""
    types = dataset.metadata_types if dataset is not None else {}
    groups = [_scene_group(scene)]
    if content is not None:
        groups.append(_frame_group(content))
        groups += _whole_groups(content)
        groups += _point_class_groups(content)
        groups += values_group("Frame metadata", readable(content.metadata, types))
    groups.append(_sensor_group(scene))
    groups += values_group("Scene metadata", readable(scene.metadata, types))
    if dataset is not None:
        groups += values_group("Dataset metadata", readable(dataset.metadata, types))
    for label_set in scene.label_sets:
        counts = tracks.class_counts.get(label_set.label_set_id, {}) if tracks else {}
        title = f"Labels: {label_set.title or label_set.label_set_id}"
        groups.append(FactGroup(title, _class_facts(counts, known=tracks is not None)))
    notes = content.rig.transforms.notes if content is not None else ()
    if notes:
        facts = tuple(Fact("Note", note) for note in notes)
        groups.append(FactGroup("Coord frames", facts))
    if problems:
        groups.append(_problem_group(problems))
    return tuple(groups)


def _scene_group(scene: Scene) -> FactGroup:
    facts = [Fact("Format", scene.format_name), Fact("Frames", f"{len(scene.frames):,}")]
    times = [frame.timestamp_ns for frame in scene.frames if frame.timestamp_ns is not None]
    if scene.independent:
        facts.append(Fact("Time", "none: the frames are independent"))
    elif len(times) > 1:
        duration_ns = max(times) - min(times)
        facts.append(Fact("Duration", seconds(duration_ns)))
        if duration_ns:
            facts.append(Fact("Rate", f"{(len(times) - 1) / duration_ns * 1e9:.2f} Hz"))
    facts.append(Fact("Path", str(scene.path)))
    if scene.description:
        facts.append(Fact("About", scene.description))
    return FactGroup("Scene", tuple(facts))


def _frame_group(content: FrameContent) -> FactGroup:
    facts = [Fact("Frame", f"{content.index + 1} of {len(content.scene.frames)}"),
             Fact("Key", content.frame.key)]  # fmt: skip
    if content.timestamp_ns is not None:
        facts.append(Fact("Timestamp", f"{content.timestamp_ns} ns"))
    for sweep in content.sweeps:
        if sweep.frame_index == content.index:
            cloud = sweep.cloud
            missing = len(cloud) - cloud.finite_count
            note = f"{missing:,} of {len(cloud):,} have no position" if missing else ""
            facts.append(Fact(sweep.sensor_id, f"{cloud.finite_count:,} points", note))
            facts.append(Fact(f"{sweep.sensor_id} fields", ", ".join(cloud.fields) or "none"))
    facts += [
        Fact(set_id, kind_counts(labels, content, set_id))
        for set_id, labels in labels_alone(content)
    ]
    marks = content.labels.get(MARKS_ID)
    if marks is not None:
        count = len(marks.cuboids) + len(marks.boxes_2d)
        facts.append(Fact("Marks", f"{count:,} missing object{'s' * (count > 1)}", "No labels"))
    facts += [
        Fact(f"{other.sensor_id} ({other.kind.value})", other.source, "Listed and kept, not shown")
        for other in content.frame.others
    ]
    return FactGroup("Frame", tuple(facts))


def _whole_groups(content: FrameContent) -> list[FactGroup]:
    """What classifications say of the frame, the scene and what else is judged as a whole."""
    facts: list[Fact] = []
    for labels in content.labels.values():
        for told in labels.classifications:
            value = told.class_name
            if not math.isnan(told.score):
                value = f"{value} {told.score:.2f}"
            note = ", ".join(f"{k}: {v:.3f}" for k, v in (told.class_distribution or {}).items())
            name = told.target or told.scope.value
            facts.append(Fact(f"{name}: {told.taxonomy}" if told.taxonomy else name, value, note))
    shown = tuple(facts[:SHOWN_VALUES])
    return [FactGroup("Classified as a whole", shown)] if facts else []


def _point_class_groups(content: FrameContent) -> list[FactGroup]:
    groups: list[FactGroup] = []
    for set_id, labels in content.labels.items():
        for found in labels.point_classes:
            total = max(1, len(found.class_indices))
            facts = [
                Fact(
                    each.title, f"{each.count:,}", f"{each.count / total * 100:.1f} % of the sweep"
                )
                for each in count_classes(found)[:SHOWN_VALUES]
            ]
            title = f"Points of {found.sensor_id}: {_set_title(content, set_id)}"
            groups.append(FactGroup(title, tuple(facts)))
    return groups


def _set_title(content: FrameContent, set_id: str) -> str:
    titles = {each.label_set_id: each.title for each in content.scene.label_sets}
    return titles.get(set_id) or set_id


def readable(values: Mapping[str, Any], types: Mapping[str, MetadataType]) -> Mapping[str, Any]:
    """Metadata with its times in words."""
    return {
        name: _time_text(value) if types.get(name) is MetadataType.TIME else value
        for name, value in values.items()
    }


def _time_text(value: object) -> object:
    """Nanoseconds since 1970 as a date and time; anything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    seconds_, rest = divmod(value, 1_000_000_000)
    try:
        at = datetime.fromtimestamp(seconds_, UTC)
    except (ValueError, OverflowError, OSError):
        return value
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def _sensor_group(scene: Scene) -> FactGroup:
    facts = [Fact("Lidars", ", ".join(scene.lidar_ids) or "none")]
    facts.append(Fact("Cameras", ", ".join(scene.camera_ids) or "none"))
    return FactGroup("Sensors", tuple(facts))


def _class_facts(counts: Mapping[str, int], *, known: bool) -> tuple[Fact, ...]:
    if not known:
        return (Fact("Counting", "…", "Labels of all frames are being counted"),)
    items = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = sum(count for _, count in items)
    return (Fact("All", f"{total:,}"), *(Fact(name, f"{count:,}") for name, count in items))


def _problem_group(problems: tuple[Problem, ...]) -> FactGroup:
    facts = [
        Fact(problem.place or "File", problem.message, str(problem), is_problem=True)
        for problem in problems[:SHOWN_PROBLEMS]
    ]
    if len(problems) > SHOWN_PROBLEMS:
        facts.append(Fact("More", f"{len(problems) - SHOWN_PROBLEMS:,} further problems"))
    return FactGroup(f"Problems ({len(problems):,})", tuple(facts))
