"""All shapes in which decisions are handed over."""

from typing import Final

from viewer.review.exchange.aquarium import AquariumIssues
from viewer.review.exchange.base import ExchangeShape
from viewer.review.exchange.csv_files import CsvTables
from viewer.review.exchange.dataloop import DataloopStatuses
from viewer.review.exchange.json_file import SightlineJson
from viewer.review.exchange.nucleus import NucleusTaskInfo
from viewer.review.exchange.picsellia import PicselliaStatus

SHAPES: Final[tuple[ExchangeShape, ...]] = (
    SightlineJson(),
    CsvTables(),
    AquariumIssues(),
    NucleusTaskInfo(),
    DataloopStatuses(),
    PicselliaStatus(),
)


def shape_named(name: str) -> ExchangeShape:
    """Return a shape by its name.

    Raises
    ------
    ValueError
        When there is none; the message lists those there are.
    """
    for shape in SHAPES:
        if shape.name == name:
            return shape
    raise ValueError(f"{name!r} is no shape; choose {', '.join(each.name for each in SHAPES)}")
