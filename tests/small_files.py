"""Small files of datasets, written for tests."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def write_json(path: Path, document: Any) -> Path:
    """Write a document, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def write_image(path: Path, size: tuple[int, int] = (8, 6)) -> Path:
    """Write a black picture of a width and height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(path)
    return path
