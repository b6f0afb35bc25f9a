"""Rows: conflicts."""

from typing import Final

from viewer.review.entity import Column, Entity

MERGE_CONFLICTS: Final = Entity(
    "merge_conflicts",
    {
        "kind": Column.TEXT,
        "entity": Column.TEXT,
        "row_key": Column.TEXT,
        "first_values": Column.JSON,
        "first_command": Column.TEXT,
        "second_key": Column.TEXT,
        "second_values": Column.JSON,
        "second_command": Column.TEXT,
        "resolution": Column.TEXT,
        "resolved_by": Column.TEXT,
        "resolved_ns": Column.INTEGER,
    },
)
"""``first`` is the earlier side; commands are ids in hex digits; ``entity`` and ``row_key`` name
the row, ``second_key`` the other one where two rows contradict each other."""
