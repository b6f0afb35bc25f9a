"""A scene in memory, a window without graphics, and settings of its own for every test."""

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fake_drive import Desk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.review import Reviewer
from viewer.scene.class_map import ClassMap
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Dataset, Frame, Problem, Scene, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig
from viewer.session.review_desk import ReviewDesk
from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.bridge import QtPost
from viewer.ui.theme import DARK, apply_theme, palette

FRAME_COUNT = 30
FRAME_NS = 100_000_000
CAMERAS = ("front", "rear")
# Camera looks along +x of the vehicle: its z is our x, its x our -y, its y our -z.
EGO_FROM_FRONT = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1.5], [0, 0, 0, 1]], float)
EGO_FROM_REAR = np.array([[0, 0, -1, 0], [1, 0, 0, 0], [0, -1, 0, 1.5], [0, 0, 0, 1]], float)


class MemoryReader:
    """Two cars, a person and a model's guess, standing still before a driving vehicle."""

    def __init__(self, label_sets):
        self.found: list[Problem] = []
        self.closed = False
        lens = Pinhole(160, 90, fx=80.0, fy=80.0)
        self._rig = Rig(
            {name: CameraSensor(name, name, lens) for name in CAMERAS},
            {"lidar": LidarSensor("lidar", "ego")},
            TransformTree(
                [
                    RigidTransform.identity("world", "ego"),
                    RigidTransform.from_matrix("ego", "front", EGO_FROM_FRONT),
                    RigidTransform.from_matrix("ego", "rear", EGO_FROM_REAR),
                ]
            ),
            "ego",
        )
        grid = np.stack(np.meshgrid(np.arange(-20, 20), np.arange(-20, 20)), -1).reshape(-1, 2)
        self._xyz = np.column_stack([grid, np.zeros(len(grid))]).astype(np.float32)

    def read_rig(self, frame_index):
        return self._rig

    def read_point_cloud(self, frame_index, sensor_id):
        intensity = np.linspace(0, 1, len(self._xyz)).astype(np.float32)
        return PointCloud(self._xyz, {"intensity": intensity}, "ego", frame_index * FRAME_NS)

    def read_image(self, frame_index, sensor_id, min_width_px):
        return Image(np.full((90, 160, 4), 128, np.uint8), 160, 90)

    def read_labels(self, frame_index, label_set_id):
        if label_set_id == "guess":
            return FrameLabels(cuboid_labels([("car", "p1", None)], [(10.2, 0, 0.8)], [0.7]))
        rows = [("car", "a", "1"), ("car", "b", "2"), ("person", "c", "3")]
        centers = [(10, 0, 0.8), (15, 4, 0.8), (8, -3, 0.9)]
        return FrameLabels(cuboid_labels(rows, centers, [np.nan] * 3))

    def problems(self):
        return tuple(self.found)

    def close(self):
        self.closed = True


def cuboid_labels(rows, centers, scores):
    count = len(rows)
    cuboids = Cuboids(
        np.array(centers, float),
        np.tile([4.0, 2.0, 1.6], (count, 1)),
        np.tile([1.0, 0, 0, 0], (count, 1)),
        "ego",
    )
    attributes = [{"moving": "yes" if index else "no"} for index in range(count)]
    names, ids, tracks = zip(*rows, strict=True)
    return CuboidLabels(cuboids, ids, names, tracks, np.array(scores), attributes)


def make_scene(name: str) -> Scene:
    sets = (
        LabelSet("gt", LabelSetKind.GROUND_TRUTH, "Ground truth"),
        LabelSet("guess", LabelSetKind.PREDICTIONS, "Guess"),
    )
    frames = tuple(
        Frame(
            index,
            f"{index:06d}",
            index * FRAME_NS,
            (SweepRef("lidar", index * FRAME_NS, "memory"),),
            tuple(ImageRef(camera, index * FRAME_NS, "memory") for camera in CAMERAS),
        )
        for index in range(FRAME_COUNT)
    )
    return Scene(
        name, Path("/nowhere"), "memory", frames, MemoryReader(sets), sets,
        ClassMap.from_names(["car", "person"]), lidar_ids=("lidar",), camera_ids=CAMERAS,
    )  # fmt: skip


