"""A file as read-only bytes, mapped rather than read."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData


def map_file(path: Path) -> npt.NDArray[np.uint8]:
    """Return a file's bytes, (size,); `DamagedData` when it is missing, unreadable or empty.

    The pages stay the file's own: copy what must outlive a change of the file.
    """
    try:
        if path.stat().st_size == 0:
            raise DamagedData(path, "", "the file is empty")
        return np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except IsADirectoryError:
        raise DamagedData(path, "", "is a folder, not a file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise DamagedData(path, "", f"cannot be read: {reason or error}") from None
