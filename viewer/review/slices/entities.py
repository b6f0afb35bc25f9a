"""Rows: slices, and their members in chunks."""

from typing import Final

from viewer.review.entity import Column, Entity

SLICES: Final = Entity(
    "slices",
    {
        "name": Column.TEXT,
        "kind": Column.TEXT,
        "parent": Column.TEXT,
        "how": Column.JSON,
        "created_ns": Column.INTEGER,
        "created_by": Column.TEXT,
    },
)
"""``kind`` is the `SubjectKind` of the members, ``how`` a record of `provenance`."""
SLICE_MEMBERS: Final = Entity(
    "slice_members",
    {"slice_id": Column.TEXT, "part": Column.TEXT, "members": Column.SUBJECTS},
    ("slice_id", "part"),
)
"""Some members of a slice; ``part`` is a hash of those with which the row was made.

Two people who add the same members make the same row; other additions never meet, so that they
merge. A member may then stand in two rows: a slice is the union of its rows.
"""
