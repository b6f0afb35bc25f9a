"""A result file of the benchmark by itself: boxes in the world, without points or images."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.nuscenes.labels import result_labels
from viewer.formats.nuscenes.layout import is_result_file
from viewer.formats.nuscenes.results import ResultFile, result_place
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.class_map import ClassMap
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Dataset, Frame, Problem, Scene
from viewer.scene.sensors import Rig


class NuScenesResultsFormat:
    """One JSON file with ``results``: boxes by sample token, in the world.

    Frames are the samples in the order of the file; without the tables nobody knows their times,
    so that they stand by themselves.
    """

    name: ClassVar[str] = "nuscenes_results"
    title: ClassVar[str] = "nuScenes results"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = ""

    def recognise(self, probe: Probe) -> Match:
        if not probe.root.is_file() or not is_result_file(probe.root):
            probe.reject("needs a JSON file that begins with meta or results")
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        result = ResultFile(path)
        tokens = result.sample_tokens()
        if not tokens:
            raise DamagedData(path, "$.results", "holds no sample")
        stem = path.name.removesuffix(".json")
        scene = Scene(
            scene_id=stem,
            path=path,
            format_name=self.name,
            frames=tuple(Frame(index, token, None) for index, token in enumerate(tokens)),
            reader=_ResultReader(result, tokens),
            label_sets=(LabelSet(stem, LabelSetKind.PREDICTIONS, stem),),
            class_map=ClassMap.from_names(result.class_names()),
            independent=True,
        )
        return Dataset(path, self.name, (scene,))


class _ResultReader:
    """Implements `SceneReader`."""

    def __init__(self, result: ResultFile, tokens: Sequence[str]) -> None:
        self._result = result
        self._tokens = tokens
        self._problems = ProblemLog()
        self._rig = Rig({}, {}, TransformTree())

    def read_rig(self, frame_index: int) -> Rig:
        return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        raise DamagedData(self._result.path, "", "a result file holds no points")

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        raise DamagedData(self._result.path, "", "a result file holds no images")

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        token = self._tokens[frame_index]
        boxes = self._result.boxes(token)
        return FrameLabels(result_labels(boxes, token, self._result.path, self._problems, None))

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and the box of a sample."""
        return str(self._result.path), result_place(label_id)

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        """Nothing is held open."""
