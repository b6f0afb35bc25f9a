"""Image bytes for a copy of a scene: the stored ones where the reader has them, else PNG."""

import io

from viewer.formats.base import EncodedImages
from viewer.scene.images import Image, OverlaySource
from viewer.scene.scene import SceneReader

_SUFFIX_BY_MAGIC = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"BM", ".bmp"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)


def encoded_image(reader: SceneReader, frame_index: int, sensor_id: str) -> tuple[bytes, str]:
    """Return an image file's bytes and the suffix that suits them."""
    if isinstance(reader, EncodedImages):
        data = reader.read_encoded_image(frame_index, sensor_id)
        suffix = _suffix(data)
        if suffix:
            return data, suffix
    return encode_png(reader.read_image(frame_index, sensor_id, None)), ".png"


def encoded_overlay(
    reader: OverlaySource, frame_index: int, sensor_id: str, overlay_id: str
) -> tuple[bytes, str]:
    """Return an overlay file's bytes and the suffix that suits them."""
    data = reader.read_encoded_overlay(frame_index, sensor_id, overlay_id)
    suffix = _suffix(data)
    if suffix:
        return data, suffix
    image = reader.read_overlay(frame_index, sensor_id, overlay_id)
    return encode_png(image, keep_alpha=True), ".png"


def encode_png(image: Image, *, keep_alpha: bool = False) -> bytes:
    """Return a decoded image as a PNG file."""
    from PIL import Image as PilImage

    buffer = io.BytesIO()
    pixels = image.pixels[:, :, [2, 1, 0, 3]] if keep_alpha else image.rgb().copy()
    PilImage.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def _suffix(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for magic, suffix in _SUFFIX_BY_MAGIC if data.startswith(magic)), None)
