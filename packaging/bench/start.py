"""What people wait for before they see anything: `sightline info`, and the first picture."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from display import screen

ROOT = Path(__file__).parents[2]
RUNS = 5

BARE_WINDOW = """
from PySide6 import QtCore, QtGui, QtWidgets
surface = QtGui.QSurfaceFormat()
surface.setVersion(3, 2)
surface.setProfile(QtGui.QSurfaceFormat.OpenGLContextProfile.CoreProfile)
QtGui.QSurfaceFormat.setDefaultFormat(surface)
app = QtWidgets.QApplication([])
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkActor, vtkPolyDataMapper
from vtkmodules.vtkFiltersSources import vtkCubeSource
class View(QOpenGLWidget):
    def initializeGL(self):
        self.window = vtkGenericOpenGLRenderWindow()
        self.window.SetOwnContext(0)
        self.window.SetReadyForRendering(True)
        self.window.InitializeFromCurrentContext()
        self.window.SetMapped(1); self.window.SetIsCurrent(True); self.window.SetSupportsOpenGL(1)
        self.renderer = vtkRenderer()
        self.window.AddRenderer(self.renderer)
        cube = vtkCubeSource(); mapper = vtkPolyDataMapper()
        mapper.SetInputConnection(cube.GetOutputPort())
        actor = vtkActor(); actor.SetMapper(mapper); self.renderer.AddActor(actor)
    def paintGL(self):
        self.window.SetSize(self.width(), self.height())
        self.window.Render()
        QtCore.QTimer.singleShot(0, tell)
def tell():
    print("first frame painted", flush=True)
    app.quit()
window = QtWidgets.QMainWindow()
window.setCentralWidget(View())
window.resize(1280, 800)
window.show()
app.exec()
import os
os._exit(0)
"""


PAINTED = "first frame painted"


def median_s(command: list[str], env: dict[str, str]) -> float:
    """Median seconds that a command takes from start to end."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, env=env, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def painted_s(command: list[str], env: dict[str, str]) -> float:
    """Seconds from starting a program to the line with which it tells of its first picture."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    if not any(line.strip() == PAINTED for line in lines):
        raise RuntimeError(f"{command[0]} painted nothing")
    seconds = time.perf_counter() - started
    process.communicate()
    return seconds


def run() -> list[dict[str, object]]:
    env = dict(os.environ)
    sightline = str(Path(sys.executable).parent / "sightline")
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, screen() as display:
        cloud = Path(folder) / "cloud.bin"
        np.random.default_rng(0).normal(size=(120_000, 4)).astype("<f4").tofile(cloud)
        info = median_s([sightline, "info", str(cloud)], env)
        rows.append({"name": "sightline info FILE", "ours": info, "unit": "s", "target": "< 0.5 s"})
        env |= {"DISPLAY": display, "SIGHTLINE_QUIT_AFTER_FIRST_FRAME": "1"}
        env |= {"XDG_CONFIG_HOME": folder, "SIGHTLINE_CONFIG": folder}
        scene = str(ROOT / "sample_scenes" / "street")
        commands = [sys.executable, "-c", BARE_WINDOW], [sightline, "open", scene]
        for command in commands:
            painted_s(command, env)
        # They take turns: what else the machine does meets both.
        pairs = [[painted_s(command, env) for command in commands] for _ in range(RUNS)]
        bare, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
        rows.append(
            {
                "name": "cold start to the first painted frame, beside a bare Qt + VTK window",
                "ours": ours,
                "reference": bare,
                "ratio": ours / bare,
                "unit": "s",
                "target": "<= 2 x",
            }
        )
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
