"""Opening a written dataset of one scene."""

from pathlib import Path

from viewer.formats.catalog import open_dataset
from viewer.scene.scene import Scene


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "nuscenes"
    (scene,) = dataset.scenes
    return scene
