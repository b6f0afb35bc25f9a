"""What splits there are."""

from dataclasses import dataclass

from viewer.review.ledger import Reading
from viewer.review.splits.entities import SPLITS
from viewer.review.splits.model import ClassRow, SplitPart, class_table


@dataclass(frozen=True, slots=True)
class Split:
    """Scenes of a dataset in parts, as it was made."""

    split_id: str
    name: str
    dataset_id: str
    seed: int
    parts: tuple[SplitPart, ...]
    created_ns: int
    created_by: str

    @property
    def class_table(self) -> list[ClassRow]:
        """How each class is spread over the parts."""
        return class_table([part.class_counts for part in self.parts])


def splits(reading: Reading, dataset_id: str | None = None) -> list[Split]:
    """Return the splits of a dataset, or all, oldest first."""
    where, values = ("", ()) if dataset_id is None else ("WHERE dataset_id = ?", (dataset_id,))
    rows = reading.rows(SPLITS, f"{where} ORDER BY created_ns, key", values)
    return [
        Split(
            row["key"], row["name"], row["dataset_id"], row["seed"],
            tuple(SplitPart.from_json(each) for each in row["parts"]),
            row["created_ns"], row["created_by"],
        )
        for row in rows
    ]  # fmt: skip
