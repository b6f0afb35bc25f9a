"""From a camera's calibration message to its lens."""

from dataclasses import replace

from viewer.formats.calibration.base import LensDescription, RefusedLens
from viewer.formats.rosbag.messages import CalibrationMessage
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.fisheye import Fisheye


def lens_from_message(
    message: CalibrationMessage, size: tuple[int, int] | None, *, rectified: bool
) -> CameraModel:
    """Return the lens of the images that are sent.

    Parameters
    ----------
    message
        K and D describe the full sensor; a region of interest is cut from it, then pixels are
        binned, as ``sensor_msgs/CameraInfo`` says.
    size
        (width, height) of the images; None when there is none.
    rectified
        True when the images are those that P describes, free of distortion.

    Raises
    ------
    RefusedLens
        When there is no usable calibration; the message is for people.
    """
    matrix = message.k
    if rectified and len(message.p) == 12 and any(message.p):
        matrix = (*message.p[:3], *message.p[4:7], *message.p[8:11])
    if len(matrix) != 9 or not any(matrix):
        raise RefusedLens("no calibration: the matrix K of its calibration messages is all zero")
    left, top, cut_width, cut_height = message.roi
    bin_x, bin_y = message.binning
    width = (cut_width or message.width) // bin_x
    height = (cut_height or message.height) // bin_y
    if not width or not height:
        if size is None:
            raise RefusedLens("no calibration: its messages tell no image size")
        width, height = size
    distortion = () if rectified else message.d
    lens = LensDescription(
        _model_name(message.distortion_model, distortion),
        fx=matrix[0] / bin_x,
        fy=matrix[4] / bin_y,
        cx=(matrix[2] - left) / bin_x,
        cy=(matrix[5] - top) / bin_y,
        distortion=distortion,
        width_px=width,
        height_px=height,
    )
    model = lens.lens(*(size or (width, height)))
    skew = matrix[1] / matrix[0]
    if skew and isinstance(model, Fisheye):
        return replace(model, skew=skew)
    if skew:
        raise RefusedLens("the matrix K has a skew, which the lens model does not have")
    return model


def _model_name(name: str, distortion: tuple[float, ...]) -> str:
    """An empty name with coefficients means what ROS always meant by them."""
    if not distortion and name.strip().lower() not in ("equidistant", "fisheye"):
        return "none"
    return name or ("plumb_bob" if len(distortion) <= 5 else "rational_polynomial")
