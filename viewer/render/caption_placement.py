"""Chooses which captions there is room for, most important first, none over another."""

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb

CELL_PX = 4


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _free(taken: npt.NDArray[np.bool_], x0: int, y0: int, x1: int, y1: int) -> bool:
    if x0 < 0 or y0 < 0 or x1 > taken.shape[1] or y1 > taken.shape[0]:
        return False
    for y in range(y0, y1):
        for x in range(x0, x1):
            if taken[y, x]:
                return False
    return True


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _place(
    anchors: npt.NDArray[np.float64],
    widths: npt.NDArray[np.int64],
    height: int,
    gap: int,
    order: npt.NDArray[np.int64],
    forced: npt.NDArray[np.bool_],
    size_px: tuple[int, int],
    taken: npt.NDArray[np.bool_],
    corners: npt.NDArray[np.int64],
) -> None:
    """Write (left, top) of each placed caption, above its anchor or else below it.

    A forced one is moved into the picture.
    """
    for i in order:
        width = widths[i]
        for attempt in range(2):
            left = int(anchors[i, 0]) - width // 2
            top = int(anchors[i, 1]) + (gap if attempt else -gap - height)
            if forced[i]:
                left = max(0, min(left, size_px[0] - width))
                top = max(0, min(top, size_px[1] - height))
            x0, y0 = left // CELL_PX, top // CELL_PX
            x1, y1 = (left + width) // CELL_PX + 1, (top + height) // CELL_PX + 1
            last = attempt == 1 or forced[i]
            if _free(taken, x0, y0, x1, y1) or (forced[i] and last):
                corners[i, 0], corners[i, 1] = left, top
                for y in range(max(0, y0), min(taken.shape[0], y1)):
                    for x in range(max(0, x0), min(taken.shape[1], x1)):
                        taken[y, x] = True
                break


def place_captions(
    anchors_px: npt.NDArray[np.float64],
    widths_px: npt.NDArray[np.int64],
    height_px: int,
    importance: npt.NDArray[np.float64],
    size_px: tuple[int, int],
    *,
    gap_px: int,
    reserved: tuple[tuple[int, int, int, int], ...] = (),
) -> npt.NDArray[np.int64]:
    """(N, 2) left and top of each caption's plate; (-1, -1) where there is no room.

    Parameters
    ----------
    anchors_px
        (N, 2) what each caption points at.
    importance
        Higher comes first; from 1 on a caption is placed whatever it covers, whole.
    reserved
        Left, top, right, bottom of places that stay free.
    """
    width, height = size_px
    taken = np.zeros((height // CELL_PX + 1, width // CELL_PX + 1), dtype=np.bool_)
    for left, top, right, bottom in reserved:
        taken[top // CELL_PX : bottom // CELL_PX + 1, left // CELL_PX : right // CELL_PX + 1] = True
    corners = np.full((len(anchors_px), 2), -1, np.int64)
    inside = (
        (anchors_px[:, 0] >= 0)
        & (anchors_px[:, 0] < width)
        & (anchors_px[:, 1] >= 0)
        & (anchors_px[:, 1] < height)
    )
    order = np.argsort(-importance, kind="stable")
    order = order[inside[order]]
    forced = importance >= 1.0
    _place(anchors_px, widths_px, height_px, gap_px, order, forced, size_px, taken, corners)
    return corners
