"""`sightline doctor`: versions, the GL renderer, and what is missing."""

import os
import platform
import subprocess
import sys

import typer

from viewer import __version__

PACKAGES = (
    "numpy", "scipy", "numba", "PySide6-Essentials", "vtk", "h5py", "laspy", "simplejpeg",
    "Pillow", "av", "open3d",
)  # fmt: skip
OPTIONAL = {"open3d": "some processing, and making the sample scenes"}

# Asked in another process: a broken driver ends that one, not this.
GL_QUESTION = """
from viewer.render.offscreen import offscreen_window, renderer_name
window = offscreen_window(64, 64)
window.Render()
print(renderer_name(window))
"""
QT_QUESTION = """
import os
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
print(app.platformName(), *(f"{s.size().width()}x{s.size().height()}" for s in app.screens()))
"""


def run() -> None:
    """Say which versions run here, what draws, and what is missing."""
    from importlib.metadata import PackageNotFoundError, version

    problems: list[str] = []
    print(f"sightline          {__version__}")
    print(f"Python             {platform.python_version()}")
    print(f"system             {platform.platform()}")
    for package in PACKAGES:
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "missing"
            if package in OPTIONAL:
                found += f" (only for {OPTIONAL[package]})"
            else:
                problems.append(f"{package} is missing: run packaging/run.sh again")
        print(f"{package:<18} {found}")
    if version("PySide6-Essentials") == "6.12.0" and sys.version_info < (3, 12):
        problems.append("PySide6 6.12.0 stops on this Python: install 6.11.3")
    renderer = _ask(GL_QUESTION)
    print(f"GL renderer        {renderer or 'none'}")
    if renderer is None:
        problems.append("no OpenGL 3.2: install the libraries that packaging/run.sh names")
    elif "llvmpipe" in renderer or "softpipe" in renderer:
        print("                   software rendering: everything works, large clouds move slower")
    display = _ask(QT_QUESTION)
    print(
        f"display            {display or 'none: the window needs one, `sightline render` does not'}"
    )
    print(f"cores              {os.cpu_count()}")
    for problem in problems:
        print(f"problem: {problem}")
    if problems:
        raise typer.Exit(1)


def _ask(question: str) -> str | None:
    answer = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, timeout=60, check=False
    )
    lines = answer.stdout.strip().splitlines()
    return lines[-1] if answer.returncode == 0 and lines else None
