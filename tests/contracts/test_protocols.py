"""What every evaluation protocol of the catalogue promises."""

import json
from dataclasses import replace

import numpy as np
import pytest
from metrics.protocols.evaluated import frames_of, objects_of

from viewer.geometry.rotation import quaternion_from_yaw
from viewer.metrics.protocols.catalog import all_protocols, protocol_by_name
from viewer.progress import Cancelled, JobContext

PROTOCOLS = [pytest.param(protocol, id=protocol.name) for protocol in all_protocols()]
NAMES = (
    "kitti", "nuscenes-detection", "nuscenes-tracking", "argoverse2", "waymo", "clear", "hota",
    "coco",
)  # fmt: skip
CLASSES = ("Car", "car", "REGULAR_VEHICLE", "VEHICLE", "Pedestrian")
FRAMES = frames_of([(scene, index) for scene in "ba" for index in range(8)])
OPTIONAL = (
    "track_rows", "velocities_mps", "point_counts", "boxes_px", "cameras", "alphas_rad",
    "truncations", "occlusions", "is_crowd", "attributes", "class_distributions",
)  # fmt: skip


def scattered(seed, count_each=6, noise=0.0):
    """Labels, or with noise predictions of the same objects, with distinct scores."""
    shapes, rng = np.random.default_rng(1), np.random.default_rng(seed)
    frame_rows = np.repeat(np.arange(len(FRAMES)), count_each)
    count = len(frame_rows)
    centers = shapes.uniform([-40, -20, -1], [40, 20, 1], (count, 3))
    corners = np.c_[shapes.uniform(0, 800, (count, 2)), shapes.uniform(30, 200, (count, 2))]
    corners += rng.normal(0, 20 * noise, (count, 4)) * (noise > 0)
    scenes = FRAMES.scene_of_frame[frame_rows]
    return objects_of(
        FRAMES,
        frame_rows,
        [CLASSES[(row % count_each) % len(CLASSES)] for row in range(count)],
        centers=centers + rng.normal(0, noise, (count, 3)) * [1, 1, 0.2],
        sizes=shapes.uniform([2, 1, 1], [5, 3, 2], (count, 3)),
        rotations=quaternion_from_yaw(shapes.uniform(-3, 3, count) + rng.normal(0, noise, count)),
        scores=rng.permutation(count) / count if noise else None,
        track_ids=tuple(f"{scene} {track}" for scene in "ba" for track in range(count_each)),
        track_rows=scenes * count_each + np.arange(count) % count_each,
        velocities_mps=rng.normal(0, 1, (count, 3)),
        point_counts=np.full(count, 9),
        boxes_px=np.c_[corners[:, :2], corners[:, :2] + np.abs(corners[:, 2:])],
        cameras=("front",) * count,
        alphas_rad=rng.uniform(-3, 3, count),
        truncations=np.zeros(count),
        occlusions=np.zeros(count, dtype=np.int64),
        is_crowd=np.zeros(count, dtype=bool),
        attributes=({},) * count,
    )


LABELS, PREDICTIONS = scattered(2), scattered(3, noise=0.3)


def part(objects, rows):
    return objects.select(np.array(rows, dtype=np.int64))


def evaluate(protocol, labels, predictions, settings=None):
    return protocol.evaluate(labels, predictions, settings or {}, JobContext())


def as_text(evaluation):
    found = [evaluation.results, evaluation.settings, list(evaluation.lacks)]
    return json.dumps(found, allow_nan=False)


def numbers(value):
    if isinstance(value, dict):
        return [each for part in value.values() for each in numbers(part)]
    if isinstance(value, list | tuple):
        return [each for part in value for each in numbers(part)]
    return [] if value is None or isinstance(value, str) else [value]


def test_all_names_are_there_once():
    names = [protocol.name for protocol in all_protocols()]
    assert sorted(names) == sorted(NAMES)
    assert all(protocol_by_name(name).name == name for name in names)
    with pytest.raises(KeyError, match="kitti"):
        protocol_by_name("kiti")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_says_what_it_is_and_what_was_set(protocol):
    evaluation = evaluate(protocol, LABELS, PREDICTIONS)
    assert evaluation.protocol == protocol.name
    assert all((protocol.title, protocol.source, evaluation.version))
    assert evaluation.settings
    assert any(value > 0 for value in numbers(evaluation.results))
    as_text(evaluation)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_setting_that_is_not_there_is_refused(protocol):
    with pytest.raises(ValueError, match="colour"):
        evaluate(protocol, LABELS, PREDICTIONS, {"colour": 1})


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_given_settings_are_told(protocol):
    own = evaluate(protocol, LABELS, PREDICTIONS).settings
    names = [each for each in protocol.settings if each in own and each not in ("classes",)]
    assert names
    for name in names:
        if own[name] is None:
            continue
        again = evaluate(protocol, LABELS, PREDICTIONS, {name: own[name]})
        assert json.dumps(again.settings[name]) == json.dumps(own[name])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("label_count", [0, 1, len(LABELS)])
