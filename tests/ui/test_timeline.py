"""The timeline, driven with keys and the mouse."""

import itertools
import threading
from dataclasses import replace

import pytest
from fake_drive import make_dataset, make_scene
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton

from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Growth
from viewer.scene.tracks import Track
from viewer.session.changes import FrameRequested
from viewer.session.selection import LabelKey
from viewer.ui.theme import palette
from viewer.ui.timeline_scale import TimeScale, nearest_frame, tick_step_s
from viewer.ui.timeline_tracks import GUTTER_PX, ROW_PX, RULER_PX
from viewer.ui.timeline_widget import TimelineWidget, camera_ticks

pytestmark = pytest.mark.ui
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture
def make(desk, on_screen):
    def make(scene=None):
        widget = on_screen(TimelineWidget(desk.session), 1000, 150)
        if scene is not None:
            desk.session.open_dataset(make_dataset(scene))
            desk.settle()
        return widget

    return make


@pytest.fixture
def timeline(make):
    return make(make_scene())


def at(widget, frame, y=RULER_PX // 2):
    return QPoint(round(widget.area.frame_x(frame)), y)


def bar_place(widget, track_id, frame):
    row = next(i for i, t in enumerate(widget.area.rows) if t.track_id == track_id)
    return at(widget, frame, round(widget.area.bar_rect(row, (frame, frame)).center().y()))


def wheel(widget, x, turn, modifiers=Qt.KeyboardModifier.NoModifier):
    place = QPointF(x, 60)
    event = QWheelEvent(
        place, widget.area.viewport().mapToGlobal(place), QPoint(), QPoint(0, turn),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget.area.viewport(), event)


class TestTransport:
    def test_buttons_step(self, timeline, desk, qtbot):
        for button, index in (
            (timeline.next_button, 1), (timeline.next_button, 2), (timeline.previous_button, 1),
            (timeline.last_button, 11), (timeline.first_button, 0),
        ):  # fmt: skip
            qtbot.mouseClick(button, LEFT)
            desk.settle()
            assert desk.session.content.index == index

    def test_space_on_the_play_button_plays_and_pauses(self, timeline, desk, qtbot):
        assert timeline.play_button.accessibleName() == "Play"
        qtbot.keyClick(timeline.play_button, Qt.Key.Key_Space)
        assert desk.session.playback.playing
        assert timeline.play_button.accessibleName() == "Pause"
        qtbot.keyClick(timeline.play_button, Qt.Key.Key_Space)
        assert not desk.session.playback.playing

    def test_speed_and_loop_go_both_ways(self, timeline, desk, qtbot):
        timeline.speed_box.setFocus()
        qtbot.keyClick(timeline.speed_box, Qt.Key.Key_Down)
        assert desk.session.playback.speed == 2.0
        qtbot.mouseClick(timeline.loop_button, LEFT)
        assert desk.session.playback.loop
        desk.session.set_playback(speed=0.25, loop=False)
        assert timeline.speed_box.currentText() == "0.25×"
        assert not timeline.loop_button.isChecked()

    def test_ends_disable_what_leads_nowhere(self, timeline, desk):
        assert not timeline.previous_button.isEnabled()
        assert timeline.next_button.isEnabled()
        desk.session.go_to_frame(11)
        desk.settle()
        assert timeline.previous_button.isEnabled()
        assert not timeline.next_button.isEnabled()

    def test_time_text(self, timeline, desk):
        desk.session.go_to_frame(7)
        assert timeline.time_label.text().replace("\N{FIGURE SPACE}", "") == "0.7 s  frame 8/12"

    def test_independent_frames_have_no_time(self, make):
        timeline = make(make_scene(3, independent=True))
        assert timeline.time_label.text() == "frame 1/3  000000"
        assert timeline.area.rows == ()

    def test_every_control_has_a_name_and_takes_the_focus(self, timeline):
        controls = timeline.findChildren(QToolButton) + timeline.findChildren(QComboBox)
        assert len(controls) == 10
        for control in controls:
            assert control.accessibleName()
            assert control.toolTip()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus

    def test_without_a_scene_nothing_can_be_pressed(self, make):
        timeline = make()
        assert timeline.time_label.text() == ""
        assert not any(
            button.isEnabled()
            for button in (timeline.play_button, timeline.next_button, timeline.first_button)
        )
        timeline.grab()

    def test_scene_of_one_frame(self, make):
        timeline = make(make_scene(1))
        assert not timeline.play_button.isEnabled()
        assert timeline.area.frame_at(5000) == 0
        timeline.grab()


class TestScrubbing:
    def test_press_on_the_ruler_goes_there(self, timeline, desk, qtbot):
        qtbot.mouseClick(timeline.area.viewport(), LEFT, pos=at(timeline, 7))
        desk.settle()
        assert desk.session.content.index == 7

    def test_drag_ends_where_it_was_let_go(self, timeline, desk, qtbot):
        view = timeline.area.viewport()
        qtbot.mousePress(view, LEFT, pos=at(timeline, 2))
        for frame in (4, 6, 9):
            qtbot.mouseMove(view, at(timeline, frame))
        qtbot.mouseRelease(view, LEFT, pos=at(timeline, 9))
        qtbot.waitUntil(lambda: desk.session.frame_index == 9)
        desk.settle()
        assert desk.session.content.index == 9

    def test_drag_asks_for_one_frame_at_a_time(self, timeline, desk, qtbot):
        desk.session.go_to_frame(0)
        desk.settle()
        desk.changes.clear()
        desk.session.scene.reader.gate.clear()
        view = timeline.area.viewport()
        qtbot.mousePress(view, LEFT, pos=at(timeline, 5))
        for frame in (6, 7, 8, 9, 10):
            qtbot.mouseMove(view, at(timeline, frame))
        asked = [change.index for change in desk.changes if isinstance(change, FrameRequested)]
        assert asked == [5]
        desk.session.scene.reader.gate.set()
        desk.settle()
        qtbot.waitUntil(lambda: desk.session.frame_index == 10)
        qtbot.mouseRelease(view, LEFT, pos=at(timeline, 10))

    def test_old_frame_keeps_its_line_while_the_new_one_loads(self, timeline, desk):
        desk.session.scene.reader.gate.clear()
        desk.session.go_to_frame(9)
        assert (timeline.area.wanted_frame, timeline.area.shown_frame) == (9, 0)
        desk.session.scene.reader.gate.set()
        desk.settle()
        assert timeline.area.shown_frame == 9


class TestTracks:
    def test_tracks_are_read_in_the_background_longest_first(self, timeline):
        assert [track.track_id for track in timeline.area.rows] == ["1", "2"]

    def test_bar_spans_its_frames_and_shows_its_gap(self, timeline):
        area = timeline.area
        half = (area.frame_x(1) - area.frame_x(0)) / 2
        walker = area.rows[1]
        first, second = (area.bar_rect(1, run) for run in walker.runs)
        assert first.left() == pytest.approx(area.frame_x(3) - half)
        assert first.right() == pytest.approx(area.frame_x(4) + half)
        assert second.left() == pytest.approx(area.frame_x(6) - half)
        gap = QPointF(area.frame_x(5), first.center().y())
        assert area.bar_at(gap) is None
        assert area.track_at(gap) is walker

    def test_bar_has_the_class_colour(self, timeline, desk):
        place = bar_place(timeline, "1", 6)
        colour = timeline.area.viewport().grab().toImage().pixelColor(place)
        red, green, blue = desk.session.scene.class_map.colour("car")
        shown = (colour.red(), colour.green(), colour.blue())
        ground = (0x1E, 0x21, 0x26)
        expected = [0.75 * c + 0.25 * g for c, g in zip((red, green, blue), ground, strict=True)]
        assert shown == pytest.approx(expected, abs=4)

    def test_click_on_a_bar_selects_the_label_of_that_frame(self, timeline, desk, qtbot):
        qtbot.mouseClick(timeline.area.viewport(), LEFT, pos=bar_place(timeline, "2", 7))
        desk.settle()
        assert desk.session.selection == LabelKey("gt", 7, "walker-7", "2")
        assert desk.session.content.index == 7

    def test_click_on_a_name_selects_the_nearest_frame_of_the_track(self, timeline, desk, qtbot):
        desk.session.go_to_frame(1)
        desk.settle()
        y = bar_place(timeline, "2", 3).y()
        qtbot.mouseClick(timeline.area.viewport(), LEFT, pos=QPoint(40, y))
        desk.settle()
        assert desk.session.selection == LabelKey("gt", 3, "walker-3", "2")

    def test_selected_track_is_pinned_on_top_and_the_others_stay(self, timeline, desk):
        desk.session.go_to_frame(6)
        desk.settle()
        desk.session.select(LabelKey("gt", 6, "walker-6", "2"))
        assert [track.track_id for track in timeline.area.rows] == ["2", "1"]
        desk.session.select(None)
        assert [track.track_id for track in timeline.area.rows] == ["1", "2"]

    def test_press_on_a_bar_and_drag_scrubs_without_selecting(self, timeline, desk, qtbot):
        view = timeline.area.viewport()
        start = bar_place(timeline, "1", 2)
        qtbot.mousePress(view, LEFT, pos=start)
        qtbot.mouseMove(view, QPoint(at(timeline, 8).x(), start.y()))
        qtbot.mouseRelease(view, LEFT, pos=QPoint(at(timeline, 8).x(), start.y()))
        qtbot.waitUntil(lambda: desk.session.frame_index == 8)
        assert desk.session.selection is None

    def test_hover_previews_and_leaves(self, timeline, desk, qtbot):
        view = timeline.area.viewport()
        qtbot.mouseMove(view, bar_place(timeline, "1", 5))
        assert desk.session.hovered == LabelKey("gt", 0, "car-0", "1")
        qtbot.mouseMove(view, at(timeline, 5, RULER_PX + 1))
        assert desk.session.hovered is None

    def test_tooltip_tells_frames_and_gaps(self, timeline):
        tip = timeline.area.tip_at(QPointF(bar_place(timeline, "2", 7)))
        assert tip == "pedestrian 2 (gt)\n5 frames, 4 to 9, missing in 1 between"

    def test_hidden_classes_and_predictions_have_no_bars(self, timeline, desk):
        session = desk.session
        hidden = frozenset({"car"})
        session.set_view(filters=replace(session.view.filters, hidden_classes=hidden))
        assert [track.track_id for track in timeline.area.rows] == ["2"]
        session.set_view(filters=replace(session.view.filters, hidden_label_sets=frozenset({"gt"})))
        assert timeline.area.rows == ()
        assert timeline.area.note == "The filters hide every track"

    def test_many_tracks_scroll(self, make):
        timeline = make(make_scene(4, car_count=60))
        bar = timeline.area.verticalScrollBar()
        assert bar.maximum() > 40 * ROW_PX
        wheel(timeline, GUTTER_PX / 2, -240)
        assert bar.value() > 0


class TestCameras:
    def test_ticks_are_at_the_time_of_the_images(self, desk):
        scene = make_scene(3)
        front, rear = camera_ticks(scene, [0.0, 0.1, 0.2], desk.session.view)
        assert front.times_s == pytest.approx((0.02, 0.12, 0.22))
        assert rear.times_s == pytest.approx((0.0, 0.1, 0.2))

    def test_offset_set_by_hand_moves_them_and_is_told(self, timeline, desk):
        desk.session.set_view(time_offsets_ns={"front": -30_000_000})
        place = QPointF(at(timeline, 4, RULER_PX + 4))
        assert timeline.area.tip_at(place) == (
            "front: -10.0 ms to the frame, -30.0 ms of it set by hand"
        )


class TestZoom:
    def test_wheel_zooms_about_the_pointer(self, timeline):
        x = at(timeline, 8).x()
        before = timeline.area.scale.time_of(x)
        wheel(timeline, x, 240)
        assert timeline.area.scale.is_zoomed
        assert timeline.area.scale.time_of(x) == pytest.approx(before)
        assert timeline.fit_button.isEnabled()

    def test_buttons_zoom_and_fit(self, timeline, qtbot):
        whole = timeline.area.scale
        qtbot.mouseClick(timeline.zoom_in_button, LEFT)
        assert timeline.area.scale.px_per_s > whole.px_per_s
        qtbot.mouseClick(timeline.zoom_in_button, LEFT)
        qtbot.mouseClick(timeline.fit_button, LEFT)
        assert timeline.area.scale == whole
        assert not timeline.zoom_out_button.isEnabled()

    def test_middle_drag_pans(self, timeline, qtbot):
        wheel(timeline, at(timeline, 5).x(), 600)
        start = timeline.area.scale.start_s
        view = timeline.area.viewport()
        qtbot.mousePress(view, MIDDLE, pos=QPoint(500, 80))
        qtbot.mouseMove(view, QPoint(400, 80))
        qtbot.mouseRelease(view, MIDDLE, pos=QPoint(400, 80))
        moved = 100 / timeline.area.scale.px_per_s
        assert timeline.area.scale.start_s == pytest.approx(
            min(start + moved, timeline.area.scale.last_s - 0.2), abs=moved
        )
        assert timeline.area.scale.start_s > start

    def test_playhead_stays_in_sight(self, timeline, desk):
        wheel(timeline, at(timeline, 0).x(), 1200)
        desk.session.go_to_frame(11)
        x = timeline.area.frame_x(11)
        assert GUTTER_PX <= x <= timeline.area.viewport().width()


class TestScale:
    def scale(self):
        return TimeScale.of_frames([index * 0.1 for index in range(101)], 100.0, 800.0)

    def test_all_frames_fill_the_width(self):
        scale = self.scale()
        assert scale.x_of(-0.05) == pytest.approx(100.0)
        assert scale.x_of(10.05) == pytest.approx(900.0)

    def test_place_and_time_are_inverse(self):
        scale = self.scale().zoomed(3.0, 300.0)
        assert scale.x_of(scale.time_of(432.0)) == pytest.approx(432.0)

    def test_pan_and_zoom_stay_within_the_scene(self):
        scale = self.scale().zoomed(4.0, 100.0)
        assert scale.panned(1e6).start_s == pytest.approx(-0.05)
        assert scale.panned(-1e6).end_s == pytest.approx(10.05)
        assert scale.zoomed(1e-3, 500.0).end_s == pytest.approx(10.05)
        closest = scale.zoomed(1e6, 500.0)
        assert closest.end_s - closest.start_s == pytest.approx(0.2)

    @pytest.mark.parametrize("px_per_s", [0.01, 0.5, 7.0, 80.0, 3000.0])
    def test_ticks_are_round_and_not_too_dense(self, px_per_s):
        step = tick_step_s(px_per_s)
        assert 64.0 * 0.999 <= step * px_per_s <= 64.0 * 2.6
        mantissa = float(f"{step:.6e}".split("e")[0])
        assert mantissa in (1.0, 2.0, 5.0)

    def test_nearest_frame_of_nothing(self):
        assert nearest_frame([], 3.0) == -1


def test_disposed_timeline_hears_nothing(make, desk):
    timeline = make(make_scene())
    timeline.dispose()
    desk.session.go_to_frame(5)
    desk.settle()
    assert timeline.area.wanted_frame == 0


def test_another_scene_brings_its_own_tracks(make, desk):
    timeline = make()
    desk.session.open_dataset(make_dataset(make_scene(), make_scene(20, scene_id="b", car_count=3)))
    desk.settle()
    desk.session.show_scene(1)
    assert timeline.area.note == "Reading tracks…"
    desk.settle()
    assert [track.track_id for track in timeline.area.rows] == ["1", "x1", "x2", "2"]
    desk.session.close()
    assert timeline.area.rows == ()


def test_frames_between_keyframes_are_told_and_joined_by_a_thin_line(make, desk):
    scene = make_scene()

    class Keyframed:
        def __getattr__(self, name):
            return getattr(scene.reader, name)

        def read_labels(self, frame_index, label_set_id):
            labels = scene.reader.read_labels(frame_index, label_set_id)
            drawn = label_set_id != "gt" or frame_index in (2, 6)
            return labels if drawn else FrameLabels(CuboidLabels.empty("world"))

        def read_tracks(self, label_set_id):
            return [Track("1", "car", (2, 6))] if label_set_id == "gt" else []

    widget = make(replace(scene, reader=Keyframed()))
    (track,) = [track for track in widget.area.rows if track.track_id == "1"]
    assert track.interpolated == ((3, 5),)
    place = bar_place(widget, "1", 4)
    assert "missing in 3 between, 3 of them interpolated" in widget.area.tip_at(QPointF(place))
    picture = widget.area.viewport().grab().toImage()
    ground = picture.pixelColor(at(widget, 9, place.y()))
    assert picture.pixelColor(place) != ground
    assert picture.pixelColor(place.x(), place.y() + 4) == ground


def test_playhead_does_not_strike_out_the_note(make, desk):
    widget = make(make_scene(independent=True))
    assert widget.area.note.startswith("The frames are independent")
    desk.session.go_to_frame(2)
    desk.settle()
    picture = widget.area.viewport().grab().toImage()
    playhead = palette().colour("accent")
    line = [
        y for y in range(picture.height())
        if picture.pixelColor(at(widget, 2, y)) == playhead
    ]  # fmt: skip
    gaps = [after - before for before, after in itertools.pairwise(line)]
    assert line
    assert max(gaps) >= widget.area.fontMetrics().ascent()
    assert line[-1] > picture.height() - 5


@pytest.mark.parametrize("case", ["single", "untimed", "same time"])
def test_ruler_tells_no_times_where_the_data_have_none(make, case):
    scene = make_scene()
    frames = scene.frames
    if case == "single":
        frames = frames[:1]
    else:
        time = None if case == "untimed" else 5
        frames = tuple(replace(frame, timestamp_ns=time) for frame in frames)
    timeline = make(replace(scene, frames=frames))
    ticks = timeline.area._ruler_ticks()
    assert [text for _, text in ticks][:1] == ["1"]
    assert all(text for _, text in ticks)
    assert " s" not in timeline.time_label.text()
    assert ("single frame" in timeline._empty_note()) == (case == "single")
    timeline.grab()


def test_frames_that_come_with_the_rest_of_the_index_lengthen_the_ruler(make, desk):
    step = threading.Event()
    whole = make_dataset(make_scene())
    (scene,) = whole.scenes
    early = replace(scene, frames=scene.frames[:4])

    def complete():
        assert step.wait(10)
        return whole

    beginning = replace(make_dataset(early), growth=Growth(complete, renews=True))
    timeline = make()
    desk.session.open_dataset(beginning)
    desk.settle(lambda: desk.session.content is not None)
    assert len(timeline.area._times_s) == 4
    assert timeline.area.note == "Tracks are shown here when their labels are indexed"
    step.set()
    desk.settle()
    assert len(timeline.area._times_s) == 12
    assert timeline.area.rows
