import json
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.coco.rle import (
    counts_from_runs,
    packed_counts,
    runs_from_counts,
    unpacked_counts,
)
from viewer.formats.writers.image_labels import mask_bounds

GOLDEN = json.loads((Path(__file__).parent / "golden" / "rle.json").read_text())


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: "x".join(map(str, row["size"])))
def test_masks_are_those_of_pycocotools_both_ways(row):
    height, width = row["size"]
    truth = np.array([[int(mark) for mark in line] for line in row["rows"]], dtype=bool)
    runs = runs_from_counts(unpacked_counts(row["counts"]), width, height)
    np.testing.assert_array_equal(runs.decoded(), truth)
    assert runs.area_px == row["area"]
    assert packed_counts(counts_from_runs(runs)) == row["counts"]
    bounds = mask_bounds(runs)
    if bounds is not None:
        left, top, right, bottom = bounds
        assert [left, top, right - left, bottom - top] == row["bbox"]


@pytest.mark.parametrize("text", ["o", "\x00", "oooooooooooooooooooo", "é"])
def test_text_that_is_no_run_lengths_is_refused(text):
    with pytest.raises(ValueError, match="packed run lengths"):
        unpacked_counts(text)


def test_runs_that_do_not_fill_the_image_are_refused():
    with pytest.raises(ValueError, match="do not fill"):
        runs_from_counts([3, 2], 2, 2)
    with pytest.raises(ValueError, match="not possible"):
        runs_from_counts([1 << 40], 1 << 20, 1 << 20)
