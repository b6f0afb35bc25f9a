"""A process that opens a workspace and does what it reads line by line, answering each in JSON.

``open PATH NAME [read]``, ``run N``, ``follow``, ``hold``, ``holder``, ``close``, ``limit BYTES``.
"""

import json
import resource
import signal
import sys
from pathlib import Path

from viewer.review import Reviewer, Workspace, WorkspaceError
from viewer.review.commands.settings import ChangeSetting


def answer(words: list[str], opened: list[Workspace], heard: list[str]) -> object:
    """Do one line."""
    match words:
        case ["open", path, name, *rest]:
            workspace = Workspace.open(Path(path), Reviewer(name), read_only=bool(rest))
            opened.append(workspace)
            workspace.subscribe(lambda changed: heard.extend(e.text for e in changed.entries))
            return workspace.read_only_reason
        case ["run", value]:
            return opened[-1].run(ChangeSetting("number", value)) is not None
        case ["value"]:
            return opened[-1].reading.query("SELECT value FROM settings")
        case ["follow"]:
            heard.clear()
            opened[-1].follow()
            return list(heard)
        case ["hold"]:
            return opened[-1].try_to_hold()
        case ["holder"]:
            holder = opened[-1].holder
            return holder and [holder.reviewer, holder.pid]
        case ["limit", most]:
            # Writing beyond it fails as it does on a full disk.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), resource.RLIM_INFINITY))
            return None
        case ["close"]:
            return opened.pop().close()
        case _:
            raise ValueError(f"unknown: {words}")


if __name__ == "__main__":
    workspaces: list[Workspace] = []
    news: list[str] = []
    for line in sys.stdin:
        try:
            given = answer(line.split(), workspaces, news)
        except WorkspaceError as error:
            given = {"error": type(error).__name__, "text": str(error)}
        sys.stdout.write(json.dumps(given) + "\n")
        sys.stdout.flush()
