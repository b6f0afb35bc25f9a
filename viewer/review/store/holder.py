"""Who writes a workspace: one process at a time; the others see its name."""

import json
import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that writes a workspace."""

    reviewer: str
    host: str
    pid: int
    since_ns: int

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.host} (process {self.pid})"


class HolderLock:
    """A lock of the operating system on a small file beside the workspace.

    It ends with the process, however that ends; what is left of the file after a crash is used
    again. Never a lock on the workspace itself: SQLite's own would be lost with it.
    """

    def __init__(self, workspace: Path) -> None:
        self.path = workspace.with_name(f".{workspace.name}.lock")
        self._handle: int | None = None

    def acquire(self, reviewer: str) -> bool:
        """Become the holder; False when another process is. Raise OSError when nothing can lock."""
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _try_lock(handle):
                os.close(handle)
                return False
            # The former holder may have removed the file between our opening and locking it.
            try:
                is_current = os.path.samestat(os.fstat(handle), self.path.stat())
            except FileNotFoundError:
                is_current = False
            if is_current:
                break
            os.close(handle)
        holder = Holder(reviewer, socket.gethostname(), os.getpid(), time.time_ns())
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(asdict(holder)).encode())
        self._handle = handle
        return True

    def release(self) -> None:
        """Let others write."""
        if self._handle is None:
            return
        with suppress(OSError):
            self.path.unlink()
        os.close(self._handle)
        self._handle = None

    def holder(self) -> Holder | None:
        """Who holds the workspace, as far as they could write it down."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return Holder(
                str(told["reviewer"]), str(told["host"]), int(told["pid"]), int(told["since_ns"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            # Beyond the text, so that others can read it.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
