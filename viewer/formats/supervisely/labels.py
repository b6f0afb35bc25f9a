"""Supervisely annotation JSON of one point cloud to cuboids and tags.

A figure of ``cuboid_3d`` has ``position`` (middle of the body), ``dimensions`` along its own x y z
and ``rotation``, radians about x, y, z: rotation = Rx @ Ry @ Rz, in the point cloud's coord frame.
The format tells no front; +x is drawn as such. Other figures are counted, not shown.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.label_rows import CuboidRows, load_json, numbers_at, text_at
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope

CUBOID = "cuboid_3d"
_XYZ = ("x", "y", "z")


def read_annotation(path: Path, problems: ProblemLog, *, coord_frame_id: str) -> FrameLabels:
    """Read an annotation file; a figure that is damaged is noted and left out."""
    document = load_json(path)
    if not isinstance(document, Mapping):
        raise DamagedData(path, "$", "is not an annotation")
    named = _mappings(document.get("objects"))
    objects = {each["key"]: each for each in named if isinstance(each.get("key"), str)}
    rows = CuboidRows(coord_frame_id)
    figures = document.get("figures", [])
    if not isinstance(figures, list):
        raise DamagedData(path, "$.figures", "is not a list of figures")
    others = 0
    for index, figure in enumerate(figures):
        if isinstance(figure, Mapping) and figure.get("geometryType") not in (CUBOID, None):
            others += 1
            continue
        try:
            _add_figure(rows, figure, objects, index, path)
        except DamagedData as damage:
            problems.add_damage(damage)
    if others:
        problems.add(path, "$.figures", f"{others} figures are no {CUBOID} and are not shown")
    tags = _tags(document.get("tags"))
    classifications = tuple(
        Classification(
            ClassificationScope.FRAME, "", f"{path.stem}:{name}", name, attributes={"value": value}
        )
        for name, value in tags.items()
    )
    return FrameLabels(rows.build(), classifications=classifications)


def _add_figure(
    rows: CuboidRows, figure: object, objects: Mapping[str, Any], index: int, path: Path
) -> None:
    place = f"$.figures[{index}]"
    if not isinstance(figure, Mapping):
        raise DamagedData(path, place, "is not a figure")
    key = figure.get("objectKey")
    owner = objects.get(key) if isinstance(key, str) else None
    if owner is None:
        raise DamagedData(path, f"{place}.objectKey", "names no object; the figure is left out")
    geometry = figure.get("geometry")
    given = geometry if isinstance(geometry, Mapping) else {}
    angles = numbers_at(given.get("rotation"), _XYZ, path, f"{place}.geometry.rotation")
    own = figure.get("key")
    rows.add(
        own if isinstance(own, str) and own else f"{path.stem}:{index}",
        text_at(owner, "classTitle", path, f"{place}.objectKey"),
        center_m=numbers_at(given.get("position"), _XYZ, path, f"{place}.geometry.position"),
        size_m=numbers_at(given.get("dimensions"), _XYZ, path, f"{place}.geometry.dimensions"),
        rotation=rotation_from_euler(angles, "xyz"),
        track_id=key,
        attributes=_tags(owner.get("tags")),
        path=path,
        place=place,
    )


def _tags(value: object) -> dict[str, Any]:
    return {str(tag.get("name")): tag.get("value") for tag in _mappings(value)}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
