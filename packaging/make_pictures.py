"""Makes the README's pictures with the application itself; needs a display (Xvfb will do).

python packaging/make_pictures.py
"""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from viewer.app import Application
from viewer.session.link import Sight
from viewer.session.settings import Settings

ROOT = Path(__file__).parents[1]
OUT = ROOT / "packaging" / "pictures"
STREET = Path("sample_scenes") / "street"
SIZE_PX = (1600, 960)
SETTLE_MS = 9_000

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
    application.window.resize(*SIZE_PX)
    application.open_sight(Sight(str(STREET), "street", "000012", "ground_truth:car-05.012"))

    def save() -> None:
        application.window.grab().save(str(path))
        application.window.close()

    QTimer.singleShot(SETTLE_MS, application.window, save)
    application.run()


def render(path: Path, options: list[str]) -> None:
    sightline = Path(sys.executable).parent / "sightline"
    command = [str(sightline), "render", str(STREET), "--out", str(path), *options]
    subprocess.run(command, check=True)


def main() -> None:
    os.chdir(ROOT)  # no path of this machine may stand in the pictures
    OUT.mkdir(exist_ok=True)
    for name, options in RENDERED.items():
        render(OUT / name, options)
    picture_window(OUT / "window.png")


if __name__ == "__main__":
    main()
