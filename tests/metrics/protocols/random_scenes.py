"""Scenes for tests and for the scripts that ask other implementations; standard library only.

The same seed gives the same scenes in every environment, so that a golden holds results alone.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Any

CLASSES = (
    "car", "truck", "bus", "trailer", "construction_vehicle", "pedestrian", "motorcycle",
    "bicycle", "traffic_cone", "barrier",
)  # fmt: skip
ATTRIBUTES = {
    "car": ("vehicle.moving", "vehicle.parked", "vehicle.stopped"),
    "pedestrian": ("pedestrian.moving", "pedestrian.standing"),
    "bicycle": ("cycle.with_rider", "cycle.without_rider"),
}
Box = dict[str, Any]
Frame = dict[str, Any]
Scenes = list[dict[str, Any]]


def random_scenes(
    seed: int,
    *,
    scene_count: int = 2,
    frame_count: int = 12,
    track_count: int = 14,
    noise_m: float = 0.6,
    classes: tuple[str, ...] = CLASSES,
    spread_m: float = 45.0,
) -> Scenes:
    """Objects that drive straight on, seen with gaps, and predictions that follow them badly."""
    rng = Random(seed)
    scenes = []
    for number in range(scene_count):
        start_us = 1_500_000_000_000_000 + number * 100_000_000
        frames: list[Frame] = []
        time_us = start_us
        for index in range(frame_count):
            frames.append(
                {
                    "token": f"s{number}f{index}", "time_us": time_us,
                    "ego": [number * 10.0 + index * 0.5, 5.0, 0.0], "labels": [], "predictions": [],
                    "racks": [],
                }
            )  # fmt: skip
            time_us += rng.choice((480_000, 500_000, 550_000))
        for track in range(track_count):
            _add_object(rng, frames, number, track, noise_m, classes, spread_m)
        for frame in frames:
            for extra in range(rng.randrange(4)):
                name = rng.choice(classes)
                box = _box(rng, name, _place(rng, frame, spread_m), rng.uniform(-3, 3))
                box |= {"score": round(rng.random() * 0.6, 3), "track": f"x{number}-{extra}"}
                frame["predictions"].append(box)
            rng.shuffle(frame["labels"])
            rng.shuffle(frame["predictions"])
        scenes.append({"name": f"scene{number}", "frames": frames})
    return scenes


def _place(rng: Random, frame: Frame, spread_m: float) -> list[float]:
    return [rng.uniform(-spread_m, spread_m) + frame["ego"][k] for k in range(2)] + [
        rng.uniform(-1, 1)
    ]


def _box(rng: Random, name: str, place: list[float], yaw: float) -> Box:
    return {
        "name": name,
        "translation": [round(part, 4) for part in place],
        "size": [round(rng.uniform(0.5, 3), 3) for _ in range(3)],
        "rotation": [math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)],
        "velocity": [round(rng.uniform(-5, 5), 3), round(rng.uniform(-5, 5), 3)],
        "attribute": rng.choice((*ATTRIBUTES.get(name, ()), "")),
        "num_pts": rng.choice((0, 1, 5, 20, 50, 100)),
    }


def _add_object(
    rng: Random,
    frames: list[Frame],
    scene: int,
    track: int,
    noise_m: float,
    classes: tuple[str, ...],
    spread_m: float,
) -> None:
    name = rng.choice(classes)
    first = rng.randrange(len(frames))
    last = rng.randrange(first, len(frames))
    place, yaw = _place(rng, frames[first], spread_m), rng.uniform(-math.pi, math.pi)
    speed = rng.uniform(-3, 3)
    own = _box(rng, name, place, yaw)
    guess, sure = f"p{scene}-{track}", rng.random()
    for index in range(first, last + 1):
        place = [place[0] + speed * 0.5 * math.cos(yaw), place[1] + speed * 0.5 * math.sin(yaw),
                 place[2]]  # fmt: skip
        if rng.random() < 0.9:
            label = _box(rng, name, place, yaw) | {"size": own["size"]}
            frames[index]["labels"].append(label | {"track": f"t{scene}-{track}", "score": -1.0})
        if rng.random() < 0.15:
            guess = f"p{scene}-{track}-{index}"
        if rng.random() < 0.8:
            seen = [part + rng.gauss(0, noise_m) for part in place]
            box = _box(rng, name, seen, yaw + rng.gauss(0, 0.4))
            box["size"] = [round(max(0.1, part + rng.gauss(0, 0.2)), 3) for part in own["size"]]
            score = min(1.0, max(0.01, sure + rng.gauss(0, 0.1)))
            frames[index]["predictions"].append(box | {"track": guess, "score": round(score, 3)})


def _each_box(scenes: Scenes, side: str) -> list[Box]:
    return [box for scene in scenes for frame in scene["frames"] for box in frame[side]]


def ties() -> Scenes:
    """All predictions are equally sure, or to one digit."""
    scenes = random_scenes(101, noise_m=0.3)
    for box in _each_box(scenes, "predictions"):
        box["score"] = round(box["score"], 1) or 0.1
    return scenes


def all_equal_scores() -> Scenes:
    scenes = random_scenes(102, noise_m=0.3)
    for box in _each_box(scenes, "predictions"):
        box["score"] = 0.5
    return scenes


def zero_scores() -> Scenes:
    scenes = random_scenes(103, noise_m=0.3)
    for number, box in enumerate(_each_box(scenes, "predictions")):
        box["score"] = 0.0 if number % 2 else box["score"]
    return scenes


def no_predictions() -> Scenes:
    scenes = random_scenes(104)
    for scene in scenes:
        for frame in scene["frames"]:
            frame["predictions"] = []
    return scenes


def no_labels_of_a_class() -> Scenes:
    scenes = random_scenes(105)
    for scene in scenes:
        for frame in scene["frames"]:
            frame["labels"] = [box for box in frame["labels"] if box["name"] != "car"]
    return scenes


def one_detection() -> Scenes:
    scenes = random_scenes(106, scene_count=1, classes=("car",), spread_m=20)
    kept = False
    for frame in scenes[0]["frames"]:
        boxes = [dict(box) for box in frame["labels"][:1]] if not kept else []
        frame["predictions"] = [box | {"score": 0.7, "track": "only"} for box in boxes]
        kept = kept or bool(boxes)
    return scenes


def one_label_one_detection() -> Scenes:
    scenes = random_scenes(107, scene_count=1, frame_count=1, track_count=0, classes=("car",))
    box = _box(Random(1), "car", [3.0, 7.0, 0.0], 0.3) | {"num_pts": 5, "attribute": ""}
    scenes[0]["frames"][0]["labels"] = [box | {"track": "a", "score": -1.0}]
    near = box | {"track": "b", "score": 0.9, "translation": [3.3, 7.4, 0.0]}
    scenes[0]["frames"][0]["predictions"] = [near]
    return scenes


def all_out_of_range() -> Scenes:
    scenes = random_scenes(108)
    for scene in scenes:
        for frame in scene["frames"]:
            frame["ego"][0] += 1000.0
    return scenes


def all_without_points() -> Scenes:
    scenes = random_scenes(109)
    for box in _each_box(scenes, "labels"):
        box["num_pts"] = 0
    return scenes


def unknown_velocities() -> Scenes:
    scenes = random_scenes(110, noise_m=0.3)
    for number, box in enumerate(_each_box(scenes, "labels")):
        if number % 3 == 0:
            box["velocity"] = [math.nan, math.nan]
    for number, box in enumerate(_each_box(scenes, "predictions")):
        if number % 7 == 0:
            box["velocity"] = [math.nan, math.nan]
    return scenes


def no_velocity_at_all() -> Scenes:
    scenes = random_scenes(111, noise_m=0.3)
    for box in _each_box(scenes, "labels"):
        box["velocity"] = [math.nan, math.nan]
        box["attribute"] = ""
    return scenes


def turned_barriers() -> Scenes:
    """Barriers whose front is taken for their back, cones of any heading."""
    scenes = random_scenes(112, noise_m=0.2, classes=("barrier", "traffic_cone"), spread_m=20)
    for number, box in enumerate(_each_box(scenes, "predictions")):
        if number % 2:
            w, x, y, z = box["rotation"]
            box["rotation"] = [-z, y, -x, w]
    return scenes


def on_the_limit() -> Scenes:
    """Middles exactly at a distance that matches must stay below, and two labels equally near."""
    scenes = random_scenes(113, scene_count=1, frame_count=1, track_count=0)
    frame = scenes[0]["frames"][0]
    template = _box(Random(2), "car", [0.0, 0.0, 0.0], 0.0) | {"num_pts": 9}
    for number, distance in enumerate((0.5, 1.0, 2.0, 4.0)):
        label = template | {"translation": [0.0, 10.0 * number, 0.0], "track": f"l{number}"}
        frame["labels"].append(label | {"score": -1.0})
        guess = template | {"translation": [distance, 10.0 * number, 0.0], "track": f"g{number}"}
        frame["predictions"].append(guess | {"score": 0.9 - 0.1 * number})
    for side in (-1.0, 1.0):
        label = template | {"translation": [side, -10.0, 0.0], "track": f"e{side}", "score": -1.0}
        frame["labels"].append(label | {"velocity": [side, 0.0]})
    frame["predictions"].append(
        template | {"translation": [0.0, -10.0, 0.0], "track": "between", "score": 0.95}
    )
    return scenes


def bikes_in_racks() -> Scenes:
    scenes = random_scenes(114, classes=("bicycle", "motorcycle", "car"), spread_m=15, noise_m=0.3)
    rng = Random(3)
    for scene in scenes:
        for frame in scene["frames"]:
            rack = _box(rng, "rack", _place(rng, frame, 8.0), rng.uniform(-3, 3))
            frame["racks"].append(rack | {"size": [12.0, 18.0, 4.0]})
    return scenes


def doubled_tracks() -> Scenes:
    """The same track twice in a frame, and one that changes its class."""
    scenes = random_scenes(115, noise_m=0.3, classes=("car", "truck"), spread_m=20)
    for scene in scenes:
        for number, frame in enumerate(scene["frames"]):
            if number % 3 == 1 and frame["predictions"]:
                twin = dict(frame["predictions"][0])
                twin["translation"] = [part + 0.25 for part in twin["translation"]]
                frame["predictions"].append(twin)
            if number % 4 == 2 and frame["predictions"]:
                frame["predictions"][0]["name"] = "truck"
    return scenes


def long_gaps() -> Scenes:
    """Tracks with several frames missing: what fills them shows which neighbour weighs how much."""
    scenes = random_scenes(116, noise_m=0.2, classes=("car", "pedestrian"), spread_m=20)
    for scene in scenes:
        for number, frame in enumerate(scene["frames"]):
            if number % 4:
                frame["labels"] = frame["labels"][: len(frame["labels"]) // 3]
            if number % 3:
                frame["predictions"] = frame["predictions"][: len(frame["predictions"]) // 2]
    return scenes


SCENARIOS: dict[str, Callable[[], Scenes]] = {
    **{f"random_{seed}": (lambda seed=seed: random_scenes(seed)) for seed in range(4)},
    "crowded": lambda: random_scenes(
        20, track_count=60, classes=("car", "pedestrian"), spread_m=15, noise_m=1.0
    ),
    "many_scenes": lambda: random_scenes(21, scene_count=6, frame_count=8, noise_m=0.3),
    "empty_classes": lambda: random_scenes(22, classes=("car", "bus")),
    **{
        make.__name__: make
        for make in (
            ties, all_equal_scores, zero_scores, no_predictions, no_labels_of_a_class,
            one_detection, one_label_one_detection, all_out_of_range, all_without_points,
            unknown_velocities, no_velocity_at_all, turned_barriers, on_the_limit, bikes_in_racks,
            doubled_tracks, long_gaps,
        )
    },
}  # fmt: skip
