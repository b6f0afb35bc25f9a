"""Rings around masks against OpenCV's areas and its count of regions and holes."""

import cv2
import numpy as np
import pytest

from viewer.formats.writers.mask_outlines import mask_rings
from viewer.scene.masks import RunLengths


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 1.0])
def test_there_is_a_ring_for_each_region_and_a_hole_for_each_gap(share):
    rng = np.random.default_rng(4)
    for _ in range(100):
        height, width = rng.integers(1, 14, 2)
        mask = rng.random((height, width)) < share
        rings, holes = mask_rings(RunLengths.of(mask))
        regions, numbers = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
        gaps, _ = cv2.connectedComponents(
            np.pad(~mask, 1, constant_values=True).astype(np.uint8), connectivity=8
        )
        assert (len(rings), holes) == (regions - 1, gaps - 2)
        for ring in rings:
            turns = np.roll(ring, -1, axis=0) - ring
            assert ((turns == 0).sum(axis=1) == 1).all()
            # At four times the scale every pixel's middle is clear of the ring.
            drawn = np.zeros((height * 4 + 1, width * 4 + 1), np.uint8)
            cv2.fillPoly(drawn, [np.round(ring * 4).astype(np.int32)], 1)
            inside = drawn[2::4, 2::4].astype(bool)
            (number,) = np.unique(numbers[inside & mask])
            assert inside[numbers == number].all()
            assert not (inside & mask & (numbers != number)).any()


def test_a_large_ragged_mask_has_as_many_rings_as_regions():
    mask = np.random.default_rng(7).random((1080, 1920)) < 0.5
    rings, holes = mask_rings(RunLengths.of(mask))
    regions, _ = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    gaps, _ = cv2.connectedComponents(np.pad(~mask, 1, constant_values=True).astype(np.uint8))
    assert (len(rings), holes) == (regions - 1, gaps - 2)
    # The corners of pixels at which the edge turns are those with an odd count of pixels around,
    # and twice those where two pixels touch at a corner only. Rings of holes are left out.
    assert all(len(ring) >= 4 for ring in rings)
    assert sum(len(ring) for ring in rings) < turns(mask)


@pytest.mark.parametrize("seed", range(3))
def test_masks_without_holes_have_a_vertex_at_each_turn(seed):
    mask = np.random.default_rng(seed).random((40, 60)) < 0.15
    rings, holes = mask_rings(RunLengths.of(mask))
    assert holes == 0
    assert sum(len(ring) for ring in rings) == turns(mask)


def turns(mask):
    wide = np.pad(mask, 1).astype(int)
    around = wide[1:, 1:] + wide[1:, :-1] + wide[:-1, 1:] + wide[:-1, :-1]
    diagonal = (around == 2) & (wide[1:, 1:] == wide[:-1, :-1])
    return int((around % 2).sum() + 2 * diagonal.sum())


def test_a_mask_in_the_middle_keeps_its_place():
    mask = np.zeros((20, 30), dtype=bool)
    mask[5:8, 11:13] = True
    rings, _ = mask_rings(RunLengths.of(mask))
    assert [ring.tolist() for ring in rings] == [[[11, 5], [13, 5], [13, 8], [11, 8]]]


def test_an_empty_mask_has_no_ring():
    assert mask_rings(RunLengths.of(np.zeros((3, 2), dtype=bool))) == ([], 0)
