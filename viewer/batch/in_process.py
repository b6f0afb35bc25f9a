"""One key after the other, in this process."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from viewer.batch.base import Key, Outcome, Result, Runner, Work, attempt
from viewer.progress import JobContext


class InProcess(Runner):
    """No copies, no start: for few scenes, and inside the window."""

    name: ClassVar[str] = "in-process"

    def map(
        self, work: Work[Key, Result], keys: Sequence[Key], job: JobContext, text: str = ""
    ) -> Iterator[Outcome[Key, Result]]:
        for key in job.track(keys, text):
            yield attempt(work, key, job)
