"""Panels: what a control changes, and that it shows what changed elsewhere."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QScrollArea

from viewer.session.selection import LabelKey
from viewer.session.view_settings import ImageTone, Solo
from viewer.ui.filters_panel import FiltersPanel
from viewer.ui.images_panel import ImagesPanel
from viewer.ui.layers_panel import LayersPanel
from viewer.ui.panel import NumberSlider
from viewer.ui.points_panel import PointsPanel, map_icon

pytestmark = pytest.mark.ui


@pytest.fixture
def panel_of(shown, qtbot, alive):
    made = []

    def make(kind):
        panel = kind(shown)
        qtbot.addWidget(panel)
        panel.resize(232, 700)
        panel.show()
        made.append(panel)
        alive.append(panel)
        return panel

    yield make
    for panel in made:
        panel.dispose()


def choose(combo, data):
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


class TestFilters:
    def test_classes_are_counted_over_label_sets(self, panel_of):
        panel = panel_of(FiltersPanel)
        counts = {key: label.text() for key, label in panel._classes._counts.items()}
        assert counts == {"car": "3", "person": "1"}
        sets = {key: label.text() for key, label in panel._label_sets._counts.items()}
        assert sets == {"gt": "3", "guess": "1"}

    def test_unticked_class_leaves_the_views(self, panel_of, shown):
        panel = panel_of(FiltersPanel)
        panel._classes._boxes["car"].setChecked(False)
        assert shown.view.filters.hidden_classes == {"car"}
        assert [key.label_id for key in shown.visible_labels()] == ["c"]
        panel._hide_classes(())
        assert panel._classes._boxes["car"].isChecked()

    def test_unticked_label_set_leaves_the_views(self, panel_of, shown):
        panel_of(FiltersPanel)._label_sets._boxes["gt"].setChecked(False)
        assert [key.label_id for key in shown.visible_labels()] == ["p1"]

    def test_score_leaves_labels_without_score(self, panel_of, shown):
        panel_of(FiltersPanel)._score.field.setValue(0.8)
        assert [key.label_id for key in shown.visible_labels()] == ["a", "b", "c"]

    def test_attribute_and_value(self, panel_of, shown):
        panel = panel_of(FiltersPanel)
        choose(panel._attribute, "moving")
        assert shown.view.filters.attribute == ("moving", "no")
        panel._value.setCurrentText("yes")
        panel._value.activated.emit(panel._value.currentIndex())
        assert [key.label_id for key in shown.visible_labels()] == ["b", "c"]
        choose(panel._attribute, None)
        assert shown.view.filters.attribute is None

    def test_range_from_and_to(self, panel_of, shown):
        panel = panel_of(FiltersPanel)
        assert panel._far.field.text() == "250 m+"
        panel._far.field.setValue(12)
        assert panel._far.field.text() == "12 m"
        assert [key.label_id for key in shown.visible_labels()] == ["a", "c", "p1"]
        panel._far.field.setValue(panel._far.field.maximum())
        assert shown.view.filters.max_range_m is None
        assert panel._far.field.text() == "250 m+"
        panel._near.field.setValue(9)
        assert [key.label_id for key in shown.visible_labels()] == ["a", "b", "p1"]

    def test_height_band_keeps_its_ends_in_order(self, panel_of, shown):
        panel = panel_of(FiltersPanel)
        assert not panel._lowest.isEnabled()
        panel._banded.setChecked(True)
        panel._lowest.field.setValue(2.0)
        panel._highest.field.setValue(1.0)
        assert shown.view.filters.height_band_m == (1.0, 2.0)
        panel._banded.setChecked(False)
        assert shown.view.filters.height_band_m is None

    def test_isolation_and_solo(self, panel_of, shown):
        shown.select(LabelKey("gt", 0, "a", "1"))
        panel = panel_of(FiltersPanel)
        panel._isolated.setChecked(True)
        panel._margin.field.setValue(1.5)
        assert shown.view.filters.isolate_margin_m == 1.5
        choose(panel._solo, Solo.LABEL)
        assert shown.view.filters.solo is Solo.LABEL
        assert [key.label_id for key in shown.visible_labels()] == ["a"]

    def test_clear_is_offered_only_when_something_is_filtered(self, panel_of, shown):
        panel = panel_of(FiltersPanel)
        assert not panel._clear.isEnabled()
        panel._hide_ego.setChecked(True)
        assert panel._clear.isEnabled()
        panel._clear.click()
        assert not shown.view.filters.hide_ego_points
        assert not panel._hide_ego.isChecked()


class TestPoints:
    def test_every_mode_of_the_frame_can_be_chosen(self, panel_of, shown):
        panel = panel_of(PointsPanel)
        modes = [panel._colour_by.itemData(row) for row in range(panel._colour_by.count())]
        assert modes[0] == "auto"
        assert {"solid", "height", "distance", "class", "cameras", "intensity"} <= set(modes)
        choose(panel._colour_by, "height")
        assert shown.view.points.colour_by == "height"

    def test_fixed_range_starts_from_the_automatic_one(self, panel_of, shown):
        panel = panel_of(PointsPanel)
        panel._auto_range.setChecked(False)
        # Intensities are spread evenly over 0..1, so the percentiles are known.
        assert shown.view.points.colour_range == pytest.approx((0.02, 0.98), abs=0.001)
        panel._high.setValue(0.5)
        assert shown.view.points.colour_range == pytest.approx((0.02, 0.5), abs=0.001)
        panel._low.setValue(0.9)
        assert shown.view.points.colour_range[1] == pytest.approx(0.5)
        panel._auto_range.setChecked(True)
        assert shown.view.points.colour_range is None

    def test_another_mode_forgets_the_fixed_range(self, panel_of, shown):
        panel = panel_of(PointsPanel)
        panel._auto_range.setChecked(False)
        choose(panel._colour_by, "distance")
        assert shown.view.points.colour_range is None

    def test_modes_without_numbers_have_no_range(self, panel_of):
        panel = panel_of(PointsPanel)
        choose(panel._colour_by, "solid")
        assert not panel._auto_range.isEnabled()
        assert not panel._colour_map.isEnabled()

    def test_size_sweeps_and_shape(self, panel_of, shown):
        panel = panel_of(PointsPanel)
        panel._size.field.setValue(4.5)
        panel._sweeps.field.setValue(5)
        panel._toggles[0].setChecked(False)
        style = shown.view.points
        assert (style.size_px, style.sweep_count, style.round_splats) == (4.5, 5, False)

    def test_earlier_sweeps_are_offered_where_the_format_has_them(
        self, panel_of, shown, monkeypatch
    ):
        panel = panel_of(PointsPanel)
        assert not panel._earlier.isVisible()
        reader = type(shown.scene.reader)
        monkeypatch.setattr(reader, "earlier_sweeps", lambda *_: (), raising=False)
        monkeypatch.setattr(reader, "read_earlier_sweep", lambda *_: None, raising=False)
        panel.show_frame()
        assert panel._earlier.isVisible()
        panel._earlier.setChecked(True)
        assert shown.view.points.earlier_sweeps

    def test_colour_map_icon_runs_from_dark_to_light(self, qapp):
        strip = map_icon("viridis").pixmap(36, 12).toImage()
        assert strip.pixelColor(1, 5).lightness() < strip.pixelColor(34, 5).lightness()


class TestImages:
    def test_tone_belongs_to_one_camera_until_applied_to_all(self, panel_of, shown):
        panel = panel_of(ImagesPanel)
        panel._brightness.field.setValue(0.25)
        assert dict(shown.view.tones) == {"front": ImageTone(brightness=0.25)}
        panel._apply_to_all()
        assert set(shown.view.tones) == {"front", "rear"}
        panel._reset_tone()
        assert set(shown.view.tones) == {"rear"}

    def test_large_camera_is_the_one_whose_tone_is_shown(self, panel_of, shown):
        panel = panel_of(ImagesPanel)
        shown.set_view(tones={"rear": ImageTone(gamma=2.0)})
        shown.set_large_camera("rear")
        assert panel._camera.currentText() == "rear"
        assert panel._gamma.value == 2.0

    def test_time_offset_is_kept_in_nanoseconds_and_zero_leaves_nothing(self, panel_of, shown):
        panel = panel_of(ImagesPanel)
        assert list(panel._offsets) == ["lidar", "front", "rear"]
        panel._offsets["front"].field.setValue(-35)
        assert dict(shown.view.time_offsets_ns) == {"front": -35_000_000}
        panel._offsets["front"].field.setValue(0)
        assert dict(shown.view.time_offsets_ns) == {}

    def test_point_controls_follow_the_switch(self, panel_of, shown):
        panel = panel_of(ImagesPanel)
        assert not panel._colour_by.isEnabled()
        shown.set_view(images=replace(shown.view.images, points=True))
        assert panel._colour_by.isEnabled()
        choose(panel._colour_by, "height")
        assert shown.view.images.points_colour_by == "height"

    def test_overlay_controls_are_for_scenes_that_have_any(self, panel_of, shown):
        panel = panel_of(ImagesPanel)
        assert not panel._overlays.isEnabled()
        assert not panel._opacity.isEnabled()
        shown.scene = replace(shown.scene, has_overlays=True)
        panel._refresh()
        assert panel._overlays.isEnabled()
        panel._opacity.field.setValue(0.35)
        assert shown.view.images.overlay_opacity == 0.35
        panel._overlays.setChecked(False)
        assert not shown.view.images.overlays
        assert not panel._opacity.isEnabled()


class TestLayers:
    def test_switches_show_what_keys_changed(self, panel_of, shown):
        panel = panel_of(LayersPanel)
        shown.set_view(layers=replace(shown.view.layers, xray=True))
        xray = next(toggle for toggle in panel._toggles if toggle.text() == "X-ray boxes")
        assert xray.isChecked()
        xray.setChecked(False)
        assert not shown.view.layers.xray

    def test_follow(self, panel_of, shown):
        panel = panel_of(LayersPanel)
        choose(panel._follow, "track")
        assert shown.view.follow == "track"


@pytest.mark.parametrize("kind", [FiltersPanel, PointsPanel, ImagesPanel, LayersPanel])
def test_nothing_is_cut_off_in_a_narrow_panel(panel_of, kind):
    panel: QScrollArea = panel_of(kind)
    assert panel.widget().width() <= panel.viewport().width()


def test_number_beside_a_slider_can_be_read(qtbot, themed):
    slider = NumberSlider("Size", 0, 250, unit="m", open_end=True)
    qtbot.addWidget(slider)
    slider.resize(220, 28)
    slider.set_value(250)
    slider.show()
    editor = slider.field.findChild(QLineEdit)
    text_px = editor.fontMetrics().horizontalAdvance("250 m+")
    assert editor.width() >= text_px + 8


def test_slider_and_number_agree(qtbot, themed):
    slider = NumberSlider("Score", 0.0, 1.0, step=0.01)
    qtbot.addWidget(slider)
    heard = []
    slider.changed.connect(heard.append)
    slider.slider.setValue(25)
    assert slider.value == pytest.approx(0.25)
    slider.field.setValue(0.5)
    assert slider.slider.value() == 50
    assert heard == pytest.approx([0.25, 0.5])
    slider.set_value(0.1)
    assert len(heard) == 2
    qtbot.keyClick(slider.slider, Qt.Key.Key_Right)
    assert slider.value == pytest.approx(0.11)


def test_panel_behind_a_tab_catches_up_when_shown(panel_of, shown, qtbot):
    panel = panel_of(FiltersPanel)
    panel.set_on_screen(on_screen=False)
    asked = []
    panel._refresh_counts = lambda: asked.append(shown.content.index)
    shown.step(1)
    qtbot.waitUntil(lambda: shown.content.index == 1)
    assert asked == []
    panel.set_on_screen(on_screen=True)
    assert asked == [1]
    panel.set_on_screen(on_screen=True)
    assert asked == [1]
