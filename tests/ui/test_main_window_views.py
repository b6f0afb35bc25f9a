"""One selection in all views, and what is picked, measured and copied in them."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from viewer.render.scene_pick import Pick
from viewer.session.changes import MessageShown
from viewer.session.link import parse_link
from viewer.session.measure import MeasureKind
from viewer.session.selection import LabelKey, PointedPosition

pytestmark = pytest.mark.ui
CAR = LabelKey("gt", 0, "a", "1")


def pick_of(label):
    return SimpleNamespace(label=label, position_world=np.array([1.0, 2.0, 3.0]))


class TestOneSelection:
    def test_click_in_3d_selects_and_a_click_beside_deselects(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.picked.emit(SimpleNamespace(label=CAR, position_world=np.zeros(3)))
        assert session.selection == CAR
        assert viewport.last("selection")[1] == CAR
        viewport.picked.emit(None)
        assert session.selection is None

    def test_double_click_frames_what_it_hit(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.double_clicked.emit(SimpleNamespace(label=CAR, position_world=np.zeros(3)))
        assert session.selection == CAR
        assert viewport.last("focus") is not None

    def test_hover_in_3d_is_marked_elsewhere_and_ends(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.hovered.emit(Pick("point", np.array([1.0, 2.0, 3.0]), None, 5, 0))
        assert session.pointed == PointedPosition((1.0, 2.0, 3.0), "3d", (0, 5))
        assert viewport.last("pointed") is None
        viewport.hovered.emit(None)
        assert session.pointed is None

    def test_position_pointed_at_in_an_image_is_marked_in_3d(self, browsing, session):
        viewport = browsing.viewport_widget
        session.point_at(PointedPosition((4.0, 5.0, 6.0), "front"))
        assert viewport.last("pointed") == ("pointed", (4.0, 5.0, 6.0))
        session.point_at(None)
        assert viewport.last("pointed") == ("pointed", None)

    def test_changes_that_3d_does_not_draw_do_not_repaint_it(self, browsing, session):
        viewport = browsing.viewport_widget
        browsing.table.run("image.points")
        assert viewport.last("view") is None
        browsing.table.run("layer.xray")
        assert viewport.last("view") == ("view", frozenset({"layers"}))


class TestViewport:
    def test_dragged_legend_sets_the_range_and_a_double_click_frees_it(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.range_dragged.emit((2.0, 8.0))
        assert session.view.points.colour_range == (2.0, 8.0)
        viewport.range_dragged.emit(None)
        assert session.view.points.colour_range is None

    def test_closing_empties_the_3d_view(self, browsing, session):
        session.close()
        assert browsing.viewport_widget.calls[-1] == ("clear",)

    def test_menu_on_a_label_selects_it_and_offers_what_concerns_it(self, browsing, session):
        menu = browsing.viewport_menu.make(pick_of(CAR))
        assert session.selection == CAR
        offered = [action.text() for action in menu.actions() if not action.isSeparator()]
        for text in ("Frame the selection", "Only the selected label", "Measure from here"):
            assert text in offered
        assert all(a.isEnabled() for a in menu.actions() if a.text() == "Only the selected label")

    def test_menu_copies_the_position(self, browsing):
        menu = browsing.viewport_menu.make(pick_of(None))
        next(a for a in menu.actions() if a.text() == "Copy position").trigger()
        assert QGuiApplication.clipboard().text() == "1.000, 2.000, 3.000"

    def test_menu_starts_measuring_where_it_was_opened(self, browsing):
        menu = browsing.viewport_menu.make(pick_of(None))
        next(a for a in menu.actions() if a.text() == "Measure from here").trigger()
        assert browsing.measure.active
        assert browsing.measure.measuring.begun

    def test_menu_beside_everything_offers_views(self, browsing):
        menu = browsing.viewport_menu.make(None)
        texts = [action.text() for action in menu.actions()]
        assert "Top view" in texts
        assert "Measure from here" not in texts


class TestMeasuringOnImages:
    def test_clicks_on_images_measure_and_do_not_select(self, browsing, session, qtbot):
        pane = browsing.strip.panes["front"]
        qtbot.waitUntil(lambda: pane.overlay is not None)
        browsing.table.run("measure.toggle")
        pane.position_at = lambda _u, _v: (1.0, 2.0, 3.0)
        pane.picked.emit(CAR)
        assert session.selection is None
        assert browsing.measure.measuring.begun
        pane.position_at = lambda _u, _v: (1.0, 2.0, 5.5)
        pane.picked.emit(None)
        (made,) = browsing.measure.measuring.measurements
        assert made.total_m == pytest.approx(2.5)
        assert session.large_camera is None

    def test_boxes_are_measured_from_image_to_image_without_points(self, browsing):
        browsing.table.run("measure.toggle")
        browsing.measure.panel.kind_chosen.emit(MeasureKind.BOXES)
        for key in (CAR, LabelKey("gt", 0, "b", "2")):
            browsing.measure.pick_on_image(None, key)
        (made,) = browsing.measure.measuring.measurements
        # 4 x 2 m boxes at (10, 0) and (15, 4): 1 m apart along x, 2 m along y.
        assert made.total_m == pytest.approx(np.hypot(1.0, 2.0))


class TestCopying:
    def test_link_comes_back_to_the_same_sight(self, browsing, session):
        session.select(CAR)
        browsing.table.run("file.copy_link")
        sight = parse_link(QGuiApplication.clipboard().text())
        assert (sight.path, sight.scene_id, sight.frame_key) == ("/nowhere", "street_1", "000000")
        assert sight.label == "gt:a"
        assert sight.eye == browsing.viewport_widget.numbers

    def test_picture_of_the_3d_view_is_what_the_view_drew(self, browsing):
        browsing.table.run("file.copy_view")
        picture = QGuiApplication.clipboard().image()
        assert (picture.width(), picture.height()) == (40, 30)
        assert picture.pixelColor(5, 5).name() == "#336699"

    @pytest.mark.parametrize("subject", ["camera", "window"])
    def test_pictures_have_the_size_of_what_they_show(self, browsing, subject):
        browsing.table.run(f"file.copy_{subject}")
        widget = browsing.strip if subject == "camera" else browsing
        assert QGuiApplication.clipboard().image().size() == widget.size()

    def test_saved_picture_lies_where_it_was_asked_for(self, browsing, monkeypatch, tmp_path):
        target = tmp_path / "view"
        monkeypatch.setattr(
            "viewer.ui.shell.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
        )
        browsing.table.run("file.save_view")
        assert (tmp_path / "view.png").read_bytes().startswith(b"\x89PNG")

    def test_picture_that_cannot_be_saved_says_so(self, browsing, session, monkeypatch):
        monkeypatch.setattr(
            "viewer.ui.shell.QFileDialog.getSaveFileName", lambda *_: ("/nowhere/a.png", "")
        )
        said = []
        session.subscribe(lambda change: said.append(change))
        browsing.table.run("file.save_view")
        assert any(isinstance(c, MessageShown) and c.is_problem for c in said)
