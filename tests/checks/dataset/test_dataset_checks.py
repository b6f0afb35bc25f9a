"""Checks about a whole dataset, on scenes whose faults are planted by hand."""

import numpy as np
import pytest
from car_grid import Box, cars, checked, scene
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from viewer.checks.catalog import all_checks
from viewer.checks.dataset.annotator_errors import wilson
from viewer.checks.finding import Severity
from viewer.checks.policy import read_policy
from viewer.formats.base import DamagedData


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path))


class TestClassImbalance:
    def test_rare_and_unused_classes_are_told(self):
        rng = np.random.default_rng(0)
        many = scene("a", cars(250, rng), classes=("car", "tram", "bus"))
        one = scene("b", [*cars(9, rng), Box("t", "tram", (200, 0, 1))], classes=("car",))
        run = checked([many, one], "class-imbalance")
        rare, unused = run.dataset.findings
        assert (rare.scene_id, rare.class_name, rare.severity) == ("b", "tram", Severity.INFO)
        assert rare.text == "'tram' has 3 of 780 labels (0.38%), 'car' has 777"
        assert unused.text == "1 of 3 classes of the taxonomy are never used: bus"
        assert all(each.of_dataset for each in run.dataset.findings)
        table = run.dataset.tables["class-imbalance"]
        assert table.rows == (("car", 777, 99.62, 2), ("tram", 3, 0.38, 1))

    def test_few_labels_say_nothing(self):
        run = checked([scene("a", [Box("x")])], "class-imbalance")
        assert run.dataset.skipped == {"class-imbalance": "the dataset has only 3 labels"}


class TestAnnotatorErrors:
    @given(st.integers(0, 200), st.integers(1, 200), st.floats(0.5, 3.0))
    def test_intervals_are_wilson_s(self, hits, count, sigmas):
        from scipy.stats import norm

        hits = min(hits, count)
        level = float(2 * norm.cdf(sigmas) - 1)
        oracle = binomtest(hits, count).proportion_ci(level, method="wilson")
        assert wilson(hits, count, sigmas) == pytest.approx((oracle.low, oracle.high), abs=1e-9)

    def dataset(self, key, careless=0.4):
        rng = np.random.default_rng(1)
        scenes = []
        for number in range(4):
            boxes = cars(60, rng, attributes=lambda n: {key: ("ann", "bob", "cy")[n % 3]})
            for place, box in enumerate(boxes):
                if box.attributes[key] == "bob" and rng.uniform() < careless:
                    wrong = {**vars(box), "class_name": "cra"}
                    boxes[place] = Box(**wrong)
            scenes.append(scene(f"s{number}", boxes, classes=("car",)))
        return scenes

    @pytest.mark.parametrize("key", ["annotator", "worker", "Created_By", "user.labeler"])
    def test_the_one_whose_labels_are_wrong_is_named(self, key):
        run = checked(self.dataset(key), "annotator-errors", "taxonomy")
        (found,) = run.dataset.findings
        assert found.about == "bob"
        assert found.severity == Severity.MEDIUM
        assert "mostly taxonomy" in found.text
        rows = {row[0]: row for row in run.dataset.tables["annotator-errors"].rows}
        assert [rows[name][1] for name in ("ann", "bob", "cy")] == [80, 80, 80]
        wrong = {(each.scene_id, each.labels[0].track_id) for each in run.findings if each.labels}
        assert rows["bob"][2] == len(wrong)
        assert rows["ann"][2] == 0

    def test_equally_careful_annotators_are_quiet(self):
        run = checked(self.dataset("annotator", careless=0.0), "annotator-errors", "taxonomy")
        assert run.dataset.findings == ()

    def test_a_policy_names_the_attribute(self):
        scenes = self.dataset("who drew it")
        assert checked(scenes, "annotator-errors", "taxonomy").dataset.skipped == {
            "annotator-errors": "no label says who made it"
        }
        run = checked(scenes, "annotator-errors", "taxonomy", annotator_attribute="who drew it")
        assert [each.about for each in run.dataset.findings] == ["bob"]


