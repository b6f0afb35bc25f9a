"""All subcommands of `sightline review`, in the order in which `--help` lists them."""

from typing import Final

from viewer.cli.base import Command
from viewer.cli.review import (
    bookmarks,
    change_issue,
    comment,
    exchange,
    info,
    issue,
    issues,
    journal,
    keeping,
    marks,
    new,
    open_issue,
    queue,
    redelivery,
    slices,
    tags,
    undo,
    verdict,
    verdicts,
)

SUBCOMMANDS: Final[tuple[Command, ...]] = (
    Command("new", new.run_new),
    Command("attach", new.run_attach),
    Command("info", info.run),
    Command("issues", issues.run),
    Command("issue", issue.run),
    Command("open-issue", open_issue.run),
    Command("change-issue", change_issue.run),
    Command("comment", comment.run),
    Command("verdict", verdict.run),
    Command("verdicts", verdicts.run),
    Command("queue", queue.run),
    Command("slices", slices.run_slices),
    Command("slice", slices.run_slice),
    Command("combine", slices.run_combine),
    Command("tags", tags.run_tags),
    Command("tag", tags.run_tag),
    Command("marks", marks.run_marks),
    Command("mark", marks.run_mark),
    Command("redelivery", redelivery.run),
    Command("bookmarks", bookmarks.run),
    Command("journal", journal.run),
    Command("undo", undo.run),
    Command("export", exchange.run_export),
    Command("import", exchange.run_import),
    Command("report", exchange.run_report),
    Command("backup", keeping.run_backup),
    Command("restore", keeping.run_restore),
    Command("check", keeping.run_check),
)
"""A new one is one file, and one line here."""
