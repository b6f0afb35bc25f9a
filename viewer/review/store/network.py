"""Whether a path lies on another machine, where SQLite's shared memory does not work."""

from pathlib import Path

NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ncpfs", "fuse.sshfs", "fuse.glusterfs"}
)
MOUNTS = Path("/proc/self/mounts")


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the kind of network file system that holds a path; None on a local disk.

    Where the system does not list its mounts, a UNC path alone is known as one.
    """
    resolved = path.resolve()
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "share" if str(resolved).startswith(("\\\\", "//")) else None
    best, found = -1, None
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        folder = Path(point.encode().decode("unicode_escape"))
        if resolved.is_relative_to(folder) and len(folder.parts) >= best:
            best, found = len(folder.parts), kind
    return found if found in NETWORK_TYPES else None
