"""How images share an area: rows and columns that make each as large as it gets."""

from collections.abc import Sequence

Cell = tuple[int, int, int, int]
"""Left, top, width, height."""


def mosaic_cells(aspects: Sequence[float], size_px: tuple[int, int], gap_px: int = 2) -> list[Cell]:
    """Cells for images of these width to height ratios, row by row, each cell an image's fit.

    The column count that shows the most image area wins; the last row is centred.
    """
    best: list[Cell] = []
    best_area = -1
    for columns in range(1, len(aspects) + 1):
        cells = _grid(aspects, size_px, gap_px, columns)
        area = sum(width * height for _, _, width, height in cells)
        if area > best_area:
            best, best_area = cells, area
    return best


def _grid(
    aspects: Sequence[float], size_px: tuple[int, int], gap_px: int, columns: int
) -> list[Cell]:
    rows = -(-len(aspects) // columns)
    slot_width = (size_px[0] - gap_px * (columns - 1)) / columns
    slot_height = (size_px[1] - gap_px * (rows - 1)) / rows
    if slot_width < 1 or slot_height < 1:
        return [(0, 0, 1, 1)] * len(aspects)
    sizes = [_fit(aspect, slot_width, slot_height) for aspect in aspects]
    row_sizes = [sizes[first : first + columns] for first in range(0, len(sizes), columns)]
    heights = [max(height for _, height in row) for row in row_sizes]
    top = (size_px[1] - sum(heights) - gap_px * (rows - 1)) // 2
    cells: list[Cell] = []
    for row, row_height in zip(row_sizes, heights, strict=True):
        left = (size_px[0] - sum(width for width, _ in row) - gap_px * (len(row) - 1)) // 2
        for width, height in row:
            cells.append((left, top + (row_height - height) // 2, width, height))
            left += width + gap_px
        top += row_height + gap_px
    return cells


def _fit(aspect: float, width: float, height: float) -> tuple[int, int]:
    if aspect * height > width:
        return max(1, int(width)), max(1, int(width / aspect))
    return max(1, int(height * aspect)), max(1, int(height))
