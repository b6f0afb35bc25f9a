"""What a listener of the session heard, in short."""

from viewer.session.selection import LabelKey


def kinds(desk):
    return [type(change) for change in desk.changes]


def car(index):
    return LabelKey("gt", index, f"car-{index}", "1")
