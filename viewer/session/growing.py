"""The rest of the index of the open dataset: made in the background, then shown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from viewer.progress import JobContext, running
from viewer.scene.scene import Dataset, LabelsFollow, Problem, Scene
from viewer.session.jobs import JobRunner

JOB = "index"
STOPPED = "is not indexed to its end; {missing} are missing until it is opened again"


class GrowingSession(Protocol):
    """What the growth of a dataset asks of the session."""

    jobs: JobRunner

    def use_grown(self, dataset: Dataset) -> None:
        """Show a dataset as it is now, in place of the same with less of an index."""

    def say(self, text: str, *, is_problem: bool = False) -> None:
        """Show one sentence."""


class Growing:
    """Finishes the index of a dataset while its scenes are looked at. Owner's thread only."""

    def __init__(self, session: GrowingSession) -> None:
        self._session = session
        self._dataset: Dataset | None = None

    @property
    def is_running(self) -> bool:
        """True while the index grows."""
        return self._dataset is not None

    def start(self, dataset: Dataset) -> None:
        """Index what is left of a dataset that has just been opened."""
        growth = dataset.growth
        if growth is None:
            return
        self._dataset = dataset
        self._session.jobs.start(
            JOB,
            lambda context: _complete(context, growth.complete),
            done=self._show,
            failed=lambda error: self._stay_partial(str(error)),
            given_up=lambda: self._stay_partial(""),
            title=f"Indexing {dataset.path.name}",
            priority=25,
        )

    def stop(self) -> None:
        """Give the rest up: the dataset is closed."""
        self._dataset = None
        self._session.jobs.cancel(JOB)

    def _show(self, dataset: Dataset) -> None:
        self._dataset = None
        self._session.use_grown(dataset)
        # Of what has come now something may be left to be indexed in turn.
        self.start(dataset)

    def _stay_partial(self, reason: str) -> None:
        """Say what is missing; the dataset keeps its growth, which nobody runs."""
        dataset, self._dataset = self._dataset, None
        if dataset is None:
            return
        renews = dataset.growth is not None and dataset.growth.renews
        stopped = STOPPED.format(missing="frames and labels" if renews else "labels")
        told = f"{stopped} ({reason})" if reason else stopped
        problem = Problem(str(dataset.path), "", told)
        self._session.use_grown(replace(dataset, problems=(*dataset.problems, problem)))
        self._session.say(str(problem), is_problem=True)


def grows(dataset: Dataset | None) -> bool:
    """Say whether something of a dataset is still to be indexed."""
    return dataset is not None and dataset.growth is not None


def same_place(
    before: Dataset, scene: Scene, frame_index: int, after: Dataset
) -> tuple[Scene, int]:
    """Return the scene and the frame of a dataset that has grown which are those shown before.

    Where the rest of the files deletes the scene or the frame, this is what stands nearest.
    """
    number = before.scenes.index(scene)
    if before.growth is None or not before.growth.renews:
        return after.scenes[number], frame_index
    named = [each for each in after.scenes if each.scene_id == scene.scene_id]
    found = named[0] if named else after.scenes[min(number, len(after.scenes) - 1)]
    if frame_index < 0 or not found.frames:
        return found, -1
    index = found.frame_index_of(scene.frames[frame_index].key)
    return found, min(frame_index, len(found.frames) - 1) if index is None else index


def labels_follow(dataset: Dataset | None, scene: Scene | None) -> bool:
    """Say whether labels of a scene are missing as long as its dataset is not indexed."""
    if dataset is None or dataset.growth is None or scene is None or not scene.frames:
        return False
    reader = scene.reader
    return isinstance(reader, LabelsFollow) and not all(
        reader.are_labels_indexed(0, each.label_set_id) for each in scene.label_sets
    )


def _complete(context: JobContext, complete: Callable[[], Dataset]) -> Dataset:
    with running(context):
        return complete()
