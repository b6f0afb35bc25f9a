"""Tone of camera images: brightness, contrast and gamma as one table of 256 levels."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from viewer.session.view_settings import ImageTone

NEUTRAL = ImageTone()


@lru_cache(maxsize=64)
def tone_table(tone: ImageTone) -> npt.NDArray[np.uint8]:
    """(256,) output level of each input level.

    Contrast turns about middle grey, brightness is added, then gamma: 2 brightens the dark.

    Examples
    --------
    >>> tone_table(ImageTone(brightness=0.5))[[0, 64, 255]].tolist()
    [128, 192, 255]
    """
    level = np.arange(256) / 255.0
    level = (level - 0.5) * max(tone.contrast, 0.0) + 0.5 + tone.brightness
    level = np.clip(level, 0.0, 1.0) ** (1.0 / max(tone.gamma, 0.01))
    table = np.round(level * 255.0).astype(np.uint8)
    table.setflags(write=False)
    return table
