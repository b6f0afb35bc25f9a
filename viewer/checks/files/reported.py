"""What the reader of a format finds wrong with the files it reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameters
from viewer.checks.file_facts import FileFacts, FileState
from viewer.checks.files.accused import in_dataset, is_lost
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext
from viewer.scene.scene import Problem


class ReportedProblem(Check):
    """Such as labels of frames that there are not; damage that other checks tell is left out."""

    id: ClassVar[str] = "reported-problem"
    title: ClassVar[str] = "Problem told by the reader"
    question: ClassVar[str] = "Could everything that files say be understood?"
    group: ClassVar[Group] = Group.FILES
    needs: ClassVar[frozenset[Need]] = frozenset({Need.FILES})

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        facts = scene.files or FileFacts()
        told = {
            (Path(each.source).name, each.problem)
            for each in facts.files if each.state is not FileState.READ
        }  # fmt: skip
        at: dict[str, list[str]] = {}
        for problem in dict.fromkeys((*scene.problems, *facts.problems)):
            known = (Path(problem.source).name, problem.message) in told
            if not known and not is_lost(problem):
                at.setdefault(_place(scene, problem), []).append(problem.message.rstrip("."))
        for place, messages in sorted(at.items()):
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=0.5, severity=Severity.MEDIUM, text=_told(place, messages),
                about=place or "files",
            )  # fmt: skip


def unopened(problems: Iterable[Problem], scene_id: str) -> list[Finding]:
    """Return findings on what kept parts of a dataset from opening.

    Parameters
    ----------
    scene_id
        A scene that did open.
    """
    at: dict[str, list[str]] = {}
    for problem in problems:
        place = ", ".join(part for part in (problem.source, problem.place) if part)
        at.setdefault(place, []).append(problem.message.rstrip("."))
    return [
        Finding(
            check=ReportedProblem.id, scene_id=scene_id, frame_key=None, labels=(), class_name="",
            score=0.9, severity=Severity.MEDIUM, text=_told(place, messages),
            about=place or "dataset", of_dataset=True,
        )
        for place, messages in sorted(at.items())
    ]  # fmt: skip


def _told(place: str, messages: Iterable[str]) -> str:
    text = "; ".join(dict.fromkeys(messages))
    return f"{place}: {text}" if place else text


def _place(scene: CheckedScene, problem: Problem) -> str:
    source = in_dataset(scene, problem.source)
    return ", ".join(part for part in (source, problem.place) if part)
