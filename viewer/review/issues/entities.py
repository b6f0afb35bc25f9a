"""Rows: issues, their labels, elements and comments."""

from typing import Final

from viewer.review.entity import Column, Entity

ISSUES: Final = Entity(
    "issues",
    {
        "type": Column.TEXT,
        "state": Column.TEXT,
        "title": Column.TEXT,
        "description": Column.TEXT,
        "reporter": Column.TEXT,
        "assignee": Column.TEXT,
        "priority": Column.INTEGER,
        "due": Column.TEXT,
        "created_ns": Column.INTEGER,
        "mentions": Column.JSON,
        "sight": Column.JSON,
        "thumbnail_hash": Column.TEXT,
        "camera_picture_hash": Column.TEXT,
        "finding_check": Column.TEXT,
        "finding": Column.JSON,
        "external": Column.JSON,
    },
)
ISSUE_LABELS: Final = Entity(
    "issue_labels", {"issue_id": Column.TEXT, "label": Column.TEXT}, ("issue_id", "label")
)
"""A row each, so that two people's labels merge."""
ELEMENTS: Final = Entity(
    "issue_elements",
    {
        "issue_id": Column.TEXT,
        "subject": Column.SUBJECT,
        "anchor": Column.JSON,
        "status": Column.TEXT,
        "author": Column.TEXT,
        "created_ns": Column.INTEGER,
        "snapshot_hash": Column.TEXT,
        "removed_ns": Column.INTEGER,
        "external": Column.JSON,
    },
)
"""A removed element stays as a row: its comments and another person's copy need it."""
COMMENTS: Final = Entity(
    "comments",
    {
        "issue_id": Column.TEXT,
        "element_id": Column.TEXT,
        "author": Column.TEXT,
        "text": Column.TEXT,
        "mentions": Column.JSON,
        "created_ns": Column.INTEGER,
        "edited_ns": Column.INTEGER,
        "deleted_ns": Column.INTEGER,
        "external": Column.JSON,
    },
)
"""A deleted comment stays as a row, so that what was answered to it still makes sense."""
