"""Asks the checks about a whole dataset: counts scenes one by one, then judges the counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from viewer.checks.base import NotAsked
from viewer.checks.catalog import dataset_checks
from viewer.checks.dataset_base import SummaryTable, Tally
from viewer.checks.files.reported import ReportedProblem, unopened
from viewer.checks.finding import Finding
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import Cancelled
from viewer.scene.scene import Problem

FAILED: Final = "\0failed"
"""Begins the key under which it is told that a check broke while it counted."""


@dataclass(frozen=True, eq=False, slots=True)
class DatasetResult:
    """What the checks say of all scenes together."""

    findings: tuple[Finding, ...] = ()
    """Each names the scene where one looks first."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Why a check was not asked, or broke, by its id."""
    tables: Mapping[str, SummaryTable] = field(default_factory=dict)
    """By the id of the check."""


def count_scene(scene: CheckedScene, found: Sequence[Finding], policy: Policy) -> dict[str, Tally]:
    """Count one scene for every wanted check about the dataset, by its id."""
    counted: dict[str, Tally] = {}
    for check in dataset_checks():
        if not policy.runs(check.id):
            continue
        try:
            counted[check.id] = dict(check().count(scene, found, policy))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one faulty check keeps no other away; it is told
            counted[check.id] = {(FAILED, f"{type(error).__name__}: {error}"): 1}
    return counted


def judge_dataset(
    tallies: Mapping[str, Mapping[str, Tally]], policy: Policy, problems: Sequence[Problem] = ()
) -> DatasetResult:
    """Ask every wanted check about the dataset.

    Parameters
    ----------
    tallies
        What was counted, by scene, in the order of scenes, and by check.
    problems
        What kept parts of the dataset from opening.
    """
    findings: list[Finding] = []
    if problems and tallies and policy.runs(ReportedProblem.id):
        findings += unopened(problems, next(iter(tallies)))
    skipped: dict[str, str] = {}
    tables: dict[str, SummaryTable] = {}
    for check in dataset_checks():
        if not policy.runs(check.id):
            continue
        own = {scene: each.get(check.id, {}) for scene, each in tallies.items()}
        broken = [key[1] for tally in own.values() for key in tally if key[0] == FAILED]
        if broken:
            skipped[check.id] = f"failed: {broken[0]}"
            continue
        try:
            table = check().table(own, policy)
            if table is not None:
                tables[check.id] = table
            found = list(check().judge(own, policy))
            findings += [replace(each, of_dataset=True) for each in found]
        except NotAsked as reason:
            skipped[check.id] = str(reason)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one faulty check keeps no other away; it is told
            skipped[check.id] = f"failed: {type(error).__name__}: {error}"
    return DatasetResult(tuple(findings), skipped, tables)
