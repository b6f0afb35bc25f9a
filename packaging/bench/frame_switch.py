"""Stepping through a drive in the real window: from asking for a frame to everything painted.

120,000 points, six 1600 x 900 images with the outlines of 60 boxes; eye-dome lighting and points
on images are off. `prefetched` frames were ready when asked for; `cold` ones were read from disk.
"""

import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from display import screen

FRAMES = 24
POINTS = 120_000
BOXES = 60
CAMERAS = 6
IMAGE_PX = (1600, 900)
WINDOW_PX = (1280, 1100)
PERIOD_NS = 100_000_000
PREFETCHED_STEPS = 120
WAIT_S = 60.0
STAMP_PRIORITY = 1000


def make_scene(folder: Path) -> Path:
    """Write the drive in the native layout."""
    from viewer.formats.builder import SceneBuilder
    from viewer.formats.native.writer import write_native_scene
    from viewer.geometry.cameras import BrownConrady

    random = np.random.default_rng(11)
    builder = SceneBuilder("frame switch")
    builder.add_lidar("lidar", position=(0, 0, 1.8))
    lens = BrownConrady(*IMAGE_PX, fx=1200.0, fy=1200.0, k1=-0.1, k2=0.02)
    for camera in range(CAMERAS):
        yaw = 2 * np.pi * camera / CAMERAS
        position = (float(np.cos(yaw)), float(np.sin(yaw)), 1.6)
        builder.add_camera(f"camera_{camera}", lens, position=position, yaw_rad=yaw)
    angle, away = random.uniform(0, 2 * np.pi, BOXES), random.uniform(8, 60, BOXES)
    speed = random.uniform(-5, 5, (BOXES, 2))
    yaw_rad = random.uniform(-np.pi, np.pi, BOXES)
    names = [("car", "truck", "cyclist")[i % 3] for i in range(BOXES)]
    azimuth = np.linspace(0, 64 * np.pi, POINTS)
    for index in range(FRAMES):
        time_s = 0.1 * index
        frame = builder.add_frame(
            timestamp_ns=index * PERIOD_NS, ego_position=(8.0 * time_s, 0.0, 0.0)
        )
        range_m = 4 + 50 * random.random(POINTS) ** 2
        height_m = -1.8 + 3.0 * random.random(POINTS) ** 3
        xyz = np.column_stack([range_m * np.cos(azimuth), range_m * np.sin(azimuth), height_m])
        frame.add_points("lidar", xyz.astype(np.float32), intensity=random.random(POINTS))
        center = np.column_stack([away * np.cos(angle), away * np.sin(angle), np.full(BOXES, 0.8)])
        center[:, :2] += speed * time_s
        frame.add_cuboids(
            center, np.tile((4.5, 1.9, 1.6), (BOXES, 1)), class_names=names, yaw_rad=yaw_rad,
            track_ids=[str(i) for i in range(BOXES)],
        )  # fmt: skip
        for camera in range(CAMERAS):
            frame.add_image(f"camera_{camera}", street_like_jpeg(random))
    target = folder / "drive"
    write_native_scene(builder.build(), target)
    return target


