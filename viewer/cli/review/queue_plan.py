"""Options that say what goes into a queue or a task, and the plan that they make."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail, readable_errors, terminal_progress
from viewer.cli.option_group import OptionGroup
from viewer.cli.review.base import dataset_of
from viewer.cli.review.exchange import opened_dataset
from viewer.cli.review.slices import slice_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.queues.labels import LabelFilter
    from viewer.review.queues.plan import QueuePlan
    from viewer.review.queues.split import Share
    from viewer.scene.scene import Dataset, Problem

FromSlice = Annotated[str | None, typer.Option("--slice", help="The members of this slice.")]
FindingsFile = Annotated[
    Path | None,
    typer.Option(
        "--findings",
        metavar="FILE.json",
        help="What checks found, most suspicious first: a list of objects with subject (scene,"
        " frame, label_set, label, track), score, check, evidence.",
    ),
]
OfLabelSet = Annotated[
    str | None,
    typer.Option("--label-set", help="Labels of this set alone."),
]
OfScene = Annotated[str | None, typer.Option("--scene", help="Only labels in this scene.")]
Classes = Annotated[
    list[str] | None, typer.Option("--class", help="Only labels of this class; repeat it.")
]
Score = Annotated[
    tuple[float, float] | None,
    typer.Option("--score", metavar="FROM TO", help="Only labels with such a score."),
]
Distance = Annotated[
    tuple[float, float] | None,
    typer.Option("--distance", metavar="FROM TO", help="Only cuboids so far away, in metres."),
]
Points = Annotated[
    tuple[float, float] | None,
    typer.Option("--points", metavar="FROM TO", help="Only cuboids with so many points inside."),
]
AttributeValues = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        metavar="NAME=VALUE",
        help="Only labels with it, as text; repeat it. NAME= stands for labels without it.",
    ),
]
AsTracks = Annotated[
    bool, typer.Option("--tracks", help="The tracks of the labels in their stead.")
]
NotReviewed = Annotated[
    bool, typer.Option("--not-reviewed", help="Of them those that nobody judged.")
]
SecondReviewer = Annotated[
    str | None,
    typer.Option(
        "--second-reviewer",
        metavar="NAME",
        help="Of them those that someone judged and NAME did not; alone: of all that was judged.",
    ),
]
Sample = Annotated[
    int | None, typer.Option("--sample", min=1, help="Of them so many drawn by chance.")
]
Seed = Annotated[int, typer.Option("--seed", help="The chance of --sample.")]
ByClass = Annotated[
    bool, typer.Option("--by-class", help="With --sample: each class gives its share.")
]
ByScene = Annotated[
    bool, typer.Option("--by-scene", help="With --sample: each scene gives its share.")
]
Shares = Annotated[
    list[str] | None,
    typer.Option(
        "--share", metavar="NAME[=PERCENT]", help="A reviewer who gets a part; repeat it."
    ),
]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Items a batch.")]


@dataclass(frozen=True, slots=True)
class PlanOptions(OptionGroup):
    """Options that say what goes into a queue or a task."""

    slice_name: FromSlice = None
    findings: FindingsFile = None
    label_set: OfLabelSet = None
    scene: OfScene = None
    classes: Classes = None
    score: Score = None
    distance: Distance = None
    points: Points = None
    attributes: AttributeValues = None
    tracks: AsTracks = False
    not_reviewed: NotReviewed = False
    second_reviewer: SecondReviewer = None
    sample: Sample = None
    seed: Seed = 0
    by_class: ByClass = False
    by_scene: ByScene = False

    @property
    def filters(self) -> bool:
        """Whether labels are asked for by what they are."""
        return bool(
            self.scene or self.classes or self.score or self.distance or self.points
            or self.attributes
        )  # fmt: skip

    @property
    def needs_labels(self) -> bool:
        """Whether classes or tracks of labels must be known."""
        return self.label_set is not None or self.tracks or self.by_class


def plan_of(
    reading: "Reading", options: PlanOptions, dataset: str | None, data: Path | None
) -> "QueuePlan":
    """Return what the options name, narrowed and drawn as they say; leave where nothing fits."""
    from viewer.review.queues import build

    _check(options)
    plan = _source(reading, options, dataset, data)
    if options.tracks:
        from viewer.review.subject import SubjectKind

        plan = build.tracks_of(plan)
        tracks = tuple(each for each in plan.items if each.row.kind != SubjectKind.LABEL)
        plan = replace(plan, items=tracks)
    if options.not_reviewed:
        plan = build.not_yet_reviewed(reading, plan)
    if options.second_reviewer is not None:
        plan = build.for_second_reviewer(reading, plan, options.second_reviewer)
    if options.sample is not None:
        plan = _drawn(plan, options.sample, options)
    if not len(plan):
        fail("nothing fits", ExitCode.PROBLEMS)
    return plan


def shares_of(texts: list[str] | None) -> "tuple[Share, ...]":
    """Return who gets which part, e.g. of ``ann=60`` and ``bob=40``."""
    from viewer.review.queues.split import Share, split

    found = []
    for text in texts or ():
        name, sign, percent = text.partition("=")
        try:
            found.append(Share(name.strip(), float(percent) if sign else None))
        except ValueError:
            fail(f"--share {text} is not NAME=PERCENT, e.g. ann=60", ExitCode.USAGE)
    if found:
        try:
            split(0, found)
        except ValueError as error:
            fail(f"--share: {error}", ExitCode.USAGE)
    return tuple(found)


def _check(options: PlanOptions) -> None:
    if options.slice_name is not None and options.findings is not None:
        fail("give one of --slice and --findings", ExitCode.USAGE)
    if options.filters and options.label_set is None:
        fail("say with --label-set whose labels are filtered", ExitCode.USAGE)
    if options.by_class and options.by_scene:
        fail("give one of --by-class and --by-scene", ExitCode.USAGE)
    if options.sample is None and (options.by_class or options.by_scene):
        fail("--by-class and --by-scene belong to --sample", ExitCode.USAGE)
    sources = (options.slice_name, options.findings, options.label_set, options.second_reviewer)
    if all(each is None for each in sources):
        fail(
            "say what goes in: --slice, --findings, --label-set or --second-reviewer",
            ExitCode.USAGE,
        )


def _source(
    reading: "Reading", options: PlanOptions, dataset: str | None, data: Path | None
) -> "QueuePlan":
    """Return everything that the options name, before it is narrowed by what people said."""
    from viewer.review.queues import build

    plan = _told(reading, options, dataset)
    if plan is not None and not options.needs_labels:
        return plan
    dataset_id = dataset_of(reading, dataset)
    with opened_dataset(reading, dataset_id, data) as opened:
        if plan is not None and options.label_set is None:
            return _with_classes(reading, opened, dataset_id, plan)
        filtered = _labels(reading, opened, dataset_id, options)
        return filtered if plan is None else build.let_through(plan, filtered)


def _told(reading: "Reading", options: PlanOptions, dataset: str | None) -> "QueuePlan | None":
    """Return what a slice, findings or verdicts name; None where labels are asked for alone."""
    from viewer.review.queues import build

    if options.slice_name is not None:
        return build.plan_of_slice(reading, slice_named(reading, options.slice_name).slice_id)
    if options.findings is not None:
        from viewer.review.queues.found import read_findings

        with readable_errors():
            found = read_findings(options.findings, dataset_of(reading, dataset))
        return build.plan_of_findings(found, options.findings.name)
    if options.label_set is None:
        return build.plan_of_judged(reading, dataset_of(reading, dataset))
    return None


def _labels(
    reading: "Reading", opened: "Dataset", dataset_id: str, options: PlanOptions
) -> "QueuePlan":
    from viewer.review.edits.edited_dataset import edited_dataset
    from viewer.review.queues.labels import labels_through, points_inside

    scenes = tuple(each for each in opened.scenes if options.scene in (None, each.scene_id))
    if options.scene is not None and not scenes:
        fail(f"there is no scene {options.scene}", ExitCode.USAGE)
    label_set = options.label_set or ""
    known = {each.label_set_id for scene in scenes for each in scene.label_sets}
    if label_set not in known:
        fail(
            f"there is no label set {label_set}; known: {', '.join(sorted(known))}", ExitCode.USAGE
        )
    edited = edited_dataset(replace(opened, scenes=scenes), reading, dataset_id)
    with terminal_progress("Filtering labels") as context:
        wanted = _filter(options)
        found = labels_through(context, edited, dataset_id, label_set, wanted, points_inside)
    _tell(found.problems)
    return found.plan


def _with_classes(
    reading: "Reading", opened: "Dataset", dataset_id: str, plan: "QueuePlan"
) -> "QueuePlan":
    """Look up the classes and tracks of the planned labels, in their scenes and sets alone."""
    from viewer.review.edits.edited_dataset import edited_dataset
    from viewer.review.queues import build
    from viewer.review.queues.labels import LabelFilter, labels_through

    label_sets = {item.row.label_set_id for item in plan.items} - {None}
    scene_ids = {item.row.scene_id for item in plan.items}
    scenes = tuple(each for each in opened.scenes if each.scene_id in scene_ids)
    edited = edited_dataset(replace(opened, scenes=scenes), reading, dataset_id)
    with terminal_progress("Reading labels") as context:
        for label_set in sorted(each for each in label_sets if each is not None):
            found = labels_through(context, edited, dataset_id, label_set, LabelFilter())
            _tell(found.problems)
            plan = build.with_classes(plan, found.plan)
    return plan


def _filter(options: PlanOptions) -> "LabelFilter":
    from viewer.review.queues.labels import LabelFilter

    attributes: dict[str, frozenset[str]] = {}
    for text in options.attributes or ():
        name, sign, value = text.partition("=")
        if not sign or not name:
            fail(f"--attribute {text} is not NAME=VALUE", ExitCode.USAGE)
        values = {value} if value else set[str]()
        attributes[name] = attributes.get(name, frozenset()) | values
    wanted = LabelFilter(
        frozenset(options.classes or ()),
        options.score,
        options.distance,
        options.points,
        attributes,
    )
    title = f"labels of {options.label_set}" if wanted == LabelFilter() else wanted.title
    return replace(wanted, text=title if options.scene is None else f"{title}, {options.scene}")


def _drawn(plan: "QueuePlan", count: int, options: PlanOptions) -> "QueuePlan":
    from viewer.review.queues import build

    if options.by_class:
        return build.sampled_in_proportion(plan, count, options.seed, build.class_of, "class")
    if options.by_scene:
        return build.sampled_in_proportion(plan, count, options.seed, build.scene_of, "scene")
    return build.sampled(plan, count, options.seed)


def _tell(problems: "tuple[Problem, ...]") -> None:
    for problem in problems:
        print(f"sightline: {problem}", file=sys.stderr)
