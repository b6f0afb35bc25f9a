"""`sightline review bookmark`: give a view a name, or forget it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, readable_errors
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    FrameKey,
    LabelId,
    LabelSetId,
    ReviewerName,
    SceneId,
    SubjectOptions,
    dataset_of,
    print_json,
    writing_workspace,
)
from viewer.cli.review.bookmarks import bookmark_facts
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review import Reading, Subject
    from viewer.review.bookmarks.reading import Bookmark


def run(
    file: File,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, or its id.")],
    remove: Annotated[bool, typer.Option("--remove", help="Forget the bookmark.")] = False,
    dataset: DatasetName = None,
    scene: SceneId = None,
    frame: FrameKey = None,
    label_set: LabelSetId = None,
    label: LabelId = None,
    sight_file: Annotated[
        Path | None,
        typer.Option("--sight", metavar="FILE.json", help="A sight, as `bookmarks --json` has it."),
    ] = None,
    thumbnail: Annotated[
        Path | None, typer.Option("--thumbnail", help="A picture of it, JPEG or PNG.")
    ] = None,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Keep the view of what --scene, --frame, --label name, or of --sight, under NAME."""
    from viewer.review import new_id
    from viewer.review.bookmarks.reading import bookmark
    from viewer.review.commands.bookmarks import AddBookmark, RemoveBookmark

    given = (scene, frame, label_set, label)
    if remove and (any(given) or sight_file is not None or thumbnail is not None):
        fail("--remove stands alone", ExitCode.USAGE)
    if not remove and any(given) == (sight_file is not None):
        fail("give --scene and what is in it, or --sight", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        if remove:
            found = _named(reading, name)
            workspace.run(RemoveBookmark(found.bookmark_id, found.name))
            print_json({"removed": found.bookmark_id}) if as_json else print("removed", found.name)
            return
        with readable_errors():
            picture = None if thumbnail is None else thumbnail.read_bytes()
        if sight_file is None:
            subject = SubjectOptions(dataset, *given).subject(reading)
            look_up(reading, subject, unchecked=unchecked)
            sight, dataset_id = _sight(subject), None if subject is None else subject.dataset_id
        else:
            sight, dataset_id = _read_sight(sight_file), dataset_of(reading, dataset)
        bookmark_id = new_id()
        workspace.run(AddBookmark(bookmark_id, name, sight, dataset_id, picture))
        made = bookmark(reading, bookmark_id)
    if made is not None:
        print_json(bookmark_facts(made)) if as_json else print(made.name)


def _sight(subject: "Subject | None") -> dict[str, Any]:
    """Return where the window goes to show a subject."""
    if subject is None:
        return {}
    label = None if subject.label_id is None else f"{subject.label_set_id}:{subject.label_id}"
    names = {"scene_id": subject.scene_id, "frame_key": subject.frame_key, "label": label}
    return {name: value for name, value in names.items() if value is not None}


def _read_sight(path: Path) -> dict[str, Any]:
    from viewer.formats.base import DamagedData
    from viewer.formats.label_rows import load_json

    with readable_errors():
        value = load_json(path)
        if not isinstance(value, dict):
            raise DamagedData(path, "$", "is no JSON object")
    return value


def _named(reading: "Reading", name: str) -> "Bookmark":
    from viewer.review.bookmarks.reading import bookmarks

    found = [
        each
        for each in bookmarks(reading)
        if each.name == name or (name and each.bookmark_id.startswith(name))
    ]
    if len(found) != 1:
        what = "several bookmarks are named" if found else "there is no bookmark"
        fail(f"{what} {name}", ExitCode.USAGE)
    return found[0]
