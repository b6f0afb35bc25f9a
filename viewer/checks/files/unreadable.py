"""A file that a frame refers to and that is not there, or cannot be opened."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.file_facts import FileFacts, FileState
from viewer.checks.files.accused import damaged, in_dataset, is_lost
from viewer.checks.files.told_problems import sentences
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class UnreadableFile(Check):
    """Where many files of a sensor are lost, that is told once.

    Readers leave out references to files that they do not find, and tell of them: people may have
    a part of a dataset only.
    """

    id: ClassVar[str] = "unreadable-file"
    title: ClassVar[str] = "Unreadable file"
    question: ClassVar[str] = "Is every point cloud and image there, and can it be opened?"
    group: ClassVar[Group] = Group.FILES
    needs: ClassVar[frozenset[Need]] = frozenset({Need.FILES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_told", 0.2, "share of a sensor's files up to which each is told by itself",
                  high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        facts = scene.files or FileFacts()
        for _, files in facts.by_sensor():
            bad = [each for each in files if each.state is FileState.UNREADABLE]
            yield from damaged(self.id, scene, files, bad, parameters.of("most_told"))
        yield from self._told_by_reader(scene, facts)

    def _told_by_reader(self, scene: CheckedScene, facts: FileFacts) -> Iterable[Finding]:
        told = {(Path(each.source).name, each.problem) for each in facts.files}
        lost = (
            each for each in (*scene.problems, *facts.problems)
            if is_lost(each) and (Path(each.source).name, each.message) not in told
        )  # fmt: skip
        places = ((in_dataset(scene, each.source), each.message) for each in lost)
        for about, text in sentences(places):
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=0.8, severity=Severity.MEDIUM, text=text, about=about,
            )  # fmt: skip
