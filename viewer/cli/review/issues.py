"""`sightline review issues`: the list of issues."""

from typing import Annotated, Any

import typer

from viewer.cli.review.base import (
    SHORT_ID_LENGTH,
    AsJson,
    File,
    one_choice,
    print_json,
    reading_workspace,
)
from viewer.cli.review.issue_facts import issue_facts


def run(
    file: File,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="Only these states; `open` for three.")
    ] = None,
    type_name: Annotated[
        list[str] | None, typer.Option("--type", help='Only these types, e.g. "Label Quality".')
    ] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", help="Only this person's.")] = None,
    reporter: Annotated[str | None, typer.Option("--reporter", help="Only by this person.")] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--issue-label", help="Only with all these labels.")
    ] = None,
    mentions: Annotated[
        str | None, typer.Option("--mentions", help="Only where this person is called.")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="Words in title and comments.")] = "",
    check: Annotated[str | None, typer.Option("--check", help="Only findings of a check.")] = None,
    scene: Annotated[str | None, typer.Option("--scene", help="Only in this scene.")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="Only in this dataset.")] = None,
    order: Annotated[
        str, typer.Option("--order", help="newest, oldest, priority or due.")
    ] = "newest",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the issues of the workspace FILE."""
    from viewer.cli.review.base import dataset_of
    from viewer.review.issues.filter import IssueFilter, IssueOrder
    from viewer.review.issues.model import IssueType
    from viewer.review.issues.reading import issues

    with reading_workspace(file) as workspace:
        is_placed = dataset is not None or scene is not None
        wanted = IssueFilter(
            states=_states(state or []),
            types=tuple(one_choice(IssueType, "--type", each) for each in type_name or ()),
            assignee=assignee,
            reporter=reporter,
            labels=tuple(labels or ()),
            mentions=mentions,
            text=text,
            check=check,
            dataset_id=dataset_of(workspace.reading, dataset) if is_placed else None,
            scene_id=scene,
        )
        chosen = one_choice(IssueOrder, "--order", order)
        found = issues(workspace.reading, wanted=wanted, order=chosen, limit=limit)
        facts = [issue_facts(each) for each in found]
    if as_json:
        print_json(facts)
        return
    for each in facts:
        print(_line(each))
    if not facts:
        print("no issues")


def _states(names: list[str]) -> tuple[Any, ...]:
    from viewer.review.issues.model import OPEN_STATES, IssueState

    states: dict[Any, None] = {}
    for name in names:
        chosen = OPEN_STATES if name == "open" else (one_choice(IssueState, "--state", name),)
        states.update(dict.fromkeys(chosen))
    return tuple(states)


def _line(facts: dict[str, Any]) -> str:
    who = f"  {facts['assignee']}" if facts["assignee"] else ""
    about = f"  {facts['done_count']}/{facts['element_count']}" if facts["element_count"] else ""
    return f"{facts['id'][:SHORT_ID_LENGTH]}  {facts['state']:<10}  {facts['title']}{who}{about}"
