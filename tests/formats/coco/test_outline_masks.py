"""Masks of polygons against those of pycocotools, and by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.coco.outline_masks import mask_of_outlines
from viewer.formats.coco.rle import runs_from_counts, unpacked_counts

GOLDENS = json.loads((Path(__file__).parent / "golden/outlines.json").read_text())


def test_random_polygons_are_filled_as_pycocotools_does():
    assert len(GOLDENS) == 120
    for case in GOLDENS:
        size = (case["width"], case["height"])
        outlines = [np.array(flat).reshape(-1, 2) for flat in case["polygons"]]
        expected = runs_from_counts(unpacked_counts(case["counts"]), *size)
        found = mask_of_outlines(outlines, *size)
        assert found.lengths.tolist() == expected.lengths.tolist(), case


def test_a_rectangle_by_hand():
    corners = np.array([[1.0, 1], [4, 1], [4, 3], [1, 3]])
    filled = mask_of_outlines([corners], 6, 5).decoded()
    assert np.argwhere(filled).tolist() == [[y, x] for y in (1, 2) for x in (1, 2, 3)]


def test_what_no_machine_holds_is_refused():
    with pytest.raises(ValueError, match="absurdly large"):
        mask_of_outlines([np.array([[0, 0], [1e8, 0], [0, 1e8]])], 10, 10)
    with pytest.raises(ValueError, match="not possible"):
        mask_of_outlines([], 0, 10)
