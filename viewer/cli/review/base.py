"""What subcommands share: opening a workspace, naming a subject, printing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import OptionGroup

if TYPE_CHECKING:
    from viewer.review import Reading, Subject, Workspace

NANOSECONDS = 1_000_000_000
SHORT_ID_LENGTH = 8

File = Annotated[Path, typer.Argument(metavar="FILE", help="A workspace: NAME.sightline.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ReviewerName = Annotated[
    str | None,
    typer.Option("--reviewer", metavar="NAME", help="Who does it; else who is logged in."),
]
DatasetName = Annotated[
    str | None,
    typer.Option("--dataset", help="Name or id of the dataset, where there are several."),
]
SceneId = Annotated[str | None, typer.Option("--scene", help="The scene that it is about.")]
FrameKey = Annotated[str | None, typer.Option("--frame", help="The frame, by its key.")]
LabelSetId = Annotated[str | None, typer.Option("--label-set", help="The label set, e.g. gt.")]
LabelId = Annotated[str | None, typer.Option("--label", help="The label, by its id.")]
TrackId = Annotated[str | None, typer.Option("--track", help="The track, by its id.")]


@contextmanager
def review_errors() -> Iterator[None]:
    """Turn what goes wrong with a workspace into one message and an exit code."""
    from viewer.review import CommandRefused, WorkspaceError, WorkspaceReadOnly, WorkspaceUnwritable

    try:
        yield
    except (CommandRefused, WorkspaceReadOnly, WorkspaceUnwritable) as error:
        fail(str(error), ExitCode.PROBLEMS)
    except WorkspaceError as error:
        fail(str(error), ExitCode.UNREADABLE)


@contextmanager
def reading_workspace(path: Path) -> "Iterator[Workspace]":
    """Open a workspace for reading, whoever holds it."""
    from viewer.review import Workspace, local_reviewer

    with review_errors(), Workspace.open(path, local_reviewer(), read_only=True) as workspace:
        yield workspace


@contextmanager
def writing_workspace(path: Path, reviewer: str | None) -> "Iterator[Workspace]":
    """Open a workspace to change it under a reviewer's name; leave when someone else holds it."""
    from viewer.review import Workspace, WorkspaceReadOnly

    with review_errors(), Workspace.open(path, known_reviewer(path, reviewer)) as workspace:
        if not workspace.is_writable:
            raise WorkspaceReadOnly(f"{path} cannot be changed: {workspace.read_only_reason}")
        yield workspace


def reviewer_named(name: str | None) -> "Any":  # noqa: ANN401 - not imported before it is needed
    """Return the reviewer that `--reviewer` names, with ``Name <mail>`` their e-mail too."""
    from viewer.review import Reviewer, local_reviewer

    if name is None:
        return local_reviewer()
    before, _, rest = name.partition("<")
    try:
        return Reviewer(before.strip(), rest.strip().removesuffix(">").strip())
    except ValueError as error:
        fail(f"--reviewer: {error}", ExitCode.USAGE)


def known_reviewer(path: Path, name: str | None) -> "Any":  # noqa: ANN401
    """Return the reviewer with the e-mail that the workspace knows, unless another is given."""
    from viewer.review import Reviewer, Workspace
    from viewer.review.datasets.entities import REVIEWERS

    reviewer = reviewer_named(name)
    if reviewer.email:
        return reviewer
    with Workspace.open(path, reviewer, read_only=True) as workspace:
        row = workspace.reading.row(REVIEWERS, reviewer.name)
    return Reviewer(reviewer.name, row["email"] or "") if row else reviewer


def dataset_of(reading: "Reading", name: str | None) -> str:
    """Return the id of the dataset that `--dataset` names, or of the only one."""
    from viewer.review.datasets.entities import DATASETS

    rows = reading.rows(DATASETS, "ORDER BY name")
    found = [row for row in rows if name is None or name in (row["name"], row["key"])]
    if len(found) != 1:
        known = ", ".join(row["name"] for row in rows)
        if not rows:
            problem = "the workspace has no dataset; add one with `sightline review attach`"
        elif found:
            problem = f"say which dataset with --dataset: {known}"
        else:
            problem = f"there is no dataset {name!r} in the workspace; known: {known}"
        fail(problem, ExitCode.USAGE)
    return str(found[0]["key"])


@dataclass(frozen=True, slots=True)
class SubjectOptions(OptionGroup):
    """Options that name what something is about."""

    dataset: DatasetName = None
    scene: SceneId = None
    frame: FrameKey = None
    label_set: LabelSetId = None
    label: LabelId = None
    track: TrackId = None

    def subject(self, reading: "Reading") -> "Subject | None":
        """Return the subject that the options name, None where they name nothing."""
        from viewer.review import Subject, SubjectKind

        names = (self.scene, self.frame, self.label_set, self.label, self.track)
        if not any(names):
            return None
        if self.label is not None:
            kind = SubjectKind.LABEL
        elif self.track is not None:
            kind = SubjectKind.TRACK
        else:
            kind = SubjectKind.SCENE if self.frame is None else SubjectKind.FRAME
        try:
            return Subject(kind, dataset_of(reading, self.dataset), *names)
        except ValueError as error:
            text = str(error).replace("_id", "").replace("_key", "").replace("_", "-")
            fail(f"{text}; give --scene, --frame, --label-set, --label or --track", ExitCode.USAGE)

    def needed_subject(self, reading: "Reading", request: str) -> "Subject":
        """Return the subject that the options name; leave with a request where there is none."""
        found = self.subject(reading)
        if found is None:
            fail(request, ExitCode.USAGE)
        return found


def one_choice(kind: type[Any], option: str, value: str | None) -> Any:  # noqa: ANN401
    """Return the member of an enumeration that an option names, letter case and _- aside."""
    if value is None:
        return None
    found = [each for each in kind if _plain(value) in (_plain(str(each)), _plain(each.name))]
    if not found:
        known = (str(each) if isinstance(each, str) else each.name.lower() for each in kind)
        fail(f"{option}: {value!r} is none of {', '.join(known)}", ExitCode.USAGE)
    return found[0]


def subject_facts(subject: "Subject") -> dict[str, Any]:
    """Return a subject as JSON values."""
    names = {
        "dataset_id": subject.dataset_id, "scene": subject.scene_id, "frame": subject.frame_key,
        "label_set": subject.label_set_id, "label": subject.label_id, "track": subject.track_id,
    }  # fmt: skip
    return {"kind": str(subject.kind)} | {key: name for key, name in names.items() if name}


def time_facts(time_ns: int | None) -> str | None:
    """Return a time as ISO text in UTC, to the microsecond."""
    if time_ns is None:
        return None
    seconds, rest_ns = divmod(time_ns, NANOSECONDS)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{rest_ns // 1000:06d}Z"


def short_time(time_ns: int) -> str:
    """Return a time for a list: UTC, to the minute."""
    return datetime.fromtimestamp(time_ns // NANOSECONDS, UTC).strftime("%Y-%m-%d %H:%M")


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of as many texts with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def print_json(value: object) -> None:
    """Print JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values below each other; what is empty is left out."""
    shown = {name.replace("_", " "): value for name, value in facts.items() if value not in _EMPTY}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print(f"{name:<{width}}  {value}")


_EMPTY: tuple[object, ...] = (None, "", [], {})


def _plain(text: str) -> str:
    return text.casefold().replace("_", "").replace("-", "").replace(" ", "")
