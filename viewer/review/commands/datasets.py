"""Adding, moving and recognising datasets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.datasets.entities import DATASETS, DELIVERIES
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger


@dataclass(frozen=True, slots=True)
class AddDataset:
    """Take a dataset into the workspace."""

    dataset_id: str
    name: str
    path: str
    format_name: str
    choices: Mapping[str, str] = field(default_factory=dict)
    """What was chosen about its files on opening."""

    kind: ClassVar[str] = "add_dataset"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Add dataset {self.name}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        if ledger.row(DATASETS, self.dataset_id) is not None:
            raise CommandRefused(f"dataset {self.name} is in the workspace already")
        row = {
            "name": self.name, "path": self.path, "format_name": self.format_name,
            "choices": dict(self.choices),
        }  # fmt: skip
        yield ledger.create(DATASETS, row, self.dataset_id)


@dataclass(frozen=True, slots=True)
class RelinkDataset:
    """Say where a dataset lies now."""

    dataset_id: str
    path: str

    kind: ClassVar[str] = "relink_dataset"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Find the dataset at {self.path}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the path."""
        yield from ledger.update(DATASETS, self.dataset_id, {"path": self.path})


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """Write down what a dataset contains now."""

    dataset_id: str
    fingerprint: str
    files: bytes | None = None
    """`Fingerprint.packed`, for telling later which files another delivery changed."""

    kind: ClassVar[str] = "record_delivery"

    @property
    def text(self) -> str:
        """What it does."""
        return "Note the dataset's content"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row, once for each content."""
        if self.files is not None:
            ledger.keep_file_list(self.fingerprint, self.files)
        row = {
            "dataset_id": self.dataset_id, "fingerprint": self.fingerprint,
            "seen_ns": ledger.now_ns,
        }  # fmt: skip
        yield from ledger.put(DELIVERIES, row)
