"""ROS ``ost.txt``: the oST text that camera_calibration writes."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
    pinhole_numbers,
)


class RosOstText:
    """Sections in brackets, then a title line and its numbers below."""

    name: ClassVar[str] = "ros_ost"
    title: ClassVar[str] = "ROS ost.txt"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".ini")

    def recognises(self, document: object) -> bool:
        return isinstance(document, str) and {"camera matrix", "distortion"} <= set(
            _sections(document)
        )

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, str)
        sections = _sections(document)
        matrix = numbers_of(sections["camera matrix"], path, "camera matrix", count=9)
        distortion = numbers_of(sections["distortion"], path, "distortion")
        if len(distortion) not in (4, 5, 8, 12):
            raise DamagedData(path, "distortion", f"has {len(distortion)} coefficients")
        sides = [sections.get(key) for key in ("width", "height")]
        width_px, height_px = image_size_of(sides, path, "width and height")
        lens = LensDescription(
            "plumb_bob" if len(distortion) <= 5 else "rational_polynomial",
            *pinhole_numbers(matrix),
            distortion=tuple(distortion.tolist()),
            width_px=width_px,
            height_px=height_px,
        )
        name = next((key[1:-1] for key in sections if key[0] == "[" and key != "[image]"), "")
        return (CameraDescription(name, lens),)


def _sections(text: str) -> dict[str, list[str]]:
    """Words under each title, a title being a line that does not start with a number."""
    if len(text) > 65_536:
        return {}
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped[0].isalpha() or stripped[0] == "[":
            words = sections.setdefault(stripped, [])
        else:
            words.extend(stripped.split())
    return sections
