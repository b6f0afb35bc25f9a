"""Labels of Aquarium rows: every kind, and what updates do to them."""

import json
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.aquarium.format import AquariumFormat
from viewer.scene.shapes import ClassificationScope, ShapeKind

# Corners of the quarter-turned box of `rows.cuboid`: 2 along x, 4 along y, 1.5 along z, about
# (1, 2, 0.5), added and subtracted by hand.
LOW, HIGH = [0.0, 0.0, -0.25], [2.0, 4.0, 1.25]


def read(tmp_path, rows, labels, *more_rows, label_set="labels"):
    path = rows.write(
        tmp_path / "rows.jsonl", [rows.frame(), rows.labels("scene1_000", labels), *more_rows]
    )
    (scene,) = AquariumFormat().open(path).scenes
    return scene.reader.read_labels(0, label_set), scene


def test_a_cuboid_has_its_centre_size_and_xyzw_rotation(tmp_path, rows):
    extra = {"user__occluded": True, "user__track_id": 7, "link__pair": "b1", "confidence": 0.5}
    labels, scene = read(tmp_path, rows, [rows.cuboid("c1", attributes=extra)])
    cuboids = labels.cuboids
    assert cuboids.cuboids.coord_frame_id == "world"
    corners = cuboids.cuboids.corners()[0]
    np.testing.assert_allclose(corners.min(axis=0), LOW, atol=1e-12)
    np.testing.assert_allclose(corners.max(axis=0), HIGH, atol=1e-12)
    # A quarter turn to the left: the front, +x, looks along y.
    np.testing.assert_allclose(cuboids.cuboids.yaw_rad, [np.pi / 2])
    assert cuboids.label_ids == ["c1"]
    assert cuboids.class_names == ["car"]
    assert cuboids.track_ids == ["7"]
    assert cuboids.scores.tolist() == [0.5]
    assert cuboids.attributes[0] == {"occluded": True, "track_id": 7, "links": {"pair": "b1"}}
    assert cuboids.is_crowd.tolist() == [False]
    assert cuboids.timestamp_ns == 1622548800_000000000
    assert not scene.reader.problems()


def test_both_paths_of_cuboids_agree(tmp_path, rows):
    generator = np.random.default_rng(4)
    names = [
        f"{part}_{axis}"
        for part, axes in (("pos", "xyz"), ("dim", "xyz"), ("rot", "xyzw"))
        for axis in axes
    ]
    many = [
        rows.cuboid(
            f"c{index}",
            attributes=dict(zip(names, generator.uniform(0.1, 9, 10).tolist(), strict=True))
            | ({"user__track": f"t{index}", "iscrowd": True} if index % 3 else {})
            | ({"confidence": index / 20} if index % 2 else {}),
        )
        for index in range(20)
    ]
    token = rows.label("t", "CLASSIFICATION_3D", "world", {})
    fast, _ = read(tmp_path / "fast", rows, many)
    slow, _ = read(tmp_path / "slow", rows, [*many, token])
    assert type(fast.cuboids.attributes) is not type(slow.cuboids.attributes)
    for name in ("label_ids", "class_names", "track_ids", "timestamp_ns"):
        assert getattr(fast.cuboids, name) == getattr(slow.cuboids, name)
    assert list(fast.cuboids.attributes) == list(slow.cuboids.attributes)
    np.testing.assert_array_equal(fast.cuboids.scores, slow.cuboids.scores)
    np.testing.assert_array_equal(fast.cuboids.is_crowd, slow.cuboids.is_crowd)
    for name in ("center", "size", "rotation"):
        first, second = getattr(fast.cuboids.cuboids, name), getattr(slow.cuboids.cuboids, name)
        np.testing.assert_array_equal(first, second)
    numbers = np.array([[label["attributes"][name] for name in names[:6]] for label in many])
    np.testing.assert_array_equal(fast.cuboids.cuboids.center, numbers[:, :3])
    np.testing.assert_array_equal(fast.cuboids.cuboids.size, numbers[:, 3:])