@pytest.mark.parametrize("prediction_count", [0, 1, len(PREDICTIONS)])
def test_few_objects_or_none_are_no_error(protocol, label_count, prediction_count):
    as_text(
        evaluate(
            protocol,
            part(LABELS, np.arange(label_count)),
            part(PREDICTIONS, np.arange(prediction_count)),
        )
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_frames_are_no_error(protocol):
    none = replace(objects_of(frames_of([]), [], []), track_rows=np.empty(0, dtype=np.int64))
    as_text(evaluate(protocol, none, none))


def unknown(objects, name):
    """With a column of nothing known; a box has a size and a rotation where it has a place."""
    if name == "centers_m":
        objects = unknown(unknown(objects, "sizes_m"), "rotations")
    column = getattr(objects, name)
    if column.dtype.kind == "f":
        return replace(objects, **{name: np.full_like(column, np.nan)})
    return replace(objects, **{name: np.full_like(column, -1)})


COLUMNS = (
    "scores", "centers_m", "track_rows", "velocities_mps", "point_counts",
    "boxes_px", "alphas_rad", "truncations", "occlusions",
)  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", COLUMNS)
def test_unknown_values_are_no_error(protocol, name):
    as_text(evaluate(protocol, unknown(LABELS, name), unknown(PREDICTIONS, name)))
    as_text(evaluate(protocol, LABELS, unknown(PREDICTIONS, name)))
    one = getattr(PREDICTIONS, name).copy()
    one[0] = getattr(unknown(PREDICTIONS, name), name)[0]
    as_text(evaluate(protocol, LABELS, replace(PREDICTIONS, **{name: one})))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kept", ["cuboids", "boxes_px"])
def test_columns_that_are_not_there_are_said_to_lack_or_not_needed(protocol, kept):
    bare = dict.fromkeys(OPTIONAL)
    if kept == "boxes_px":
        bare.pop("boxes_px")
    else:
        bare |= {"track_rows": LABELS.track_rows} if protocol.needs_tracks else {}
    nowhere = np.full((len(LABELS), 3), np.nan)
    sides = [replace(side, **bare) for side in (LABELS, PREDICTIONS)]
    if kept == "boxes_px":
        no_turn = np.full((len(LABELS), 4), np.nan)
        box = {"centers_m": nowhere, "sizes_m": nowhere, "rotations": no_turn}
        sides = [replace(side, **box) for side in sides]
    evaluation = evaluate(protocol, *sides)
    as_text(evaluation)
    worth = any(value != 0 for value in numbers(evaluation.results))
    assert evaluation.lacks or worth


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_input_gives_the_same_figures(protocol):
    first = as_text(evaluate(protocol, LABELS, PREDICTIONS))
    assert as_text(evaluate(protocol, LABELS, PREDICTIONS)) == first


def in_another_order(objects, seed):
    """The same rows, mixed within each frame."""
    chance = np.random.default_rng(seed).random(len(objects))
    order = np.lexsort((chance, objects.frame_rows))
    classes = np.random.default_rng(seed).permutation(len(objects.class_names))
    mixed = part(objects, order)
    return replace(
        mixed,
        class_names=tuple(objects.class_names[row] for row in classes),
        class_rows=np.argsort(classes)[mixed.class_rows],
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_order_of_rows_is_of_no_matter_where_scores_differ(protocol):
    expected = evaluate(protocol, LABELS, PREDICTIONS).results
    found = evaluate(
        protocol, in_another_order(LABELS, 4), in_another_order(PREDICTIONS, 5)
    ).results
    assert set(found) == set(expected)
    for name, figures in expected.items():
        assert numbers(found[name]) == pytest.approx(numbers(figures), abs=1e-9), name


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_perfect_predictions_are_no_worse_than_others(protocol):
    """The labels themselves, all sure: at least one figure reaches its best."""
    perfect = replace(LABELS, scores=np.linspace(0.9, 1, len(LABELS)))
    values = numbers(evaluate(protocol, LABELS, perfect).results)
    best = 100 if protocol.name == "kitti" else 1
    assert any(value == pytest.approx(best, rel=0.03) for value in values)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_can_be_given_up(protocol):
    job = JobContext()
    job.cancel()
    with pytest.raises(Cancelled):
        protocol.evaluate(LABELS, PREDICTIONS, {}, job)
