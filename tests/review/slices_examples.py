"""Examples of the commands for slices and tags."""

from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.edits import ChangeClass
from viewer.review.commands.slices import (
    AddToSlice,
    CombineSlices,
    CreateSlice,
    DeleteSlice,
    RemoveFromSlice,
    RenameSlice,
    SampleSlice,
)
from viewer.review.commands.splits import DeleteSplit, SaveSplit
from viewer.review.commands.tags import AddTag, RemoveTag, RenameTag
from viewer.review.commands.versions import (
    DeleteVersion,
    ForkVersion,
    RenameVersion,
    RestoreVersion,
    SaveVersion,
)
from viewer.review.slices.algebra import Operation
from viewer.review.slices.members import Members
from viewer.review.slices.provenance import by_query
from viewer.review.splits.balance import split_scenes
from viewer.review.tags.model import Item, ItemKind
from viewer.review.versions.model import ForkChoices

DATASET = "d" * 32
NIGHT, RAIN = "1" * 32, "2" * 32
V1, V2 = "a" * 32, "b" * 32
LABEL = Subject.label(DATASET, "fork", "00", "gt", "18")


def frames(*names: str) -> Members:
    return Members.of(Subject.frame(DATASET, "street", name) for name in names)


def prepare(workspace: Workspace) -> None:
    prepare_slices(workspace)
    workspace.run(ChangeClass(LABEL, "truck"))
    workspace.run(SaveVersion(V1, "first", DATASET, "gt", ("car", "truck")))
    workspace.run(ForkVersion(V2, "trucks", V1, ForkChoices(classes=("truck",))))
    workspace.run(ChangeClass(LABEL, "bus"))
    workspace.run(split("4" * 32, "v1", "56"))


def split(split_id: str, name: str, slices: str) -> SaveSplit:
    shares = {"train": 2, "test": 1}
    found = split_scenes({"a": {"car": 2}, "b": {"car": 1}, "c": {}}, shares, 7)
    slice_ids = {part: each * 32 for part, each in zip(shares, slices, strict=True)}
    return SaveSplit(split_id, name, DATASET, 7, shares, found, slice_ids)


def prepare_slices(workspace: Workspace) -> None:
    workspace.run(CreateSlice(NIGHT, "night", frames("00", "01", "02")))
    workspace.run(CreateSlice(RAIN, "rain", frames("01", "02", "03"), parent=NIGHT))
    scenes = [Subject.scene(DATASET, name) for name in ("street", "yard")]
    workspace.run(AddTag("wet", scenes))
    workspace.run(AddTag("damp", [*scenes[:1], Item(ItemKind.SLICE, NIGHT)]))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    CreateSlice: lambda: CreateSlice("3" * 32, "fog", frames("05"), by_query("fog > 1"), RAIN),
    CombineSlices: lambda: CombineSlices("3" * 32, "dry", Operation.DIFFERENCE, (NIGHT, RAIN)),
    SampleSlice: lambda: SampleSlice("3" * 32, "two", NIGHT, 2, 7),
    RenameSlice: lambda: RenameSlice(NIGHT, "dusk"),
    AddToSlice: lambda: AddToSlice(NIGHT, frames("02", "03")),
    RemoveFromSlice: lambda: RemoveFromSlice(NIGHT, frames("00", "07").keys),
    DeleteSlice: lambda: DeleteSlice(NIGHT, "night"),
    AddTag: lambda: AddTag("wet", [Subject.scene(DATASET, "street"), Item(ItemKind.ISSUE, "i")]),
    RemoveTag: lambda: RemoveTag("wet", [Subject.scene(DATASET, "street")]),
    RenameTag: lambda: RenameTag("damp", "wet"),
    SaveVersion: lambda: SaveVersion("c" * 32, "second", DATASET, "gt", ("car",), V1),
    ForkVersion: lambda: ForkVersion("c" * 32, "night", V1, ForkChoices(slice_id=NIGHT)),
    RenameVersion: lambda: RenameVersion(V1, "start"),
    DeleteVersion: lambda: DeleteVersion(V1, "first"),
    RestoreVersion: lambda: RestoreVersion(V1, "first", with_tags=True),
    SaveSplit: lambda: split("7" * 32, "v2", "89"),
    DeleteSplit: lambda: DeleteSplit("4" * 32, "v1"),
}
