"""Loads GLSL from the `shaders` folder and puts it into VTK's mappers."""

from functools import lru_cache
from pathlib import Path

from vtkmodules.vtkRenderingCore import vtkShaderProperty

_HERE = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def shader_folder() -> Path:
    """Folder of the shaders: inside an installed package, else in the repository."""
    installed = _HERE.parent / "shaders"
    return installed if installed.is_dir() else _HERE.parent.parent / "shaders"


@lru_cache(maxsize=64)
def load_shader(name: str) -> str:
    """Text of one shader, e.g. ``lines/line.geom``.

    Raises
    ------
    FileNotFoundError
        When the installation is incomplete.
    """
    return (shader_folder() / f"{name}.glsl").read_text(encoding="utf-8")


def shader_property(program: str, *, geometry: bool = False) -> vtkShaderProperty:
    """Shader property with a whole program: ``<program>.vert``, ``.frag`` and maybe ``.geom``."""
    shaders = vtkShaderProperty()
    shaders.SetVertexShaderCode(load_shader(f"{program}.vert"))
    shaders.SetFragmentShaderCode(load_shader(f"{program}.frag"))
    if geometry:
        shaders.SetGeometryShaderCode(load_shader(f"{program}.geom"))
    return shaders
