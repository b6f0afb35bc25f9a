"""Writing the report in a process of its own: its pictures take the time of no window.

The other process says its progress as lines of JSON on its standard output.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from viewer.progress import Cancelled, JobContext, Progress
from viewer.review import WorkspaceError

ENDS_WITHIN_S = 5.0


def write_report_apart(
    path: Path,
    workspace: Path,
    dataset: Path,
    dataset_id: str,
    context: JobContext,
    choices: Mapping[str, str] | None = None,
) -> None:
    """Write a page as `write_review_report` does, from a workspace file and a dataset's folder.

    Cancelling ends the process; nothing is left of it.

    Raises
    ------
    WorkspaceError
        When it did not succeed; the message says why.
    """
    context.report(0, None, "Opening the dataset")
    asked = [str(path), str(workspace), str(dataset), dataset_id, json.dumps(dict(choices or {}))]
    with subprocess.Popen(
        [sys.executable, "-m", "viewer.reports.apart", *asked],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            problem = _follow(process, context)
        except BaseException:
            _end(process)
            raise
    if process.returncode or problem:
        raise WorkspaceError(problem or f"the report was not written (code {process.returncode})")


def _follow(process: "subprocess.Popen[str]", context: JobContext) -> str:
    """Pass progress on until the process ends; return what went wrong."""
    problem = ""
    for line in process.stdout or ():
        # Libraries may say something too.
        if not line.startswith("{"):
            continue
        told = json.loads(line)
        problem = told.get("problem", problem)
        if "done" in told:
            context.report(told["done"], told["total"], told["text"])
    process.wait()
    return problem


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()


def main(arguments: list[str]) -> int:
    """Write the page that the arguments name."""
    from viewer.formats.base import DamagedData
    from viewer.formats.catalog import open_dataset
    from viewer.reports.review_report import write_review_report
    from viewer.review import Workspace, local_reviewer

    path, file, dataset_path, dataset_id, choices = arguments
    try:
        with Workspace.open(Path(file), local_reviewer(), read_only=True) as workspace:
            dataset = open_dataset(Path(dataset_path), choices=json.loads(choices))
            try:
                write_review_report(
                    Path(path), workspace.reading, dataset, dataset_id,
                    context=JobContext(_Said()), now_ns=time.time_ns(),
                )  # fmt: skip
            finally:
                dataset.close()
    except (WorkspaceError, DamagedData, OSError, ValueError, Cancelled) as error:
        _say({"problem": str(error) or type(error).__name__})
        return 1
    return 0


class _Said:
    """Says progress, a few times a second at most."""

    def __init__(self) -> None:
        self._last_s = 0.0

    def __call__(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._last_s >= 0.1 or progress.done == progress.total:
            self._last_s = now_s
            _say({"done": progress.done, "total": progress.total, "text": progress.text})


def _say(told: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
