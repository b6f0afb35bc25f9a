import gzip
import io
import json
import pickle
import random
import sys
import types
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from byte_mutations import mutated

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.pandaset.data_frame import read_data_frame
from viewer.formats.pandaset.format import PandaSetFormat
from viewer.formats.pandaset.pickle_tree import PickleProblem, read_tree
from viewer.scene.metadata import FrameMetadata, GeoPosition

TABLES = Path(__file__).parent / "tables"
FILES = sorted(TABLES.glob("*.pkl.gz"))


def kind(path: Path) -> str:
    return path.name.partition("_")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".pkl.gz"))
def test_tables_that_pandas_wrote_are_read_without_it(path: Path) -> None:
    """The expected values are those of the program in the folder's README."""
    columns = read_data_frame(path)
    if kind(path) == "points":
        assert list(columns) == ["x", "y", "z", "i", "t", "d"]
        rows = np.arange(40).reshape(8, 5) / 8
        np.testing.assert_array_equal(np.stack([columns[n] for n in "xyzit"], axis=1), rows)
        assert columns["d"].tolist() == [0, 1] * 4
    elif kind(path) == "classes":
        assert {name: each.tolist() for name, each in columns.items()} == {
            "class": [5, 6, 7, 5, 6, 7, 5, 6]
        }
    else:
        assert columns["uuid"].tolist() == ["a-1", "b-2", "c-3"]
        assert columns["label"].tolist() == ["Car", "Pedestrian", "Größe"]
        assert columns["yaw"].tolist() == [0.0, 1.5, -2.25]
        assert columns["stationary"].tolist() == [True, False, False]
        assert columns["position.x"].tolist() == [10.5, -3.25, 1000.0]
        assert columns["dimensions.y"].tolist() == [4.5, 0.75, 12.0]
        assert len(columns) == 14


