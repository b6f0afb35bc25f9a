"""What every check keeps to, whoever writes it."""

import json
import math
import pickle
import re
from types import MappingProxyType

import numpy as np
import pytest
from checked_drive import drive_scene, true_rows

from viewer.checks.base import Need, NotAsked, Parameters, Question
from viewer.checks.catalog import (
    CHECKS,
    DATASET_CHECKS,
    all_checks,
    check_by_id,
    fault_of,
)
from viewer.checks.dataset_running import judge_dataset
from viewer.checks.finding import Finding
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene, merged
from viewer.checks.policy import Policy
from viewer.checks.report_json import finding_document
from viewer.checks.running import check_scene, has
from viewer.formats.builder import SceneBuilder
from viewer.progress import JobContext


@pytest.fixture(scope="module")
def spoilt():
    """The drive with a few things wrong at once, and a model's predictions."""
    rng = np.random.default_rng(3)
    rows = []
    for row in true_rows():
        if rng.uniform() < 0.2:
            row = type(row)(**{**vars(row), "center": tuple(rng.normal(row.center, 1.0)),
                               "yaw": float(rng.uniform(-3, 3))})  # fmt: skip
        if rng.uniform() < 0.95:
            rows.append(row)
    guesses = [type(row)(**{**vars(row), "score": float(rng.uniform(0.3, 1)),
                            "name": f"p{row.label_id}"}) for row in true_rows()]  # fmt: skip
    scene = drive_scene(rows, guesses)
    seen = gather_scene(scene, Wanted("ground_truth", ("model",), files=True), JobContext())
    return seen, learn_scene(seen)


def run(check, seen, learned):
    try:
        return list(check().run(seen, learned, check.defaults(), JobContext()))
    except NotAsked:
        return []


def test_ids_are_unique_and_so_are_the_numbers_of_the_catalogue():
    assert len(check_by_id()) == len(all_checks())
    numbers = [number for check in all_checks() for number in check.numbers]
    # Number 34 is four questions about a dataset.
    assert len(numbers) == len(set(numbers)) + 3


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
class TestEveryQuestion:
    def test_says_what_it_is(self, check: type[Question]):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", check.id)
        assert check.question.endswith("?")
        assert check.title
        assert check.__doc__
        assert all(1 <= number <= 35 for number in check.numbers)
        assert fault_of(check, set()) is None

    def test_parameters_are_named_bounded_and_told(self, check: type[Question]):
        names = [each.name for each in check.parameters]
        assert len(names) == len(set(names))
        for each in check.parameters:
            assert each.low <= each.default <= each.high
            assert each.text


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
class TestEveryCheck:
    def test_the_same_input_gives_the_same_findings(self, check, spoilt):
        seen, learned = spoilt
        if not all(has(seen, need) for need in check.needs):
            pytest.skip("the drive has not what it needs")
        first, second = run(check, seen, learned), run(check, seen, learned)
        assert [finding_document(each) for each in first] == [
            finding_document(each) for each in second
        ]

    def test_findings_are_whole(self, check, spoilt):
        seen, learned = spoilt
        if not all(has(seen, need) for need in check.needs):
            pytest.skip("the drive has not what it needs")
        labels = {
            (seen.frame_key(row), seen.labels.label_ids[row]) for row in range(len(seen.labels))
        }
        found = run(check, seen, learned)
        for each in found:
            assert each.check == check.id
            assert 0 <= each.score <= 1
            assert each.text[0] in "'\"" or each.text[0].isalnum()
            assert not each.text.endswith(".")
            assert "nan" not in each.text
            assert all((name.frame_key, name.label_id) in labels for name in each.labels)
            assert json.loads(json.dumps(finding_document(each), allow_nan=False))
        ids = [each.finding_id for each in found]
        assert len(ids) == len(set(ids)), "two findings of one check on the same things"

    def test_a_scene_without_anything_is_skipped_with_a_reason_or_quiet(self, check):
        builder = SceneBuilder("empty")
        builder.add_frame()
        seen = gather_scene(builder.build(), Wanted("ground_truth"), JobContext())
        result = check_scene(
            seen, merged([]), Policy(only=frozenset({check.id})), JobContext(), [check]
        )
        assert result.findings == ()
        if check.needs:
            assert result.skipped[check.id].startswith("there are no ")


@pytest.mark.parametrize("check", DATASET_CHECKS, ids=lambda check: check.id)
class TestEveryCheckOfADataset:
    """On the spoilt drive under several names."""

    @pytest.fixture
    def tallies(self, check, spoilt):
        seen, learned = spoilt
        found = check_scene(seen, learned, Policy(), JobContext(), CHECKS[:12]).findings
        counted = check().count(seen, found, Policy())
        many = {key: 40 * count for key, count in counted.items() if key != ("frames",)}
        return {f"drive {number}": counted for number in range(6)} | {"busy": {**counted, **many}}

    def test_counts_are_whole_numbers_that_survive_a_journey(self, check, tallies):
        (counted, *_) = tallies.values()
        for key, count in counted.items():
            assert isinstance(key, tuple)
            assert all(type(part) in (str, int) for part in key)
            assert type(count) is int
        assert pickle.loads(pickle.dumps(dict(counted))) == counted
        packed = [[list(key), count] for key, count in counted.items()]
        again = {tuple(key): count for key, count in json.loads(json.dumps(packed))}
        assert again == counted

    def test_the_same_counts_give_the_same_answer(self, check, tallies):
        assert answer_of(check, tallies) == answer_of(check, tallies)

    def test_answers_are_whole(self, check, tallies):
        findings, table = answer_of(check, tallies)
        for each in findings:
            assert each["check"] == check.id
            assert each["scope"] == "dataset"
            assert each["subject"]["scene"] in tallies
            assert not each["evidence"].endswith(".")
        ids = [each["id"] for each in findings]
        assert len(ids) == len(set(ids))
        if table is not None:
            assert all(len(row) == len(table.columns) for row in table.rows)
            assert json.dumps([table.title, table.columns, table.rows], allow_nan=False)

    def test_no_bound_of_a_parameter_breaks_it(self, check, tallies):
        ends = [{each.name: each.low for each in check.parameters}]
        ends += [{each.name: min(each.high, 1e9) for each in check.parameters}]
        for values in ends:
            assert answer_of(check, tallies, {check.id: Parameters(values)}) is not None
            assert answer_of(check, {}, {check.id: Parameters(values)}) == ([], None)

    def test_nothing_is_no_reason_to_break(self, check):
        assert answer_of(check, {}) == ([], None)
        assert answer_of(check, {"empty": {}})[0] == []


def answer_of(check, tallies, pinned=MappingProxyType({})):
    policy = Policy(only=frozenset({check.id}), pinned=pinned)
    judged = judge_dataset({name: {check.id: own} for name, own in tallies.items()}, policy)
    assert not any(why.startswith("failed") for why in judged.skipped.values()), judged.skipped
    return [finding_document(each) for each in judged.findings], judged.tables.get(check.id)


def test_every_need_can_be_told(spoilt):
    seen, _ = spoilt
    assert {need: has(seen, need) for need in Need} == {
        need: need not in {Need.CAMERAS, Need.IMAGES, Need.BOXES_2D} for need in Need
    }


def test_a_score_outside_its_bounds_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Finding("x", "s", None, (), "", math.nan, 0, "no")
