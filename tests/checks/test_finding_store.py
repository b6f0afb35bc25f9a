"""Findings that are kept on disk are the same again, and take no memory."""

import gc
import threading
import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.checks.finding import Evidence, Finding, LabelName, Severity
from viewer.checks.finding_store import FindingStore
from viewer.checks.report_json import finding_document

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
findings = st.builds(
    lambda check, scene, label, score, severity, text, values, trail: Finding(
        check=check, scene_id=scene, frame_key="7", class_name="car", score=score,
        labels=(LabelName(scene, "7", "ground_truth", label, None),), severity=severity, text=text,
        evidence=Evidence(values, trail_m=np.array(trail, dtype=np.float64).reshape(-1, 3)),
    ),
    names, names, names, st.floats(0, 1), st.sampled_from(Severity), names,
    st.dictionaries(names, numbers, max_size=3),
    st.lists(numbers, min_size=1, max_size=2).map(lambda row: row * 3),
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(st.lists(findings, max_size=4), max_size=4))
def test_what_is_put_is_read_again(scenes):
    store = FindingStore()
    stored = [store.put(each) for each in scenes]
    for put, got in zip(scenes, stored, strict=True):
        assert len(got) == len(put)
        assert [finding_document(each) for each in got] == [finding_document(each) for each in put]
        for place in range(len(put)):
            np.testing.assert_array_equal(got[place].evidence.trail_m, put[place].evidence.trail_m)
            assert got[place].severity is put[place].severity
        assert len(got[1:]) == max(len(put) - 1, 0)


def one(number):
    label = LabelName("scene", f"{number:06d}", "ground_truth", f"label {number}", None)
    return Finding(
        check="yaw-flip", scene_id="scene", frame_key=label.frame_key, labels=(label,),
        class_name="car", score=0.5, severity=Severity.HIGH, text=f"It is number {number}",
        evidence=Evidence({"number": float(number)}),
    )  # fmt: skip


def test_memory_does_not_grow_with_scenes():
    store = FindingStore()
    tracemalloc.start()
    grown = []
    kept = []
    for _ in range(3):
        for _ in range(20):
            kept.append(store.put([one(number) for number in range(200)]))
        gc.collect()
        grown.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # Twenty scenes of 200 findings take megabytes as they are.
    assert grown[2] - grown[0] < 50_000


def test_several_threads_read_what_each_asks_for():
    store = FindingStore()
    stored = [store.put([one(number)] * 50) for number in range(8)]
    wrong = []

    def read(place):
        for _ in range(20):
            texts = {each.text for each in stored[place]}
            if texts != {f"It is number {place}"}:
                wrong.append((place, texts))

    threads = [threading.Thread(target=read, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
