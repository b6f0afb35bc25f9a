"""Writing figures to files: asking where, then writing; what fails is said in the status line."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.progress import JobContext
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_tables import list_lines

EXPORT_JOB = "compare-export"
CSV, PNG, HTML = "CSV (*.csv)", "PNG (*.png)", "HTML (*.html)"
_SUFFIXES = {CSV: ".csv", PNG: ".png", HTML: ".html"}


def ask_path(parent: QWidget, title: str, name: str, kind: str) -> Path | None:
    """Ask where a file shall lie; None where the person gave up."""
    suffix = _SUFFIXES[kind]
    chosen, _ = QFileDialog.getSaveFileName(parent, title, f"{name}{suffix}", kind)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(suffix)


def write_text(desk: CompareDesk, path: Path, text: str) -> bool:
    """Write a small text; say where it lies, or why not."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        desk.session.say(f"{path} cannot be written: {error.strerror}", is_problem=True)
        return False
    desk.session.say(f"Saved {path}")
    return True


def save_picture(desk: CompareDesk, path: Path, picture: QPixmap) -> bool:
    """Write a picture; say where it lies, or why not."""
    if not picture.save(str(path)):
        desk.session.say(f"{path} cannot be written; choose another folder", is_problem=True)
        return False
    desk.session.say(f"Saved {path}")
    return True


def export_list(parent: QWidget, desk: CompareDesk) -> None:
    """Write the list of pairs as CSV, in the background."""
    rows = desk.walk.rows
    if rows is None:
        return
    path = ask_path(parent, "Export the list", "errors", CSV)
    if path is None:
        return

    def write(context: JobContext) -> int:
        with path.open("w", encoding="utf-8", newline="") as file:
            for place, line in enumerate(list_lines(rows)):
                if not place % 2048:
                    context.report(place, len(rows), f"Writing {path.name}")
                file.write(line)
        return len(rows)

    run(desk, write, lambda count: f"Saved {count:,} rows to {path}", f"Writing {path.name}")


def run(
    desk: CompareDesk,
    write: Callable[[JobContext], int],
    told: Callable[[int], str],
    title: str,
) -> None:
    """Write in the background; say what became of it."""
    session = desk.session
    session.jobs.start(
        EXPORT_JOB,
        write,
        done=lambda count: session.say(told(count)),
        failed=lambda error: session.say(f"Nothing was written: {error}", is_problem=True),
        title=title,
        priority=12,
    )
