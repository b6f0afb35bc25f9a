"""All runners, and the one that suits what a person asked for."""

from typing import Final

from viewer.batch.base import Runner
from viewer.batch.in_process import InProcess
from viewer.batch.on_dask import OnDask
from viewer.batch.processes import Processes

RUNNERS: Final = (InProcess, Processes, OnDask)


def runner_for(workers: int = 1, scheduler: str | None = None) -> Runner:
    """Return the runner for so many workers of this machine, or for a cluster.

    Raises
    ------
    ValueError
        There are no workers, or both were asked for.
    """
    if scheduler is not None:
        if workers != 1:
            raise ValueError("the cluster has its own workers: give --workers or --scheduler")
        return OnDask(scheduler)
    return InProcess() if workers == 1 else Processes(workers)
