"""What a finding lights up in 3D: the way of a track, and points."""

from types import SimpleNamespace

import numpy as np
import pytest
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - makes actors and mappers drawable

from viewer.render.layers.evidence import CROSS_M, KNOT_M, MOST_POINTS, EvidenceLayer
from viewer.session.findings_lit import LitEvidence

ORIGIN = np.array([100.0, -50.0, 2.0])


@pytest.fixture
def layer():
    stage = SimpleNamespace(lines=None, added=[])
    stage.add = lambda _renderer, actor: stage.added.append(actor)
    return EvidenceLayer(stage)


def drawn(layer, lit):
    """Ends of the lines of the way, and of the marks; display coordinates."""
    found = {}
    layer._trail.set = lambda segments: found.setdefault("trail", segments.ends)
    layer._marks.set = lambda segments: found.setdefault("marks", segments.ends)
    layer.update(SimpleNamespace(lit=lit, origin=ORIGIN, view=SimpleNamespace(dark=True)), {"x"})
    return found["trail"], found["marks"]


def test_the_way_joins_its_places_and_marks_each(layer):
    way = ORIGIN + np.array([[0.0, 0, 0], [1, 0, 0], [1, 2, 0]])
    trail, marks = drawn(layer, LitEvidence(way))
    np.testing.assert_allclose(trail, [[[0, 0, 0], [1, 0, 0]], [[1, 0, 0], [1, 2, 0]]])
    assert len(marks) == 3 * 3
    np.testing.assert_allclose(marks[0], [[-KNOT_M, 0, 0], [KNOT_M, 0, 0]], atol=1e-6)


def test_points_are_crosses_and_never_too_many(layer):
    trail, marks = drawn(
        layer, LitEvidence(None, np.tile(ORIGIN + np.array([0, 0, 5.0]), (9_000, 1)))
    )
    assert len(trail) == 0
    assert len(marks) == 3 * MOST_POINTS
    np.testing.assert_allclose(marks[2], [[0, 0, 5 - CROSS_M], [0, 0, 5 + CROSS_M]], atol=1e-5)


def test_nothing_and_nan_draw_nothing(layer):
    for lit in (None, LitEvidence(), LitEvidence(np.full((3, 3), np.nan), np.empty((0, 3)))):
        trail, marks = drawn(layer, lit)
        assert len(trail) == len(marks) == 0
