"""The tables behind the search index are SQLite's own; a workspace opens anyhow."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from review.issues_examples import ISSUE

from viewer.review import DamagedWorkspace, Reviewer, Workspace
from viewer.review.commands.issues import OpenIssue
from viewer.review.issues.filter import IssueFilter
from viewer.review.issues.reading import issues


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "w.sightline"
    with Workspace.create(path, Reviewer("ann")) as workspace:
        workspace.run(OpenIssue(ISSUE, "Loose box"))
    return path


def rewrite(path: Path, sql: str, *values: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(sql, values)


def test_another_way_of_writing_the_search_tables_is_no_damage(path: Path):
    rewrite(
        path,
        "UPDATE sqlite_master SET sql = replace(sql, 'block BLOB', 'block  BLOB')"
        " WHERE name = 'issue_search_data'",
    )
    with Workspace.open(path, Reviewer("ann")) as workspace:
        found = issues(workspace.reading, wanted=IssueFilter(text="loose"))
    assert [each.issue_id for each in found] == [ISSUE]


def test_a_trigger_on_a_search_table_is_not_let_in(path: Path):
    rewrite(
        path,
        "INSERT INTO sqlite_master VALUES ('trigger', 'issue_search_x', 'issues', 0, ?)",
        "CREATE TRIGGER issue_search_x AFTER INSERT ON issues BEGIN DELETE FROM comments; END",
    )
    with pytest.raises(DamagedWorkspace, match="not those of its layout"):
        Workspace.open(path, Reviewer("ann"))
