"""The shape of the code: rooms stay light, modules stay short, every room says what it is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "viewer").rglob("*.py")) + sorted((ROOT / "sample_scenes").glob("*.py"))
MAX_MODULE_LINES = 500
HEAVY = ("PySide6", "vtkmodules", "open3d", "h5py")

# What importing a room (every module of it) may bring into the process.
ALLOWED = {
    "progress": (),
    "geometry": (),
    "scene": (),
    "formats": (),
    "processing": (),
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
    code = "import sys, viewer.cli.main; print(*({'numba', 'scipy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == [], done.stderr


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
