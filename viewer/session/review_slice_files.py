"""Handing slices out as files; runs on a worker thread."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.review import Subject, Workspace, WorkspaceError
from viewer.review.exchange.slice_lists import write_id_list, write_slice_json
from viewer.review.exchange.slice_tags import write_lightly_tags
from viewer.review.slices.reading import member_rows, slice_by_id
from viewer.review.subject_rows import subject_row
from viewer.scene.scene import Dataset
from viewer.session.review_hand_over import exported_text, free_folder, refuse_inside
from viewer.session.review_place import dataset_name


class SliceForm(StrEnum):
    """What a slice is written as."""

    IDS = "ids"
    """Text with one id a line."""
    JSON = "json"
    """With its name, origin and members."""
    LIGHTLY = "lightly"
    """Tags over the list of a dataset's frames, in a folder of their own."""


def export_slices(
    context: JobContext,
    workspace: Workspace,
    dataset: Dataset,
    dataset_id: str,
    slice_ids: Sequence[str],
    form: SliceForm,
    path: Path,
) -> str:
    """Write slices and say what was written, in one sentence.

    Parameters
    ----------
    path
        The file for the first slice; for Lightly tags the folder in which a new one is made.

    Raises
    ------
    WorkspaceError
        When the place lies in the dataset or cannot be written to, or a slice is gone.
    """
    refuse_inside(path if form is SliceForm.LIGHTLY else path.parent, dataset)
    reading, connection = workspace.another_reading()
    try:
        context.report(0, None, "Reading the slice")
        found = [slice_by_id(reading, each) for each in slice_ids]
        known = [each for each in found if each is not None]
        if not known:
            raise WorkspaceError("this slice is gone")
        if form is SliceForm.LIGHTLY:
            frames = [
                subject_row(Subject.frame(dataset_id, scene.scene_id, frame.key))
                for scene in whole(dataset).scenes
                for frame in scene.frames
            ]
            folder = free_folder(path, f"{workspace.path.stem}-lightly")
            folder.mkdir(parents=True)
            return exported_text(write_lightly_tags(folder, reading, known, frames))
        first = known[0]
        rows = member_rows(reading, first.slice_id)
        if form is SliceForm.IDS:
            count = write_id_list(path, rows)
        else:
            parent = None if first.parent is None else slice_by_id(reading, first.parent)
            count = write_slice_json(
                path, first, rows, dataset_name=dataset_name(dataset),
                parent_name=None if parent is None else parent.name,
            )  # fmt: skip
        return f"“{first.name}” written: {count:,} ids in {path}"
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        connection.close()
