"""Annotations of Nucleus payloads: every kind, ids, tracks."""

import numpy as np
import pytest

from viewer.formats.nucleus.format import NucleusFormat
from viewer.scene.labels import LabelSetKind
from viewer.scene.shapes import ClassificationScope, ShapeKind, Visibility


def read(tmp_path, payloads, annotations, *, front_axis="x", **more):
    payloads.write(tmp_path / "scene.json", payloads.scene(1))
    payloads.write(tmp_path / "annotations.json", {"annotations": annotations} | more)
    (scene,) = NucleusFormat(front_axis).open(tmp_path).scenes
    return scene.reader.read_labels(0, "annotations"), scene


def test_cuboids_tracks_scores_and_distributions(nucleus_folder):
    (scene,) = NucleusFormat().open(nucleus_folder).scenes
    first = scene.reader.read_labels(0, "annotations").cuboids
    assert first.label_ids == ["a1"]
    assert first.track_ids == ["t1"]
    assert first.attributes == [{"n": 3}]
    assert np.isnan(first.scores[0])
    assert first.cuboids.coord_frame_id == "world"
    # (4, 2, 1.5) about (1, 2, 0.5), by hand.
    corners = first.cuboids.corners()[0]
    assert corners.min(axis=0).tolist() == [-1, 1, -0.25]
    assert corners.max(axis=0).tolist() == [3, 3, 1.25]
    assert scene.reader.read_labels(1, "annotations").cuboids.track_ids == ["5"]
    model = scene.reader.read_labels(0, "model").cuboids
    assert model.scores.tolist() == [0.25]
    assert model.class_distributions == [{"car": 0.25, "van": 0.75}]
    assert scene.label_sets[1].kind == LabelSetKind.PREDICTIONS
    assert len(scene.reader.read_labels(1, "model").cuboids) == 0


def test_yaw_turns_to_the_left_and_the_front_is_a_choice(tmp_path, payloads):
    turned = [payloads.cuboid(yaw=0.3)]
    along_x, _ = read(tmp_path, payloads, turned)
    along_y, scene = read(tmp_path, payloads, turned, front_axis="y")
    first, second = along_x.cuboids.cuboids, along_y.cuboids.cuboids
    np.testing.assert_allclose(first.yaw_rad, [0.3])
    np.testing.assert_allclose(second.yaw_rad, [0.3 + np.pi / 2])
    # The box is the same; the vertex at (+x, +y, +z) by the document's formula, worked out.
    cos, sin = np.cos(0.3), np.sin(0.3)
    vertex = [1 + 2 * cos - 1 * sin, 2 + 2 * sin + 1 * cos, 1.25]
    for cuboids in (first, second):
        corners = cuboids.corners()[0]
        assert np.abs(corners - vertex).max(axis=1).min() < 1e-12
    assert "+y" in scene.description


