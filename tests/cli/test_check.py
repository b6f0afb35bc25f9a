"""`sightline check`: what it prints and writes, and how it leaves."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from viewer.checks.catalog import all_checks
from viewer.cli.parser import app

runner = CliRunner()
SAMPLES = Path(__file__).parents[2] / "sample_scenes"
STREET = SAMPLES / "street_with_errors"


def check(*words):
    return runner.invoke(app, ["check", *map(str, words)])


def test_findings_are_counted_and_the_worst_are_named():
    answer = check(STREET, "--only", "yaw-flip")
    assert answer.exit_code == 0, answer.output
    assert "yaw-flip" in answer.output
    assert "Its heading is the reverse of the rest of its track" in answer.output
    assert "floating" not in answer.output


def test_json_holds_every_finding(tmp_path):
    out = tmp_path / "findings.json"
    assert check(STREET, "--only", "yaw-flip", "--only", "aspect", "--json", out).exit_code == 0
    document = json.loads(out.read_text())
    assert (document["schema"], document["version"]) == ("sightline-findings", 1)
    kinds = [each["check"] for each in document["findings"]]
    assert (kinds.count("yaw-flip"), kinds.count("aspect")) == (6, 4)
    first = document["findings"][0]
    assert {"scene", "frame", "label_set", "label"} == set(first["subject"])
    assert first["fix"]["text"]
    assert {each["id"] for each in document["checks"]} == {each.id for each in all_checks()}


@pytest.mark.parametrize(("severity", "code"), [("high", 1), ("medium", 1)])
def test_findings_of_a_severity_fail(severity, code):
    answer = check(STREET, "--only", "yaw-flip", "--fail-on", severity)
    assert answer.exit_code == code
    assert f"6 findings are of severity {severity} or worse" in answer.output


def test_findings_below_the_severity_do_not_fail():
    answer = check(SAMPLES / "street", "--only", "tightness", "--fail-on", "high")
    assert answer.exit_code == 0, answer.output
    assert "tightness" in answer.output


def test_a_policy_file_says_what_runs(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text('only = ["yaw-flip"]\nfail_on = "high"\n')
    answer = check(STREET, "--policy", site)
    assert answer.exit_code == 1
    assert "6 findings" in answer.output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--only", "yaw-flop"], 2, "no such check: yaw-flop"),
        (["--fail-on", "dire"], 2, "'dire' is no severity"),
        (["--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], 2, "--workers or --scheduler"),
        (["--policy", "nowhere.toml"], 3, "nowhere.toml"),
    ],
)
def test_what_cannot_be_is_told(words, code, told):
    answer = check(STREET, *words)
    assert answer.exit_code == code, answer.output
    assert told in answer.output


def test_a_path_that_is_not_there_is_told(tmp_path):
    answer = check(tmp_path / "none")
    assert answer.exit_code == 3
    assert "does not exist" in answer.output


def test_the_checks_are_listed_with_their_questions():
    answer = check("--list")
    assert answer.exit_code == 0
    for each in all_checks():
        assert each.id in answer.output
        assert each.question in answer.output


def test_what_was_learned_is_written_and_read_again(tmp_path):
    site = tmp_path / "site.toml"
    answer = check(STREET, "--only", "size-prior", "--write-policy", site)
    assert answer.exit_code == 0, answer.output
    assert "[checks.size-prior.classes." in site.read_text()
    again = check(STREET, "--policy", site)
    assert again.exit_code == 0, again.output
    assert "by the policy" in again.output
