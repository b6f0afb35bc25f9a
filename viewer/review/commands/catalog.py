"""All commands, by their part of the product."""

from typing import Final

from viewer.review.commands.base import Batch, Command
from viewer.review.commands.datasets import AddDataset, RecordDelivery, RelinkDataset
from viewer.review.commands.reviewers import Introduce
from viewer.review.commands.settings import ChangeSetting

COMMANDS: Final[tuple[type[Command], ...]] = (
    Batch,
    Introduce,
    AddDataset,
    RelinkDataset,
    RecordDelivery,
    ChangeSetting,
)
