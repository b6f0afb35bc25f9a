"""When each message was measured, and which belong to one frame."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rosbag.bag import Bag, Topic
from viewer.formats.rosbag.decoding import HEAD_BYTES, KINDS, Decoder, Kind

MAX_UNPACKED_BYTES: Final = 512 << 20
"""Opening a recording decompresses no more than this to learn when its messages were measured."""
SAMPLES: Final = 9
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """When the messages of a topic were measured."""

    topic: Topic
    stamps_ns: Times
    """(N,) in rising order."""
    index: Times
    """(N,) which message of the topic it is."""

    def nearest(self, wanted_ns: Times, within_ns: int) -> Times:
        """(M,) rows of the messages nearest to some times, -1 where none is near enough."""
        if not len(self.stamps_ns):
            return np.full(len(wanted_ns), -1, dtype=np.int64)
        after = np.searchsorted(self.stamps_ns, wanted_ns).clip(0, len(self.stamps_ns) - 1)
        before = (after - 1).clip(0)
        from_before = np.abs(wanted_ns - self.stamps_ns[before])
        from_after = np.abs(self.stamps_ns[after] - wanted_ns)
        rows = np.where(from_before <= from_after, before, after)
        rows[np.minimum(from_before, from_after) > within_ns] = -1
        return rows


def read_timelines(
    bag: Bag, topics: list[Topic], decoder: Decoder, problems: ProblemLog
) -> list[Timeline]:
    """Learn when each topic's messages were measured.

    Their own times stand in their first bytes. Where reaching those would mean to decompress
    more than `MAX_UNPACKED_BYTES`, times of recording are taken, less the usual delay.
    """
    exact = bag.unpacking_bytes(topics) <= MAX_UNPACKED_BYTES
    if not exact:
        told = (
            "is large and compressed: times of frames are those of recording less each sensor's"
            " usual delay"
        )
        problems.add(bag.path, "", told)
    return [_timeline(topic, decoder, problems, exact=exact) for topic in topics]


def _timeline(topic: Topic, decoder: Decoder, problems: ProblemLog, *, exact: bool) -> Timeline:
    count = len(topic)
    if exact:
        stamps = _own_stamps(topic, decoder, np.arange(count), problems)
        lacking = stamps <= 0
        delay = _usual_delay(topic.log_ns[~lacking], stamps[~lacking])
        stamps[lacking] = topic.log_ns[lacking] - delay
        if count and lacking.all() and KINDS.get(topic.type_name) != Kind.BOXES:
            told = f"{topic.name}: its messages have no time of their own; that of recording holds"
            problems.add(topic.path, "", told)
    else:
        sampled = np.unique(np.linspace(0, count - 1, min(SAMPLES, count)).astype(np.int64))
        stamps = _own_stamps(topic, decoder, sampled, problems)
        known = stamps > 0
        stamps = topic.log_ns - _usual_delay(topic.log_ns[sampled[known]], stamps[known])
    order = np.argsort(stamps, kind="stable")
    return Timeline(topic, stamps[order], order)


def _own_stamps(topic: Topic, decoder: Decoder, rows: Times, problems: ProblemLog) -> Times:
    """(M,) times that messages tell of themselves; 0 where they tell none."""
    stamps = np.zeros(len(rows), dtype=np.int64)
    for place, row in enumerate(rows.tolist()):
        try:
            channel, head = topic.read(row, HEAD_BYTES)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        stamp = decoder.stamp_ns(channel, head)
        stamps[place] = stamp if 0 < stamp < 1 << 62 else 0
    return stamps


def _usual_delay(log_ns: Times, stamps_ns: Times) -> int:
    return int(np.median(log_ns - stamps_ns)) if len(stamps_ns) else 0


def period_of(stamps_ns: Times) -> int:
    """Return the usual time between two messages, ns; a second when there is only one."""
    gaps = np.diff(stamps_ns)
    gaps = gaps[gaps > 0]
    return int(np.median(gaps)) if len(gaps) else 1_000_000_000
