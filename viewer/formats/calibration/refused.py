"""Files of lens models that are not drawn, recognised so that the refusal can name the model."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.calibration.base import CameraDescription, LensDescription


class OcamText:
    """Scaramuzza's OCamCalib text."""

    name: ClassVar[str] = "ocam"
    title: ClassVar[str] = "OCamCalib text"
    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    def recognises(self, document: object) -> bool:
        return isinstance(document, str) and "#polynomial coefficients" in document[:200]

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        return (CameraDescription("", LensDescription("ocam")),)


class WoodScapeCamera:
    """WoodScape JSON: ``intrinsic.model`` names the lens."""

    name: ClassVar[str] = "woodscape"
    title: ClassVar[str] = "WoodScape camera"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        intrinsic = document.get("intrinsic") if isinstance(document, dict) else None
        return isinstance(intrinsic, dict) and isinstance(intrinsic.get("model"), str)

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        name = document.get("name")
        lens = LensDescription(document["intrinsic"]["model"])
        return (CameraDescription(name if isinstance(name, str) else "", lens),)
