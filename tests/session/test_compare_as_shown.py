"""An evaluation reads what people see."""

from fake_drive import make_dataset, make_scene

from viewer.metrics.gathering import gather_datasets
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.session.compare_as_shown import as_shown


def test_an_evaluation_sees_the_labels_as_they_are_edited():
    dataset = make_dataset(make_scene(), make_scene(5, scene_id="yard"))

    def without_labels(_scene, _index, _set_id, _labels):
        return FrameLabels(CuboidLabels.empty("world"))

    edited = as_shown(dataset, without_labels)
    gathered = gather_datasets(edited, "gt", [], JobContext())
    assert len(gathered.labels) == 0
    assert len(gather_datasets(dataset, "gt", [], JobContext()).labels) > 0