def test_cuboids_of_one_coord_frame_stay_in_it_and_of_two_come_to_the_world(tmp_path, rows):
    labels, _ = read(tmp_path, rows, [rows.cuboid("a", "lidar")])
    assert labels.cuboids.cuboids.coord_frame_id == "lidar"
    assert labels.cuboids.cuboids.center.tolist() == [[1, 2, 0.5]]
    labels, _ = read(tmp_path, rows, [rows.cuboid("a", "lidar"), rows.cuboid("b")])
    assert labels.cuboids.cuboids.coord_frame_id == "world"
    # The lidar stands 1.8 m over the world's origin.
    np.testing.assert_allclose(labels.cuboids.cuboids.center, [[1, 2, 2.3], [1, 2, 0.5]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attributes": {"dim_x": 0.0}}, "size that is not positive"),
        ({"attributes": {"pos_x": None}}, "no finite number for pos_x"),
        ({"attributes": {"pos_x": "1"}}, "no finite number for pos_x"),
        ({"attributes": {"rot_z": 0.0, "rot_w": 0.0}}, "rotation of length zero"),
        ({"frame": "nowhere"}, "no coord frame"),
        ({"label_type": "BLOB"}, "'BLOB' is not known"),
    ],
)
def test_a_cuboid_that_makes_no_sense_is_left_out(tmp_path, rows, change, words):
    labels, scene = read(tmp_path, rows, [rows.cuboid("bad", **change), rows.cuboid("good")])
    assert labels.cuboids.label_ids == ["good"]
    (problem,) = scene.reader.problems()
    assert words in problem.message
    assert problem.place == "line 2, label 0"


def test_whole_numbers_are_numbers(tmp_path, rows):
    labels, _ = read(tmp_path, rows, [rows.cuboid("a", attributes={"pos_x": 3})])
    assert labels.cuboids.cuboids.center[0, 0] == 3.0


def test_updates_merge_add_overwrites_and_delete_removes(tmp_path, rows):
    update = rows.labels(
        "scene1_000",
        [
            rows.label("c1", "CUBOID_3D", None, {"pos_x": 1.5, "pos_y": None}, change="MODIFY"),
            rows.label("gone", "CUBOID_3D", None, {}, change="DELETE"),
            rows.label("nobody", "CUBOID_3D", None, {"pos_x": 1.0}, change="MODIFY"),
            rows.cuboid("new"),
            rows.cuboid("c2", attributes={"pos_x": 9.0}),
        ],
    )
    for label in update["label_data"][:1]:
        del label["label"], label["label_coordinate_frame"]
    first = [rows.cuboid("c1", "lidar"), rows.cuboid("gone", "lidar"), rows.cuboid("c2", "lidar")]
    stranger = rows.labels("no_such_frame", [rows.cuboid("x")])
    labels, scene = read(tmp_path, rows, first, update, stranger)
    cuboids = labels.cuboids
    assert cuboids.label_ids == ["c1", "c2", "new"]
    # c1 stays in the lidar's coord frame, 1.8 m up: an update that names none moves nothing.
    np.testing.assert_allclose(cuboids.cuboids.center[0], [1.5, 2, 2.3])
    np.testing.assert_allclose(cuboids.cuboids.center[1], [9, 2, 0.5])
    told = [(each.place, each.message) for each in scene.reader.problems()]
    assert [place for place, _ in told] == ["line 4", "line 3, label 2"]
    assert "'no_such_frame', which does not exist" in told[0][1]
    assert "'nobody'" in told[1][1]


def test_a_file_of_updates_counts_last_whatever_its_name(tmp_path, rows):
    update = rows.label("c1", "CUBOID_3D", "world", {"pos_x": 1.5}, change="MODIFY")
    rows.write(tmp_path / "a_update.jsonl", [rows.labels("scene1_000", [update])])
    rows.write(tmp_path / "b_frames.jsonl", [rows.frame()])
    rows.write(tmp_path / "c_labels.jsonl", [rows.labels("scene1_000", [rows.cuboid("c1")])])
    (scene,) = AquariumFormat().open(tmp_path).scenes
    assert scene.reader.read_labels(0, "labels").cuboids.cuboids.center[0, 0] == 1.5
    assert not scene.reader.problems()


