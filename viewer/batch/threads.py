"""One thread for every library that brings its own, as each of many workers must have."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

ONE_THREAD: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
        "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)  # fmt: skip
"""Read by the libraries when they are loaded, so they must stand before a worker starts."""


@contextmanager
def one_thread_in_children() -> Iterator[None]:
    """Let processes that start meanwhile have one thread a library; this one keeps its own."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
