"""Figures that whoever made predictions tells of each frame."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

CustomValue = float | Sequence[Sequence[float]]
"""One number, or a matrix of as many numbers in each row."""


@runtime_checkable
class CustomMetrics(Protocol):
    """A scene's reader whose format has such figures."""

    def read_custom_metrics(self, frame_index: int, label_set_id: str) -> Mapping[str, CustomValue]:
        """Return the figures of a frame by name; empty where it has none."""
        ...
