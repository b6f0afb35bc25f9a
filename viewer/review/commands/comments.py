"""Talking about issues and their elements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review.change import Change
from viewer.review.commands.issues import named
from viewer.review.errors import CommandRefused
from viewer.review.issues.entities import COMMENTS, ELEMENTS, ISSUES
from viewer.review.issues.texts import checked_json, comment_text, mentioned
from viewer.review.ledger import Ledger


@dataclass(frozen=True, slots=True)
class AddComment:
    """Say something about an issue, or about one of its elements."""

    comment_id: str
    issue_id: str
    comment: str
    element_id: str | None = None
    issue_title: str = ""
    author: str | None = None
    """Who said it, when that is not the one who writes it down."""
    created_ns: int | None = None
    """When it was said, when that is not now."""
    external: Mapping[str, Any] | None = None

    kind: ClassVar[str] = "add_comment"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Comment on {named(self.issue_title)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        if ledger.row(ISSUES, self.issue_id) is None:
            raise CommandRefused(f"{named(self.issue_title)} is no longer in the workspace")
        if ledger.row(COMMENTS, self.comment_id) is not None:
            raise CommandRefused("this comment is in the workspace already")
        if self.element_id is not None:
            element = ledger.row(ELEMENTS, self.element_id)
            if element is None or element["issue_id"] != self.issue_id:
                raise CommandRefused("this element is not in the issue")
        text = comment_text(self.comment)
        row = {
            "issue_id": self.issue_id, "element_id": self.element_id,
            "author": self.author or ledger.reviewer.name, "text": text,
            "mentions": mentioned(ledger, text),
            "created_ns": ledger.now_ns if self.created_ns is None else self.created_ns,
            "edited_ns": None, "deleted_ns": None, "external": checked_json(self.external),
        }  # fmt: skip
        yield ledger.create(COMMENTS, row, self.comment_id)


@dataclass(frozen=True, slots=True)
class EditComment:
    """Say it otherwise; what was said before stays readable."""

    comment_id: str
    comment: str
    issue_title: str = ""

    kind: ClassVar[str] = "edit_comment"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Edit a comment on {named(self.issue_title)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change text and mentions of one's own comment."""
        row = ledger.row(COMMENTS, self.comment_id)
        if row is None or row["deleted_ns"] is not None:
            raise CommandRefused("this comment is deleted")
        if row["author"] != ledger.reviewer.name:
            raise CommandRefused(f"only {row['author']} may edit this comment")
        text = comment_text(self.comment)
        if text == row["text"]:
            return
        columns = {"text": text, "mentions": mentioned(ledger, text), "edited_ns": ledger.now_ns}
        yield from ledger.update(COMMENTS, self.comment_id, columns)


@dataclass(frozen=True, slots=True)
class DeleteComment:
    """Take a comment out of its thread; the history still tells it."""

    comment_id: str
    issue_title: str = ""

    kind: ClassVar[str] = "delete_comment"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Delete a comment on {named(self.issue_title)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Note the time; nothing where it is deleted already."""
        row = ledger.row(COMMENTS, self.comment_id)
        if row is None:
            raise CommandRefused("this comment is no longer in the workspace")
        if row["deleted_ns"] is None:
            yield from ledger.update(COMMENTS, self.comment_id, {"deleted_ns": ledger.now_ns})