def test_the_batch_form_overwrites_with_its_labels(tmp_path, rows):
    frames = [
        rows.frame(label_data=[rows.cuboid("old")]),
        rows.frame(label_data=[rows.cuboid("new")]),
    ]
    (scene,) = AquariumFormat().open(rows.write(tmp_path / "batch.jsonl", frames)).scenes
    assert scene.reader.read_labels(0, "labels").cuboids.label_ids == ["new"]


def test_labels_without_frames_still_open(tmp_path, rows):
    path = rows.write(tmp_path / "labels.jsonl", [rows.labels("f1", [rows.cuboid("a")])])
    (scene,) = AquariumFormat().open(path).scenes
    assert scene.reader.read_labels(0, "labels").cuboids.label_ids == ["a"]
    assert scene.reader.read_rig(0).cameras == {}


def test_every_2d_kind_is_held(tmp_path, rows):
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    points = [{"x": 1, "y": 2, "name": "nose"}, {"x": 3.5, "y": 4, "name": "tail"}]
    labels, scene = read(
        tmp_path,
        rows,
        [
            rows.label("b", "BBOX_2D", "cam0", {"top": 1, "left": 2, "width": 3, "height": 4}),
            rows.label(
                "p",
                "POLYGON_LIST_2D",
                "cam0",
                {"polygons": [{"vertices": square}, {"vertices": square[:3]}], "center": None},
            ),
            rows.label(
                "l",
                "LINE_SEGMENT_2D",
                "cam0",
                {"x1": 1, "y1": 2, "x2": 3, "y2": 4, "iscrowd": True},
            ),
            rows.label("k", "KEYPOINTS_2D", "cam0", {"keypoints": points, "confidence": 0.25}),
            rows.label("c", "CLASSIFICATION_2D", "cam0", {"weather": "rain"}),
            rows.label("s", "CLASSIFICATION_3D", "lidar", {}),
            rows.label("t", "TEXT_TOKEN", "text", {"index": 3, "token": "hi", "visible": False}),
            rows.label("m", "SEMANTIC_LABEL_URL_2D", "cam0", {"url": "m.png"}, label="__mask"),
        ],
    )
    assert labels.boxes_2d.boxes_px.tolist() == [[2, 1, 5, 5]]
    assert labels.boxes_2d.sensor_ids == ["cam0"]
    shapes = labels.shapes_2d
    kinds = [ShapeKind.POLYGONS, ShapeKind.POLYLINE, ShapeKind.KEYPOINTS]
    assert shapes.kinds.tolist() == kinds
    # The ring was closed by its first vertex, which stands once now.
    assert [part.tolist() for part in shapes.parts(0)] == [square[:4], square[:3]]
    assert shapes.parts(1)[0].tolist() == [[1, 2], [3, 4]]
    assert shapes.is_crowd.tolist() == [False, True, False]
    assert shapes.keypoint_names[2] == ("nose", "tail")
    assert shapes.scores[2] == 0.25
    image, space = labels.classifications
    assert (image.scope, image.target) == (ClassificationScope.IMAGE, "cam0")
    assert image.attributes == {"weather": "rain"}
    assert (space.scope, space.target) == (ClassificationScope.COORD_FRAME, "lidar")
    (token,) = labels.text_tokens
    assert (token.index, token.text, token.visible) == (3, "hi", False)
    (problem,) = scene.reader.problems()
    assert problem.message == "the image is missing"


def test_attributes_that_are_strings_of_json_are_read(tmp_path, rows):
    label = rows.cuboid("a")
    label["attributes"] = json.dumps(label["attributes"])
    labels, _ = read(tmp_path, rows, [label])
    assert labels.cuboids.cuboids.center.tolist() == [[1, 2, 0.5]]


def test_inferences_of_the_same_frame_overwrite_and_of_another_are_told(tmp_path, rows):
    labels, scene = read(
        tmp_path,
        rows,
        [],
        rows.inferences("scene1_000", [rows.cuboid("old")]),
        rows.inferences("scene1_000", [rows.cuboid("new", attributes={"confidence": 0.5})]),
        rows.inferences("elsewhere", []),
        label_set="rows",
    )
    assert labels.cuboids.label_ids == ["new"]
    assert [problem.place for problem in scene.reader.problems()] == ["line 5"]