@pytest.mark.parametrize("value", ["3", '""', "[]"])
@pytest.mark.parametrize("key", ["annotator_attribute", "batch_key"])
def test_a_name_in_a_policy_that_is_none_is_told(tmp_path, key, value):
    path = tmp_path / "site.toml"
    path.write_text(f"{key} = {value}\n")
    with pytest.raises(DamagedData, match="is no name") as raised:
        read_policy(path, all_checks())
    assert raised.value.place == f"line 1, {key}"


def test_a_policy_names_annotators_and_batches(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text('annotator_attribute = "who"\nbatch_key = "delivery"\n')
    policy = read_policy(path, all_checks()).narrowed(["size-shift"], [])
    assert (policy.annotator_attribute, policy.batch_key) == ("who", "delivery")


class TestSizeShift:
    def test_the_batch_whose_boxes_are_longer_is_told_with_the_effect(self):
        rng = np.random.default_rng(2)
        scenes = [scene(f"s{n}", cars(40, rng, longer=0.6 if n == 3 else 0.0)) for n in range(6)]
        (found,) = checked(scenes, "size-shift").dataset.findings
        assert found.scene_id == "s3"
        assert found.class_name == "car"
        assert found.evidence.numbers["shift_m"] == pytest.approx(0.6, abs=0.1)
        assert found.evidence.numbers["objects"] == 40
        assert found.evidence.numbers["other_objects"] == 200
        assert "car in s3: the length is 0." in found.text

    def test_batches_come_from_metadata(self):
        rng = np.random.default_rng(2)
        scenes = [
            scene(f"s{n}", cars(15, rng, longer=0.6 if n % 2 else 0.0),
                  metadata={"Delivery": f"no {n % 2}", "site": str(n)})
            for n in range(6)
        ]  # fmt: skip
        told = [each.about for each in checked(scenes, "size-shift").dataset.findings]
        assert told == ["car in no 0", "car in no 1"]
        run = checked(scenes, "size-shift", batch_key="site")
        assert run.dataset.findings == (), "15 objects are too few"

    def test_annotators_are_compared_too(self):
        rng = np.random.default_rng(2)
        boxes = [
            *cars(40, rng, prefix="a", attributes={"annotator": "ann"}),
            *cars(40, rng, prefix="b", longer=0.5, attributes={"annotator": "bob"}),
        ]
        moved = [Box(**{**vars(box), "center": (*box.center[:2], 50.0 * (box.track[0] == "b"))})
                 for box in boxes]  # fmt: skip
        found = checked([scene("s", moved)], "size-shift").dataset.findings
        assert [each.about for each in found] == ["car by ann", "car by bob"]

    @pytest.mark.parametrize("seed", range(8))
    def test_chance_shifts_nothing(self, seed):
        rng = np.random.default_rng(seed)
        scenes = [scene(f"s{n}", cars(25, rng)) for n in range(5)]
        assert checked(scenes, "size-shift").dataset.findings == ()

    def test_a_few_odd_objects_shift_nothing(self):
        rng = np.random.default_rng(3)
        odd = [*cars(36, rng), *cars(4, rng, prefix="long", longer=9.0)]
        scenes = [scene("odd", odd), *(scene(f"s{n}", cars(40, rng)) for n in range(3))]
        assert checked(scenes, "size-shift").dataset.findings == ()


class TestAnnotationDensity:
    def test_a_scene_with_few_labels_is_told(self):
        rng = np.random.default_rng(4)
        scenes = [scene(f"s{n}", cars(3 if n == 2 else 30 + n, rng)) for n in range(7)]
        (found,) = checked(scenes, "annotation-density").dataset.findings
        assert found.scene_id == "s2"
        assert found.text == "s2 has 3.0 labels a frame; usual are 33.0"

    def test_predictions_tell_that_labels_lack(self):
        rng = np.random.default_rng(4)
        guesses = cars(40, rng)
        scenes = [scene("full", guesses, predictions=guesses),
                  scene("poor", guesses[:12], predictions=guesses)]  # fmt: skip
        (found,) = checked(scenes, "annotation-density").dataset.findings
        assert found.scene_id == "poor"
        assert found.text == "poor has 0.30 labels for each sure prediction of model"

    def test_few_scenes_without_predictions_are_not_judged(self):
        rng = np.random.default_rng(4)
        run = checked([scene("a", cars(3, rng)), scene("b", cars(60, rng))], "annotation-density")
        assert list(run.dataset.skipped) == ["annotation-density"]
