"""Reads the images and label files of one YOLO split."""

from collections.abc import Sequence
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import is_file
from viewer.formats.image_set import IMAGE, ImageSetReader
from viewer.formats.images import image_size
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yolo.data_file import DataFile
from viewer.formats.yolo.layout import YoloImage
from viewer.formats.yolo.rows import LabelLines, Task, guessed_task
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope

SAMPLED_FILES = 50
MAX_LINES = 1_000_000


class YoloReader(ImageSetReader):
    """A frame is an image; its key is the path below the dataset's folder."""

    def __init__(
        self, root: Path, data: DataFile, images: Sequence[YoloImage], problems: ProblemLog
    ) -> None:
        super().__init__(root, [each.key for each in images], [True] * len(images), problems)
        self.data = data
        self.images = tuple(images)
        self.task: Task = guessed_task(data, self._samples())

    def image_path(self, frame_index: int) -> Path:
        return self.images[frame_index].path

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        image = self.images[frame_index]
        if image.class_name is not None:
            name = image.class_name
            own = Classification(ClassificationScope.IMAGE, IMAGE, "0", name)
            return FrameLabels(CuboidLabels.empty("world"), classifications=(own,))
        if image.label_path is None or not is_file(image.label_path):
            return FrameLabels(CuboidLabels.empty("world"))
        text = read_text(image.label_path).splitlines()
        if len(text) > MAX_LINES:
            raise DamagedData(image.label_path, "", f"has more than {MAX_LINES} lines")
        if not any(line.strip() for line in text):
            return FrameLabels(CuboidLabels.empty("world"))
        # Shares become pixels, so a file without its image cannot be placed.
        size_px = image_size(image.path)
        rows = LabelLines(self.data, self.task, image.label_path, size_px, self.log)
        for number, line in enumerate(text, 1):
            rows.add(line, number)
        return rows.build()

    def _samples(self) -> list[list[str]]:
        found = []
        for image in self.images:
            if image.label_path is None or not is_file(image.label_path):
                continue
            try:
                found.append(read_text(image.label_path).splitlines())
            except DamagedData:
                continue
            if len(found) == SAMPLED_FILES:
                break
        return found
