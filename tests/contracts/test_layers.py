"""Every layer of the 3D view: it draws, it hides, it follows frames, it leaves nothing behind."""

import numpy as np
import pytest
from vtkmodules.vtkRenderingCore import vtkRenderer

from tests.render_content import drive_content, still_content
from viewer.geometry.cuboids import Cuboids
from viewer.render.layers.base import Layer, Measurement, Stage
from viewer.render.layers.catalog import LAYERS
from viewer.render.snapshot import SceneSnapshots
from viewer.session.ghosts import Became, FrameGhosts
from viewer.session.pins import Pin
from viewer.session.view_settings import SECTIONS, Layers, ViewSettings

pytestmark = pytest.mark.render

CHANGES = {"frame", "selection", "hover", "measurements", "ghosts", "pins", "evidence",
           "time_offsets_ns"}  # fmt: skip
CHANGES |= set(SECTIONS)
NOTHING = dict.fromkeys(Layers.__dataclass_fields__, False)
MEASURED = (Measurement((2, -4, 0.1), (12, 4, 3.0), "12.9 m"),)


@pytest.fixture(scope="module")
def snapshots():
    with SceneSnapshots((200, 120)) as one:
        yield one


def _picture(snapshots, **layers):
    view = ViewSettings(layers=Layers(**(NOTHING | layers)))
    return snapshots.take(drive_content(5), view, preset="auto")


def test_names_are_unique():
    names = [kind.name for kind in LAYERS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.name)
def test_states_what_it_is_and_reads(kind):
    assert issubclass(kind, Layer)
    assert kind.name.isidentifier()
    assert kind.title
    assert kind.reads
    assert kind.reads <= CHANGES


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.name)
def test_adds_and_removes_its_props(kind):
    stage = Stage(vtkRenderer(), vtkRenderer())
    kind(stage)
    count = stage.points.GetViewProps().GetNumberOfItems()
    count += stage.lines.GetViewProps().GetNumberOfItems()
    assert count == len(stage.props)
    stage.clear()
    assert stage.points.GetViewProps().GetNumberOfItems() == 0
    assert stage.lines.GetViewProps().GetNumberOfItems() == 0


@pytest.mark.parametrize(
    "name", ["points", "cuboids", "captions", "trails", "frusta", "grid", "axes"]
)
def test_switch_draws_and_hides(snapshots, name):
    extra = {"cuboids": True} if name == "captions" else {}
    without = _picture(snapshots, **extra)
    drawn = _picture(snapshots, **extra, **{name: True})
    again = _picture(snapshots, **extra)
    assert (drawn != without).any(axis=2).sum() > 12
    np.testing.assert_array_equal(again, without)


def test_measured_lines_are_drawn_and_removed(snapshots):
    without = _picture(snapshots)
    snapshots.view.set_measurements(MEASURED)
    snapshots.view.render_complete()
    assert (snapshots.view.pixels() != without).any(axis=2).sum() > 20
    snapshots.view.set_measurements(())
    snapshots.view.render_complete()
    np.testing.assert_array_equal(snapshots.view.pixels(), without)


def test_compared_boxes_are_dotted_and_removed(snapshots):
    boxes = Cuboids(np.array([[8.0, 0, 1]]), np.array([[4.0, 2, 2]]), np.array([[1.0, 0, 0, 0]]),
                    "world")  # fmt: skip
    without = _picture(snapshots, cuboids=True)
    ghosts = FrameGhosts(boxes, None, ("car",), (Became.REMOVED,))
    snapshots.view.show_ghosts(ghosts)
    snapshots.view.render_complete()
    drawn = (snapshots.view.pixels() != without).any(axis=2).sum()
    assert drawn > 20
    snapshots.view.show_ghosts(None)
    snapshots.view.render_complete()
    np.testing.assert_array_equal(snapshots.view.pixels(), without)


def test_pins_of_issues_are_drawn_and_removed(snapshots):
    without = _picture(snapshots)
    snapshots.view.show_pins((Pin("1", "wall", position=(8.0, 0.0, 0.0)),))
    snapshots.view.render_complete()
    assert (snapshots.view.pixels() != without).any(axis=2).sum() > 20
    snapshots.view.show_pins(())
    snapshots.view.render_complete()
    np.testing.assert_array_equal(snapshots.view.pixels(), without)


def test_empty_frame_draws_only_the_ground(snapshots):
    hidden = ViewSettings(layers=Layers(**NOTHING))
    picture = snapshots.take(still_content(np.empty((0, 3), np.float32)), hidden, preset="auto")
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 1


def test_frames_follow_each_other_without_traces(snapshots):
    """A frame looks the same whatever was shown before."""
    view = ViewSettings(layers=Layers(frusta=True, trails=True))
    first = snapshots.take(drive_content(3), view, preset="auto")
    snapshots.take(drive_content(9, sweep_count=3, car_count=5), view, preset="top")
    np.testing.assert_array_equal(snapshots.take(drive_content(3), view, preset="auto"), first)
