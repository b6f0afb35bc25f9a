"""`sightline info`: what is in a dataset or a file, in numbers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import (
    DataloopPose,
    Maps,
    Strict,
    fail_on_problems,
    import_choices,
    readable_errors,
    terminal_progress,
)

if TYPE_CHECKING:
    from viewer.progress import JobContext
    from viewer.scene.scene import Dataset, Problem, Scene


def run(
    path: Annotated[Path, typer.Argument(help="A dataset folder, a point cloud or an image.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
    strict: Strict = False,
) -> None:
    """Say what PATH holds: format, scenes, frames, sensors, labels; for a lone cloud its points."""
    choices = import_choices(dataloop_pose, maps)
    with readable_errors(), terminal_progress("Reading") as context:
        facts, problems = describe(path, context, choices, strict=strict)
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        _print_facts(facts)
    if strict:
        fail_on_problems(problems, listed=not as_json)


def describe(
    path: Path,
    context: "JobContext",
    choices: dict[str, str] | None = None,
    *,
    strict: bool = False,
) -> "tuple[dict[str, Any], tuple[Problem, ...]]":
    """Collect the facts that `info` prints, as JSON values, and the problems among them.

    `strict` reads points and images too.
    """
    from viewer.formats.points.catalog import find_point_format, read_points

    if path.is_file() and (point_format := find_point_format(path)) is not None:
        return _describe_cloud(path, point_format.name, read_points(path)), ()
    from viewer.formats.catalog import open_dataset
    from viewer.formats.survey import all_problems

    dataset = open_dataset(path, choices=choices, context=context)
    try:
        found = dict.fromkeys(all_problems(dataset, context) if strict else dataset.problems)
        return _describe_dataset(dataset, context, found), tuple(found)
    finally:
        dataset.close()


def _describe_cloud(path: Path, format_name: str, cloud: Any) -> dict[str, Any]:  # noqa: ANN401
    bounds = cloud.bounds()
    return {
        "path": str(path),
        "format": format_name,
        "scene_count": 1,
        "frame_count": 1,
        "sensors": ["lidar"],
        "label_count": 0,
        "coord_frames": ["world"],
        "point_count": len(cloud),
        "finite_point_count": cloud.finite_count,
        "fields": ["x", "y", "z", *cloud.fields],
        "bounds": None if bounds is None else [list(map(float, corner)) for corner in bounds],
    }


def _describe_dataset(
    dataset: "Dataset", context: "JobContext", problems: "dict[Problem, None]"
) -> dict[str, Any]:
    from viewer.formats.base import DamagedData

    sensors: dict[str, None] = {}
    coord_frames: dict[str, None] = {}
    label_counts: dict[str, int] = {}
    for scene in dataset.scenes:
        sensors.update(dict.fromkeys((*scene.lidar_ids, *scene.camera_ids)))
        for frame in context.track(scene.frames, f"Reading {scene.scene_id}"):
            _count_labels(scene, frame.index, label_counts, problems)
        try:
            if scene.frames:
                rig = scene.reader.read_rig(0)
                coord_frames.update(dict.fromkeys(rig.transforms.coord_frame_ids))
        except DamagedData as error:
            problems[error.as_problem()] = None
        problems.update(dict.fromkeys(scene.reader.problems()))
    return {
        "path": str(dataset.path),
        "format": dataset.format_name,
        "scene_count": len(dataset.scenes),
        "frame_count": sum(len(scene.frames) for scene in dataset.scenes),
        "sensors": list(sensors),
        "label_count": sum(label_counts.values()),
        "label_sets": label_counts,
        "coord_frames": list(coord_frames),
        "problems": [str(problem) for problem in problems],
    }


def _count_labels(
    scene: "Scene", frame_index: int, counts: dict[str, int], problems: "dict[Problem, None]"
) -> None:
    from viewer.formats.base import DamagedData

    ignored = scene.class_map.ignored_names
    for label_set in scene.label_sets:
        set_id = label_set.label_set_id
        counts.setdefault(set_id, 0)
        try:
            counts[set_id] += scene.reader.read_labels(frame_index, set_id).count(ignored)
        except DamagedData as error:
            problems[error.as_problem()] = None


def _print_facts(facts: dict[str, Any]) -> None:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        title = name.replace("_", " ")
        if isinstance(value, dict):
            value = ", ".join(f"{key} {count}" for key, count in value.items())
        elif name == "problems" and value:
            print(f"{title:<{width}}  {len(value)}")
            for line in value:
                print(f"  {line}")
            continue
        elif isinstance(value, list):
            value = ", ".join(
                f"({', '.join(f'{n:.3f}' for n in item)})" if isinstance(item, list) else str(item)
                for item in value
            )
        print(f"{title:<{width}}  {value if value not in ('', None) else '-'}")
