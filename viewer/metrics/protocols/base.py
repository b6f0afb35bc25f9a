"""What a protocol is: two sets of objects in, settings said, a nest of figures out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.protocols.declared_settings import Setting
from viewer.progress import JobContext


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a protocol found."""

    protocol: str
    version: str
    """The implementation whose figures it equals, and its version."""
    settings: Mapping[str, Any]
    """All that bears on the figures, as JSON values."""
    results: Mapping[str, Any]
    """By class, then as the protocol has it; JSON values, NaN as None."""
    lacks: Sequence[str] = ()
    """One line for each thing that the data lack for this protocol, and what follows."""


class Protocol(ABC):
    """One published way to compare predictions with labels."""

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]
    """Paper or specification, and the implementation."""
    version: ClassVar[str]
    """The implementation whose figures it equals, and its version."""
    settings: ClassVar[Mapping[str, Setting]]
    needs_tracks: ClassVar[bool] = False

    @abstractmethod
    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        """Compare; `settings` hold only what differs from the protocol's own.

        Raises
        ------
        ValueError
            A setting is unknown or out of bounds.
        """
