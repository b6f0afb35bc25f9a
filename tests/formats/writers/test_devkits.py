"""What we write is to the datasets' own packages what it is to us."""

import json
from pathlib import Path

import numpy as np
from devkit_sources import write_argoverse2, write_nuscenes
from nuscenes_tables import RADAR_FIELDS

from viewer.formats.catalog import open_dataset

GOLDEN = Path(__file__).parent / "devkits"


def test_nuscenes_devkit_reads_the_tables(tmp_path: Path) -> None:
    facts = json.loads((GOLDEN / "nuscenes.json").read_text())
    (scene,) = open_dataset(write_nuscenes(tmp_path)).scenes
    reader, seen = scene.reader, {}
    for frame in scene.frames:
        labels = reader.read_labels(frame.index, "annotations").cuboids
        transforms = reader.read_rig(frame.index).transforms
        times = {each.sensor_id: each.timestamp_ns for each in (*frame.sweeps, *frame.images)}
        places = {
            sensor: transforms.transform(
                sensor, "world", times[sensor], src_ns=frame.timestamp_ns
            ).apply(labels.cuboids.center)
            for sensor in ("LIDAR_TOP", "CAM_FRONT")
        }
        for row, label_id in enumerate(labels.label_ids):
            seen[label_id] = fact = facts["annotations"][label_id]
            np.testing.assert_allclose(places["LIDAR_TOP"][row], fact["in_lidar"], atol=1e-9)
            np.testing.assert_allclose(places["CAM_FRONT"][row], fact["in_camera"], atol=1e-9)
            velocity = np.array(fact["velocity"], dtype=float)
            np.testing.assert_allclose(labels.velocities_mps[row], velocity, atol=1e-9)
            assert labels.class_names[row] == fact["name"]
            assert labels.attributes[row].get("attributes", []) == fact["attributes"]
            assert labels.attributes[row]["num_lidar_pts"] == fact["num_lidar_pts"]
        cloud = reader.read_point_cloud(frame.index, "RADAR_FRONT")
        columns = dict(zip("xyz", cloud.xyz.T, strict=True)) | dict(cloud.fields)
        sums = [float(columns[name].astype(float).sum()) for name in RADAR_FIELDS]
        np.testing.assert_allclose(sums, facts["radar"][frame.key])
    assert seen == facts["annotations"]
    assert sum(fact["num_lidar_pts"] for fact in seen.values()) == 12


def test_av2_reads_the_log(tmp_path: Path) -> None:
    facts = json.loads((GOLDEN / "argoverse2.json").read_text())
    (scene,) = open_dataset(write_argoverse2(tmp_path)).scenes
    reader, seen = scene.reader, []
    for frame in scene.frames:
        labels = reader.read_labels(frame.index, "annotations").cuboids
        transforms = reader.read_rig(frame.index).transforms
        city = transforms.transform("world", "ego", frame.timestamp_ns)
        for row, place in enumerate(city.apply(labels.cuboids.center)):
            fact = facts["cuboids"][len(seen)]
            np.testing.assert_allclose(place, fact["city"], atol=1e-9)
            count = labels.attributes[row]["num_interior_pts"]
            seen.append((frame.timestamp_ns, labels.class_names[row], count))
        camera = transforms.transform("ego", "ring_front_center", frame.timestamp_ns).matrix
        np.testing.assert_allclose(camera, facts["mounts"]["ring_front_center"], atol=1e-12)
    names = ("timestamp_ns", "category", "num_interior_pts")
    assert seen == [tuple(fact[name] for name in names) for fact in facts["cuboids"]]
    assert all(count > 0 for *_, count in seen)
