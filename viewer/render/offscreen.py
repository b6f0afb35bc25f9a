"""Render windows without a screen."""

import vtkmodules.vtkRenderingOpenGL2 as backend
from vtkmodules.vtkRenderingCore import vtkRenderWindow


def offscreen_window(width_px: int, height_px: int) -> vtkRenderWindow:
    """A render window that needs no display: EGL where VTK has it, else what the system offers."""
    kind = getattr(backend, "vtkEGLRenderWindow", None)
    window: vtkRenderWindow = kind() if kind is not None else vtkRenderWindow()
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
