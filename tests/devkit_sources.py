"""Scenes that are written for the datasets' own packages to read; see formats/writers/devkits."""

from dataclasses import replace
from pathlib import Path

import image_sets
from argoverse2_log import annotations, columns_of, write_feather, write_log
from nuscenes_tables import tables, write_tables

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class Plain:
    """A reader that hides its format, so that writers take nothing from the source's rows."""

    def __init__(self, reader: object) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)


def write_nuscenes(folder: Path) -> Path:
    """Write tables with counts that only the points give; return their root."""
    rows = tables()
    for row in rows["sample_annotation"]:
        del row["num_lidar_pts"], row["num_radar_pts"]
        row["size"] = [8.0, 11.0, 6.5]
    return _written(write_tables(folder / "source", rows), folder / "out", "nuscenes")


def write_argoverse2(folder: Path) -> Path:
    """Write a log with counts that only the points give; return its folder."""
    root = write_log(folder / "source")
    rows = annotations()
    for row in rows:
        del row["num_interior_pts"]
        row |= {"length_m": 19.0, "width_m": 17.0, "height_m": 4.0}
    write_feather(root / "annotations.feather", columns_of(rows))
    return _written(root, folder / "out", "argoverse2")


def _written(root: Path, target: Path, name: str) -> Path:
    (scene,) = open_dataset(root).scenes
    hidden: Scene = replace(scene, reader=Plain(scene.reader))
    writer_by_name(name).write([hidden], target, JobContext())
    return target


def write_image_sets(folder: Path) -> Path:
    """Write the small COCO, VOC and YOLO sets in each of the three layouts: SOURCE/LAYOUT.

    Through the native layout, so that no row of a source is written again as it was.
    """
    for name in ("coco", "pascal_voc", "yolo"):
        (folder / name / "source").mkdir(parents=True)
        source = getattr(image_sets, name)(folder / name / "source")
        (source / "annotations" / "results.json").unlink(missing_ok=True)
        if name == "yolo":
            text = (source / "labels" / "train" / "b.txt").read_text()
            (source / "labels" / "train" / "b.txt").write_text(text.rpartition(" ")[0] + "\n")
        native = folder / name / "native"
        writer_by_name("native").write(open_dataset(source).scenes, native, JobContext())
        for layout in ("coco", "pascal_voc", "yolo"):
            target = folder / name / layout
            writer_by_name(layout).write(open_dataset(native).scenes, target, JobContext())
    return folder
