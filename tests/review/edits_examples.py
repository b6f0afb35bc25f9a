"""Examples of the commands for edits of labels, tracks and marks."""

from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import LabelSnapshot, Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.class_map import ChangeClassEntry, ChangeThreshold
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    FlipHeading,
    RestoreLabel,
)
from viewer.review.commands.marks import ChangeMark, MarkMissing, RemoveMark
from viewer.review.commands.redelivery import AcceptCarry, Reanchor
from viewer.review.commands.tracks import ChangeTrackId, MergeTracks, SplitTrack
from viewer.review.redelivery.carry_over import Move

DATASET = "d" * 32
SNAPSHOT = LabelSnapshot("cuboid", "car", (1, 2, 3, 4, 2, 1.5, 1, 0, 0, 0), "18")
FRAME = Subject.frame(DATASET, "street_0007", "000042")


def label(label_id: str, frame_key: str = "000042") -> Subject:
    """A label of the examples' scene."""
    return Subject.label(DATASET, "street_0007", frame_key, "gt", label_id)


def prepare(workspace: Workspace) -> None:
    """Two edits and a mark."""
    workspace.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    workspace.run(ChangeBox(label("18"), center=(1, 2, 4)))
    workspace.run(ChangeClass(label("19"), "bus"))
    workspace.run(
        MarkMissing("m" * 32, FRAME, "pedestrian", position=(1, 2, 0.5), coord_frame_id="world")
    )


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    ChangeClass: lambda: ChangeClass(label("18"), "van"),
    ChangeAttribute: lambda: ChangeAttribute(label("18"), "occlusion", 2),
    ChangeBox: lambda: ChangeBox(label("20"), (0, 0, 1), (4, 2, 1.5), (2, 0, 0, 0), None, SNAPSHOT),
    FlipHeading: lambda: FlipHeading(label("18"), SNAPSHOT),
    DeleteLabel: lambda: DeleteLabel(label("21"), SNAPSHOT),
    RestoreLabel: lambda: RestoreLabel(label("18")),
    ChangeTrackId: lambda: ChangeTrackId(label("18"), "7", SNAPSHOT),
    MergeTracks: lambda: MergeTracks(
        "18", [label("18"), label("30", "000043")], {label("18"): SNAPSHOT}, ["30"]
    ),
    SplitTrack: lambda: SplitTrack("18-2", [label("18")], {label("18"): SNAPSHOT}, "18"),
    MarkMissing: lambda: MarkMissing(
        "n" * 32, FRAME, "car", sensor_id="front", pixel=(10, 20.5), box_px=(0, 0, 20, 40)
    ),
    ChangeMark: lambda: ChangeMark("m" * 32, {"class_name": "cyclist", "size": (2, 1, 1.8)}),
    AcceptCarry: lambda: AcceptCarry(
        [
            Move(label("18"), label("19"), SNAPSHOT),
            Move(label("19"), label("50"), LabelSnapshot("cuboid", "bus")),
        ]
    ),
    Reanchor: lambda: Reanchor(label("18"), label("51"), SNAPSHOT),
    ChangeClassEntry: lambda: ChangeClassEntry("car", {"colour": (1, 2, 3), "ignored": True}),
    ChangeThreshold: lambda: ChangeThreshold("score", 0.25),
    RemoveMark: lambda: RemoveMark("m" * 32, "pedestrian"),
}
