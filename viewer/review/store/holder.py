"""Who writes a workspace: one process at a time; the others see its name."""

import json
import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

WAIT_S = 0.01


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

    def acquire(self, reviewer: str, patience_s: float = 0.0) -> bool:
        """Become the holder; False when another process is. Raise OSError when nothing can lock.

        Parameters
        ----------
        patience_s
            How long to try: others lock for an instant to tidy up or to see who holds.
        """
        until = time.monotonic() + patience_s
        while (handle := self._locked_file()) is None:
            if time.monotonic() >= until:
                return False
            time.sleep(WAIT_S)
        holder = Holder(reviewer, socket.gethostname(), os.getpid(), time.time_ns())
        self._handle = handle
        # On a full disk the lock holds all the same, without a name.
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, json.dumps(asdict(holder)).encode())
        return True

    def _locked_file(self) -> int | None:
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            is_current = False
            try:
                if not _try_lock(handle):
                    return None
                # The former holder may have removed the file between our opening and locking it.
                with suppress(FileNotFoundError):
                    is_current = os.path.samestat(os.fstat(handle), self.path.stat())
                if is_current:
                    return handle
            finally:
                if not is_current:
                    os.close(handle)

    def release(self) -> None:
        """Let others write."""
        if self._handle is None:
            return
        with suppress(OSError):
            self.path.unlink()
        os.close(self._handle)
        self._handle = None

    def holder(self) -> Holder | None:
        """Who holds the workspace, as far as they could write it down; None when nobody does."""
        try:
            if self._handle is None and not self._is_locked():
                return None
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return Holder(
                str(told["reviewer"]), str(told["host"]), int(told["pid"]), int(told["since_ns"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _is_locked(self) -> bool:
        """Whether a living process holds it: the file alone may be left from a crash."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            return not _try_lock(handle, shared=True)
        finally:
            os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int, *, shared: bool = False) -> bool:
        try:
            # Beyond the text, so that others can read it.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBRLCK if shared else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int, *, shared: bool = False) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
