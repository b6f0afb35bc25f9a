"""What SQLite's errors mean for people."""

import sqlite3

_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it can no longer be written",
    sqlite3.SQLITE_CANTOPEN: "its folder cannot be written",
    sqlite3.SQLITE_BUSY: "another program keeps it busy",
    sqlite3.SQLITE_LOCKED: "another program keeps it busy",
    sqlite3.SQLITE_PERM: "its rights forbid it",
    sqlite3.SQLITE_PROTOCOL: "another program keeps it busy",
    sqlite3.SQLITE_IOERR: "the disk refuses it",
    sqlite3.SQLITE_NOMEM: "the memory is full",
    sqlite3.SQLITE_NOLFS: "the disk holds no file of this size",
}
_ADVICE = {
    sqlite3.SQLITE_FULL: "make room and try again",
    sqlite3.SQLITE_READONLY: "make a copy of it where it can be written",
    sqlite3.SQLITE_CANTOPEN: "look whether the disk or share is still there",
    sqlite3.SQLITE_PERM: "ask for the right to read it",
    sqlite3.SQLITE_BUSY: "try again when that is done",
    sqlite3.SQLITE_LOCKED: "try again when that is done",
    sqlite3.SQLITE_PROTOCOL: "try again when that is done",
    sqlite3.SQLITE_IOERR: "look after the disk or its connection, then open it again",
    sqlite3.SQLITE_NOMEM: "close other programs and try again",
    sqlite3.SQLITE_NOLFS: "copy it to a disk that holds large files",
}
NOT_READABLE_HERE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""Codes with which reading fails where SQLite would have to write beside the file."""


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its details; 0 where the error has none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether SQLite found the file itself wrong."""
    if primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    return str(error).startswith("Could not decode to UTF-8")


def is_of_the_medium(error: sqlite3.Error) -> bool:
    """Say whether disk, rights, memory or another program are the reason, not we."""
    return primary_code(error) in _ADVICE


def advice(error: sqlite3.Error) -> str:
    """Return what a person can do about it."""
    return _ADVICE.get(primary_code(error), "try again")


def meaning(error: Exception) -> str:
    """Return a short reason, with SQLite's own words where ours would lose something."""
    if isinstance(error, sqlite3.Error):
        known = _MEANINGS.get(primary_code(error))
        return f"{known}: {error}" if known else str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
