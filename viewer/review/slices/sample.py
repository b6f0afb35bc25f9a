"""Drawing members by chance, the same ones for the same seed everywhere."""

import hashlib
from collections.abc import Iterable, Mapping

from viewer.review.in_pieces import sorted_in_pieces

RANK_BYTES = 8


def rank(seed: int, key: str) -> bytes:
    """Return where chance puts a key; the smallest are drawn first."""
    return hashlib.blake2b(key.encode(), digest_size=RANK_BYTES, salt=_salt(seed)).digest()


def draw(keys: Iterable[str], count: int, seed: int) -> tuple[str, ...]:
    """Return `count` of the keys, or all where there are fewer, in the order drawn.

    The order of the keys does not matter; a larger count only adds to the end.
    """
    salt = _salt(seed)
    # Bytes sort ten times as fast as pairs; the key behind its rank breaks ties.
    ranked = [
        hashlib.blake2b(key, digest_size=RANK_BYTES, salt=salt).digest() + key
        for key in {each.encode() for each in keys}
    ]
    ranked = sorted_in_pieces(ranked)
    return tuple(each[RANK_BYTES:].decode() for each in ranked[: max(count, 0)])


def draw_in_proportion(
    strata: Mapping[str, Iterable[str]], count: int, seed: int
) -> tuple[str, ...]:
    """Return `count` keys so that each stratum has its share, to the nearest whole.

    Shares are rounded by largest remainder, ties by the stratum's name.
    """
    pools = {name: sorted(set(keys)) for name, keys in sorted(strata.items())}
    shares = apportion({name: len(keys) for name, keys in pools.items()}, count)
    return tuple(key for name, keys in pools.items() for key in draw(keys, shares[name], seed))


def apportion(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Return how many of `count` each size gets, never more than it has.

    Examples
    --------
    >>> apportion({"car": 60, "cyclist": 10, "pedestrian": 30}, 5)
    {'car': 3, 'cyclist': 1, 'pedestrian': 1}
    """
    total = sum(sizes.values())
    count = min(count, total)
    if not total:
        return dict.fromkeys(sizes, 0)
    shares = {name: size * count // total for name, size in sizes.items()}
    # The remainders as whole numbers: no rounding decides who gets the last ones.
    by_remainder = sorted(sizes, key=lambda name: (-(sizes[name] * count % total), name))
    for name in by_remainder[: count - sum(shares.values())]:
        shares[name] += 1
    return shares


def _salt(seed: int) -> bytes:
    return (seed % (1 << 128)).to_bytes(16, "little")
