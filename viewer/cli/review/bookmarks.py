"""`sightline review bookmarks`: views that have names."""

from viewer.cli.review.base import (
    AsJson,
    File,
    print_json,
    reading_workspace,
    short_time,
    time_facts,
)


def run(file: File, as_json: AsJson = False) -> None:
    """List the named views of the workspace FILE."""
    from viewer.review.bookmarks.reading import bookmarks

    with reading_workspace(file) as workspace:
        found = bookmarks(workspace.reading)
    if as_json:
        print_json(
            [
                {
                    "id": each.bookmark_id, "name": each.name, "dataset_id": each.dataset_id,
                    "author": each.author, "created": time_facts(each.created_ns),
                    "sight": each.sight,
                }
                for each in found
            ]
        )  # fmt: skip
        return
    for each in found:
        print(f"{each.name}  {each.author}, {short_time(each.created_ns)}")
    if not found:
        print("no bookmarks")
