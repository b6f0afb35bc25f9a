"""What every scene writer promises; a new one is covered when it is listed."""

import hashlib

import numpy as np
import pytest

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import built_in_formats, open_dataset
from viewer.formats.native.writer import write_native_scene
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import SCENE_WRITERS
from viewer.formats.writers.draft import WriteRefused
from viewer.geometry.cameras import Pinhole
from viewer.progress import Cancelled, JobContext

writers = pytest.mark.parametrize("writer", SCENE_WRITERS, ids=lambda writer: writer.name)


def digest(root):
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def source(tmp_path):
    builder = SceneBuilder("drive")
    builder.add_lidar("lidar", position=(0, 0, 1.0))
    builder.add_camera("front", Pinhole(64, 40, fx=43.0, fy=43.0))
    for index in range(3):
        frame = builder.add_frame(timestamp_ns=index * 100_000_000)
        points = np.arange(30, dtype=np.float32).reshape(10, 3)
        frame.add_points("lidar", points, intensity=np.ones(10, np.float32))
        frame.add_image("front", np.full((40, 64, 3), index, np.uint8))
        frame.add_cuboids(
            [[10.25, index, 0.5]],
            [[4.0, 2.0, 1.5]],
            class_names=["Car"],
            track_ids=["a"],
            attributes=[{"colour": "red"}],
        )
    write_native_scene(builder.build(), tmp_path / "source")
    dataset = open_dataset(tmp_path / "source")
    yield dataset
    dataset.close()


@writers
def test_names_are_those_of_the_format_that_reads(writer):
    by_name = {format_.name: format_.title for format_ in built_in_formats()}
    assert by_name[writer.name] == writer.title
    assert writer.holds


@writers
def test_what_is_written_opens_and_the_source_stays_as_it_was(writer, source, tmp_path):
    before = digest(source.path)
    report = writer.write(source.scenes, tmp_path / "out", JobContext())
    assert digest(source.path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]
    again = open_dataset(tmp_path / "out")
    assert again.format_name == writer.name
    scene = again.scenes[0]
    if writer.images_only:
        told = {what: count for what, _, count, _ in report.rows()}
        assert (told["cuboid"], told["point cloud"]) == (3, 3)
        for index, frame in enumerate(scene.frames):
            (image,) = frame.images
            assert (scene.reader.read_image(index, image.sensor_id, None).rgb() == index).all()
        again.close()
        return
    attributes = []
    for index in range(3):
        labels = scene.reader.read_labels(index, scene.label_sets[0].label_set_id).cuboids
        np.testing.assert_allclose(labels.cuboids.size, [[4.0, 2.0, 1.5]], atol=0.005)
        attributes += [row.get("colour") for row in labels.attributes]
        if writer.holds_sensor_data:
            assert len(scene.reader.read_point_cloud(index, scene.lidar_ids[0])) == 10
    told = sum(count for what, _, count, _ in report.rows() if what == "attribute 'colour'")
    assert told == attributes.count(None)
    again.close()


@writers
def test_the_format_tells_of_the_labels_and_lenses_that_come_back(writer, source, tmp_path):
    writer.write(source.scenes, tmp_path / "out", JobContext())
    again = open_dataset(tmp_path / "out")
    (format_,) = [each for each in built_in_formats() if each.name == writer.name]
    reader = again.scenes[0].reader
    sets = again.scenes[0].label_sets
    counts = [reader.read_labels(0, each.label_set_id).count() for each in sets]
    lenses = [camera.model for camera in reader.read_rig(0).cameras.values()]
    # A layout of flat labels may find none to take from the source; one with none brings none.
    assert format_.labels or not sum(counts)
    assert bool(format_.cameras) == any(lens is not None for lens in lenses)
    again.close()


@writers
def test_the_source_and_what_lies_in_it_is_refused(writer, source, tmp_path):
    before = digest(source.path)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    (tmp_path / "link").symlink_to(source.path)
    inside = (source.path, source.path / "new", tmp_path / "link" / "new", taken)
    for target in (*inside, taken / "mine.txt"):
        with pytest.raises(WriteRefused):
            writer.write(source.scenes, target, JobContext())
    around = WriteOptions(sources=(tmp_path,))
    with pytest.raises(WriteRefused):
        writer.write(source.scenes, tmp_path / "new", JobContext(), around)
    unknown = WriteOptions(label_set_id="none")
    with pytest.raises(WriteRefused, match="no label set 'none'"):
        writer.write(source.scenes, tmp_path / "new", JobContext(), unknown)
    assert digest(source.path) == before
    assert sorted(path.name for path in taken.iterdir()) == ["mine.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "source", "taken"]


@writers
def test_nothing_is_left_after_cancel_or_failure(writer, source, tmp_path):
    for error in (Cancelled, OSError):
        told = []

        def report(progress, error=error, told=told):
            told.append(progress)
            if len(told) == 3:
                raise error

        with pytest.raises(error):
            writer.write(source.scenes, tmp_path / "a" / "b" / "out", JobContext(report))
        assert [path.name for path in tmp_path.iterdir()] == ["source"]


@writers
def test_a_dry_run_writes_nothing_and_tells_the_same(writer, source, tmp_path):
    dry = writer.write(source.scenes, tmp_path / "out", JobContext(), WriteOptions(dry_run=True))
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    assert dry == writer.write(source.scenes, tmp_path / "out", JobContext())
