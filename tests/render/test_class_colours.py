"""Points in the colours of their classes, on every surface that shows them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import GREEN, RED, drive_content, still_content
from viewer.render.class_colours import LegendRow, merged_legend
from viewer.render.colour import UNCOLOURED_RGB, colour_modes, colour_points, resolve_mode
from viewer.render.eye import Eye
from viewer.render.eye_presets import Extent
from viewer.render.heads_up import HeadsUp
from viewer.render.layers.base import Canvas, Shown
from viewer.render.overlay import build_overlay
from viewer.render.painter import render_camera
from viewer.render.prepare import colour_key
from viewer.scene.class_map import UNKNOWN_COLOUR
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.session.view_settings import Filters, ImageStyle, Layers, PointStyle, ViewSettings

NAMES = {1: "red", 2: "green"}
STYLE = PointStyle(colour_by="point_class")


def classed(content, numbers, *, label_set="gt", sensor_id="lidar", names=NAMES):
    """The content with a class for every point."""
    found = PointClasses(sensor_id, np.array(numbers, np.int32), names)
    labels = FrameLabels(CuboidLabels.empty("lidar"), point_classes=(found,))
    return replace(content, labels={**content.labels, label_set: labels})


def four_points(numbers, **kwargs):
    return classed(still_content(np.arange(12.0).reshape(4, 3)), numbers, **kwargs)


def coloured(content, view=None, sweep=0):
    return colour_points(content, content.sweeps[sweep], STYLE, view or ViewSettings())


@pytest.mark.parametrize("unknown", [7, -3, 1 << 30])
def test_each_point_has_the_colour_of_its_class_and_unknown_numbers_are_grey(unknown):
    colouring = coloured(four_points([2, 1, unknown, 2]))
    np.testing.assert_array_equal(colouring.rgb, [GREEN, RED, UNKNOWN_COLOUR, GREEN])
    assert colouring.legend == (
        LegendRow("green", GREEN, 2),
        LegendRow("no class", UNKNOWN_COLOUR, 1),
        LegendRow("red", RED, 1),
    )
    assert colouring.values is None


def test_a_class_outside_the_class_map_is_grey_under_its_own_name():
    colouring = coloured(four_points([3, 3, 3, 1], names={1: "red", 3: "kerb"}))
    np.testing.assert_array_equal(colouring.rgb[0], UNKNOWN_COLOUR)
    assert [row.name for row in colouring.legend] == ["kerb", "red"]


def test_hidden_classes_are_dim_and_not_in_the_legend():
    view = ViewSettings(filters=Filters(hidden_classes=frozenset({"green"})))
    colouring = coloured(four_points([2, 1, 1, 2]), view)
    np.testing.assert_array_equal(colouring.rgb, [UNCOLOURED_RGB, RED, RED, UNCOLOURED_RGB])
    assert [row.name for row in colouring.legend] == ["red"]


def test_truth_comes_before_predictions_until_it_is_hidden():
    content = classed(four_points([1, 1, 1, 1]), [2, 2, 2, 2], label_set="model")
    np.testing.assert_array_equal(coloured(content).rgb[0], RED)
    hidden = Filters(hidden_label_sets=frozenset({"gt"}))
    np.testing.assert_array_equal(coloured(content, ViewSettings(filters=hidden)).rgb[0], GREEN)
    neither = ViewSettings(filters=hidden, layers=Layers(predictions=False))
    np.testing.assert_array_equal(coloured(content, neither).rgb[0], UNCOLOURED_RGB)
    assert colour_key(ViewSettings(points=STYLE)) != colour_key(
        ViewSettings(points=STYLE, filters=hidden)
    )


@pytest.mark.parametrize("content", [
    four_points([1, 1, 1]), four_points([1, 1, 1, 1], sensor_id="radar"),
])  # fmt: skip
def test_classes_of_other_points_are_not_taken(content):
    np.testing.assert_array_equal(coloured(content).rgb, [UNCOLOURED_RGB] * 4)


def test_older_sweeps_have_classes_of_their_own():
    content = drive_content(4, sweep_count=2)
    current, older = content.sweeps
    names = {1: "car"}
    theirs = {"gt": PointClasses("lidar", np.full(len(older.cloud), 1, np.int32), names)}
    content = replace(content, sweeps=(current, replace(older, point_classes=theirs)))
    content = classed(content, np.zeros(len(current.cloud)), names=names)
    car = content.scene.class_map.colour("car")
    np.testing.assert_array_equal(coloured(content, sweep=0).rgb[5], UNKNOWN_COLOUR)
    np.testing.assert_array_equal(coloured(content, sweep=1).rgb[5], car)


def test_the_mode_is_offered_where_points_have_classes():
    plain = still_content(np.zeros((4, 3)))
    assert "point_class" not in [mode.mode for mode in colour_modes(plain)]
    assert resolve_mode(plain, "point_class") == "height"
    content = four_points([1, 1, 2, 2])
    modes = [mode.mode for mode in colour_modes(content)]
    assert "point_class" in modes
    assert "class" not in modes
    assert resolve_mode(content, "point_class") == "point_class"


def test_points_on_images_have_the_colours_of_their_classes():
    content = drive_content(4)
    numbers = np.arange(len(content.sweeps[0].cloud)) % 2
    content = classed(content, numbers, names={0: "car"})
    view = ViewSettings(images=ImageStyle(points=True, points_colour_by="point_class"))
    overlay = build_overlay(content, "front", view)
    car = content.scene.class_map.colour("car")
    expected = np.where(overlay.points.row[:, None] % 2 == 0, car, UNKNOWN_COLOUR)
    assert len(expected) > 50
    np.testing.assert_array_equal(overlay.points_rgb, expected)
    assert {(row.name, row.rgb) for row in overlay.points_legend} == {
        ("car", car),
        ("no class", UNKNOWN_COLOUR),
    }
    # A camera that sees only cars has only these in its legend.
    seen = np.full(len(content.sweeps[0].cloud), 9)
    seen[overlay.points.row] = 0
    again = build_overlay(classed(content, seen, names={0: "car"}), "front", view)
    assert [row.name for row in again.points_legend] == ["car"]
    plain = build_overlay(content, "front", replace(view, images=ImageStyle(points=True)))
    assert plain.points_legend == ()


def test_the_legend_is_painted_on_an_image_with_room_for_it():
    content = drive_content(4)
    content = classed(content, np.zeros(len(content.sweeps[0].cloud)), names={0: "car"})
    view = ViewSettings(images=ImageStyle(points=True, points_colour_by="point_class"))
    car = content.scene.class_map.colour("car")

    def swatch(size_px):
        picture = render_camera(content, "front", view, size_px)
        corner = picture[-30:, -70:]
        return int((corner == car).all(axis=-1).sum())

    assert swatch((640, 400)) >= 60
    assert swatch((200, 130)) < 60


def test_the_colours_of_boxes_have_a_legend_too():
    boxes = [((0, 0, 0), (10, 10, 10), 0.0, "red"), ((2, 0, 0), (2, 2, 2), 0.5, "green")]
    content = still_content(np.array([[-4.0, 0, 0], [-3, 0, 0], [2, 0, 0], [20, 0, 0]]), boxes)
    legend = colour_points(content, content.sweeps[0], PointStyle(colour_by="class")).legend
    assert legend == (LegendRow("red", RED, 2), LegendRow("green", GREEN, 1))


def test_legends_of_several_clouds_become_one():
    one = (LegendRow("car", RED, 5), LegendRow("bus", GREEN, 1))
    two = (LegendRow("bus", GREEN, 9),)
    assert merged_legend([one, two]) == (LegendRow("bus", GREEN, 10), LegendRow("car", RED, 5))


def drawn_legend(content, *, height_px):
    view = ViewSettings(points=STYLE, layers=Layers(axes=False))
    shown = Shown(content, view, np.zeros(3), Extent())
    canvas = Canvas(640, height_px, 1.0)
    heads_up = HeadsUp()
    return heads_up, heads_up.picture(shown, Eye(), canvas, (), coloured(content), None).copy()


def test_the_legend_is_drawn_with_its_swatches_and_nothing_is_to_be_dragged():
    heads_up, picture = drawn_legend(four_points([2, 1, 7, 2]), height_px=400)
    assert heads_up.legend_px is None
    for rgb in (RED, GREEN, UNKNOWN_COLOUR):
        found = np.argwhere((picture[..., :3] == rgb[::-1]).all(axis=-1) & (picture[..., 3] == 255))
        # A swatch of 9 px with rounded corners.
        assert 60 <= len(found) <= 400
        assert found[:, 1].min() > 400


def test_a_long_legend_stays_inside_a_low_picture():
    names = {number: f"class {number}" for number in range(40)}
    content = classed(still_content(np.zeros((40, 3))), np.arange(40), names=names)
    _, picture = drawn_legend(content, height_px=200)
    drawn = np.flatnonzero((picture[..., 3] > 0).any(axis=1))
    assert 50 < drawn.min() < drawn.max() < 200
