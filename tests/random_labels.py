"""Random labels of every kind, for layouts that hold all of them."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from viewer.scene.labels import FrameLabels, LabelLink
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
    TextToken,
)

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
NUMBERS = st.floats(-1e9, 1e9)
ATTRIBUTES = st.dictionaries(
    NAMES,
    st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | NAMES | st.lists(NAMES),
    max_size=3,
)
SCORES = st.just(math.nan) | st.floats(0, 1)
SPREADS = st.none() | st.dictionaries(NAMES, st.floats(0, 1), max_size=3)
POINT = st.tuples(NUMBERS, NUMBERS)


@st.composite
def shapes(draw: st.DrawFn, builder: ImageShapesBuilder, kind: ShapeKind) -> None:
    """Add one shape of a kind."""
    own: dict[str, object] = {}
    if kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
        own["parameters"] = draw(st.lists(NUMBERS, min_size=5, max_size=5))
    elif kind in (ShapeKind.POINT, ShapeKind.IMAGE_CUBOID):
        count = 1 if kind == ShapeKind.POINT else 8
        own["parts"] = [draw(st.lists(POINT, min_size=count, max_size=count))]
    elif kind == ShapeKind.KEYPOINTS:
        count = draw(st.integers(1, 4))
        place = POINT | st.just((math.nan, math.nan))
        own["parts"] = [draw(st.lists(place, min_size=count, max_size=count))]
        own["visibilities"] = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
        own["keypoint_names"] = draw(st.lists(NAMES, min_size=count, max_size=count))
        own["skeleton"] = [(0, count - 1)]
    else:
        least = 3 if kind == ShapeKind.POLYGONS else 2
        ring = st.lists(POINT, min_size=least, max_size=5)
        parts = draw(st.lists(ring, min_size=1, max_size=3))
        own["parts"] = parts
        if kind == ShapeKind.POLYGONS:
            own["holes"] = [False] + [draw(st.booleans()) for _ in parts[1:]]
    builder.add(
        kind,
        sensor_id=draw(NAMES),
        label_id=draw(NAMES),
        class_name=draw(NAMES),
        track_id=draw(st.none() | NAMES),
        score=draw(SCORES),
        attributes=draw(ATTRIBUTES),
        is_crowd=draw(st.booleans()),
        class_distribution=draw(SPREADS),
        **own,
    )


@st.composite
def masks(draw: st.DrawFn) -> InstanceMask | SemanticMask:
    """A mask of a few pixels."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = (draw(st.integers(0, 5)), draw(st.integers(0, 5)))
    head = (draw(NAMES), draw(NAMES))
    if draw(st.booleans()):
        runs = RunLengths.of(generator.random(size) < 0.5)
        return InstanceMask(
            *head, draw(NAMES), runs, draw(st.none() | NAMES), draw(SCORES), draw(ATTRIBUTES),
            draw(st.booleans()),
        )  # fmt: skip
    classes = generator.integers(-2, 4, size).astype(np.int32)
    instances = classes * 1000 if draw(st.booleans()) else None
    return SemanticMask(
        *head, classes, {0: draw(NAMES), 3: draw(NAMES)}, instances, draw(ATTRIBUTES)
    )


@st.composite
def all_kinds(draw: st.DrawFn, labels: FrameLabels) -> FrameLabels:
    """Return cuboids and 2D boxes as they are, with labels of every other kind."""
    builder = ImageShapesBuilder()
    for kind in draw(st.lists(st.sampled_from(ShapeKind), max_size=4)):
        draw(shapes(builder, kind))
    classification = st.builds(
        Classification, st.sampled_from(ClassificationScope), NAMES, NAMES, NAMES,
        st.none() | NAMES, st.none() | NAMES, SCORES, ATTRIBUTES, SPREADS,
    )  # fmt: skip
    token = st.builds(
        TextToken, NAMES, NAMES, NAMES, st.integers(0, 99), NAMES, st.booleans(), SCORES, ATTRIBUTES
    )
    numbers = draw(st.lists(st.integers(0, 2**31 - 1), max_size=6))
    points = PointClasses(
        draw(NAMES),
        np.array(numbers, np.int32),
        {1: draw(NAMES)},
        np.arange(len(numbers), dtype=np.int32),
    )
    count, boxes = len(labels.cuboids), len(labels.boxes_2d)
    spreads = st.lists(SPREADS, min_size=count, max_size=count)
    cuboids = replace(
        labels.cuboids,
        is_keyframe=draw(st.none() | st.just(np.arange(count) % 2 == 0)),
        is_crowd=draw(st.none() | st.just(np.arange(count) % 3 == 0)),
        class_distributions=draw(st.none() | spreads.map(tuple)),
    )
    return FrameLabels(
        cuboids,
        replace(labels.boxes_2d, is_crowd=draw(st.none() | st.just(np.ones(boxes, dtype=bool)))),
        builder.build(),
        tuple(draw(st.lists(classification, max_size=2))),
        tuple(draw(st.lists(token, max_size=2))),
        tuple(draw(st.lists(masks(), max_size=2))),
        (points,) if draw(st.booleans()) else (),
        tuple(draw(st.lists(st.builds(LabelLink, NAMES, NAMES, NAMES), max_size=2))),
    )


def assert_same_labels(mine: object, theirs: object, place: str = "labels") -> None:
    """Compare two values of the scene model field by field, numbers bit for bit."""
    if hasattr(mine, "__dataclass_fields__"):
        assert type(mine) is type(theirs), place
        for name in mine.__dataclass_fields__:
            assert_same_labels(getattr(mine, name), getattr(theirs, name), f"{place}.{name}")
    elif isinstance(mine, np.ndarray):
        assert isinstance(theirs, np.ndarray), place
        assert mine.dtype == theirs.dtype, place
        np.testing.assert_array_equal(mine, theirs, err_msg=place)
    elif isinstance(mine, list | tuple):
        assert len(mine) == len(theirs), place
        for index, pair in enumerate(zip(mine, theirs, strict=True)):
            assert_same_labels(*pair, f"{place}[{index}]")
    elif isinstance(mine, float) and math.isnan(mine):
        assert math.isnan(theirs), place
    else:
        assert mine == theirs, place
