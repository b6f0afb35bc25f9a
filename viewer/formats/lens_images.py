"""Images beside the lens that recorded them."""

from pathlib import Path

from viewer.formats.images import read_image
from viewer.formats.problem_log import ProblemLog
from viewer.scene.images import Image
from viewer.scene.sensors import CameraSensor


def read_fitting_image(
    path: Path, min_width_px: int | None, camera: CameraSensor | None, problems: ProblemLog
) -> Image:
    """Decode a file as `read_image` does; note where its size is not that of the camera's lens."""
    image = read_image(path, min_width_px)
    lens = camera.model if camera is not None else None
    size = (image.full_width_px, image.full_height_px)
    if lens is not None and size != (lens.width_px, lens.height_px):
        expected = f"{lens.width_px} x {lens.height_px}"
        problems.add(path, "", f"is {size[0]} x {size[1]} pixels, not {expected}")
    return image
