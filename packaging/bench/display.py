"""A screen for benchmarks of the window: the one there is, or a virtual one of their own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def screen() -> Iterator[str]:
    """Give the name of a display for the time of the block."""
    if name := os.environ.get("DISPLAY"):
        yield name
        return
    reader, writer = os.pipe()
    options = ["-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-displayfd", str(writer)]
    server = subprocess.Popen(["Xvfb", *options], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as told:
        name = f":{told.readline().strip()}"
    os.environ["DISPLAY"] = name
    try:
        yield name
    finally:
        del os.environ["DISPLAY"]
        server.terminate()
        server.wait()
