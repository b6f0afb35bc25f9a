"""Which folder of KITTI a label set goes to."""

from collections.abc import Sequence

from viewer.formats.native.paths import file_stem
from viewer.scene.labels import LabelSet, LabelSetKind


def label_folders(
    label_sets: Sequence[LabelSet], main_folder: str, known_prefixes: Sequence[str]
) -> dict[str, str]:
    """Folder by label set id: the first in `main_folder`, others under names a reader finds."""
    folders: dict[str, str] = {}
    for position, label_set in enumerate(label_sets):
        stem = file_stem(label_set.label_set_id)
        if position == 0:
            name = main_folder
        elif stem.lower().startswith(tuple(known_prefixes)):
            name = stem
        elif label_set.kind == LabelSetKind.PREDICTIONS:
            name = f"predictions_{stem}"
        else:
            name = f"{main_folder}_{stem}"
        while name in folders.values():
            name += "_"
        folders[label_set.label_set_id] = name
    return folders
