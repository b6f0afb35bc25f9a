"""The numbers of a scene and of its shown frame."""

from collections.abc import Mapping

from viewer.scene.scene import Problem, Scene
from viewer.session.facts import Fact, FactGroup, seconds
from viewer.session.frame_content import FrameContent
from viewer.session.tracks import SceneTracks

SHOWN_PROBLEMS = 50


def scene_facts(
    scene: Scene,
    content: FrameContent | None,
    tracks: SceneTracks | None,
    problems: tuple[Problem, ...],
) -> tuple[FactGroup, ...]:
    """Facts of a scene; counts over all frames appear once `tracks` is there."""
    groups = [_scene_group(scene)]
    if content is not None:
        groups.append(_frame_group(content))
    groups.append(_sensor_group(scene))
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
        Fact(set_id, f"{len(labels.cuboids):,} cuboids, {len(labels.boxes_2d):,} 2D boxes")
        for set_id, labels in content.labels.items()
    ]
    return FactGroup("Frame", tuple(facts))


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
