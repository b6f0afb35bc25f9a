"""What labels are compared with, over an image: dotted, where the lens puts it, gone when asked."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render.test_overlay_flat import SHOWN, _content
from viewer.geometry.cuboids import Cuboids
from viewer.render.overlay import build_overlay
from viewer.render.overlay_prepare import raster_pane
from viewer.render.rasterizer import Placement
from viewer.scene.masks import RunLengths
from viewer.scene.shapes import Outline
from viewer.session.ghosts import Became, FlatGhost, FrameGhosts
from viewer.session.view_settings import ImageTone, ViewSettings

NOTHING = Cuboids.empty("world")
SQUARE = np.array([[4.0, 4.0], [14.0, 4.0], [14.0, 12.0], [4.0, 12.0]])


def ghosts(*flat, cuboids=NOTHING, became=()):
    names = ("car",) * len(cuboids)
    return FrameGhosts(cuboids, 0, names, tuple(became), tuple(flat))


def test_a_removed_shape_is_dotted_where_it_was_drawn_and_captioned():
    overlay = build_overlay(_content(), "image", SHOWN)
    gone = FlatGhost("image", "van", Became.REMOVED, (Outline(SQUARE, True),))
    found = overlay.with_ghosts(ghosts(gone))
    assert found.ghosts[0].lines.segments.tolist() == [
        [4, 4, 14, 4], [14, 4, 14, 12], [14, 12, 4, 12], [4, 12, 4, 4],
    ]  # fmt: skip
    assert found.ghosts[0].outline_px.tolist() == [4, 4, 14, 12]
    assert [each.text for each in found.captions] == ["− van"]
    assert len(found.drawing.passes) > len(overlay.drawing.passes)
    without = found.with_ghosts(None)
    assert without.ghosts == ()
    assert without.captions == overlay.captions
    assert len(without.drawing.passes) == len(overlay.drawing.passes)
    assert overlay.with_ghosts(None) is overlay


def test_a_changed_label_has_no_second_caption():
    overlay = build_overlay(_content(), "image", SHOWN)
    was = FlatGhost("image", "van", Became.CHANGED, (Outline(SQUARE, True),))
    assert overlay.with_ghosts(ghosts(was)).captions == ()


def test_only_the_own_camera_shows_a_flat_ghost_and_without_flat_labels_too():
    gone = FlatGhost("other", "van", Became.REMOVED, (Outline(SQUARE, True),))
    overlay = build_overlay(_content(), "image", SHOWN)
    assert overlay.with_ghosts(ghosts(gone)) is overlay
    mine = replace(gone, sensor_id="image")
    hidden = build_overlay(_content(lidar=True), "image", ViewSettings())
    assert len(hidden.with_ghosts(ghosts(mine)).ghosts) == 1


def test_a_mask_is_its_outline():
    mask = np.zeros((30, 40), bool)
    mask[10:12, 20:23] = True
    gone = FlatGhost("image", "van", Became.REMOVED, runs=RunLengths.of(mask))
    found = build_overlay(_content(), "image", SHOWN).with_ghosts(ghosts(gone))
    assert found.ghosts[0].outline_px.tolist() == [19.5, 9.5, 22.5, 11.5]


def test_a_cuboid_goes_through_the_lens():
    # Looking along +z with 20 px a radian's tangent; the middle is at (20, 15).
    box = Cuboids(
        np.array([[0.0, 0.0, 10.0]]), np.array([[2.0, 2.0, 2.0]]), np.array([[1.0, 0, 0, 0]]),
        "world",
    )  # fmt: skip
    overlay = build_overlay(_content(calibrated=True), "image", SHOWN)
    found = overlay.with_ghosts(ghosts(cuboids=box, became=(Became.ADDED,)))
    half = 20 / 9
    assert found.ghosts[0].outline_px == pytest.approx([20 - half, 15 - half, 20 + half, 15 + half])
    assert [each.text for each in found.captions] == ["+ car"]


def test_ghosts_stay_when_another_label_is_selected():
    gone = FlatGhost("image", "van", Became.REMOVED, (Outline(SQUARE, True),))
    found = build_overlay(_content(), "image", SHOWN).with_ghosts(ghosts(gone))
    assert found.styled(None, None).ghosts == found.ghosts


def test_the_outline_of_a_mask_is_dotted_too():
    mask = np.zeros((30, 40), bool)
    mask[4:24, 6:36] = True
    gone = FlatGhost("image", "van", Became.REMOVED, runs=RunLengths.of(mask))
    found = build_overlay(_content(), "image", SHOWN).with_ghosts(ghosts(gone))
    image, place = found.content.images["image"], Placement(4.0, 0.0, 0.0)
    picture = raster_pane(image, ImageTone(), found, place, (160, 120), 1.0).with_labels(found)
    # Along the upper edge of the mask, at row 3.5 of the image, dots and gaps take turns.
    edge = picture[15:17, 30:140, 2].max(axis=0)
    changes = np.abs(np.diff((edge > 60).astype(int))).sum()
    assert changes > 110 / 6.5