def test_a_file_that_changed_has_no_attributes_and_says_so(tmp_path, rows):
    labels, scene = read(tmp_path, rows, [rows.cuboid("a", attributes={"user__x": 1})])
    (tmp_path / "rows.jsonl").write_text("")
    assert labels.cuboids.attributes[0] == {}
    assert "attributes" in scene.reader.problems()[-1].message
    scene.reader.close()


def test_the_rows_of_the_vendors_client_are_read(tmp_path, real_data):
    """The sample rows were written by the published client; the numbers stand in them."""
    path = Path(real_data).parent / "formats" / "examples" / "aquarium_rows.json"
    if not path.is_file():
        pytest.skip("the sample rows are not here")
    sample = json.loads(path.read_text())
    names = ("frame", "labels", "label_update", "inference_frame")
    for name in names:
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(sample[name]) + "\n")
    (scene,) = AquariumFormat().open(tmp_path).scenes
    labels = scene.reader.read_labels(0, "labels")
    assert labels.cuboids.label_ids == ["c1"]
    assert labels.cuboids.cuboids.center.tolist() == [[1.5, 2, 0.5]]
    assert labels.cuboids.track_ids == ["t1"]
    assert labels.cuboids.attributes[0]["occluded"] is True
    assert labels.boxes_2d.boxes_px.tolist() == [[2, 1, 5, 5]]
    inferred = scene.reader.read_labels(0, "inference_frame")
    assert inferred.cuboids.scores.tolist() == [0.9]
    assert len(inferred.shapes_2d) == 2
    assert inferred.text_tokens[0].text == "hi"
    camera = scene.reader.read_rig(0).cameras["cam0"]
    assert camera.model.parameters()["k1"] == -0.1


def test_compiled_code_reads_what_the_decoder_reads(tmp_path, rows, monkeypatch):
    import viewer.formats.aquarium.cuboid_rows as module

    generator = np.random.default_rng(1)
    many = [
        rows.cuboid(
            f"c{index}",
            label=f"class {index % 3}",
            attributes={"pos_x": generator.normal(), "rot_z": generator.normal()}
            | ({"user__track": f"t{index}", "iscrowd": True} if index % 3 else {})
            | ({"confidence": index / 100, "user__more": [1, {"a": "}"}]} if index % 2 else {}),
        )
        for index in range(100)
    ]
    found = []
    for bytes_ in (1, 1 << 40):
        monkeypatch.setattr(module, "KERNEL_BYTES", bytes_)
        found.append(read(tmp_path, rows, many)[0].cuboids)
    compiled, decoded = found
    for name in ("label_ids", "class_names", "track_ids", "timestamp_ns"):
        assert getattr(compiled, name) == getattr(decoded, name)
    assert list(compiled.attributes) == list(decoded.attributes)
    np.testing.assert_array_equal(compiled.scores, decoded.scores)
    np.testing.assert_array_equal(compiled.is_crowd, decoded.is_crowd)
    np.testing.assert_array_equal(compiled.cuboids.center, decoded.cuboids.center)
    np.testing.assert_array_equal(compiled.cuboids.rotation, decoded.cuboids.rotation)


@pytest.mark.parametrize(
    "change",
    [{"uuid": "é"}, {"label_coordinate_frame": "lidar"}, {"attributes": {"user__track_id": 5}}],
)
def test_rows_that_are_less_plain_are_read_all_the_same(tmp_path, rows, monkeypatch, change):
    import viewer.formats.aquarium.cuboid_rows as module

    many = [rows.cuboid(f"c{index}") for index in range(3)]
    many.append(rows.cuboid("last") | {key: v for key, v in change.items() if key != "attributes"})
    many[-1]["attributes"] |= change.get("attributes", {})
    monkeypatch.setattr(module, "KERNEL_BYTES", 1)
    labels, scene = read(tmp_path, rows, many)
    assert len(labels.cuboids) == 4
    assert labels.cuboids.label_ids[3] == change.get("uuid", "last")
    assert not scene.reader.problems()
