"""EuRoC ``sensor.yaml``: one camera; ``T_BS`` is body from sensor."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.calibration.base import CameraDescription, rigid_4x4
from viewer.formats.calibration.kalibr import read_lens


class EurocSensor:
    """The lens is spelled as in Kalibr; the body is the IMU."""

    name: ClassVar[str] = "euroc"
    title: ClassVar[str] = "EuRoC sensor"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    def recognises(self, document: object) -> bool:
        return isinstance(document, dict) and {"camera_model", "intrinsics"} <= document.keys()

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        pose = None
        if isinstance(document.get("T_BS"), dict):
            pose = rigid_4x4(document["T_BS"], path, "T_BS", inverted=True)
        lens = read_lens(document, path, "camera")
        return (CameraDescription(str(document.get("camera_id") or ""), lens, pose, "imu"),)
