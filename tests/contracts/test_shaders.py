"""Every shader compiles and draws: a broken one only logs and leaves the picture empty."""

from functools import partial

import numpy as np
import pytest
from vtkmodules.vtkCommonCore import vtkOutputWindow

from tests.render_content import drive_content
from viewer.render import points_picture
from viewer.render.convert import observe
from viewer.render.layers import points
from viewer.render.layers.base import Measurement
from viewer.render.point_slabs import slab_cloud
from viewer.render.shaders import load_shader, shader_folder
from viewer.render.snapshot import SceneSnapshots
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Layers, ViewSettings

PROGRAMS = sorted(
    path.relative_to(shader_folder()).as_posix().removesuffix(".glsl")
    for path in shader_folder().rglob("*.glsl")
)

pytestmark = pytest.mark.render


@pytest.fixture
def draw_everything(monkeypatch):
    """Draw with every layer and pass; returns the picture, the shaders used, VTK's errors."""

    def draw(change=lambda _name, text: text):
        used, errors = set(), []

        def load(name):
            used.add(name)
            return change(name, load_shader(name))

        for module in ("viewer.render.shaders", "viewer.render.passes"):
            monkeypatch.setattr(f"{module}.load_shader", load)
        monkeypatch.setattr(points, "slab_cloud_once", partial(slab_cloud, slab_points=1000))
        monkeypatch.setattr(points_picture, "MOVING_FRAME_S", 1e-9)
        log = vtkOutputWindow.GetInstance()
        mode = log.GetDisplayMode()
        log.SetDisplayModeToNever()
        tag = observe(log, "ErrorEvent", lambda *_: errors.append(1))
        try:
            with SceneSnapshots((320, 200)) as snapshots:
                settings = ViewSettings(layers=Layers(frusta=True, trails=True))
                view = snapshots.view
                view.show_frame(drive_content(5), settings)
                view.show_selection(LabelKey("gt", 5, "car-5", "1"), None)
                view.set_measurements((Measurement((0, 0, 0), (5, 0, 0), "5 m"),))
                view.render()
                assert view.is_refinable
                view.render_complete()
                return view.pixels(), used, errors
        finally:
            log.RemoveObserver(tag)
            log.SetDisplayMode(mode)

    return draw


@pytest.mark.parametrize("name", PROGRAMS)
def test_shader_says_what_it_draws(name):
    lines = load_shader(name).splitlines()
    assert lines[0] == "//VTK::System::Dec"
    assert lines[1].startswith("// ")


def test_every_shader_compiles_and_is_used(draw_everything):
    picture, used, errors = draw_everything()
    assert not errors
    assert used == set(PROGRAMS)
    assert np.ptp(picture.reshape(-1, 3), axis=0).min() > 100


def test_broken_shader_is_noticed(draw_everything):
    _, _, errors = draw_everything(
        lambda name, text: text.replace("void main", "void mian") if "lines/" in name else text
    )
    assert errors
