"""Marks of missing objects beside a frame's labels: drawn, listed and picked, but never labels."""

from collections.abc import Iterator

from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Scene
from viewer.session.frame_content import FrameContent

MARKS_ID = "sightline:marks"
"""Under it a frame's content holds its marks; no label set of a dataset has this id."""
MARKS = LabelSet(MARKS_ID, LabelSetKind.GROUND_TRUTH, "Missing objects")
MARK_RGB = (169, 139, 240)
MARK_GLYPH = "◇"
"""Before the name of a mark wherever it is written."""
MARK_KIND = "mark"


def drawn_sets(content: FrameContent) -> Iterator[tuple[LabelSet, FrameLabels]]:
    """Yield the label sets of a frame with their labels, the marks last."""
    for label_set in content.scene.label_sets:
        labels = content.labels.get(label_set.label_set_id)
        if labels is not None:
            yield label_set, labels
    marks = content.labels.get(MARKS_ID)
    if marks is not None:
        yield MARKS, marks


def labels_alone(content: FrameContent) -> Iterator[tuple[str, FrameLabels]]:
    """Yield the ids of a frame's label sets with their labels; marks are none."""
    return ((set_id, found) for set_id, found in content.labels.items() if set_id != MARKS_ID)


def is_marks(label_set_id: str) -> bool:
    """Whether an id stands for the marks."""
    return label_set_id == MARKS_ID


def drawn_rgb(
    scene: Scene, label_set_id: str, class_name: str, *, predicted: bool = False
) -> tuple[int, int, int]:
    """Colour of a label by its class; of a mark the one that all marks have."""
    if is_marks(label_set_id):
        return MARK_RGB
    return scene.class_map.colour(class_name, predicted=predicted)
