"""What the reader of a format finds wrong with the files it reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameters
from viewer.checks.file_facts import FileFacts, FileState
from viewer.checks.files.accused import in_dataset, is_lost
from viewer.checks.files.told_problems import sentences
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
        problems = (
            each for each in (*scene.problems, *facts.problems)
            if (Path(each.source).name, each.message) not in told and not is_lost(each)
        )  # fmt: skip
        for about, text in sentences((_place(scene, each), each.message) for each in problems):
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=0.5, severity=Severity.MEDIUM, text=text, about=about or "files",
            )  # fmt: skip


def unopened(problems: Iterable[Problem], scene_id: str) -> list[Finding]:
    """Return findings on what kept parts of a dataset from opening.

    Parameters
    ----------
    scene_id
        A scene that did open.
    """
    told = ((", ".join(filter(None, (each.source, each.place))), each.message) for each in problems)
    return [
        Finding(
            check=ReportedProblem.id, scene_id=scene_id, frame_key=None, labels=(), class_name="",
            score=0.9, severity=Severity.MEDIUM, text=text, about=about or "dataset",
            of_dataset=True,
        )
        for about, text in sentences(told)
    ]  # fmt: skip


def _place(scene: CheckedScene, problem: Problem) -> str:
    return ", ".join(filter(None, (in_dataset(scene, problem.source), problem.place)))