def test_every_kind_is_held(tmp_path, payloads):
    image = "drive_front_0"
    vertices = {"vertices": [{"x": 0, "y": 0}, {"x": 4, "y": 0}, {"x": 4, "y": 4}]}
    points = [{"x": 1, "y": 2, "visible": True}, {"x": 3, "y": 4, "visible": False}]
    points += [{"visible": False}]
    skeleton = {"keypoints": points, "names": ["a", "b", "c"], "skeleton": [[0, 1], [0, 2]]}
    mask = {"mask_url": "m.png", "annotations": [{"label": "car", "index": 1}]}
    labels, scene = read(
        tmp_path,
        payloads,
        [
            payloads.annotation("box", {"x": 1, "y": 2, "width": 3, "height": 4}, image),
            payloads.annotation("polygon", vertices, image, annotation_id="p"),
            payloads.annotation("line", vertices, image, annotation_id="l"),
            payloads.annotation("keypoints", skeleton, image, annotation_id="k"),
            payloads.annotation("category", {}, image, taxonomy_name="weather"),
            payloads.annotation("category", {}, "drive", taxonomy_name="road"),
        ],
        segmentations=[mask | {"reference_id": image, "type": "mask"}],
    )
    assert labels.boxes_2d.boxes_px.tolist() == [[1, 2, 4, 6]]
    assert labels.boxes_2d.sensor_ids == ["front"]
    shapes = labels.shapes_2d
    kinds = [ShapeKind.POLYGONS, ShapeKind.POLYLINE, ShapeKind.KEYPOINTS]
    assert shapes.kinds.tolist() == kinds
    assert shapes.label_ids == ("p", "l", "k")
    states = [Visibility.VISIBLE, Visibility.HIDDEN, Visibility.UNLABELLED]
    assert shapes.vertex_visibilities(2).tolist() == states
    assert shapes.skeletons[2] == ((0, 1), (0, 2))
    assert len(shapes.outlines(2)) == 1
    image_class, scene_class = labels.classifications
    assert (image_class.scope, image_class.taxonomy) == (ClassificationScope.IMAGE, "weather")
    assert (scene_class.scope, scene_class.target) == (ClassificationScope.SCENE, "")
    (problem,) = scene.reader.problems()
    assert "m.png" in problem.source
    assert "missing" in problem.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"geometry": {}}, "has no x, y, z"),
        ({"size": (0.0, 1.0, 1.0)}, "not positive"),
        ({"yaw": None}, "no finite number for yaw"),
        ({"type": "blob"}, "'blob' is not known"),
        ({"annotation_id": 5}, "Expected"),
        ({"reference_id": 5}, "Expected `str"),
        ({"reference_id": ""}, "names no item"),
    ],
)
def test_an_annotation_that_makes_no_sense_is_left_out(tmp_path, payloads, change, words):
    bad = payloads.cuboid(**{key: change[key] for key in ("size", "yaw") if key in change})
    bad |= {key: value for key, value in change.items() if key not in ("size", "yaw")}
    labels, scene = read(tmp_path, payloads, [bad, payloads.cuboid(annotation_id="good")])
    assert labels.cuboids.label_ids == ["good"]
    (problem,) = scene.reader.problems()
    assert words in problem.message
    assert problem.place.startswith("$.annotations[0]")


@pytest.mark.parametrize(("update", "left"), [(False, 4.0), (True, 3.0)])
def test_the_same_id_again_is_ignored_or_overwrites(tmp_path, payloads, update, left):
    twice = [payloads.cuboid(annotation_id="a", size=(x, 2.0, 1.0)) for x in (4.0, 3.0)]
    labels, scene = read(tmp_path, payloads, twice, update=update)
    assert labels.cuboids.cuboids.size[:, 0].tolist() == [left]
    assert "1 annotations repeat" in scene.reader.problems()[0].message


def test_two_items_of_a_frame_may_share_an_annotation_id(tmp_path, payloads):
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    both = [payloads.cuboid(annotation_id="a")]
    both += [payloads.annotation("box", box, "drive_front_0", annotation_id="a")]
    labels, _ = read(tmp_path, payloads, both)
    assert labels.cuboids.label_ids == ["a"]
    assert labels.boxes_2d.label_ids == ["front:a"]


def test_lines_of_annotations_and_predictions_are_read(tmp_path, payloads):
    rows = [payloads.cuboid("x", annotation_id=f"a{index}") for index in range(9000)]
    scored = [payloads.cuboid("x", confidence=0.5)]
    path = payloads.write_lines(tmp_path / "truth.jsonl", rows)
    with path.open("a") as file:
        file.write("{broken\n")
    payloads.write_lines(tmp_path / "scored.jsonl", scored)
    (scene,) = NucleusFormat().open(tmp_path).scenes
    assert [each.label_set_id for each in scene.label_sets] == ["annotations", "scored"]
    assert len(scene.reader.read_labels(0, "annotations").cuboids) == 9000
    assert scene.reader.read_labels(0, "scored").cuboids.scores.tolist() == [0.5]
    assert [problem.place for problem in scene.reader.problems()] == ["line 9001"]


