"""CamOdoCal YAML: ``model_type`` PINHOLE, KANNALA_BRANDT, MEI or SCARAMUZZA with its parameters."""

from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
)

_LAYOUTS = {
    "PINHOLE": ("plumb_bob", ("fx", "fy", "cx", "cy"), ("k1", "k2", "p1", "p2")),
    "KANNALA_BRANDT": ("kannala_brandt", ("mu", "mv", "u0", "v0"), ("k2", "k3", "k4", "k5")),
    "MEI": ("mei", ("gamma1", "gamma2", "u0", "v0"), ("k1", "k2", "p1", "p2")),
}


class CamodocalCamera:
    """Its Kannala-Brandt counts coefficients from k2; they are our k1..k4.

    KITTI-360 describes its fisheyes in this shape, as MEI.
    """

    name: ClassVar[str] = "camodocal"
    title: ClassVar[str] = "CamOdoCal camera"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    def recognises(self, document: object) -> bool:
        return isinstance(document, dict) and isinstance(document.get("model_type"), str)

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        sides = [document.get(key) for key in ("image_width", "image_height")]
        width_px, height_px = image_size_of(sides, path, "image_width and image_height")
        model = document["model_type"]
        camera_id = str(document.get("camera_name") or "")
        layout = _LAYOUTS.get(model.upper())
        if layout is None:
            lens = LensDescription(model, width_px=width_px, height_px=height_px)
            return (CameraDescription(camera_id, lens),)
        our_model, focal, coefficients = layout
        groups = [document.get(f"{group}_parameters") for group in ("projection", "distortion")]
        given: dict[str, Any] = {}
        for group in groups:
            given.update(group if isinstance(group, dict) else {})
        fx, fy, cx, cy = numbers_of([given.get(key) for key in focal], path, "projection").tolist()
        distortion = numbers_of([given.get(key, 0.0) for key in coefficients], path, "distortion")
        xi = 0.0
        if our_model == "mei":
            mirror = document.get("mirror_parameters")
            given = mirror if isinstance(mirror, dict) else {}
            (xi,) = numbers_of([given.get("xi")], path, "mirror_parameters.xi").tolist()
        lens = LensDescription(
            our_model, fx, fy, cx, cy, tuple(distortion.tolist()), width_px, height_px, xi
        )
        return (CameraDescription(camera_id, lens),)
