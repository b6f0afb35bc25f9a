"""Checks that installed packages offer: asked like our own, and none keeps another away."""

import json
from importlib.metadata import EntryPoint
from importlib.metadata import entry_points as known_entries
from types import MappingProxyType

import pytest
from car_grid import Box, scene
from typer.testing import CliRunner

from viewer.batch.in_process import InProcess
from viewer.checks import catalog
from viewer.checks.base import Check, Group, Need, Parameter
from viewer.checks.dataset_base import DatasetCheck
from viewer.checks.finding import Severity
from viewer.checks.policy import Policy, read_policy
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import OpenScenes
from viewer.cli.parser import app
from viewer.progress import JobContext
from viewer.scene.scene import Dataset


class TallCars(Check):
    """A site's own question."""

    id = "tall-cars"
    title = "Tall car"
    question = "Is every car lower than a house?"
    group = Group.SINGLE_BOX
    needs = frozenset({Need.CUBOIDS})
    parameters = (Parameter("most_m", 3.0, "of a car"),)

    def run(self, scene, learned, parameters, job):
        for row in scene.boxes.tolist():
            height = scene.labels.sizes_m[row, 2]
            if height > parameters.of("most_m"):
                yield self.found(
                    scene,
                    row,
                    score=0.9,
                    severity=Severity.LOW,
                    text=f"It is {height:.1f} m high",
                    numbers={"height_m": height},
                )


class CountsBoxes(DatasetCheck):
    """A site's own table."""

    id = "counts-boxes"
    title = "Counts"
    question = "How many boxes are there?"
    group = Group.DATASET

    def count(self, scene, found, policy):
        return {("boxes",): len(scene.boxes)}

    def judge(self, tallies, policy):
        raise RuntimeError("no answer today")


class Breaks(TallCars):
    """Fails on every scene."""

    id = "breaks"

    def run(self, scene, learned, parameters, job):
        raise ZeroDivisionError("of all things")


class NoQuestion(Check):
    """Lacks what a check says of itself."""

    id = "no-question"

    def run(self, scene, learned, parameters, job):
        return ()


class TakenId(TallCars):
    """Has the id of a built-in check."""

    id = "floating"


OFFERED = MappingProxyType(
    {
        "tall": TallCars, "counts": CountsBoxes, "breaks": Breaks, "bare": NoQuestion,
        "taken": TakenId, "number": 3,
    }
)  # fmt: skip


class _Entry:
    def __init__(self, name):
        self.name, self.value, self.dist = name, f"site_checks:{name}", None

    def load(self):
        return OFFERED[self.name]


@pytest.fixture(autouse=True)
def installed(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    gone = EntryPoint("gone", "no_such_module_at_all:Check", catalog.ENTRY_POINT_GROUP)
    entries = [gone, *map(_Entry, OFFERED)]
    monkeypatch.setattr(
        "importlib.metadata.entry_points",
        lambda **named: (
            entries if named.get("group") == catalog.ENTRY_POINT_GROUP else known_entries(**named)
        ),
    )
    for known in (catalog.add_ons, catalog.check_by_id):
        known.cache_clear()
    yield
    monkeypatch.undo()
    for known in (catalog.add_ons, catalog.check_by_id):
        known.cache_clear()


def run(*only):
    drive = scene("s", [Box("a"), Box("b", center=(30, 0, 2), size=(4.5, 1.8, 4.0))])
    dataset = Dataset(drive.path, drive.format_name, (drive,))
    options = RunOptions(policy=Policy(only=frozenset(only) if only else None))
    return check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())


def test_faulty_ones_are_left_out_and_told():
    found = catalog.add_ons()
    assert [each.id for each in found.checks] == ["breaks", "counts-boxes", "tall-cars"]
    assert set(found.faults) == {"gone", "bare", "taken", "number"}
    assert "No module named 'no_such_module_at_all'" in found.faults["gone"]
    assert found.faults["bare"] == "has no title and no question and no group"
    assert found.faults["taken"] == "there is a check 'floating' already"
    assert "is no class" in found.faults["number"]


def test_an_add_on_is_asked_and_its_parameters_can_be_pinned(tmp_path):
    found = run("tall-cars")
    assert {each.labels[0].track_id for each in found.findings} == {"b"}
    assert run_document(found)["findings"][0]["check"] == "tall-cars"
    site = tmp_path / "site.toml"
    site.write_text("[checks.tall-cars]\nmost_m = 5\n")
    policy = read_policy(site, catalog.all_checks())
    assert policy.parameters_of(TallCars).of("most_m") == 5


def test_one_that_breaks_keeps_no_other_away():
    found = run()
    (checked,) = found.scenes
    assert checked.skipped["breaks"] == "failed: ZeroDivisionError: of all things"
    assert [str(each) for each in checked.broken_checks] == [
        "check breaks, s: failed: ZeroDivisionError: of all things"
    ]
    assert found.dataset.skipped["counts-boxes"] == "failed: RuntimeError: no answer today"
    assert "tall-cars" in {each.check for each in found.findings}
    assert set(run_document(found)["left_out_add_ons"]) == {"gone", "bare", "taken", "number"}
    assert json.dumps(run_document(found))


def test_they_are_listed_and_the_faulty_ones_named():
    answer = CliRunner().invoke(app, ["check", "--list"])
    assert answer.exit_code == 0, answer.output
    assert "Is every car lower than a house?" in answer.output
    assert "the add-on taken is left out" in answer.output
