"""Named views."""

import pytest
from review.bookmarks_examples import BOOKMARK, prepare
from review.issues_examples import DATASET, JPEG, PNG

from viewer.review import CommandRefused, Workspace, new_id
from viewer.review.bookmarks.reading import Bookmark, bookmark, bookmarks
from viewer.review.commands.bookmarks import (
    AddBookmark,
    MoveBookmark,
    RemoveBookmark,
    RenameBookmark,
)
from viewer.review.pictures import picture_hash


def test_a_bookmark_is_read_as_it_was_made(workspace: Workspace):
    prepare(workspace)
    found = bookmark(workspace.reading, BOOKMARK)
    created_ns = workspace.journal.last_time_ns
    assert found == Bookmark(
        BOOKMARK, "Crossing", DATASET, {"eye": [1, 2, 3]}, picture_hash(PNG), "ann", created_ns
    )
    assert bookmark(workspace.reading, new_id()) is None


def test_bookmarks_come_by_name_and_dataset(workspace: Workspace):
    prepare(workspace)
    workspace.run(AddBookmark(new_id(), "alley", {}))
    workspace.run(AddBookmark(new_id(), "Bridge", {}, "e" * 32))
    names = [each.name for each in bookmarks(workspace.reading)]
    assert names == ["alley", "Bridge", "Crossing"]
    assert [each.name for each in bookmarks(workspace.reading, DATASET)] == ["Crossing"]


def test_a_bookmark_is_renamed_moved_removed_and_comes_back(workspace: Workspace):
    prepare(workspace)
    workspace.run(RenameBookmark(BOOKMARK, " Big crossing "))
    workspace.run(MoveBookmark(BOOKMARK, {"eye": [4]}, thumbnail=JPEG))
    found = bookmark(workspace.reading, BOOKMARK)
    assert (found.name, found.sight, found.dataset_id) == ("Big crossing", {"eye": [4]}, None)
    assert workspace.reading.picture(found.thumbnail_hash) == JPEG
    workspace.run(RemoveBookmark(BOOKMARK))
    assert bookmarks(workspace.reading) == []
    workspace.undo()
    assert bookmark(workspace.reading, BOOKMARK) == found


@pytest.mark.parametrize(
    "command",
    [
        AddBookmark(BOOKMARK, "Again", {}),
        AddBookmark(new_id(), " ", {}),
        AddBookmark(new_id(), "x", {"eye": float("inf")}),
        AddBookmark(new_id(), "x", {}, thumbnail=b"text"),
        RenameBookmark(new_id(), "Gone"),
        RenameBookmark(BOOKMARK, ""),
        MoveBookmark(new_id(), {}),
    ],
)
def test_what_makes_no_sense_is_refused(workspace: Workspace, command):
    prepare(workspace)
    with pytest.raises(CommandRefused):
        workspace.run(command)
