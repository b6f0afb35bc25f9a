"""Render windows without a screen."""

from typing import cast

from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow


def offscreen_window(width_px: int, height_px: int) -> vtkOpenGLRenderWindow:
    """A render window that needs no display: EGL where VTK has it, else what the system offers."""
    kind = getattr(vtkRenderingOpenGL2, "vtkEGLRenderWindow", None)
    # VTK's factory makes an OpenGL window on every system.
    window = cast(vtkOpenGLRenderWindow, kind() if kind is not None else vtkRenderWindow())
    window.SetOffScreenRendering(1)
    window.SetShowWindow(False)
    window.SetMultiSamples(0)
    window.SetSize(width_px, height_px)
    return window


def is_software(window: vtkRenderWindow) -> bool:
    """True when the processor draws; valid after the first picture."""
    text = window.ReportCapabilities() or ""
    found = next((line for line in text.splitlines() if "renderer string" in line.lower()), "")
    return any(name in found.lower() for name in ("llvmpipe", "softpipe", "swrast", "swr"))


def renderer_name(window: vtkRenderWindow) -> str:
    """Name of what draws, e.g. a graphics card; valid after the first picture."""
    text = window.ReportCapabilities() or ""
    found = next((line for line in text.splitlines() if "renderer string" in line.lower()), "")
    return found.partition(":")[2].strip() or "unknown"
