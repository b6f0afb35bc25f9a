"""Examples of the commands about findings."""

from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import LabelSnapshot, Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.findings import DismissFinding, RestoreFinding

DATASET = "d" * 32
LABEL = Subject.label(DATASET, "s1", "000004", "gt", "car-7")
SNAPSHOT = LabelSnapshot("cuboid", "car", (1.0, 2.0, 0.8, 4.4, 1.9, 1.6, 1.0, 0.0, 0.0, 0.0), "7")


def prepare(workspace: Workspace) -> None:
    """What the examples need to be there."""
    workspace.run(DismissFinding(LABEL, "box-2d", "front", "the guideline allows it", SNAPSHOT))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    DismissFinding: lambda: DismissFinding(LABEL, "floating", "", "a ramp", SNAPSHOT),
    RestoreFinding: lambda: RestoreFinding(LABEL, "box-2d", "front"),
}
