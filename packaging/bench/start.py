"""What people wait for before they see anything: `sightline info`, and the first picture."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
RUNS = 5

BARE_WINDOW = """
import sys, time
from PySide6 import QtCore, QtGui, QtWidgets
from viewer.ui.viewport_widget import install_default_format
install_default_format()
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
        QtCore.QTimer.singleShot(0, app.quit)
window = QtWidgets.QMainWindow()
window.setCentralWidget(View())
window.resize(1280, 800)
window.show()
app.exec()
import os
sys.stdout.flush(); os._exit(0)
"""


def median_s(command: list[str], env: dict[str, str]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, env=env, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def run() -> list[dict[str, object]]:
    env = dict(os.environ)
    sightline = str(Path(sys.executable).parent / "sightline")

    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        cloud = Path(folder) / "cloud.bin"
        np.random.default_rng(0).normal(size=(120_000, 4)).astype("<f4").tofile(cloud)
        env["SIGHTLINE_CONFIG"] = folder
        info = median_s([sightline, "info", str(cloud)], env)
        rows.append({"name": "sightline info FILE", "ours": info, "unit": "s", "target": "< 0.5 s"})
        if not env.get("DISPLAY"):
            print("no display: the window is not measured", file=sys.stderr)
            return rows
        bare = median_s([sys.executable, "-c", BARE_WINDOW], env)
        env["SIGHTLINE_QUIT_AFTER_FIRST_FRAME"] = "1"
        scene = str(ROOT / "sample_scenes" / "street")
        ours = median_s([sightline, "open", scene], env)
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