def test_annotations_of_items_that_nobody_describes_are_shown_and_told(tmp_path, payloads):
    payloads.write(tmp_path / "scene.json", payloads.scene(1))
    strangers = [payloads.cuboid("other"), payloads.cuboid()]
    payloads.write(tmp_path / "annotations.json", {"annotations": strangers})
    known, other = NucleusFormat().open(tmp_path).scenes
    assert len(known.reader.read_labels(0, "annotations").cuboids) == 1
    assert other.independent
    assert [frame.key for frame in other.frames] == ["other"]
    assert len(other.reader.read_labels(0, "annotations").cuboids) == 1
    (problem,) = known.reader.problems()
    assert problem.place == "$.annotations[0]"
    assert "1 annotations belong to 1 items" in problem.message


def test_the_vendors_payload_holds_the_cuboids_of_argoverse(real_data):
    """Boxes made from a published drive by the vendor's client; its own counts are the oracle."""
    folder = real_data / "labels" / "scale_nucleus"
    sweep = next(real_data.rglob("315966265259836000.feather"), None)
    if not folder.is_dir() or sweep is None:
        pytest.skip("the payloads or the sweep are not here")
    from pyarrow import feather

    table = feather.read_table(sweep)
    points = np.stack([table[axis].to_numpy() for axis in "xyz"], axis=1).astype(np.float64)
    scene = NucleusFormat().open(folder).scenes[1]
    labels = scene.reader.read_labels(0, "annotations").cuboids
    assert len(labels) == 81
    counts = labels.cuboids.count_points(points)
    published = [attributes["num_interior_pts"] for attributes in labels.attributes]
    # The payload has yaw only and so loses a box's tilt, which moves few points across a face.
    assert np.mean(counts == published) > 0.9
    assert len(scene.reader.read_labels(0, "cuboid_predictions_payload").cuboids) == 70


def test_compiled_code_reads_what_the_decoder_reads(tmp_path, payloads, monkeypatch):
    import viewer.formats.nucleus.annotation_file as heads
    import viewer.formats.nucleus.cuboid_rows as frames

    generator = np.random.default_rng(1)
    many = [
        payloads.cuboid(
            "drive_lidar_0" if index % 4 else "other",
            yaw=float(generator.normal()),
            label=f"class {index % 3}",
            annotation_id=f"a{index}",
            **({"track_reference_id": f"t{index}"} if index % 3 else {}),
            **({"metadata": {"track_id": f"m{index}", "n": [1]}} if index % 2 else {}),
        )
        for index in range(100)
    ]
    many[7]["reference_id"] = "drive_lid\\u0061r_0"
    found = []
    for bytes_ in (1, 1 << 40):
        monkeypatch.setattr(heads, "KERNEL_BYTES", bytes_)
        monkeypatch.setattr(frames, "KERNEL_BYTES", bytes_)
        payloads.write(tmp_path / "scene.json", payloads.scene(1))
        path = payloads.write(tmp_path / "annotations.json", {"annotations": many})
        path.write_text(path.read_text().replace("\\\\u0061", "\\u0061"))
        scene = NucleusFormat().open(tmp_path).scenes[0]
        assert scene.class_map.names == ("class 0", "class 1", "class 2")
        found.append(scene.reader.read_labels(0, "annotations").cuboids)
    compiled, decoded = found
    assert type(compiled.attributes) is not type(decoded.attributes)
    assert len(compiled) == 75
    for name in ("label_ids", "class_names", "track_ids"):
        assert list(getattr(compiled, name)) == list(getattr(decoded, name))
    assert list(compiled.attributes) == list(decoded.attributes)
    np.testing.assert_array_equal(compiled.cuboids.rotation, decoded.cuboids.rotation)
    np.testing.assert_array_equal(compiled.scores, decoded.scores)
