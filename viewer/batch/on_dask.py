"""Workers of a Dask cluster, reached by the address of its scheduler."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from viewer.batch.base import Key, Outcome, Result, Runner, Work, attempt_alone
from viewer.progress import JobContext

LOOK_EVERY_S: Final = 0.2
CONNECT_WITHIN_S: Final = 10.0


class NoCluster(Exception):
    """The scheduler cannot be used; the message says why and what to do."""


class OnDask(Runner):
    """The scheduler runs again elsewhere what a lost worker had.

    Start workers with one thread: ``dask worker ADDRESS --nthreads 1``.

    Parameters
    ----------
    address
        Of the scheduler, e.g. ``tcp://127.0.0.1:8786``.
    """

    name: ClassVar[str] = "dask"

    def __init__(self, address: str) -> None:
        self._address = address

    def map(
        self, work: Work[Key, Result], keys: Sequence[Key], job: JobContext, text: str = ""
    ) -> Iterator[Outcome[Key, Result]]:
        client = _connected(self._address)
        try:
            from dask.distributed import TimeoutError as NotYet
            from dask.distributed import wait

            futures = [client.submit(attempt_alone, work, key, pure=False) for key in keys]
            for place, (key, future) in enumerate(zip(keys, futures, strict=True)):
                job.report(place, len(keys), text)
                while not future.done():
                    try:
                        with client.as_current():
                            wait(future, timeout=LOOK_EVERY_S)  # type: ignore[no-untyped-call]
                    except NotYet:
                        job.report(place, len(keys), text)
                yield _outcome(key, future)
                futures[place] = None
                future.release()
        finally:
            client.close()


def _connected(address: str) -> Any:  # noqa: ANN401 - dask.distributed.Client, which may be absent
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise NoCluster("Dask is not installed: pip install 'sightline[cluster]'") from error
    try:
        client = Client(address, timeout=CONNECT_WITHIN_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NoCluster(f"no Dask scheduler answers at {address}") from error
    return client


def _outcome(key: Key, future: Any) -> Outcome[Key, Any]:  # noqa: ANN401 - a Dask future
    if future.status == "error":
        # Not the work's own error, which is an outcome: its workers died with it.
        return Outcome(key, failure=f"{type(future.exception()).__name__}: {future.exception()}")
    if future.status != "finished":
        return Outcome(key, failure=f"the cluster gave it up ({future.status})")
    found: Outcome[Key, Any] = future.result()
    return found
