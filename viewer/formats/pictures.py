"""Pictures and videos that Sightline writes."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt


def write_picture(path: Path, rgb: npt.NDArray[np.uint8]) -> None:
    """Write (H, W, 3) RGB pixels; the suffix of the name chooses the format.

    The file appears under its name only when it is complete.
    """
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.draft{path.suffix}")
    try:
        Image.fromarray(np.ascontiguousarray(rgb)).save(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def encode_jpeg(rgb: npt.NDArray[np.uint8], quality: int = 85) -> bytes:
    """Return (H, W, 3) RGB pixels as a JPEG file."""
    import simplejpeg

    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(rgb), quality=quality, colorsubsampling="420"
    )
    return encoded


class VideoWriter:
    """An H.264 MP4, one picture a frame; a context manager.

    The file appears under its name only when it is complete.

    Parameters
    ----------
    path
        Where to write.
    size_px
        (width, height); odd lengths lose their last row or column, as the codec wants.
    frames_per_second
        Pace of the video.
    """

    def __init__(self, path: Path, size_px: tuple[int, int], frames_per_second: float) -> None:
        import av

        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._draft = path.with_name(f".{path.stem}.draft{path.suffix}")
        self._width, self._height = (length // 2 * 2 for length in size_px)
        self._container: Any = av.open(str(self._draft), "w", format="mp4")
        rate = Fraction(frames_per_second).limit_denominator(1000)
        self._stream = self._container.add_stream("libx264", rate=rate)
        self._stream.width, self._stream.height = self._width, self._height
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": "20", "preset": "fast"}

    def add(self, rgb: npt.NDArray[np.uint8]) -> None:
        """Append one (H, W, 3) RGB picture."""
        import av

        cut = np.ascontiguousarray(rgb[: self._height, : self._width])
        frame = av.VideoFrame.from_ndarray(cut, format="rgb24")
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                for packet in self._stream.encode():
                    self._container.mux(packet)
            self._container.close()
            if error is None:
                self._draft.replace(self._path)
        finally:
            self._draft.unlink(missing_ok=True)
