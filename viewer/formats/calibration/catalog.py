"""All shapes of calibration files, and reading the ones found beside a recording."""

from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.calibration.basalt import BasaltCalibration
from viewer.formats.calibration.base import CalibrationFormat, CameraDescription
from viewer.formats.calibration.camodocal import CamodocalCamera
from viewer.formats.calibration.document import load_document
from viewer.formats.calibration.euroc import EurocSensor
from viewer.formats.calibration.kalibr import KalibrCamchain
from viewer.formats.calibration.opencv_yaml import OpenCvYaml
from viewer.formats.calibration.pandaset import PandaSetCalibration
from viewer.formats.calibration.refused import OcamText, WoodScapeCamera
from viewer.formats.calibration.ros_ost import RosOstText
from viewer.formats.calibration.scale import ScaleCamera
from viewer.formats.calibration.sensors_calibration import SensorsCalibration
from viewer.formats.calibration.surround_fisheye import SurroundFisheye
from viewer.formats.calibration.sustechpoints import SustechPointsCalibration
from viewer.formats.calibration.tum_traffic import TumTrafficCamera

CALIBRATION_FORMATS: tuple[CalibrationFormat, ...] = (
    SustechPointsCalibration(),
    SensorsCalibration(),
    SurroundFisheye(),
    KalibrCamchain(),
    EurocSensor(),
    CamodocalCamera(),
    PandaSetCalibration(),
    OpenCvYaml(),
    RosOstText(),
    BasaltCalibration(),
    TumTrafficCamera(),
    WoodScapeCamera(),
    ScaleCamera(),
    OcamText(),
)
CALIBRATION_SUFFIXES = tuple(
    dict.fromkeys(suffix for format_ in CALIBRATION_FORMATS for suffix in format_.suffixes)
)


def read_calibration(path: Path) -> tuple[CameraDescription, ...]:
    """Return the cameras that a file describes; none when it is no calibration.

    Raises
    ------
    DamagedData
        When the file cannot be parsed, or a number that its shape needs is missing or wrong.
    """
    suffix = path.suffix.lower()
    candidates = [format_ for format_ in CALIBRATION_FORMATS if suffix in format_.suffixes]
    if not candidates:
        return ()
    document = load_document(path)
    for format_ in candidates:
        if format_.recognises(document):
            return format_.read(document, path)
    return ()


def describes_cameras(path: Path) -> bool:
    """Say whether a file is a calibration, without raising."""
    try:
        return bool(read_calibration(path))
    except DamagedData:
        return False
