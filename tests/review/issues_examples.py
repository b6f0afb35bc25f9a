"""Examples of commands on issues, for the contract of all commands."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import LabelSnapshot, Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.comments import AddComment, DeleteComment, EditComment
from viewer.review.commands.issues import (
    AddElement,
    ChangeElement,
    ChangeIssue,
    OpenIssue,
    RemoveElement,
    ShowIssueAs,
)
from viewer.review.issues.model import (
    ElementStatus,
    Finding,
    IssueState,
    IssueType,
    NewElement,
    Pixel,
    Point,
    Priority,
    Span,
)

DATASET = "d" * 32
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
"""One pixel."""
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20 + b"\xff\xd9"
LABEL = Subject.label(DATASET, "street_0007", "000042", "gt", "18")
TRACK = Subject.track(DATASET, "street_0007", "gt", "18")
FRAME = Subject.frame(DATASET, "street_0007", "000042")
SNAPSHOT = LabelSnapshot("box_2d", "car", (1.0, 2.0, 3.0, 4.0), "18")
ISSUE, ELEMENT, COMMENT = "1" * 32, "2" * 32, "3" * 32


def prepare(workspace: Workspace) -> None:
    """An issue with an element and a comment."""
    element = NewElement(ELEMENT, LABEL, snapshot=SNAPSHOT)
    workspace.run(OpenIssue(ISSUE, "Loose box", elements=(element,), labels=("night", "truck")))
    workspace.run(AddComment(COMMENT, ISSUE, "@bob, half a metre too long"))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    OpenIssue: lambda: OpenIssue(
        "4" * 32,
        "Id switch behind the bus",
        IssueType.LABEL_QUALITY,
        (
            NewElement("5" * 32, TRACK, Span("000040", "000047")),
            NewElement("6" * 32, FRAME, Point("world", (1.0, -2.5, 0.25))),
            NewElement("7" * 32, LABEL, Pixel("front", 12.5, 300.0), SNAPSHOT),
        ),
        "ask @ann",
        IssueState.IN_PROGRESS,
        "bob",
        Priority.HIGH,
        dt.date(2027, 1, 31),
        ("night",),
        {"eye": [1, 2, 3]},
        PNG,
        JPEG,
        Finding("id_switch", "two tracks swap", 0.75),
        external={"aquarium": {"issue_id": "x"}},
    ),
    ChangeIssue: lambda: ChangeIssue(
        ISSUE, state=IssueState.RESOLVED, assignee="bob", labels=("night", "done"), title="Box"
    ),
    ShowIssueAs: lambda: ShowIssueAs(ISSUE, {"eye": [4]}, JPEG),
    AddElement: lambda: AddElement(ISSUE, NewElement("8" * 32, FRAME)),
    ChangeElement: lambda: ChangeElement(ELEMENT, ElementStatus.DONE),
    RemoveElement: lambda: RemoveElement(ELEMENT),
    AddComment: lambda: AddComment("9" * 32, ISSUE, "@ann agreed", ELEMENT),
    EditComment: lambda: EditComment(COMMENT, "@ann, a metre too long"),
    DeleteComment: lambda: DeleteComment(COMMENT),
}
