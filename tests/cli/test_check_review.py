"""`sightline check --review`: verdicts made from planted truth turn scores into probabilities."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from viewer.batch.in_process import InProcess
from viewer.checks.calibration import LEAST_VERDICTS, expected_calibration_error
from viewer.checks.ranking import rank
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import ScenesAt
from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset
from viewer.progress import JobContext
from viewer.review import Batch, Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.findings import DismissFinding
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.verdicts.model import VerdictState
from viewer.session.findings_list import detail_of
from viewer.session.findings_review import subject_of

runner = CliRunner()
STREET = Path(__file__).parents[2] / "sample_scenes" / "street_with_errors"
JUDGED = 250
DATASET = "0" * 32


@pytest.fixture(scope="module")
def ranked():
    """Labels and tracks of the street that the checks rank, without what is missing."""
    run = check_dataset(ScenesAt(STREET), RunOptions(), InProcess(), JobContext())
    return [each for each in rank(run.findings) if each.label is not None]


@pytest.fixture(scope="module")
def is_wrong():
    """Whether an entry is about a planted error, by frame and label."""
    planted = json.loads((STREET / "truth.json").read_text())["planted_errors"]
    known = {(each["frame"], each["label_id"].partition(".cam")[0]) for each in planted}
    known |= {(each["frame"], each.get("twin_label_id")) for each in planted}
    return lambda entry: any(
        (label.frame_key, label.label_id) in known
        for finding in entry.findings for label in finding.labels
    )  # fmt: skip


@pytest.fixture(scope="module")
def snapshot_at():
    (scene,) = open_dataset(STREET).scenes
    return lambda label: snapshot_of(
        scene.reader.read_labels(scene.frame_index_of(label.frame_key), label.label_set_id),
        label.label_id,
    )


def workspace_with(path, commands):
    with Workspace.create(path, Reviewer("ann")) as workspace:
        workspace.run(AddDataset(DATASET, "street", str(STREET), "native"))
        workspace.run(Batch("Judge", commands))
    return path


def verdict(entry, wrong, snapshot):
    state = VerdictState.NEEDS_FIX if wrong else VerdictState.ACCEPTED
    return SetVerdict(subject_of(entry.findings[0], DATASET), state, (), "", snapshot)


def check(tmp_path, review):
    out = tmp_path / "found.json"
    answer = runner.invoke(app, ["check", str(STREET), "--review", str(review), "--json", str(out)])
    assert answer.exit_code == 0, answer.output
    return json.loads(out.read_text())["ranking"], answer.output


def test_verdicts_of_people_give_probabilities_that_come_true(
    tmp_path, ranked, is_wrong, snapshot_at
):
    shuffled = np.random.default_rng(3).permutation(len(ranked)).tolist()
    judged, held = shuffled[:JUDGED], shuffled[JUDGED:]
    assert len(held) > 40
    path = workspace_with(tmp_path / "seen.sightline", [
        verdict(ranked[place], is_wrong(ranked[place]), snapshot_at(ranked[place].label))
        for place in judged
    ])  # fmt: skip
    ranking, told = check(tmp_path, path)
    assert (ranking["is"], ranking["verdicts"]) == ("probability", JUDGED)
    assert f"from {JUDGED} verdicts" in told
    said = [each["probability"] for each in ranking["entries"]]
    scores = [each["score"] for each in ranking["entries"]]
    assert scores == sorted(scores, reverse=True)
    assert said == sorted(said, reverse=True)
    by_label = {(each["frame"], each.get("label")): each["probability"]
                for each in ranking["entries"]}  # fmt: skip
    own = np.array([by_label[ranked[place].label.frame_key, ranked[place].label.label_id]
                    for place in held])  # fmt: skip
    truth = np.array([is_wrong(ranked[place]) for place in held])
    share = truth.mean()
    assert np.mean((own - truth) ** 2) < 0.75 * share * (1 - share)
    assert expected_calibration_error(own, truth) < 0.15
    assert ranking["calibration"]["held_out"]["calibration_error"] < 0.15


def test_below_200_verdicts_it_is_a_score(tmp_path, ranked, is_wrong):
    few = [verdict(each, is_wrong(each), None) for each in ranked[: LEAST_VERDICTS - 1]]
    ranking, told = check(tmp_path, workspace_with(tmp_path / "few.sightline", few))
    assert (ranking["is"], ranking["verdicts"]) == ("score", LEAST_VERDICTS - 1)
    assert "probability" not in ranking["entries"][0]
    assert "that needs 200 verdicts on labels with findings, 199 are there" in told


def test_labels_whose_findings_all_were_dismissed_are_right(tmp_path, ranked, snapshot_at):
    each, other = [entry for entry in ranked if len(entry.findings) > 1][:2]
    gone = [
        DismissFinding(subject_of(finding, DATASET), finding.check, detail_of(finding), "",
                       snapshot_at(entry.label))
        for entry, count in ((each, len(each.findings)), (other, len(other.findings) - 1))
        for finding in entry.findings[:count]
    ]  # fmt: skip
    ranking, _ = check(tmp_path, workspace_with(tmp_path / "gone.sightline", gone))
    assert ranking["verdicts"] == 1


def test_a_verdict_on_a_label_as_it_was_before_does_not_count(tmp_path, ranked, snapshot_at):
    one, two = ranked[0].label, next(each.label for each in ranked if each.label != ranked[0].label)
    commands = [verdict(ranked[0], True, snapshot_at(two)), verdict(ranked[0], True, None)]
    assert snapshot_at(one) != snapshot_at(two)
    for number, (command, counted) in enumerate(zip(commands, (0, 1), strict=True)):
        path = workspace_with(tmp_path / f"{number}.sightline", [command])
        assert check(tmp_path, path)[0]["verdicts"] == counted
