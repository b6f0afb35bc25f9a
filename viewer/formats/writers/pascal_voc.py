"""Writes scenes as Pascal VOC: an XML file beside each image."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from xml.sax.saxutils import escape, quoteattr

from viewer.formats.edited_reader import as_delivered
from viewer.formats.json_numbers import is_number
from viewer.formats.pascal_voc.annotation import FLAGS, WORDS
from viewer.formats.pascal_voc.format import ANNOTATION_FOLDER, IMAGE_FOLDER, PascalVocFormat
from viewer.formats.pascal_voc.reader import PascalVocReader
from viewer.formats.writers.base import SceneWriter, WriteJob
from viewer.formats.writers.file_copy import copy_files, files_below
from viewer.formats.writers.image_export import ImageItem, export_items, one_label_set
from viewer.formats.writers.image_labels import TRUNCATED, Floats, ImageLabel, ring_area_px
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.mask_outlines import mask_rings
from viewer.formats.writers.target_files import write_file
from viewer.formats.writers.voc_edits import edited_annotations
from viewer.formats.writers.xml_text import written_text
from viewer.scene.scene import Scene

TITLE = PascalVocFormat.title
LEAST_TRUNCATION = 0.15
"""From this part outside of the image on, a box counts as truncated."""


class PascalVocWriter(SceneWriter):
    """``JPEGImages``, ``Annotations``, ``ImageSets/Main/default.txt``; coordinates unshifted.

    A VOC dataset is copied as it is; of objects that a reviewer changed only what changed is other.
    One label set is written, the ground truth unless another is asked for.
    """

    name: ClassVar[str] = PascalVocFormat.name
    title: ClassVar[str] = TITLE
    holds: ClassVar[str] = (
        "images, 2D boxes, turned boxes, polygons of one part, attributes; cuboids as boxes"
    )
    many_scenes: ClassVar[bool] = True
    images_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        chosen = one_label_set(scenes, job.options, TITLE, job.losses)
        job.make_folder()
        files = _own_files(scenes)
        edited = None if files is None else edited_annotations(scenes[0], job.losses)
        if files is not None and edited is not None:
            copy_files(*files, job.draft, job.context, job.losses, edited)
            return
        stems = []
        for item in export_items(scenes, TITLE, job):
            write_file(job.draft, f"{IMAGE_FOLDER}/{item.stem}{item.suffix}", item.data)
            label_set_id = chosen[item.scene.scene_id]
            labels = item.labels.get(label_set_id, []) if label_set_id is not None else []
            where = f"{item.scene.scene_id}/{label_set_id}"
            text = _document(item, labels, where, job.losses)
            write_file(job.draft, f"{ANNOTATION_FOLDER}/{item.stem}.xml", text)
            stems.append(f"{item.stem}\n")
        write_file(job.draft, "ImageSets/Main/default.txt", "".join(stems))


def _own_files(scenes: Sequence[Scene]) -> tuple[Path, list[Path]] | None:
    """Return the folder and files of one VOC dataset; None when something else takes part."""
    reader = as_delivered(scenes[0].reader)
    if len(scenes) != 1 or not isinstance(reader, PascalVocReader):
        return None
    root = reader.folder
    images = [(each.annotation, each.image) for each in reader.images]
    paths = [path for pair in images for path in pair if path is not None]
    if reader.root.is_dir():
        for name in ("ImageSets", "SegmentationClass", "SegmentationObject"):
            paths += files_below(root / name)
        paths += [path for path in (root / "labelmap.txt",) if path.is_file()]
    return (root, paths) if all(each.is_relative_to(root) for each in paths) else None


def _document(item: ImageItem, labels: Sequence[ImageLabel], where: str, losses: LossLog) -> str:
    rows = [
        "<annotation>",
        f"  <folder>{IMAGE_FOLDER}</folder>",
        f"  <filename>{escape(item.stem + item.suffix)}</filename>",
        f"  <size><width>{item.width_px}</width><height>{item.height_px}</height>"
        "<depth>3</depth></size>",
        "  <segmented>0</segmented>",
    ]
    for label in labels:
        rows += _object(label, where, losses)
    return "\n".join([*rows, "</annotation>\n"])


def _object(label: ImageLabel, where: str, losses: LossLog) -> list[str]:
    if label.box_px is None:
        losses.add("classification", where, f"{TITLE} labels objects with a box only")
        return []
    rings = _rings(label, where, losses)
    _note_geometry(label, where, losses)
    attributes = dict(label.attributes)
    box_px = _stored_box(attributes.pop("bbox", None)) or label.box_px
    rows = ["  <object>", f"    <name>{written_text(label.class_name)}</name>"]
    share = attributes.get(TRUNCATED)
    if isinstance(share, float):
        attributes[TRUNCATED] = share >= LEAST_TRUNCATION
        attributes["truncation"] = share
    for key in WORDS:
        if isinstance(attributes.get(key), str):
            rows.append(f"    <{key}>{written_text(attributes.pop(key))}</{key}>")
    for key in FLAGS:
        if isinstance(attributes.get(key), bool):
            rows.append(f"    <{key}>{int(attributes.pop(key))}</{key}>")
    if label.track_id is not None:
        attributes["track_id"] = label.track_id
    if not math.isnan(label.score):
        attributes["score"] = label.score
    names = ("xmin", "ymin", "xmax", "ymax")
    rows.append(f"    <bndbox>{_numbers(dict(zip(names, box_px, strict=True)))}</bndbox>")
    if label.rotated is not None:
        turned = dict(zip(("cx", "cy", "w", "h", "angle"), label.rotated, strict=True))
        rows.append(f"    <robndbox>{_numbers(turned)}</robndbox>")
    elif rings:
        ring = max(rings, key=ring_area_px).tolist()
        points = {
            f"{axis}{index}": value
            for index, point in enumerate(ring, 1)
            for axis, value in zip("xy", point, strict=True)
        }
        rows.append(f"    <polygon>{_numbers(points)}</polygon>")
    rows += _attribute_rows(attributes, where, losses)
    return [*rows, "  </object>"]


def _attribute_rows(attributes: Mapping[str, Any], where: str, losses: LossLog) -> list[str]:
    rows = []
    for key, value in attributes.items():
        if not isinstance(value, str | int | float | bool) or written_text(key) != escape(key):
            losses.add(f"attribute {key!r}", where, f"{TITLE} holds text, numbers, yes and no")
            continue
        kind = {bool: "bool", int: "number", float: "number"}.get(type(value), "text")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        rows.append(
            f"      <attribute type={quoteattr(kind)}><name>{written_text(key)}</name>"
            f"<value>{written_text(text)}</value></attribute>"
        )
    return ["    <attributes>", *rows, "    </attributes>"] if rows else []


def _stored_box(value: object) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom of a box that another format stores beside a shape."""
    if not isinstance(value, list) or len(value) != 4 or not all(map(is_number, value)):
        return None
    left, top, width, height = value
    return left, top, left + width, top + height


def _rings(label: ImageLabel, where: str, losses: LossLog) -> Sequence[Floats]:
    rings = label.rings
    if label.runs is not None:
        rings, holes = mask_rings(label.runs)
        losses.add("mask", where, f"{TITLE} has polygons; becomes one along its pixels' edges")
        losses.add("hole of a mask", where, f"{TITLE}: polygons have none", holes)
    if len(rings) > 1:
        losses.add("polygon of several parts", where, f"{TITLE} has one; the largest is written")
    return rings


def _note_geometry(label: ImageLabel, where: str, losses: LossLog) -> None:
    if label.keypoints is not None:
        losses.add("2D label: keypoints", where, f"{TITLE} has none; their bounds are written")
    if label.is_crowd:
        losses.add("crowd mark", where, f"{TITLE} marks no crowds")


def _numbers(values: Mapping[str, float]) -> str:
    return "".join(f"<{key}>{float(value)!r}</{key}>" for key, value in values.items())
