"""Makes the README's pictures with the application itself; needs a display (Xvfb will do).

python packaging/make_pictures.py [NAME.png ...]

The page of the report is drawn by Chromium, where it is installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from example_review import SAMPLE, write_example_review
from PySide6.QtCore import QTimer

from viewer.app import Application
from viewer.formats.catalog import open_dataset
from viewer.reports.review_report import write_review_report
from viewer.review import Reviewer, Workspace
from viewer.session.compare_values import Query, QueryKind
from viewer.session.link import Sight
from viewer.session.settings import Settings

ROOT = Path(__file__).parents[1]
OUT = ROOT / "packaging" / "pictures"
STREET = Path("sample_scenes") / "street"
SPOILT = Path("sample_scenes") / "street_with_errors"
SIZE_PX = (1600, 960)
SETTLE_MS = 9_000
BUSY_MS = 500
COMPARED_ROW = 0
SENSORS_FRAME = 21
PAGE_PX = "1200,2400"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

RENDERED = {
    "fisheye.png": ["--frame", "21", "--view", "camera:left_fisheye", "--size", "1280x800"],
    "cameras.png": [
        "--frame", "21", "--view", "3d", "--colour-by", "cameras", "--sweeps", "5",
        "--size", "1280x720",
    ],
}  # fmt: skip


def picture_window(path: Path) -> None:
    """Open the street scene with an object selected, wait until all is drawn, save the window."""
    application = Application(Settings())
    application.open_sight(Sight(str(STREET), "street", "000012", "ground_truth:car-05.012"))
    picture(application, path, [])


def picture_review(path: Path) -> None:
    """Walk a queue in the Review layout, with an issue beside it."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / f"{SAMPLE.name}.sightline"
        example = write_example_review(workspace)
        application = Application(Settings())
        review = application.window.review
        review.use_reviewer("ann")
        review.open_with(workspace)
        application.open_sight(Sight(str(SAMPLE)))

        def show_layout() -> None:
            application.window.shell.show_layout("review")

        def walk() -> None:
            assert review.desk is not None
            review.desk.issues.choose(example.issue_id)
            application.window.shell.show_panel("issue")
            review.desk.walk.choose(example.queue_id)

        picture(application, path, [show_layout, walk])


def picture_compare(path: Path) -> None:
    """Look at a row behind a cell of the confusion matrix."""
    application = Application(Settings())
    application.open_sight(Sight(str(SAMPLE)))
    window = application.window

    def show_layout() -> None:
        window.shell.show_layout("compare")

    def ask() -> None:
        desk = window.compare.desk
        assert desk is not None
        desk.ask_list(Query(QueryKind.CELL, "van", "car"))

    def show_row() -> None:
        desk = window.compare.desk
        assert desk is not None
        desk.walk.show(COMPARED_ROW)

    picture(application, path, [show_layout, ask, show_row])


def picture_findings(path: Path) -> None:
    """Look at a label that floats: the sentence, the numbers, where the check expects the box."""
    application = Application(Settings())
    application.open_sight(Sight(str(SPOILT)))
    window = application.window

    def check() -> None:
        window.table.run("findings.check_scene")

    def narrow() -> None:
        desk = window.findings.begin().desk
        desk.narrow(text="ground")

    def walk() -> None:
        window.findings.begin().desk.walk.step(1)

    picture(application, path, [check, narrow, walk])


def picture_sensors(path: Path) -> None:
    """Measure cameras and clocks, and look at a frame of one of them."""
    application = Application(Settings())
    application.open_sight(Sight(str(STREET)))
    window = application.window

    def measure() -> None:
        window.table.run("doctor.measure")

    def look() -> None:
        window.findings.begin("doctor").panel_of("doctor").chart.chosen.emit(SENSORS_FRAME)

    picture(application, path, [measure, look])


def picture(application: Application, path: Path, steps: list[Callable[[], None]]) -> None:
    """Run the steps, each when the one before is drawn, and save the window."""
    window = application.window
    window.resize(*SIZE_PX)

    def save() -> None:
        window.setFocus()
        window.grab().save(str(path))
        window.close()

    left = [*steps, save]

    def go_on() -> None:
        if application.session.jobs.busy:
            QTimer.singleShot(BUSY_MS, window, go_on)
            return
        left.pop(0)()
        if left:
            QTimer.singleShot(SETTLE_MS, window, go_on)

    QTimer.singleShot(SETTLE_MS, window, go_on)
    application.run()


def picture_report(path: Path) -> None:
    """Write the report of the example and draw its page."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        print(f"{path.name} is left as it is: none of {', '.join(BROWSERS)} is installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        example = write_example_review(folder / "review.sightline")
        dataset = open_dataset(SAMPLE)
        with Workspace.open(folder / "review.sightline", Reviewer("ann"), read_only=True) as ann:
            page = folder / "page.html"
            write_review_report(
                page, ann.reading, dataset, example.dataset_id, now_ns=time.time_ns()
            )
        dataset.close()
        command = [
            chromium, "--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={PAGE_PX}",
            f"--screenshot={path}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


def render(path: Path, options: list[str]) -> None:
    """Render the street scene without a window."""
    sightline = Path(sys.executable).parent / "sightline"
    command = [str(sightline), "render", str(STREET), "--out", str(path), *options]
    subprocess.run(command, check=True)


WINDOWS = {
    "window.png": picture_window, "review.png": picture_review, "report.png": picture_report,
    "compare.png": picture_compare, "findings.png": picture_findings,
    "sensors.png": picture_sensors,
}  # fmt: skip


def main() -> None:
    """Make the pictures that are named, or all."""
    os.chdir(ROOT)  # no path of this machine may stand in the pictures
    OUT.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or [*RENDERED, *WINDOWS]
    with tempfile.TemporaryDirectory() as config:
        # Nobody's settings shall stand in the pictures, nor theirs be written over.
        os.environ["SIGHTLINE_CONFIG"] = config
        for name in wanted:
            if name in RENDERED:
                render(OUT / name, RENDERED[name])
            else:
                # One application a process.
                code = f"import make_pictures as m; m.WINDOWS[{name!r}](m.OUT / {name!r})"
                subprocess.run(
                    [sys.executable, "-c", code],
                    check=True,
                    cwd=ROOT,
                    env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
                )


if __name__ == "__main__":
    main()
