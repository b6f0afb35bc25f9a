"""A policy written from what was learned: it reads back, and the checks say the same with it."""

import tomllib

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.base import Parameters
from viewer.checks.catalog import CHECKS, check_by_id
from viewer.checks.finding import Severity
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import SIZE_BINS, Learned, learn_scene
from viewer.checks.policy import Policy, read_policy
from viewer.checks.policy_writing import limits_of, policy_text
from viewer.checks.running import check_scene
from viewer.checks.size_limits import beyond
from viewer.progress import JobContext

JUMP, LARGE = 10, 14
LEARNED_CHECKS = ("tightness", "speed-limit")


@pytest.fixture(scope="module")
def seen():
    rows = changed(true_rows(), "car-1", [JUMP], center=moved(y=3.0))
    rows = changed(rows, "car-3", [LARGE], size=(9.5, 1.8, 1.5))
    rows = changed(rows, "car-4", [LARGE], size=(6.5, 1.8, 1.5))
    return gather_scene(drive_scene(rows), Wanted("ground_truth"), JobContext())


@pytest.fixture(scope="module")
def learned(seen):
    return learn_scene(seen)


def found(seen, learned, policy, *checks):
    result = check_scene(seen, learned, policy, JobContext(), [check_by_id()[c] for c in checks])
    return [(each.check, each.labels[0].label_id, each.score) for each in result.findings]


def written(tmp_path, learned, policy=None):
    path = tmp_path / "site.toml"
    path.write_text(policy_text(learned, policy or Policy(), CHECKS), encoding="utf-8")
    return read_policy(path, CHECKS)


def test_the_same_is_found_with_what_was_learned_pinned(tmp_path, seen, learned):
    policy = written(tmp_path, learned)
    before = found(seen, learned, Policy(), *LEARNED_CHECKS)
    after = found(seen, learned, policy, *LEARNED_CHECKS)
    assert [each[:2] for each in before] == [each[:2] for each in after]
    assert ("speed-limit", f"car-1.{JUMP:03d}") in {each[:2] for each in before}
    assert [each[2] for each in after] == pytest.approx([each[2] for each in before], abs=1e-4)


def test_pinned_sizes_hold_the_class_and_tell_of_what_is_beyond(tmp_path, seen, learned):
    policy = written(tmp_path, learned)
    sizes = policy.parameters_of(check_by_id()["size-prior"])
    assert sizes.of("least_length_m", "car") < 4.5 < sizes.of("most_length_m", "car") < 6.5
    beyond_policy = found(seen, learned, policy, "size-prior")
    assert {each[1] for each in beyond_policy} == {
        f"car-3.{LARGE:03d}", f"car-4.{LARGE:03d}"
    }  # fmt: skip


def test_pinned_sizes_hold_where_nothing_else_is_known(seen):
    """A dataset of one scene, or one full of errors, is judged by the numbers of the site."""
    pinned = Parameters({}, {"truck": {"most_height_m": 3.0}})
    policy = Policy(pinned={"size-prior": pinned})
    result = check_scene(
        seen, Learned({}), policy, JobContext(), [check_by_id()["size-prior"]]
    )  # fmt: skip
    trucks = [row for row in true_rows() if row.class_name == "truck"]
    assert len(result.findings) == len(trucks)
    finding = result.findings[0]
    assert finding.text == "Its height is 3.20 m; a truck has at most 3.00 m by the policy"
    assert finding.severity is Severity.MEDIUM
    assert finding.evidence.numbers == {"height_m": 3.2, "most_height_m": 3.0}


def test_what_was_pinned_stays_and_settings_too(tmp_path, learned):
    path = tmp_path / "old.toml"
    path.write_text(
        'fail_on = "medium"\nskip = ["aspect"]\nbatch_key = "delivery \\"x\\""\n'
        "[checks.floating]\nmost_gap_m = 0.4\n"
        '[checks.floating.classes."big van"]\nmost_gap_m = 0.6\n'
        "[checks.tightness.classes.car]\nmost_outside_share = 0.5\n"
        "[checks.size-prior.classes.car]\nmost_length_m = 5.0\n"
    )
    old = read_policy(path, CHECKS)
    new = written(tmp_path, learned, old)
    assert (new.fail_on, new.skip, new.batch_key) == (old.fail_on, old.skip, old.batch_key)
    floating = new.parameters_of(check_by_id()["floating"])
    assert floating.of("most_gap_m") == 0.4
    assert floating.of("most_gap_m", "big van") == 0.6
    tightness = new.parameters_of(check_by_id()["tightness"])
    assert tightness.of("most_outside_share", "car") == 0.5
    assert tightness.of("most_deviations", "car") == 0.0
    sizes = new.parameters_of(check_by_id()["size-prior"])
    assert sizes.of("most_length_m", "car") == 5.0
    assert sizes.of("least_length_m", "car") == 0.0


def test_every_number_says_where_it_comes_from(learned):
    text = policy_text(learned, Policy(), CHECKS)
    numbers = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    assert numbers
    assert all("  # " in line for line in numbers)
    assert "labels of 1 scene" in text


def test_few_labels_pin_nothing():
    counts = np.zeros(SIZE_BINS.count, np.int64)
    counts[500] = 29
    learned = Learned({"rickshaw": {"length_m": counts}})
    assert limits_of(learned, "rickshaw", Policy()) == []


@given(st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable()))
def test_any_class_name_reads_back(name):
    counts = np.zeros(SIZE_BINS.count, np.int64)
    counts[500] = 100
    learned = Learned({name: {"length_m": counts}}, {"scene": {name: 100}})
    document = tomllib.loads(policy_text(learned, Policy(), CHECKS))
    assert list(document["checks"]["size-prior"]["classes"]) == [name]


@given(
    st.floats(0.1, 40.0), st.floats(0.1, 20.0), st.floats(0.0, 20.0),
)  # fmt: skip
def test_beyond_is_zero_exactly_within_the_limits(size, least, width):
    most = least + width
    by = float(beyond(np.array([[size] * 3]), np.full(3, least), np.full(3, most)).max())
    assert (by == 0.0) == (least <= size <= most)
