"""Damage to JSON text: bytes changed, pieces cut out, values swapped, ends cut off."""

import random

PIECES = (
    b"null", b"{}", b"[]", b'""', b"1e999", b"-1", b"1e30", b"NaN", b"true", b'"a"', b'"MODIFY"',
    b"[", b"\x00",
)  # fmt: skip


def mutated_json(data: bytes, generator: random.Random) -> bytes:
    """Return a text with one to three pieces of damage."""
    out = bytearray(data)
    for _ in range(generator.randint(1, 3)):
        at = generator.randrange(len(out))
        kind = generator.random()
        if kind < 0.3:
            out[at] = generator.randrange(256)
        elif kind < 0.5:
            del out[at : at + generator.randint(1, 20)]
        elif kind < 0.85:
            # Swap a whole value: what follows a colon, up to the next mark.
            colon = out.find(b":", at)
            end = min((e for m in b",}]" if (e := out.find(bytes([m]), colon)) > 0), default=-1)
            if 0 < colon < end:
                out[colon + 1 : end] = generator.choice(PIECES)
        else:
            out = out[:at]
        if not out:
            return b"{"
    return bytes(out)
