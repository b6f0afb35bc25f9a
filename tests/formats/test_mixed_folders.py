"""Folders whose subfolders are datasets of different formats, and those that only look so."""

import json
from pathlib import Path

import numpy as np

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.native.writer import write_native_scene

LIDAR_ITEM = {"reference_id": "a", "url": "a.json", "type": "pointcloud", "metadata": {}}
SCENE = {"reference_id": "drive", "frames": [{"lidar": LIDAR_ITEM}]}
CUBOID = {
    "label": "car",
    "type": "cuboid",
    "reference_id": "a",
    "geometry": {
        "position": {"x": 4.0, "y": 0.0, "z": 1.0},
        "dimensions": {"x": 4.0, "y": 2.0, "z": 1.5},
        "yaw": 0.0,
    },
}
SHEET = {
    "annotations": [
        {
            "label": "car",
            "type": "cube_3d",
            "coordinates": {
                "position": {"x": 1.0, "y": 2.0, "z": 0.5},
                "scale": {"x": 4.0, "y": 2.0, "z": 1.5},
                "rotation": {"x": 0.0, "y": 0.0, "z": 0.0},
            },
        }
    ]
}
AQUARIUM_ROW = {
    "task_id": "one",
    "date_captured": "2021-06-01T12:00:00+00:00",
    "device_id": "truck",
    "sensor_data": [],
    "coordinate_frames": [{"coordinate_frame_id": "world", "coordinate_frame_type": "WORLD"}],
}


def write(path: Path, payload: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(payload))


def write_nucleus(root: Path) -> None:
    write(root / "scenes" / "scene.json", {"scenes": [SCENE]})
    write(root / "predictions" / "model.json", [CUBOID | {"confidence": 0.5}])


def formats(path: Path) -> list[str]:
    return [scene.format_name for scene in open_dataset(path).scenes]


def test_a_payload_spread_over_folders_is_one_scene(tmp_path: Path) -> None:
    write_nucleus(tmp_path)
    (tmp_path / "clouds").mkdir()
    (tmp_path / "clouds" / "a.bin").write_bytes(bytes(32))
    dataset = open_dataset(tmp_path)
    assert dataset.format_name == "nucleus"
    (scene,) = dataset.scenes
    assert len(scene.label_sets) == 1


def test_datasets_of_other_formats_beside_it_open_as_well(tmp_path: Path, files) -> None:
    write_nucleus(tmp_path)
    write(tmp_path / "dataloop" / "sheet.json", SHEET)
    write(tmp_path / "aquarium" / "rows.jsonl", AQUARIUM_ROW)
    files.write_sweep(tmp_path / "kitti" / "velodyne" / "0.bin")
    files.write(tmp_path / "kitti" / "label_2" / "0.txt", "")
    dataset = open_dataset(tmp_path)
    assert dataset.format_name == "collection"
    names = [scene.format_name for scene in dataset.scenes]
    assert sorted(names) == ["aquarium", "dataloop", "kitti_object", "nucleus"]
    (payload,) = (scene for scene in dataset.scenes if scene.format_name == "nucleus")
    assert len(payload.label_sets) == 1


def test_scenes_that_are_certain_hide_nothing_beside_them(tmp_path: Path) -> None:
    for name in ("first", "second"):
        builder = SceneBuilder(name)
        builder.add_lidar("lidar")
        builder.add_frame().add_points("lidar", np.zeros((4, 3), np.float32))
        write_native_scene(builder.build(), tmp_path / name)
    assert open_dataset(tmp_path).format_name == "native"
    write_nucleus(tmp_path / "payload")
    write(tmp_path / "sheet" / "sheet.json", SHEET)
    assert sorted(formats(tmp_path)) == ["dataloop", "native", "native", "nucleus"]


def test_files_in_the_folder_itself_make_it_one_dataset(tmp_path: Path) -> None:
    write(tmp_path / "scene.json", {"scenes": [SCENE]})
    write(tmp_path / "other" / "sheet.json", SHEET)
    assert formats(tmp_path) == ["nucleus"]


def test_loose_clouds_and_a_dataset_beside_them_both_open(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "cloud.bin")
    files.write_sweep(tmp_path / "sequence" / "velodyne" / "0.bin")
    (tmp_path / "sequence" / "labels").mkdir()
    (tmp_path / "sequence" / "labels" / "0.label").write_bytes(bytes(4 * 500))
    assert formats(tmp_path) == ["point_folder", "semantic_kitti"]


def test_real_labels_of_three_formats(real_data: Path) -> None:
    assert set(formats(real_data / "labels")) == {"dataloop", "openlabel", "nucleus"}


def test_real_clouds_beside_a_sequence(real_data: Path) -> None:
    assert formats(real_data / "bin" / "mmdet3d") == ["point_folder", "semantic_kitti"]
