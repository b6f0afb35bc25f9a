"""Examples of commands that give verdicts."""

from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import LabelSnapshot, Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.verdicts import ClearVerdict, DefineReasons, SetVerdict
from viewer.review.verdicts.model import VerdictState

DATASET = "d" * 32
LABEL = Subject.label(DATASET, "street", "000042", "gt", "18")
TRACK = Subject.track(DATASET, "street", "gt", "7")
CAR = LabelSnapshot("cuboid", "car", (1.0, 2, 3, 4, 2, 1.5, 1, 0, 0, 0), "7")


def prepare(workspace: Workspace) -> None:
    """A track that is judged already."""
    workspace.run(SetVerdict(TRACK, VerdictState.ACCEPTED, class_name="car"))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    SetVerdict: lambda: SetVerdict(
        LABEL, VerdictState.NEEDS_FIX, ("loose box", "bad heading"), "half a metre too long", CAR
    ),
    ClearVerdict: lambda: ClearVerdict(TRACK),
    DefineReasons: lambda: DefineReasons(("too far", "wrong class")),
}
