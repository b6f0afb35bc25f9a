"""Damage to bytes, drawn from a seeded generator."""

import random


def mutated(data: bytes, generator: random.Random) -> bytes:
    """Change some bytes, cut, repeat a piece, or swap a number for an absurd one."""
    content = bytearray(data)
    for _ in range(generator.randint(1, 4)):
        if not content:
            break
        at = generator.randrange(len(content))
        kind = generator.randrange(6)
        if kind == 0:
            content[at] = generator.randrange(256)
        elif kind == 1:
            content[at] ^= 1 << generator.randrange(8)
        elif kind == 2:
            del content[at : at + generator.randint(1, 64)]
        elif kind == 3:
            content[at:at] = content[at : at + generator.randint(1, 64)]
        elif kind == 4:
            del content[at:]
        else:
            absurd = (b"nan", b"-1", b"1e999", b"9" * 30, b"\xff" * 8, b"\0" * 8, b'"', b"<", b"{")
            content[at : at + generator.randint(0, 8)] = generator.choice(absurd)
    return bytes(content)
