"""Asking where slices shall be written, and having them written."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.session.review_desk import ReviewDesk
from viewer.session.review_slice_files import SliceForm, export_slices

EXPORT_JOB = "review-slice-export"
FORMS = (
    (SliceForm.IDS, "List of ids…", "Text with one id a line"),
    (SliceForm.JSON, "JSON…", "With its name, where it comes from and the ids"),
    (SliceForm.LIGHTLY, "Lightly tags…", "The chosen slices of frames as tags"),
)
_FILTERS = {SliceForm.IDS: ("Text (*.txt)", ".txt"), SliceForm.JSON: ("JSON (*.json)", ".json")}


def ask_export(desk: ReviewDesk, form: SliceForm, near: QWidget) -> None:
    """Ask for a file, or for a folder where the form needs one."""
    current, workspace = desk.slices.current, desk.workspace
    if current is None or workspace is None:
        desk.session.say("Choose a slice first", is_problem=True)
        return
    folder = workspace.path.parent
    if form is SliceForm.LIGHTLY:
        chosen = QFileDialog.getExistingDirectory(near, "Folder for the tags", str(folder))
    else:
        pattern, suffix = _FILTERS[form]
        stem = "".join(each if each.isalnum() or each in " -_" else "_" for each in current.name)
        chosen, _ = QFileDialog.getSaveFileName(
            near, f"Write slice {current.name}", str(folder / f"{stem}{suffix}"), pattern
        )
        if chosen and not Path(chosen).suffix:
            chosen += suffix
    if chosen:
        export(desk, form, Path(chosen))


def export(desk: ReviewDesk, form: SliceForm, path: Path) -> None:
    """Write the chosen slices in the background."""
    session, workspace, dataset_id = desk.session, desk.workspace, desk.dataset_id
    dataset, chosen = session.dataset, desk.slices.chosen
    if workspace is None or dataset is None or dataset_id is None or not chosen:
        return
    session.jobs.start(
        EXPORT_JOB,
        lambda context: export_slices(context, workspace, dataset, dataset_id, chosen, form, path),
        done=session.say,
        failed=lambda error: session.say(f"The slice was not written: {error}", is_problem=True),
        title="Writing the slice",
    )
