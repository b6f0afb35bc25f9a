"""`sightline review tags`, `tag`: tags on scenes, frames, tracks and labels."""

from typing import Annotated

import typer

from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    print_json,
    reading_workspace,
    subject_facts,
    writing_workspace,
)
from viewer.cli.review.lookup import Unchecked, look_up


def run_tags(
    file: File,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", help="List what carries all these tags.")
    ] = None,
    any_of: Annotated[
        list[str] | None, typer.Option("--any", help="List what carries one of these tags.")
    ] = None,
    none_of: Annotated[
        list[str] | None, typer.Option("--none", help="Of these, what carries none of these.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the tags of the workspace FILE with how often each is used, or what carries some."""
    from viewer.review.tags.model import TagFilter
    from viewer.review.tags.reading import tag_counts, tagged_subjects

    wanted = TagFilter(tuple(all_of or ()), tuple(any_of or ()), tuple(none_of or ()))
    with reading_workspace(file) as workspace:
        counts = tag_counts(workspace.reading) if wanted.is_empty else {}
        subjects = [] if wanted.is_empty else tagged_subjects(workspace.reading, wanted)
    if as_json:
        print_json(counts if wanted.is_empty else [subject_facts(each) for each in subjects])
        return
    for tag, count in counts.items():
        print(f"{tag}  {count}")
    for subject in subjects:
        print(subject.text)
    if not counts and not subjects:
        print("nothing is tagged so")


@with_option_groups
def run_tag(
    file: File,
    tag: Annotated[str, typer.Argument(metavar="TAG", help="E.g. night.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag off.")] = False,
    about: SubjectOptions,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Put TAG on what --scene, --frame, --label-set, --label and --track name."""
    from viewer.review.commands.tags import AddTag, RemoveTag
    from viewer.review.tags.reading import tags_of

    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        subject = about.needed_subject(reading, "say what it is about, e.g. --scene street_0007")
        if remove:
            workspace.run(RemoveTag(tag, [subject]))
        else:
            look_up(reading, subject, unchecked=unchecked)
            workspace.run(AddTag(tag, [subject]))
        carried = tags_of(reading, subject)
    if as_json:
        print_json({"subject": subject_facts(subject), "tags": list(carried)})
    else:
        print(f"{subject.text}: {', '.join(carried) or 'no tags'}")
