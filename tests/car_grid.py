"""Scenes of labels alone, of cars on a grid, for the checks about a whole dataset."""

import json
from dataclasses import dataclass, field, replace

from viewer.batch.in_process import InProcess
from viewer.checks.policy import Policy
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import OpenScenes
from viewer.formats.builder import SceneBuilder
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.scene import Dataset

FRAMES = 3


@dataclass(frozen=True)
class Box:
    """One object, in every frame; metres."""

    track: str
    class_name: str = "car"
    center: tuple = (0.0, 0.0, 0.75)
    size: tuple = (4.5, 1.8, 1.5)
    yaw: float = 0.0
    attributes: dict = field(default_factory=dict)


def scene(name, boxes, second=(), *, predictions=(), metadata=None, classes=()):
    builder = SceneBuilder(name)
    builder.add_label_set("ground_truth", predictions=False)
    if second:
        builder.add_label_set("second", predictions=False)
    if predictions:
        builder.add_label_set("model", predictions=True)
    for index in range(FRAMES):
        frame = builder.add_frame(timestamp_ns=10**9 + index * 10**8, ego_position=(0, 0, 0))
        for set_id, own in (("ground_truth", boxes), ("second", second), ("model", predictions)):
            if own:
                frame.add_cuboids(
                    [each.center for each in own], [each.size for each in own],
                    class_names=[each.class_name for each in own],
                    yaw_rad=[each.yaw for each in own], label_set_id=set_id,
                    label_ids=[f"{each.track}.{index}" for each in own],
                    track_ids=[each.track for each in own],
                    attributes=[each.attributes for each in own],
                    scores=[0.9] * len(own) if set_id == "model" else None,
                )  # fmt: skip
    built = builder.build()
    class_map = ClassMap.from_names(classes) if classes else built.class_map
    return replace(built, metadata=metadata or {}, class_map=class_map)


def cars(count, rng, *, longer=0.0, prefix="car", **fields):
    """Cars of usual sizes on a grid, none over another."""
    return [
        Box(f"{prefix}-{n}", center=(12.0 * (n % 8), 6.0 * (n // 8), 0.75),
            size=(float(rng.normal(4.5, 0.2)) + longer, float(rng.normal(1.8, 0.05)), 1.5),
            **{key: value(n) if callable(value) else value for key, value in fields.items()})
        for n in range(count)
    ]  # fmt: skip


def checked(scenes, *only, **pinned):
    dataset = Dataset(scenes[0].path, scenes[0].format_name, tuple(scenes))
    options = RunOptions(policy=Policy(only=frozenset(only), **pinned))
    run = check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())
    assert not run.failures
    assert not any(each.broken_checks for each in run.scenes)
    assert not any(why.startswith("failed") for why in run.dataset.skipped.values())
    assert json.loads(json.dumps(run_document(run), allow_nan=False))
    return run
