"""`sightline import`: labels of one dataset brought into another, with a plan before."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import (
    DataloopPose,
    ExitCode,
    Maps,
    Strict,
    fail,
    import_choices,
    readable_errors,
    terminal_progress,
)
from viewer.cli.convert import (
    chosen_scenes,
    print_losses,
    require_report_place,
    require_sound,
    write_report,
)

if TYPE_CHECKING:
    from viewer.formats.label_import.scene_import import FramePlan, ImportOptions, ImportReport
    from viewer.scene.scene import Dataset, Scene

PRINTED_ROWS = 40
PRINTED_NAMES = 10


def run(
    source: Annotated[Path, typer.Argument(metavar="SCENE", help="The scene that gets labels.")],
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="A dataset with labels.")],
    target: Annotated[Path, typer.Argument(metavar="DST", help="A new folder or file.")],
    to: Annotated[
        str,
        typer.Option("--to", help="Name of a layout that can be written; a wrong one lists all."),
    ],
    mode: Annotated[
        str,
        typer.Option(
            "--mode", help="For frames with labels: replace them, concatenate, or keep theirs."
        ),
    ] = "keep",
    unknown: Annotated[
        str,
        typer.Option("--unknown", help="Unknown classes: create, map (needs --class) or refuse."),
    ] = "refuse",
    renamed: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="OLD=NEW", help="Another name of an incoming class; repeatable."
        ),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help="Give each incoming label this status, e.g. PENDING."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")
    ] = False,
    require_all: Annotated[
        bool, typer.Option("--require-all", help="Fail when a frame of LABELS has no place.")
    ] = False,
    loss_report: Annotated[
        Path | None,
        typer.Option("--loss-report", help="FILE.json or FILE.csv for everything left out."),
    ] = None,
    scene: Annotated[
        str | None, typer.Option("--scene", help="Which scene of a dataset with several.")
    ] = None,
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="Label set of SCENE that labels go into.")
    ] = None,
    from_set: Annotated[
        str | None, typer.Option("--from-set", help="Label set of LABELS that they come from.")
    ] = None,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
    strict: Strict = False,
) -> None:
    """Bring labels into a scene and write the result to DST; neither source is changed.

    Images are matched by file name, frames of scenes by their key or time; what has no place is
    listed. Nothing is written when a class is unknown and may not be created, or, with --strict,
    when anything is wrong with SCENE or with the labels.
    """
    from viewer.formats.label_import.modes import ImportRefused
    from viewer.formats.writers.base import WriteOptions
    from viewer.formats.writers.catalog import writer_by_name
    from viewer.formats.writers.draft import WriteRefused

    try:
        writer = writer_by_name(to)
    except KeyError as error:
        fail(str(error.args[0]), ExitCode.USAGE)
    options = _import_options(mode, unknown, renamed or [], label_set, status)
    choices = import_choices(dataloop_pose, maps)
    require_report_place(loss_report, source, target)
    with readable_errors(), terminal_progress("Importing labels") as context:
        from viewer.formats.catalog import open_dataset
        from viewer.formats.label_import.merge_losses import joined_reports, merge_losses
        from viewer.formats.label_import.scene_import import SceneImport

        opened: list[Dataset] = []
        try:
            opened.append(open_dataset(source, choices=choices, context=context))
            opened.append(open_dataset(labels, choices=choices, context=context))
            if strict:
                require_sound(opened[0], context, samples=True)
                require_sound(opened[1], context, samples=False, labels_only=True)
            base = _one_scene(chosen_scenes(opened[0], scene, source), source)
            work = SceneImport(base, _incoming(opened[1], base, from_set, labels), options)
            report = work.report(context)
            _print_plan(report, with_rows=dry_run)
            if report.unmatched and require_all:
                fail(f"{len(report.unmatched)} frames have no place", ExitCode.PROBLEMS)
            merged = work.merged(report)
            unseen = merge_losses(work, *opened)
            written = writer.write(
                [merged], target, context, WriteOptions(dry_run=dry_run, sources=(source, labels))
            )
            losses = joined_reports((unseen, written))
        except (WriteRefused, ImportRefused) as refusal:
            fail(str(refusal), ExitCode.USAGE)
        finally:
            for dataset in opened:
                dataset.close()
    if loss_report is not None and not dry_run:
        write_report(losses, loss_report)
    print_losses(losses, target, dry_run=dry_run)


def _import_options(
    mode: str, unknown: str, renamed: list[str], label_set: str | None, status: str | None
) -> "ImportOptions":
    from viewer.formats.label_import.modes import ImportMode, UnknownClasses
    from viewer.formats.label_import.scene_import import ImportOptions

    try:
        chosen = ImportMode.named(mode)
    except ValueError:
        fail(f"{mode!r} is no mode; choose {', '.join(ImportMode)}", ExitCode.USAGE)
    if unknown.lower() not in list(UnknownClasses):
        known = ", ".join(UnknownClasses)
        fail(f"{unknown!r} is no way with unknown classes; choose {known}", ExitCode.USAGE)
    names: dict[str, str] = {}
    for text in renamed:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            fail(f"--class {text!r} is not OLD=NEW", ExitCode.USAGE)
        names[old] = new
    way = UnknownClasses(unknown.lower())
    if way == UnknownClasses.MAP and not names:
        fail("--unknown map needs --class OLD=NEW", ExitCode.USAGE)
    return ImportOptions(chosen, way, names, label_set, status)


def _one_scene(scenes: "tuple[Scene, ...]", source: Path) -> "Scene":
    if len(scenes) != 1:
        names = ", ".join(each.scene_id for each in scenes) or "none at all"
        fail(f"choose a scene of {source} with --scene: {names}", ExitCode.USAGE)
    return scenes[0]


def _incoming(
    dataset: "Dataset", base: "Scene", wanted: str | None, path: Path
) -> "list[tuple[Scene, str]]":
    from viewer.formats.label_import.matching import is_image_set

    found = []
    names: list[str] = []
    scenes = dataset.scenes
    if len(scenes) > 1 and not all(map(is_image_set, scenes)):
        scenes = tuple(each for each in scenes if each.scene_id == base.scene_id)
        if not scenes:
            fail(f"{path} has several scenes, none is called {base.scene_id}", ExitCode.USAGE)
    for each in scenes:
        sets = [one.label_set_id for one in each.label_sets]
        names += sets
        own = next((name for name in sets if wanted in (None, name)), None)
        if own is not None:
            found.append((each, own))
    if not found:
        told = ", ".join(dict.fromkeys(names)) or "none at all"
        what = "no label set" if wanted is None else f"no label set {wanted!r}"
        fail(f"{path} has {what}; it has {told}", ExitCode.USAGE)
    return found


def _print_plan(report: "ImportReport", *, with_rows: bool) -> None:
    columns = ("existing", "incoming", "removed", "added", "kept_out", "new_ids")
    titles = ("existing", "incoming", "removed", "added", "left out", "new ids")
    print(f"into label set {report.label_set_id}")
    heads = ("frame", *titles)
    rows = [(_name(row), *(getattr(row.plan, key) for key in columns)) for row in report.rows]
    total = (f"all {len(rows)}", *(report.total(key) for key in columns))
    shown = [*rows[:PRINTED_ROWS], total] if with_rows else [total]
    width = max(len(str(row[0])) for row in (heads, *shown))
    for row in (heads, *shown):
        print(str(row[0]).ljust(width), *(str(each).rjust(8) for each in row[1:]))
    if with_rows and len(rows) > PRINTED_ROWS:
        print(f"({len(rows) - PRINTED_ROWS} more frames are in the sum)")
    for old, new in report.classes.mapped.items():
        print(f"class {old} becomes {new}")
    _print_names("classes created", report.classes.created)
    _print_names("classes refused", report.classes.refused)
    counts = [f"{name} {count}" for name, count in report.by_class().most_common()]
    _print_names("labels added by class", counts)
    for sensor_id, count in report.no_sensor.items():
        print(f"left out: {count} labels of {sensor_id}, a sensor that the scene does not have")
    for each in report.unmatched[:PRINTED_NAMES]:
        print(f"no place for {each.name}: {each.reason}")
    if len(report.unmatched) > PRINTED_NAMES:
        print(f"and {len(report.unmatched) - PRINTED_NAMES} more frames without a place")
    for problem in report.problems:
        print(problem)


def _name(row: "FramePlan") -> str:
    if row.sensor_id is None or row.sensor_id == "image":
        return row.frame_key
    return f"{row.frame_key} {row.sensor_id}"


def _print_names(title: str, names: "list[str] | tuple[str, ...]") -> None:
    if names:
        print(f"{title}: {', '.join(names)}")
