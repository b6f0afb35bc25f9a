"""Saving and deleting splits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change, Step
from viewer.review.commands.slices import CreateSlice, DeleteSlice
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.slices.entities import SLICES
from viewer.review.slices.members import Members
from viewer.review.slices.provenance import by_split
from viewer.review.splits.balance import SceneSplit
from viewer.review.splits.entities import SPLITS
from viewer.review.splits.model import SplitPart
from viewer.review.subject import Subject


@dataclass(frozen=True, slots=True)
class SaveSplit:
    """Keep a split, with a slice of scenes for each part."""

    split_id: str
    name: str
    dataset_id: str
    seed: int
    shares: Mapping[str, float]
    """As asked for, by the part's name; they are kept relative to their sum."""
    split: SceneSplit
    """What `split_scenes` gave for them."""
    slice_ids: Mapping[str, str]
    """Id of the slice of each part."""

    kind: ClassVar[str] = "save_split"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Split scenes into {', '.join(self.split.scenes)}"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the split and its slices."""
        name = checked_name(self.name)
        if ledger.query("SELECT 1 FROM splits WHERE name = ? LIMIT 1", (name,)):
            raise CommandRefused(f"there is a split “{name}” already")
        total = sum(self.shares.values())
        parts = [
            SplitPart(
                part, self.shares[part] / total, self.slice_ids[part], len(scene_ids),
                self.split.class_counts[part],
            )
            for part, scene_ids in self.split.scenes.items()
        ]  # fmt: skip
        row = {
            "name": name, "dataset_id": self.dataset_id, "seed": self.seed,
            "parts": [part.to_json() for part in parts], "created_ns": ledger.now_ns,
            "created_by": ledger.reviewer.name,
        }  # fmt: skip
        yield ledger.create(SPLITS, row, self.split_id)
        for part in parts:
            scenes = [Subject.scene(self.dataset_id, each) for each in self.split.scenes[part.name]]
            how = by_split(name, self.seed, part.share)
            own_name = f"{name} {part.name}"
            yield from CreateSlice(part.slice_id, own_name, Members.of(scenes), how).changes(ledger)


@dataclass(frozen=True, slots=True)
class DeleteSplit:
    """Delete a split and those of its slices that are still there."""

    split_id: str
    name: str

    kind: ClassVar[str] = "delete_split"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Delete split “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the slices and the split."""
        row = ledger.row(SPLITS, self.split_id)
        if row is None:
            raise CommandRefused("this split is gone")
        for part in row["parts"]:
            held = ledger.row(SLICES, part["slice"])
            if held is not None:
                yield from DeleteSlice(part["slice"], held["name"]).changes(ledger)
        yield from ledger.delete(SPLITS, self.split_id)
