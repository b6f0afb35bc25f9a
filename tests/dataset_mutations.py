"""Damage to a file of a dataset: to its bytes, its values, its counts, its being there at all."""

import json
import random
import re
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from byte_mutations import mutated

LONG = '"' + "x" * 50_000 + '"'
VALUES = (
    "null", "true", "-1", "0", "0.5", "1e308", "1e999", "NaN", "-Infinity", "9" * 40, "2147483648",
    "1e30", '""', '"a"', '"../../a"', '"\\u0000"', '"\\ud800"', "[]", "{}", "[null]", "[[]]",
    '{"a": 1}', "[1, 2]", '["a", {}]', LONG, "[" * 3_000 + "]" * 3_000,
    '{"a":' * 500 + "1" + "}" * 500,
)  # fmt: skip
MARK = "\x01mark\x01"
COUNTS = tuple(
    struct.pack(form, value)
    for form, value in (
        ("<I", 2**32 - 1), ("<I", 2**31 - 1), ("<i", -1), ("<Q", 2**63 - 1), ("<Q", 2**64 - 1),
        (">I", 2**31 - 1), ("<Q", 2**40), ("<I", 0), ("<I", 2**28), ("<H", 2**16 - 1),
    )
)  # fmt: skip
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
NUMBERS = (b"nan", b"-1", b"1e999", b"9" * 30, b"0", b"2147483648", b"x", b"", b"-inf", b"1e-320")
TABLES = (".feather", ".h5", ".pkl", ".gz", ".bin", ".bag", ".db3", ".mcap")


def damage(path: Path, original: bytes, generator: random.Random) -> str:
    """Damage a file that holds `original`; return in a word how."""
    kind = generator.random()
    if kind < 0.04:
        path.unlink(missing_ok=True)
        return "missing"
    if kind < 0.07:
        path.write_bytes(b"")
        return "empty"
    if kind < 0.65 and original:
        structured = _structured(path, original, generator)
        if structured is not None:
            path.write_bytes(structured)
            return "value"
    path.write_bytes(mutated(original, generator))
    return "bytes"


def _structured(path: Path, original: bytes, generator: random.Random) -> bytes | None:
    """Change a value where the file's kind is known; None where it is not."""
    if path.suffix in (".jsonl", ".ndjson"):
        lines = original.split(b"\n")
        at = generator.randrange(len(lines))
        lines[at] = _json_swapped(lines[at], generator) or b"null"
        return b"\n".join(lines)
    if path.suffix == ".json":
        return _json_swapped(original, generator)
    if path.suffix in (".txt", ".xml", ".yaml", ".csv", ".pcd", ".ply", ".toml"):
        found = list(NUMBER.finditer(original))
        if not found:
            return None
        match = generator.choice(found)
        return original[: match.start()] + generator.choice(NUMBERS) + original[match.end() :]
    if path.suffix in TABLES:
        count = generator.choice(COUNTS)
        at = generator.randrange(len(original)) // 2 * 2
        return original[:at] + count + original[at + len(count) :]
    return None


def _json_swapped(text: bytes, generator: random.Random) -> bytes | None:
    """Swap, drop, double or rename one value of a JSON document."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    nodes = [{"": document}, *_inner(document)]
    nodes = [node for node in nodes if node]
    node = generator.choice(nodes)
    key = generator.choice(list(node) if isinstance(node, dict) else range(len(node)))
    kind = generator.random()
    if kind < 0.1 and node is not nodes[0]:
        del node[key]
    elif kind < 0.2 and isinstance(node, list):
        node += [node[key]] * generator.choice((1, 1, 500))
    else:
        node[key] = MARK
    return json.dumps(nodes[0][""]).replace(json.dumps(MARK), generator.choice(VALUES)).encode()


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from _inner(each)


@contextmanager
def memory_limit(room_bytes: int) -> Iterator[None]:
    """Let this process take so much more memory and no more, where Linux counts it."""
    if sys.platform != "linux":
        yield
        return
    import resource

    status = Path("/proc/self/status").read_text().splitlines()
    used_kib = int(next(line for line in status if line.startswith("VmData")).split()[1])
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (used_kib * 1024 + room_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what does not come to its end, where there are alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise TimeoutError(f"did not come to its end within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