def test_frames_of_older_pandas_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 1.3 a frame held its blocks in the state of the manager."""
    makers = {}
    for module, name in (
        ("pandas.core.frame", "DataFrame"),
        ("pandas.core.internals.managers", "BlockManager"),
        ("pandas.core.indexes.base", "Index"),
        ("pandas.core.indexes.range", "RangeIndex"),
    ):
        made = makers[name] = type(name, (), {"__module__": module})
        for place in range(module.count(".") + 1):
            part = module.rsplit(".", place)[0]
            if part not in sys.modules:
                monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
        setattr(sys.modules[module], name, made)

    def _new_Index(cls: type, facts: dict) -> None:
        raise AssertionError("never called")

    base = sys.modules["pandas.core.indexes.base"]
    _new_Index.__module__, _new_Index.__qualname__ = "pandas.core.indexes.base", "_new_Index"
    base._new_Index = _new_Index

    class Reduced:
        def __init__(self, *parts: object) -> None:
            self._parts = parts

        def __reduce__(self) -> tuple:
            return self._parts

    names = np.array(["x", "y", "label", "n"], dtype=object)
    axes = [
        Reduced(_new_Index, (makers["Index"], {"data": names, "name": None})),
        Reduced(_new_Index, (makers["RangeIndex"],
                             {"name": None, "start": 0, "stop": 3, "step": 1})),
    ]  # fmt: skip
    blocks = [
        (np.arange(6.0).reshape(2, 3), slice(0, 2, 1)),
        (np.array([["a", "b", None]], dtype=object), slice(2, 3, 1)),
        (np.array([[7, 8, 9]]), np.array([3])),
    ]
    manager = makers["BlockManager"]()
    manager_state = (
        axes, [each for each, _ in blocks], [],
        {"0.14.1": {"axes": axes,
                    "blocks": [{"values": v, "mgr_locs": at} for v, at in blocks]}},
    )  # fmt: skip
    makers["BlockManager"].__getstate__ = lambda self: manager_state
    frame = makers["DataFrame"]()
    frame.__dict__ |= {"_data": manager, "_typ": "dataframe", "_metadata": []}
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(frame, protocol=4))
    columns = read_data_frame(path)
    assert {name: each.tolist() for name, each in columns.items()} == {
        "x": [0.0, 1.0, 2.0], "y": [3.0, 4.0, 5.0], "label": ["a", "b", None], "n": [7, 8, 9],
    }  # fmt: skip


class Evil:
    def __reduce__(self) -> tuple:
        return (open, ("made_by_a_pickle", "w"))


def test_nothing_in_a_pickle_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for protocol in range(6):
        for value in (Evil(), [Evil(), {"a": Evil()}]):
            path = tmp_path / "evil.pkl"
            path.write_bytes(pickle.dumps(value, protocol=protocol))
            with pytest.raises(DamagedData, match="without running code"):
                read_data_frame(path)
    assert not (tmp_path / "made_by_a_pickle").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends before|damaged"),
        (b"\x80\x04N", "not enough|ends before|damaged"),
        (b"\x80\x04.", "damaged"),
        (b"\x80\x04(.", "mark"),
        (b"\x80\x04Nb.", "damaged|no object"),
        (b"\x80\x04K\x01K\x02a.", "no list"),
        (b"\x80\x04h\x05.", "damaged"),
        (b"\x80\x04\x8f.", "instruction EMPTY_SET"),
        (b"\x80\x02cos\nsystem\n(S'x'\no.", "instruction OBJ|damaged"),
    ],
)
def test_a_damaged_pickle_says_so(data: bytes, message: str) -> None:
    with pytest.raises(PickleProblem, match=message):
        read_tree(data)


def test_what_is_too_large_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.formats.pandaset.data_frame.MAX_BYTES", 10_000)
    path = tmp_path / "bomb.pkl.gz"
    path.write_bytes(gzip.compress(b"\0" * 10_000_000)[:9_900])
    with pytest.raises(DamagedData, match="larger than 10000"):
        read_data_frame(path)
    path.write_bytes(gzip.compress(b"\0" * 5_000)[:-12])
    with pytest.raises(DamagedData, match="cut off"):
        read_data_frame(path)


def test_a_sequence_opens_with_all_it_has(sequence: Path) -> None:
    assert recognise(sequence)[0].name == recognise(sequence.parent)[0].name == "pandaset"
    (scene,) = open_dataset(sequence).scenes
    reader = scene.reader
    assert [frame.key for frame in scene.frames] == ["00", "01"]
    assert [frame.timestamp_ns for frame in scene.frames] == [
        1_557_539_924_500_000_000, 1_557_539_924_600_000_000,
    ]  # fmt: skip
    cloud = reader.read_point_cloud(0, "lidar")
    assert cloud.xyz.shape == (8, 3)
    assert list(cloud.fields) == ["intensity", "time_s", "device"]
    assert cloud.coord_frame_id == "world"
    labels = reader.read_labels(0, "cuboids")
    cuboids = labels.cuboids
    assert cuboids.class_names == ("Car", "Pedestrian", "Größe")
    assert cuboids.track_ids == ("a-1", "b-2", "c-3")
    assert cuboids.label_ids == ("a-1@00", "b-2@00", "c-3@00")
    # Yaw 0 looks along +y; a quarter turn counter-clockwise along -x. Length is dimensions.y.
    assert cuboids.cuboids.size[0].tolist() == [4.5, 2.0, 1.5]
    front = cuboids.cuboids.corners()[0][4:].mean(axis=0)
    np.testing.assert_allclose(front, [10.5, 1.0 + 2.25, 0.5], atol=1e-12)
    turned = cuboids.cuboids.corners()[1][4:].mean(axis=0) - [-3.25, 2.0, 0.75]
    np.testing.assert_allclose(turned, [-0.375 * np.sin(1.5), 0.375 * np.cos(1.5), 0], atol=1e-12)
    assert cuboids.attributes[0] == {
        "stationary": True, "camera_used": -1, "attributes.object_motion": "Parked",
        "cuboids.sibling_id": "-", "cuboids.sensor_id": -1,
    }  # fmt: skip
    assert "attributes.object_motion" not in cuboids.attributes[2]
    (classes,) = labels.point_classes
    assert [classes.class_names[number] for number in classes.class_indices[:3].tolist()] == [
        "Vegetation", "Ground", "Road",
    ]  # fmt: skip
    assert isinstance(reader, FrameMetadata)
    assert reader.read_frame_metadata(1) == {
        "position": GeoPosition(37.75, -122.25, 5.5), "xvel": 1.0, "yvel": -2.0,
    }  # fmt: skip
    assert not reader.problems()


def test_cameras_have_the_pose_of_their_own_time(sequence: Path) -> None:
    (scene,) = open_dataset(sequence).scenes
    rig = scene.reader.read_rig(1)
    (image,) = scene.frames[1].images
    camera = rig.cameras["front_camera"]
    matrix = rig.camera_from(camera, "world", image.timestamp_ns, None)
    point = np.array([4.0, 2.0, 1.25, 1.0])
    yaw = 0.25 + 1.0
    moved = point[:3] - [3.0, -1.5, 1.0]
    expected = [
        np.cos(yaw) * moved[0] + np.sin(yaw) * moved[1],
        -np.sin(yaw) * moved[0] + np.cos(yaw) * moved[1],
        moved[2],
    ]
    np.testing.assert_allclose((matrix @ point)[:3], expected, atol=1e-12)
    lens = camera.model
    assert (lens.fx, lens.fy, lens.cx, lens.cy) == (197.0, 197.1, 96.5, 53.25)
    assert (lens.width_px, lens.height_px) == (192, 108)


def test_missing_parts_are_told_and_the_rest_shows(sequence: Path) -> None:
    (sequence / "camera" / "front_camera" / "intrinsics.json").unlink()
    (sequence / "annotations" / "cuboids" / "00.pkl.gz").write_bytes(b"PK not a pickle")
    (scene,) = open_dataset(sequence).scenes
    assert "missing" in (scene.reader.read_rig(0).cameras["front_camera"].refusal or "")
    with pytest.raises(DamagedData, match="without running code"):
        scene.reader.read_labels(0, "cuboids")
    assert len(scene.reader.read_labels(1, "cuboids").cuboids) == 3
    poses = json.loads((sequence / "lidar" / "poses.json").read_text())
    poses[1]["heading"] = dict.fromkeys("wxyz", 0.0)
    (sequence / "lidar" / "poses.json").write_text(json.dumps(poses))
    (scene,) = open_dataset(sequence).scenes
    assert scene.reader.read_rig(0).ego_coord_frame_id == "world"
    assert "no pose" in scene.reader.problems()[0].message
    assert len(scene.reader.read_point_cloud(0, "lidar")) == 8


def test_mutations_end_in_clear_errors(sequence: Path) -> None:
    generator = random.Random(9)
    tables = [*(sequence / "lidar").glob("00.*"), *sequence.glob("annotations/*/00.pkl.gz")]
    plain = {path: gzip.decompress(path.read_bytes()) for path in tables}
    for path in tables:
        path.unlink()
        path.with_suffix("").write_bytes(plain[path])
    victims = [path.with_suffix("") for path in tables]
    victims += [path for path in sequence.rglob("*.json") if path.parent.name != "meta"]
    originals = {path: path.read_bytes() for path in victims}
    read = 0
    for _ in range(1_000):
        path = generator.choice(victims)
        path.write_bytes(mutated(originals[path], generator))
        try:
            dataset = PandaSetFormat().open(sequence)
            reader = dataset.scenes[0].reader
            for job in (
                partial(reader.read_rig, 0),
                partial(reader.read_point_cloud, 0, "lidar"),
                partial(reader.read_labels, 0, "cuboids"),
                partial(reader.read_frame_metadata, 0),
            ):
                try:
                    job()
                    read += 1
                except DamagedData:
                    continue
        except DamagedData:
            pass
        path.write_bytes(originals[path])
    assert read > 1_000


def test_a_tree_keeps_what_plain_pickles_hold() -> None:
    generator = random.Random(2)
    for _ in range(300):
        value = random_value(generator)
        for protocol in range(6):
            buffer = io.BytesIO()
            pickle.Pickler(buffer, protocol).dump(value)
            assert read_tree(buffer.getvalue()) == value


def random_value(generator: random.Random, depth: int = 0) -> object:
    if depth > 3 or generator.random() < 0.4:
        plain = [None, True, False, -3, 255, 70_000, 2**40, -(2**70), 1.5, "text", "é中"]
        return generator.choice(plain)
    values = [random_value(generator, depth + 1) for _ in range(generator.randrange(5))]
    made = generator.randrange(3)
    if made == 0:
        return values
    return tuple(values) if made == 1 else {f"k{at}": each for at, each in enumerate(values)}
