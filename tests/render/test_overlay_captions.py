"""Captions: what they say, and that they never cover each other."""

import numpy as np
import pytest

from viewer.render.overlay_captions import (
    EMPHASISED,
    Caption,
    LabelText,
    caption_text,
    place_captions,
)

VIEW = (2.0, 2.0, 638.0, 358.0)


def _caption(outline, importance):
    return Caption("car 1", (1, 2, 3), outline, importance)


def _random(count, seed):
    rng = np.random.default_rng(seed)
    corner = rng.uniform((-60, -40), (640, 360), size=(count, 2))
    size = rng.uniform(4, 160, size=(count, 2))
    outlines = [tuple(row) for row in np.hstack([corner, corner + size])]
    captions = [
        _caption(o, float(i)) for o, i in zip(outlines, rng.permutation(count), strict=True)
    ]
    sizes = [(float(w), 16.0) for w in rng.uniform(30, 150, size=count)]
    return captions, sizes, outlines


@pytest.mark.parametrize("seed", range(8))
def test_plates_never_overlap_and_never_leave_the_view(seed):
    captions, sizes, outlines = _random(80, seed)
    placed = place_captions(captions, sizes, outlines, VIEW)
    assert placed
    rects = np.array([entry.rect for entry in placed])
    assert (rects[:, :2] >= VIEW[:2]).all()
    assert (rects[:, 2:] <= VIEW[2:]).all()
    for i, a in enumerate(rects):
        for b in rects[i + 1 :]:
            apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
            assert apart


def test_the_more_important_of_two_gets_the_room():
    outline = (300.0, 100.0, 320.0, 120.0)
    tight = (290.0, 95.0, 332.0, 125.0)
    captions = [_caption(outline, 1.0), _caption(outline, 5.0)]
    placed = place_captions(captions, [(40.0, 28.0)] * 2, [outline] * 2, tight)
    assert [entry.caption.importance for entry in placed] == [5.0]


def test_reserved_places_stay_free_unless_there_is_no_other():
    outline = (20.0, 4.0, 60.0, 40.0)
    name = (2.0, 2.0, 90.0, 20.0)
    quiet, chosen = _caption(outline, 5.0), _caption(outline, 2 * EMPHASISED)
    (entry,) = place_captions([quiet], [(40.0, 14.0)], [outline], VIEW, [name])
    assert entry.rect[1] >= name[3] or entry.rect[0] >= name[2]
    (entry,) = place_captions([quiet], [(40.0, 14.0)], [outline], VIEW)
    assert entry.rect[1] < name[3]
    assert not place_captions([quiet], [(40.0, 14.0)], [outline], VIEW, [VIEW])
    assert len(place_captions([chosen], [(40.0, 14.0)], [outline], VIEW, [VIEW])) == 1


def test_small_labels_are_silent_unless_selected():
    outline = (300.0, 100.0, 306.0, 106.0)
    assert not place_captions([_caption(outline, 3.0)], [(40.0, 14.0)], [outline], VIEW)
    chosen = [_caption(outline, 2 * EMPHASISED)]
    assert len(place_captions(chosen, [(40.0, 14.0)], [outline], VIEW)) == 1


def test_view_is_not_papered_over():
    captions, sizes, outlines = _random(2000, 1)
    assert len(place_captions(captions, sizes, outlines, VIEW)) <= 636 * 356 / 9000 + 1


def test_caption_names_class_and_track_and_more_on_selection():
    text = LabelText("cyclist", "7", 0.5, 12.04)
    assert caption_text(text, detailed=False) == "cyclist 7"
    assert caption_text(text, detailed=True) == "cyclist 7 · 12.0 m · 0.50"
    bare = LabelText("cyclist", None, float("nan"), None)
    assert caption_text(bare, detailed=True) == "cyclist"
    long = LabelText("car", "5c6f0d2e-8a51-4a1c", float("nan"), None)
    assert caption_text(long, detailed=False) == "car 5c6f0d2e…"


def test_track_that_names_its_class_is_not_said_twice():
    assert caption_text(LabelText("car", "Car-05", np.nan, None), detailed=False) == "Car-05"
    long = LabelText("pedestrian", "pedestrian-0123456789abcdef", np.nan, None)
    assert caption_text(long, detailed=False) == "pedestrian-0123456…"


@pytest.mark.parametrize("importance", [3.0, 2 * EMPHASISED])
def test_label_outside_the_view_has_no_caption_at_its_edge(importance):
    outside = (-90.0, 100.0, -10.0, 180.0)
    caption = _caption(outside, importance)
    assert not place_captions([caption], [(40.0, 14.0)], [outside], VIEW)
    across = (-90.0, 100.0, 30.0, 180.0)
    assert len(place_captions([_caption(across, importance)], [(40.0, 14.0)], [across], VIEW)) == 1
