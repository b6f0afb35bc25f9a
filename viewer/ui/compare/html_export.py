"""The page with all figures of a comparison, computed and written in the background."""

from pathlib import Path
from typing import Any

from viewer.progress import JobContext
from viewer.reports.compare_page import write_compare_page
from viewer.reports.evaluation_page import write_evaluation_page
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_figure_tables import table_kinds
from viewer.session.compare_found import Asked
from viewer.session.compare_protocols import Run
from viewer.session.compare_values import MatrixCounts, Plots, Table
from viewer.session.compare_work import compute_figure
from viewer.ui.compare.exporting import run


def export_page(desk: CompareDesk, path: Path) -> None:
    """Write matrix, curves and every table at the present thresholds."""
    found = desk.found
    matrix_asked = desk.asked("matrix")
    if found is None or matrix_asked is None:
        return
    kinds = ["matrix", "curves", *(kind for kind, _ in table_kinds(found))]
    if found.second is not None:
        kinds.append("two")
    asked = [desk.asked(kind) for kind in kinds]
    truth, first = desk.title_of(found.choice.truth), desk.title_of(found.choice.first)
    settings = _settings(desk)
    notes = [f"{desk.title_of(set_id)}: {bad.summary()}" for set_id, bad in found.problems]

    def write(context: JobContext) -> int:
        values = [_value(context, each) for each in asked if each is not None]
        write_compare_page(
            path,
            title=f"{first} beside {truth}",
            subtitle=f"{len(found.truth):,} labels, {len(found.first):,} predictions, "
            f"{len(found.truth.frames):,} frames",
            settings=settings,
            matrix=next((each for each in values if isinstance(each, MatrixCounts)), None),
            plots=[plot for each in values if isinstance(each, Plots) for plot in each.plots],
            tables=[each for each in values if isinstance(each, Table)],
            notes=notes,
        )
        return len(values)

    run(desk, write, lambda _count: f"Saved {path}", f"Writing {path.name}")


def _value(context: JobContext, asked: Asked) -> Any:  # noqa: ANN401 - of the kind
    return compute_figure(context, asked)


def _settings(desk: CompareDesk) -> tuple[tuple[str, str], ...]:
    choice, at = desk.choice, desk.thresholds
    unit = " m" if choice.is_distance else ""
    farthest = "any" if choice.max_range_m is None else f"{choice.max_range_m:g} m"
    return (
        ("labels", desk.title_of(choice.truth)),
        ("predictions", desk.title_of(choice.first)),
        ("alike by", choice.measure_text),
        ("pairs", "best overall" if choice.hungarian else "confident ones first"),
        ("classes", "only pairs of one class" if choice.by_class else "any class with any"),
        ("score from", f"{at.confidence:.2f}"),
        (choice.threshold_name.lower(), f"{at.similarity:.2f}{unit}"),
        ("range", f"{choice.min_range_m:g} m to {farthest}"),
        ("points at least", f"{choice.min_points:,}"),
    )


def export_protocol_page(desk: CompareDesk, run_of: Run, path: Path) -> None:
    """Write the page of a protocol that was run."""
    from viewer.metrics.protocols.catalog import protocol_by_name

    found, evaluation = desk.found, desk.protocols.results.get(run_of)
    if found is None or evaluation is None:
        return
    choice = found.choice
    truth = desk.title_of(choice.truth)
    guess = desk.title_of(choice.second if run_of.of_second else choice.first)
    notes = [f"{desk.title_of(set_id)}: {bad.summary()}" for set_id, bad in found.problems]

    def write(_context: JobContext) -> int:
        write_evaluation_page(
            path,
            evaluation,
            protocol_by_name(run_of.name),
            labels=truth,
            predictions=guess,
            notes=notes,
        )
        return 1

    run(desk, write, lambda _count: f"Saved {path}", f"Writing {path.name}")
