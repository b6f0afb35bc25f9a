"""Points drawn by the processor against the same points drawn by OpenGL."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import still_content
from viewer.render import points_picture
from viewer.render.snapshot import SceneSnapshots
from viewer.session.view_settings import Filters, Layers, PointStyle, ViewSettings

pytestmark = pytest.mark.render

SIZE = (320, 240)
BARE = ViewSettings(
    layers=Layers(grid=False, axes=False, captions=False),
    points=PointStyle(eye_dome_lighting=False),
)


def _cloud(count: int = 3000) -> np.ndarray:
    return np.random.default_rng(4).normal(0, 6, (count, 3)).astype(np.float32)


def _with(**points) -> ViewSettings:
    return replace(BARE, points=replace(BARE.points, **points))


@pytest.fixture(scope="module")
def by_processor():
    with SceneSnapshots(SIZE) as one:
        yield one


@pytest.fixture
def by_opengl(monkeypatch):
    monkeypatch.setattr(points_picture, "is_software", lambda _window: False)
    with SceneSnapshots(SIZE) as one:
        yield one


@pytest.mark.parametrize("preset", ["auto", "top", "ego"])
@pytest.mark.parametrize(
    "view",
    [
        _with(colour_by="height"),
        _with(colour_by="distance", size_px=1.0),
        _with(colour_by="solid", size_px=6.5),
        _with(colour_by="height", size_px=9.0, round_splats=False),
        _with(colour_by="height", colour_range=(0.0, 1.0)),
        _with(eye_dome_lighting=True, size_px=3.0),
        replace(BARE, filters=Filters(height_band_m=(-2.0, 3.0), max_range_m=9.0)),
        replace(BARE, filters=Filters(hide_ego_points=True)),
    ],
)
def test_processor_and_opengl_draw_the_same(by_processor, by_opengl, view, preset):
    content = still_content(_cloud())
    ours = by_processor.take(content, view, preset=preset).astype(int)
    theirs = by_opengl.take(content, view, preset=preset).astype(int)
    assert len(np.unique(theirs.reshape(-1, 3), axis=0)) > 1
    apart = np.abs(ours - theirs).max(axis=2)
    # A pixel centre within rounding of a splat's rim may fall on either side of it.
    assert (apart > 8).mean() < 2e-4


def test_colour_of_a_single_point(by_processor):
    view = _with(colour_by="solid", size_px=11.0, round_splats=False)
    picture = by_processor.take(still_content(np.zeros((1, 3), np.float32)), view, preset="top")
    middle = (picture == (200, 205, 212)).all(axis=2)
    assert middle.sum() == 11 * 11
