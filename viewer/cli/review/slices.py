"""`sightline review slices`, `slice`, `combine`: named sets of scenes, frames, tracks, labels."""

from dataclasses import astuple
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    one_choice,
    print_json,
    reading_workspace,
    subject_facts,
    time_facts,
    writing_workspace,
)
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.slices.reading import Slice

SliceName = Annotated[str, typer.Argument(metavar="SLICE", help="A slice's name.")]


def run_slices(file: File, as_json: AsJson = False) -> None:
    """List the slices of the workspace FILE."""
    from viewer.review.slices.reading import slices

    with reading_workspace(file) as workspace:
        found = slices(workspace.reading)
    if as_json:
        print_json([_facts(each) for each in found])
        return
    for each in found:
        kind = each.kind if each.count == 1 else f"{each.kind}s"
        print(f"{each.name}  {each.count} {kind}  {each.origin}")
    if not found:
        print("no slices")


@with_option_groups
def run_slice(
    file: File,
    name: SliceName,
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take what is named out of the slice.")
    ] = False,
    about: SubjectOptions,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Show the members of SLICE, or put in what --scene, --frame, --label, --track name."""
    from viewer.review import new_id
    from viewer.review.commands.slices import AddToSlice, CreateSlice, RemoveFromSlice
    from viewer.review.slices.members import Members
    from viewer.review.slices.reading import slices_named

    if not any(astuple(about)):
        with reading_workspace(file) as workspace:
            _show(workspace.reading, name, as_json=as_json)
        return
    with writing_workspace(file, reviewer) as workspace:
        subject = about.needed_subject(
            workspace.reading, "say what to put in, e.g. --scene street_0007"
        )
        if remove:
            slice_id = slice_named(workspace.reading, name).slice_id
            workspace.run(RemoveFromSlice(slice_id, (subject.key,), name))
        else:
            look_up(workspace.reading, subject, unchecked=unchecked)
            members = Members.of([subject])
            is_new = not slices_named(workspace.reading, name)
            workspace.run(
                CreateSlice(new_id(), name, members)
                if is_new
                else AddToSlice(slice_named(workspace.reading, name).slice_id, members, name)
            )
        _show(workspace.reading, name, as_json=as_json)


def run_combine(
    file: File,
    name: SliceName,
    operation: Annotated[
        str, typer.Argument(metavar="HOW", help="union, intersection or difference.")
    ],
    of: Annotated[list[str], typer.Argument(metavar="SLICES...", help="Slices by their names.")],
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make SLICE of other SLICES: all their members, those in each, or those of the first alone."""
    from viewer.review import new_id
    from viewer.review.commands.slices import CombineSlices
    from viewer.review.slices.algebra import Operation

    how = one_choice(Operation, "HOW", operation)
    with writing_workspace(file, reviewer) as workspace:
        ids = tuple(slice_named(workspace.reading, each).slice_id for each in of)
        workspace.run(CombineSlices(new_id(), name, how, ids))
        _show(workspace.reading, name, as_json=as_json)


def run_sample(
    file: File,
    name: SliceName,
    of: Annotated[str, typer.Option("--of", help="The slice to draw from.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many members.")],
    seed: Annotated[int, typer.Option("--seed", help="The same one draws the same.")] = 0,
    by_scene: Annotated[
        bool, typer.Option("--by-scene", help="Each scene gives its share.")
    ] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make SLICE of members of another one, drawn by chance."""
    from viewer.review import new_id
    from viewer.review.commands.slices import SampleSlice

    with writing_workspace(file, reviewer) as workspace:
        of_id = slice_named(workspace.reading, of).slice_id
        workspace.run(SampleSlice(new_id(), name, of_id, count, seed, by_scene))
        _show(workspace.reading, name, as_json=as_json)


def slice_named(reading: "Reading", name: str) -> "Slice":
    """Return the slice of a name; leave when there is none or more than one."""
    from viewer.review.slices.reading import slices_named

    found = slices_named(reading, name)
    if len(found) != 1:
        why = "several slices are named" if found else "there is no slice"
        fail(f"{why} {name}", ExitCode.USAGE)
    return found[0]


def _show(reading: "Reading", name: str, *, as_json: bool) -> None:
    from viewer.review.slices.reading import member_subjects

    found = slice_named(reading, name)
    members = list(member_subjects(reading, found.slice_id))
    if as_json:
        print_json(_facts(found) | {"members": [subject_facts(each) for each in members]})
        return
    for each in members:
        print(each.text)
    if not members:
        print("empty")


def _facts(found: "Slice") -> dict[str, Any]:
    return {
        "id": found.slice_id, "name": found.name, "kind": str(found.kind), "count": found.count,
        "origin": found.origin, "author": found.created_by,
        "created": time_facts(found.created_ns),
    }  # fmt: skip