class FakeViewport(QWidget):
    """Takes what the 3D view takes and remembers it."""

    picked = Signal(object)
    double_clicked = Signal(object)
    hovered = Signal(object)
    context_requested = Signal(QPoint, object)
    range_dragged = Signal(object)
    eye_moved = Signal()
    painted = Signal(float)

    def __init__(self):
        super().__init__()
        self.calls: list[tuple] = []
        self.numbers = tuple(float(part) for part in range(9))
        eye = SimpleNamespace(numbers=lambda: self.numbers)
        self.view = SimpleNamespace(eye=eye, renderer_name=lambda: "fake (none)")

    def show_frame(self, content, view):
        self.calls.append(("frame", content.index))

    def clear(self):
        self.calls.append(("clear",))

    def show_view(self, view, sections):
        self.calls.append(("view", sections))

    def show_selection(self, selected, hovered):
        self.calls.append(("selection", selected, hovered))

    def show_pointed(self, position_world):
        self.calls.append(("pointed", position_world))

    def show_ghosts(self, ghosts):
        self.calls.append(("ghosts", ghosts))

    def show_evidence(self, lit):
        self.calls.append(("evidence", lit))

    def show_pins(self, pins):
        self.calls.append(("pins", pins))

    def set_measurements(self, measurements):
        self.calls.append(("measurements", measurements))

    def go_to_preset(self, name):
        self.calls.append(("preset", name))

    def go_to_camera(self, sensor_id):
        self.calls.append(("camera", sensor_id))

    def focus_selection(self):
        self.calls.append(("focus",))

    def focus_box(self, box):
        self.calls.append(("box", box))

    def go_to_numbers(self, numbers):
        self.calls.append(("numbers", numbers))

    def picture(self):
        picture = QImage(40, 30, QImage.Format.Format_RGB32)
        picture.fill(0xFF336699)
        return picture

    def dispose(self):
        self.calls.append(("dispose",))

    def last(self, kind: str):
        """The last call of a kind, None when there was none."""
        return next((call for call in reversed(self.calls) if call[0] == kind), None)


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(Path("/nowhere"), "memory", (make_scene("street_1"), make_scene("yard_2")))


@pytest.fixture
def themed(qapp: QApplication) -> QApplication:
    if not qapp.styleSheet() or palette() is not DARK:
        apply_theme(qapp, dark=True)
    return qapp


@pytest.fixture(autouse=True)
def no_widget_survives():
    """Delete what a test closed: otherwise every later change of style visits it again."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def free_widgets() -> None:
    """Let what a test left behind die here, on Qt's own thread, while no other one runs.

    What is left then is not looked at again: the next time takes milliseconds.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.freeze()


@pytest.fixture
def alive() -> list[QWidget]:
    """Widgets to keep until the session's threads have ended.

    A window that is garbage may be collected on any thread that runs Python, and Qt's objects must
    not die on another thread than their own.
    """
    return []


@pytest.fixture
def session(themed, alive):
    post = QtPost()
    opened = Session(post, lambda _context, path: pytest.fail(f"nobody asked for {path}"))
    yield opened
    opened.shut_down()
    post.close()
    alive.clear()
    free_widgets()


@pytest.fixture
def shown(session, dataset, qtbot) -> Session:
    """A session that shows the first frame."""
    session.open_dataset(dataset)
    qtbot.waitUntil(lambda: session.content is not None)
    return session


@pytest.fixture
def review(shown, own_config):
    """A review of what is shown, its workspace open."""
    desk = ReviewDesk(shown, Reviewer("ann"))
    assert desk.open_default()
    yield desk
    desk.dispose()


@pytest.fixture
def desk(themed):
    """A session of its own without a window, that settles when it is told to."""
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def on_screen(qtbot):
    """Show a panel in so many pixels; the last shown is the first to be disposed of."""
    made = []

    def show(panel, width_px, height_px):
        made.append(panel)
        qtbot.addWidget(panel)
        panel.resize(width_px, height_px)
        panel.show()
        return panel

    yield show
    for panel in reversed(made):
        panel.dispose()


@pytest.fixture
def saved() -> list[Settings]:
    """Every value that the window stored, newest last."""
    return []


@pytest.fixture
def make_window(session, saved, qtbot, alive):
    """Make the main window around a viewport without graphics."""
    from viewer.render.overlay_prepare import OverlayPreparer
    from viewer.ui.main_window import MainWindow

    made = []

    def make(settings: Settings | None = None) -> MainWindow:
        window = MainWindow(
            session, FakeViewport(), OverlayPreparer(), settings or Settings(), saved.append
        )
        qtbot.addWidget(window)
        made.append(window)
        alive.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in made:
        window.dispose()


@pytest.fixture
def window(make_window):
    return make_window()


@pytest.fixture
def browsing(window, session, dataset, qtbot):
    """The window with a scene open, its first frame shown."""
    session.open_dataset(dataset)
    qtbot.waitUntil(lambda: session.content is not None)
    return window


@pytest.fixture
def frame(browsing, session, qtbot):
    """Wait until a frame is shown."""

    def wait(index):
        qtbot.waitUntil(lambda: session.content.index == index)

    return wait