def street_like_jpeg(random: np.random.Generator) -> bytes:
    """Encode smooth areas with edges and some noise: 200 to 300 kB, as of a camera."""
    from PIL import Image

    width, height = IMAGE_PX
    coarse = random.integers(0, 256, (height // 50, width // 50, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(coarse).resize(IMAGE_PX, Image.Resampling.NEAREST))
    noise = random.integers(-9, 10, (height, width, 1), dtype=np.int16)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=75)
    return out.getvalue()


class Stepper:
    """Drives the application and tells when everything of a frame is painted."""

    def __init__(self, application: object) -> None:
        self.session = application.session  # type: ignore[attr-defined]
        self.window = application.window  # type: ignore[attr-defined]
        self.qt = application.qt  # type: ignore[attr-defined]
        self.painted: dict[str, int] = {}
        self.wanted = -1
        self.parts: set[str] = set()
        self.end: tuple[float, float] | None = None
        self.stamp, self.stamp_event = self._make_stamp()
        self.window.viewport_widget.painted.connect(lambda _ms: self._note("3d"))
        for name, pane in self.window.strip.panes.items():
            pane.installEventFilter(self._filter(name))

    def _filter(self, name: str) -> object:
        from PySide6.QtCore import QEvent, QObject

        stepper = self

        class Watch(QObject):
            def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
                if event.type() == QEvent.Type.Paint:
                    stepper._note(name)
                return False

        return Watch(self.window)

    def _make_stamp(self) -> tuple[object, Callable[[], object]]:
        from PySide6.QtCore import QEvent, QObject

        stepper = self

        class Stamp(QObject):
            def customEvent(self, _event: QEvent) -> None:  # noqa: N802
                stepper.end = time.perf_counter(), time.thread_time()

        return Stamp(self.window), lambda: QEvent(QEvent.Type.User)

    def _note(self, name: str) -> None:
        if self.session.content is not None and self.wanted == self.session.content.index:
            self.painted[name] = self.wanted
            if self.parts and not self.parts - self.painted.keys():
                # Painting, composing and showing are one event; this is the next one.
                self.parts = set()
                self.qt.postEvent(self.stamp, self.stamp_event(), STAMP_PRIORITY)

    def until(self, done: Callable[[], bool]) -> None:
        """Let the window live until `done`."""
        end = time.perf_counter() + WAIT_S
        while not done():
            if time.perf_counter() > end:
                raise RuntimeError("the window did not get there")
            self.qt.processEvents()
            if not done():
                time.sleep(0.0005)

    def go(self, index: int) -> tuple[float, float]:
        """Milliseconds, and milliseconds of this thread's work, until frame `index` is painted."""
        self.wanted, self.painted, self.end = index, {}, None
        self.parts = {"3d", *(n for n, p in self.window.strip.panes.items() if p.isVisible())}
        begun, worked = time.perf_counter(), time.thread_time()
        self.session.go_to_frame(index)
        while self.end is None:
            self.qt.processEvents()
            if time.perf_counter() - begun > WAIT_S:
                raise RuntimeError(f"frame {index} was not painted: only {set(self.painted)}")
        return (self.end[0] - begun) * 1e3, (self.end[1] - worked) * 1e3

    def is_ready(self, index: int) -> bool:
        """Whether a frame was prefetched and nothing else is being done."""
        session = self.session
        store = session._store  # noqa: SLF001 - what is ready is nobody else's business
        if session.jobs.busy:
            return False
        return store.cached(index, session.view, session.image_width_px) is not None


def steps(stepper: Stepper) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Times of prefetched and of cold frames."""
    session = stepper.session
    cold = []
    for index in (*range(3, FRAMES, 6), *range(FRAMES - 1, 0, -6)):
        session._store._contents.clear()  # noqa: SLF001 - as if never loaded
        session.cache.clear()
        cold.append(stepper.go(index))
        stepper.until(lambda: not session.jobs.busy)
    ready = []
    index, direction = session.frame_index, 1
    while len(ready) < PREFETCHED_STEPS:
        if not 0 <= index + direction < FRAMES:
            direction = -direction
            stepper.go(index + direction)
            index += direction
            continue
        index += direction
        stepper.until(lambda: stepper.is_ready(index))  # noqa: B023 - called at once
        ready.append(stepper.go(index))
    return ready, cold


def measure(path: Path) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Open the real window on the drive and step through it."""
    from dataclasses import replace

    from viewer.app import Application
    from viewer.session.link import Sight
    from viewer.session.settings import Settings
    from viewer.session.view_settings import ViewSettings

    view = ViewSettings()
    view = replace(
        view,
        points=replace(view.points, eye_dome_lighting=False),
        images=replace(view.images, points=False),
    )
    application = Application(Settings(view=view))
    window = application.window
    window.resize(*WINDOW_PX)
    window.show()
    application.open_sight(Sight(str(path)))
    stepper = Stepper(application)
    stepper.until(lambda: application.session.content is not None)
    application.session.load_kernels()
    stepper.until(lambda: not application.session.jobs.busy)
    stepper = Stepper(application)
    try:
        return steps(stepper)
    finally:
        window.close()
        application.dispose()


def rows_of(name: str, times: list[tuple[float, float]]) -> list[dict[str, object]]:
    wall = sorted(time[0] for time in times)
    work = [time[1] for time in times]
    target = 60.0 if name == "prefetched" else None
    unit = {"unit": "ms"}
    p95 = wall[min(len(wall) - 1, int(0.95 * len(wall)))]
    return [
        {"name": f"next frame, {name}: median", "ours": statistics.median(wall), **unit},
        {"name": f"next frame, {name}: p95", "ours": p95, "target": target, **unit},
        {"name": f"next frame, {name}: least", "ours": wall[0], **unit},
        {
            "name": f"next frame, {name}: work of the UI thread",
            "ours": statistics.median(work),
            **unit,
        },
    ]


def run() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder, screen() as display:
        os.environ["DISPLAY"] = display
        os.environ["SIGHTLINE_CONFIG"] = folder
        ready, cold = measure(make_scene(Path(folder)))
    return rows_of("prefetched", ready) + rows_of("cold", cold)


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row['name']:50s} {row['ours']:8.1f} {row['unit']}\n")
