"""The shape of the code: rooms stay light, modules stay short, every room says what it is."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "viewer").rglob("*.py")) + sorted((ROOT / "sample_scenes").glob("*.py"))
MAX_MODULE_LINES = 500
HEAVY = ("PySide6", "vtkmodules", "open3d", "h5py")

# What importing a room (every module of it) may bring into the process.
ALLOWED = {
    "progress": (),
    "geometry": (),
    "batch": (),
    "scene": (),
    "formats": (),
    "processing": (),
    "metrics": (),
    "checks": (),
    "session": (),
    "render": ("PySide6", "vtkmodules"),
    "cli": (),
}


def modules_of(room: str) -> list[str]:
    folder = ROOT / "viewer" / room
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("room", ALLOWED)
def test_importing_a_room_loads_no_heavy_library_it_may_not_use(room):
    code = f"""
import importlib, sys
for name in {modules_of(room)!r}:
    importlib.import_module(name)
print(*(heavy for heavy in {HEAVY!r} if heavy in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= set(ALLOWED[room])


def test_starting_the_command_line_loads_no_numba_and_no_scipy():
    code = "import sys, viewer.cli.parser; print(*({'numba', 'scipy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == [], done.stderr


def _write_bin(path):
    np.ones((300, 4), "<f4").tofile(path)


def _write_npy(path):
    np.save(path, np.ones((300, 4), np.float32))


def _write_pcd(path):
    head = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\n"
    path.write_text(head + "POINTS 2\nDATA ascii\n1 2 3\n4 5 6\n", encoding="ascii")


def _write_ply(path):
    axes = "".join(f"property float {axis}\n" for axis in "xyz")
    head = f"ply\nformat ascii 1.0\nelement vertex 2\n{axes}end_header\n"
    path.write_text(head + "1 2 3\n4 5 6\n", encoding="ascii")


def _write_las(path):
    import laspy

    las = laspy.create(point_format=3, file_version="1.2")
    las.x, las.y, las.z = np.ones((3, 5))
    las.write(path)


@pytest.mark.parametrize("write", [_write_bin, _write_npy, _write_pcd, _write_ply, _write_las])
def test_telling_about_one_file_loads_no_compiler_and_no_window(write, tmp_path):
    path = tmp_path / f"cloud.{write.__name__.removeprefix('_write_')}"
    write(path)
    code = f"""
import sys
from viewer.cli.parser import app
app(["info", {str(path)!r}], standalone_mode=False)
print("LOADED", *({{"numba", "scipy", "PySide6", "vtkmodules", "av", "h5py"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "finite point count" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]


def test_the_window_and_the_formats_are_loaded_without_the_compiler():
    code = """
import sys
import viewer.app, viewer.formats.catalog
print(*({"numba", "scipy", "av", "laspy", "h5py", "open3d"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_says_what_is_inside(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_MODULE_LINES
    assert ast.get_docstring(ast.parse(text)), "a module starts with one line on what is inside"


def test_no_glsl_stands_in_python():
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not {"gl_Position", "gl_FragData"} & set(text.replace("[", " ").split()), path


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_qt_gives_no_reference_to_none_away():
    # PySide6 6.12.0 does on Python 3.11, and the process aborts after some 5,000 calls.
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 50
