"""`sightline review versions`, `save-version`, `fork-version`, `restore-version`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    dataset_of,
    print_json,
    reading_workspace,
    time_facts,
    writing_workspace,
)
from viewer.cli.review.slices import slice_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.versions.model import Version

VersionName = Annotated[str, typer.Argument(metavar="VERSION", help="A version's name.")]


def run_versions(file: File, as_json: AsJson = False) -> None:
    """List the versions of label sets that the workspace FILE keeps."""
    from viewer.review.versions.reading import versions

    with reading_workspace(file) as workspace:
        reading = workspace.reading
        found = versions(reading)
        facts = [_facts(reading, each) for each in found]
    if as_json:
        print_json(facts)
        return
    for each in facts:
        of = f", fork of {each['parent']}" if each["parent"] else ""
        old = ", of an older delivery" if each["older_delivery"] else ""
        edited = f"{each['edited_labels']} labels edited"
        print(f"{each['name']}  {each['label_set']}, {edited}{of}{old}")
    if not facts:
        print("no versions")


def run_save(
    file: File,
    name: VersionName,
    label_set: Annotated[str, typer.Option("--label-set", help="The label set, e.g. gt.")],
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="A name of the class map; repeat it.")
    ] = None,
    dataset: DatasetName = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Keep how a label set is now, with everyone's edits and tags, as VERSION."""
    from viewer.review import new_id
    from viewer.review.commands.versions import SaveVersion

    with writing_workspace(file, reviewer) as workspace:
        dataset_id = dataset_of(workspace.reading, dataset)
        version_id = new_id()
        workspace.run(SaveVersion(version_id, name, dataset_id, label_set, tuple(classes or ())))
        _show(workspace.reading, version_id, as_json=as_json)


def run_fork(
    file: File,
    name: VersionName,
    of: Annotated[str, typer.Option("--of", help="The version that it comes from.")],
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="Only labels of this class; repeat it.")
    ] = None,
    only_slice: Annotated[
        str | None, typer.Option("--slice", help="Only what is in this slice.")
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="Only this tag; repeat it.")
    ] = None,
    with_labels: Annotated[bool, typer.Option("--labels/--no-labels")] = True,
    with_classes: Annotated[bool, typer.Option("--classes/--no-classes")] = True,
    with_tags: Annotated[bool, typer.Option("--tags/--no-tags")] = True,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make VERSION of another one, with what is chosen of it."""
    from viewer.review import new_id
    from viewer.review.commands.versions import ForkVersion
    from viewer.review.versions.model import ForkChoices

    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        choices = ForkChoices(
            with_labels, with_classes, with_tags, tuple(classes) if classes else None,
            slice_named(reading, only_slice).slice_id if only_slice else None,
            tuple(tags) if tags else None,
        )  # fmt: skip
        version_id = new_id()
        parent = version_named(reading, of).version_id
        workspace.run(ForkVersion(version_id, name, parent, choices))
        _show(reading, version_id, as_json=as_json)


def run_restore(
    file: File,
    name: VersionName,
    with_tags: Annotated[
        bool, typer.Option("--tags", help="Make the dataset's tags as they were too.")
    ] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make the label set as it was in VERSION: one step, which undo takes back."""
    from viewer.review.commands.versions import RestoreVersion

    with writing_workspace(file, reviewer) as workspace:
        found = version_named(workspace.reading, name)
        entry = workspace.run(RestoreVersion(found.version_id, found.name, with_tags))
    if as_json:
        print_json({"version": found.name, "changed": entry is not None})
    else:
        print("nothing to change" if entry is None else entry.text)


def version_named(reading: "Reading", name: str) -> "Version":
    """Return the version of a name or of the first digits of its id; leave when unclear."""
    from viewer.review.versions.reading import versions

    found = [
        each for each in versions(reading) if each.name == name or each.version_id.startswith(name)
    ]
    if len(found) != 1:
        why = "several versions are named" if found else "there is no version"
        fail(f"{why} {name}", ExitCode.USAGE)
    return found[0]


def _show(reading: "Reading", version_id: str, *, as_json: bool) -> None:
    from viewer.review.versions.reading import version_by_id

    found = version_by_id(reading, version_id)
    if found is None:
        return
    facts = _facts(reading, found)
    if as_json:
        print_json(facts)
    else:
        print(f"{found.name}: {facts['edited_labels']} labels edited")


def _facts(reading: "Reading", version: "Version") -> dict[str, Any]:
    from viewer.review.versions.reading import (
        edited_scenes,
        is_of_older_delivery,
        version_by_id,
    )

    scenes = edited_scenes(reading, version.version_id)
    parent = None if version.parent is None else version_by_id(reading, version.parent)
    return {
        "id": version.version_id,
        "name": version.name,
        "dataset": version.dataset_id,
        "label_set": version.label_set_id,
        "parent": None if parent is None else parent.name,
        "delivery": version.fingerprint,
        "older_delivery": is_of_older_delivery(reading, version),
        "keeps": version.keeps.to_json(),
        "classes": list(version.classes),
        "tags": {tag: len(carriers) for tag, carriers in version.tags.items()},
        "edited_labels": sum(len(held) for each in scenes for held in each.edits.values()),
        "author": version.created_by,
        "created": time_facts(version.created_ns),
    }
