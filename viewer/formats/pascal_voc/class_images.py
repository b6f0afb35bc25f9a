"""Palette images of classes and objects."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.image_set import IMAGE
from viewer.formats.images import image_size
from viewer.formats.text_file import read_text
from viewer.scene.masks import SemanticMask

CLASS_FOLDER, OBJECT_FOLDER = "SegmentationClass", "SegmentationObject"
LABEL_MAP = "labelmap.txt"
VOC_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
)  # fmt: skip


def class_names(root: Path) -> dict[int, str]:
    """Return the class of each palette index: of ``labelmap.txt``, else the challenge's twenty."""
    path = root / LABEL_MAP
    if not path.is_file():
        return dict(enumerate(VOC_NAMES, 1))
    lines = [line for line in read_text(path).splitlines() if line and not line.startswith("#")]
    return {
        index: name
        for index, line in enumerate(lines)
        if (name := line.partition(":")[0].strip()) not in ("", "background")
    }


def read_class_image(root: Path, stem: str, names: dict[int, str]) -> SemanticMask | None:
    """Return the classes and objects of an image's pixels; None where there is no such image.

    Raises
    ------
    DamagedData
        When an image is no palette image, or the two differ in size.
    """
    path = root / CLASS_FOLDER / f"{stem}.png"
    if not path.is_file():
        return None
    classes = _indices(path)
    other = root / OBJECT_FOLDER / f"{stem}.png"
    objects = _indices(other) if other.is_file() else None
    if objects is not None and objects.shape != classes.shape:
        raise DamagedData(other, "", f"is not of the size of {path.name} in {CLASS_FOLDER}")
    return SemanticMask(IMAGE, f"{stem}:classes", classes, names, objects)


def _indices(path: Path) -> npt.NDArray[np.int32]:
    from PIL import Image, UnidentifiedImageError

    image_size(path)
    try:
        with Image.open(path) as image:
            if image.mode not in ("P", "L"):
                raise DamagedData(path, "", "is no image of palette indices")
            return np.asarray(image).astype(np.int32)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise DamagedData(path, "", f"cannot be decoded: {error}") from None
