"""`sightline review info`: what is in a workspace, in numbers."""

from typing import TYPE_CHECKING, Any

from viewer.cli.review.base import AsJson, File, print_facts, print_json, reading_workspace

if TYPE_CHECKING:
    from viewer.review import Workspace


def run(file: File, as_json: AsJson = False) -> None:
    """Say what the workspace FILE holds: datasets, reviewers, issues, verdicts, queues."""
    with reading_workspace(file) as workspace:
        facts = describe(workspace)
    if as_json:
        print_json(facts)
        return
    datasets = "\n".join(f"{each['name']} ({each['path']})" for each in facts["datasets"])
    print_facts(
        {
            "workspace": facts["path"],
            "datasets": datasets.replace("\n", "\n" + " " * 11),
            "reviewers": ", ".join(facts["reviewers"]),
            "issues": _counts(facts["issues"]),
            "verdicts": _counts(facts["verdicts"]),
            "queues": "\n".join(
                f"{each['name']}: {each['done']} of {each['total']} done"
                for each in facts["queues"]
            ).replace("\n", "\n" + " " * 11),
            "commands": facts["command_count"],
            "held by": facts["held_by"],
        }
    )


def describe(workspace: "Workspace") -> dict[str, Any]:
    """Collect the facts that `info` prints, as JSON values."""
    from viewer.review.datasets.entities import DATASETS, REVIEWERS
    from viewer.review.issues.reading import count_issues
    from viewer.review.queues.reading import queues
    from viewer.review.verdicts.counts import count_verdicts

    reading = workspace.reading
    return {
        "path": str(workspace.path),
        "datasets": [
            {
                "id": row["key"],
                "name": row["name"],
                "path": row["path"],
                "format": row["format_name"],
            }
            for row in reading.rows(DATASETS, "ORDER BY name")
        ],
        "reviewers": [row["name"] for row in reading.rows(REVIEWERS, "ORDER BY name")],
        "issues": {str(state): count for state, count in count_issues(reading).items()},
        "verdicts": {each.values[0]: each.count for each in count_verdicts(reading)},
        "queues": [
            {"id": each.queue_id, "name": each.name, "total": each.total, "done": each.done}
            for each in queues(reading)
        ],
        "command_count": workspace.journal.last_seq,
        "held_by": str(workspace.holder) if workspace.holder else None,
    }


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
