"""Rows of a platform's own files: what was changed is other, all else is as it was."""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from review.edited_trees import differences, first_rows, json_documents, made, tree_hash, write
from review.edits_examples import DATASET
from tiny_datasets import TINY_DATASETS

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.review import Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    flipped_rotation,
)
from viewer.review.commands.tracks import ChangeTrackId
from viewer.review.edits.edited_dataset import (
    edited_dataset,
    edited_scene,
)
from viewer.review.edits.model import LabelEdit
from viewer.review.flat_snapshots import snapshot_of, snapshots_in

UNKNOWN = {"vendor": {"batch": 7, "notes": ["é", None, 1.25]}}


def with_unknown_keys(root: Path) -> None:
    """Put a key that nobody knows into every label row of Aquarium or Nucleus files."""
    for path in sorted(root.rglob("*.json*")):
        text = path.read_text()
        try:
            documents, many = [json.loads(text)], False
        except json.JSONDecodeError:
            documents, many = [json.loads(line) for line in text.splitlines() if line.strip()], True
        for document in documents:
            for row in _label_rows(document):
                row |= UNKNOWN
                if isinstance(row.get("attributes"), dict):
                    row["attributes"]["vendor_score"] = [0.1, 0.2]
        path.write_text("\n".join(json.dumps(each) for each in documents) if many
                        else json.dumps(documents[0]))  # fmt: skip


def _label_rows(document):
    if isinstance(document, list):
        for each in document:
            yield from _label_rows(each)
    elif isinstance(document, dict):
        if "label_type" in document or {"geometry", "type", "label"} <= document.keys():
            yield document
        for value in document.values():
            yield from _label_rows(value)


LAYOUTS = {
    # label set, where a row's class, centre, size, rotation, track and attributes stand
    "aquarium": ("labels", "uuid"),
    "nucleus": ("annotations", "annotation_id"),
}


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_rows_of_the_platforms_keep_what_nobody_changed(name, workspace: Workspace, tmp_path):
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS[name][0](tmp_path / "made")
    with_unknown_keys(root)
    before = tree_hash(root)
    dataset = open_dataset(root)
    label_set_id, id_key = LAYOUTS[name]
    scene, frame, labels = first_rows(dataset, label_set_id)
    workspace.run(AddDataset(DATASET, "tiny", str(root), name))
    cuboid_id, box_id = labels.cuboids.label_ids[0], labels.boxes_2d.label_ids[0]
    gone_id = labels.shapes_2d.label_ids[0]

    def subject(label_id: str) -> Subject:
        return Subject.label(DATASET, scene.scene_id, frame.key, label_set_id, label_id)

    for command in (
        ChangeClass(subject(cuboid_id), "Truck", snapshot_of(labels, cuboid_id)),
        ChangeBox(subject(cuboid_id), center=(13.0, 0.5, 1.0)),
        ChangeTrackId(subject(cuboid_id), "77"),
        ChangeAttribute(subject(cuboid_id), "colour", "blue"),
        ChangeAttribute(subject(cuboid_id), "doors", 4),
        ChangeBox(subject(box_id), box_px=(1, 2, 5, 8), snapshot=snapshot_of(labels, box_id)),
        DeleteLabel(subject(gone_id), snapshot_of(labels, gone_id)),
    ):
        workspace.run(command)
    out, _ = write(name, edited_dataset(dataset, workspace.reading, DATASET), tmp_path / "out")
    again = out.scenes[0].reader.read_labels(0, label_set_id)
    row = list(again.cuboids.label_ids).index(cuboid_id)
    own = again.cuboids
    assert (own.class_names[row], own.track_ids[row]) == ("Truck", "77")
    np.testing.assert_array_equal(own.cuboids.center[row], (13.0, 0.5, 1.0))
    np.testing.assert_array_equal(own.cuboids.size[row], labels.cuboids.cuboids.size[0])
    np.testing.assert_array_equal(own.cuboids.rotation[row], labels.cuboids.cuboids.rotation[0])
    assert (own.attributes[row]["colour"], own.attributes[row]["doors"]) == ("blue", 4)
    place = list(again.boxes_2d.label_ids).index(box_id)
    assert again.boxes_2d.boxes_px[place].tolist() == [1, 2, 5, 8]
    assert gone_id not in again.shapes_2d.label_ids

    sources = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    written = {path.relative_to(tmp_path / "out/data") for path in
               (tmp_path / "out/data").rglob("*") if path.is_file()}  # fmt: skip
    assert sources == written
    changed_files = []
    old_documents, new_documents = json_documents(root), json_documents(tmp_path / "out/data")
    for path in sorted(sources):
        if (root / path).read_bytes() != (tmp_path / "out/data" / path).read_bytes():
            changed_files.append(path.as_posix())
    assert len(changed_files) == 1
    old_rows = rows_by_id(old_documents[changed_files[0]], id_key)
    new_rows = rows_by_id(new_documents[changed_files[0]], id_key)
    assert old_rows.keys() - new_rows.keys() == {gone_id}
    touched = {}
    for label_id, new in new_rows.items():
        places = {place for place, _, _ in differences(old_rows[label_id], new)}
        if places:
            touched[label_id] = places
    assert touched == EXPECTED[name](cuboid_id, box_id)
    assert all(row["vendor"] == UNKNOWN["vendor"] for row in new_rows.values())
    assert tree_hash(root) == before


def rows_by_id(documents, id_key):
    rows = (row for document in documents for row in _label_rows(document))
    unnamed = count()
    return {row[id_key] if id_key in row else next(unnamed): row for row in rows}


EXPECTED = {
    "aquarium": lambda cuboid_id, box_id: {
        cuboid_id: {
            ".label", ".attributes.pos_x", ".attributes.pos_y", ".attributes.pos_z",
            ".attributes.user__track_id", ".attributes.user__colour", ".attributes.user__doors",
        },
        box_id: {".attributes.width", ".attributes.height", ".attributes.top"},
    },
    "nucleus": lambda cuboid_id, box_id: {
        cuboid_id: {
            ".label", ".geometry.position.x", ".geometry.position.y", ".geometry.position.z",
            ".track_reference_id", ".metadata.colour", ".metadata.doors",
        },
        box_id: {".geometry.y", ".geometry.width", ".geometry.height"},
    },
}  # fmt: skip
"""The tiny 2D box is 1, 1, 4, 5; what is equal by chance is no change."""


KITTI_LINES = (
    "Car 0.88 3 -0.69 0.00 192.37 402.31 374.00 1.60 1.57 3.23 -2.70 1.74 3.68 -1.29",
    "Truck 0.00 0 -1.57 599.41 156.40 629.75 189.25 2.85 2.63 12.34 0.47 1.49 69.44 -1.56",
    "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10",
    "Cyclist 0.50 1 -2.46 665.45 160.00 717.93 217.99 1.72 0.47 1.65 2.45 1.35 22.10 -2.35",
)
"""Lines of the devkit's own form; the first of its training frame 7."""


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        (LabelEdit("000000:0", class_name="Van"), {0: KITTI_LINES[0].replace("Car", "Van")}),
        (LabelEdit("000000:1", deleted=True), {1: None}),
        (
            LabelEdit("000000:3", box_px=(665.0, 160.0, 718.0, 217.99)),
            {3: KITTI_LINES[3].replace("665.45", "665.00").replace("717.93 2", "718.00 2")},
        ),
        # Half a turn: rotation_y -1.29 + pi, and the observation angle 1.85 + atan(2.70 / 3.68).
        ("flip", {0: KITTI_LINES[0].replace("-0.69", "2.48").replace("-1.29", "1.85")}),
    ],
    ids=["class", "deleted", "box", "flip"],
)  # fmt: skip
def test_kitti_lines_stay_as_they_are_but_for_what_was_changed(edit, wanted, tmp_path):
    root, dataset = made("kitti_object", tmp_path)
    dataset.close()
    path = min(root.rglob("label_2/*.txt"))
    path.write_text("\n".join(KITTI_LINES) + "\n")
    scene = open_dataset(root).scenes[0]
    label_set_id = scene.label_sets[0].label_set_id
    if edit == "flip":
        labels = scene.reader.read_labels(0, label_set_id).cuboids
        turned = flipped_rotation(labels.cuboids.rotation[0].tolist())
        edit = LabelEdit("000000:0", rotation=tuple(turned))
    edited = edited_scene(scene, {scene.frames[0].key: {label_set_id: [edit]}})
    writer_by_name("kitti_object").write([edited], tmp_path / "out", JobContext())
    lines = (wanted.get(number, line) for number, line in enumerate(KITTI_LINES))
    assert min((tmp_path / "out").rglob("label_2/*.txt")).read_text().splitlines() == [
        line for line in lines if line is not None
    ]


def test_coco_rows_keep_unknown_keys(tmp_path):
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS["coco"][1](tmp_path / "made")
    before = json_documents(root)
    path = next(name for name, found in before.items() if found[0].get("annotations"))
    document = before[path][0]
    for row in document["annotations"]:
        row |= UNKNOWN
    (root / path).write_text(json.dumps(document))
    scene = open_dataset(root).scenes[0]
    label_set_id = scene.label_sets[0].label_set_id
    frame, label_id = next(
        (frame, label_id)
        for frame in scene.frames
        for label_id in snapshots_in(scene.reader.read_labels(frame.index, label_set_id))
    )
    edits = {frame.key: {label_set_id: [LabelEdit(label_id, attributes={"checked": True})]}}
    writer_by_name("coco").write([edited_scene(scene, edits)], tmp_path / "out", JobContext())
    (written,) = [
        found[0] for found in json_documents(tmp_path / "out").values() if "annotations" in found[0]
    ]
    rows = {row["id"]: row for row in written["annotations"]}
    changed = {}
    for row in document["annotations"]:
        for place, _, new in differences(row, rows[row["id"]]):
            if place not in (".category_id", ".image_id"):
                changed.setdefault(row["id"], {})[place] = new
    assert list(changed) == [int(label_id)]
    (values,) = changed.values()
    assert list(values.values()) in ([True], [{"checked": True}])


def label_file(root: Path) -> Path:
    return next(path for path in sorted(root.glob("*.json*")) if "label_data" in path.read_text())


@pytest.mark.parametrize("as_text", [False, True], ids=["objects", "text"])
def test_aquarium_labels_that_several_rows_made_are_edited_where_they_were_changed_last(
    as_text, tmp_path
):
    root, dataset = made("aquarium", tmp_path)
    dataset.close()
    path = label_file(root)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    place = next(i for i, line in enumerate(lines) if line.get("label_data"))
    first = lines[place]
    cuboids = [row for row in first["label_data"] if row["label_type"] == "CUBOID_3D"]
    modified = {
        "uuid": cuboids[0]["uuid"], "label_type": "CUBOID_3D", "change": "MODIFY",
        "label": None, "attributes": {"pos_x": 20.0, "user__colour": None, "user__state": "parked"},
        "vendor": 3,
    }  # fmt: skip
    second = {key: value for key, value in first.items() if key != "label_data"}
    second["label_data"] = [modified]
    if as_text:
        modified["attributes"] = json.dumps(modified["attributes"])
        second["label_data"] = json.dumps(second["label_data"])
    lines.insert(place + 1, second)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    scene = open_dataset(root).scenes[0]
    frame = next(f for f in scene.frames if f.key == first["task_id"])
    before = scene.reader.read_labels(frame.index, "labels").cuboids
    row = list(before.label_ids).index(modified["uuid"])
    assert before.cuboids.center[row][0] == 20.0
    edit = LabelEdit(
        modified["uuid"], "Truck", attributes={"colour": None, "state": "moving"}, size=(5, 2, 2)
    )
    edited = edited_scene(scene, {frame.key: {"labels": [edit]}})
    writer_by_name("aquarium").write([edited], tmp_path / "out", JobContext())
    again = open_dataset(tmp_path / "out").scenes[0].reader.read_labels(frame.index, "labels")
    after = again.cuboids
    assert after.label_ids[row] == modified["uuid"]
    assert after.class_names[row] == "Truck"
    assert dict(after.attributes[row]) == {
        **{k: v for k, v in before.attributes[row].items() if k != "colour"}, "state": "moving",
    }  # fmt: skip
    np.testing.assert_array_equal(after.cuboids.center[row], before.cuboids.center[row])
    np.testing.assert_array_equal(after.cuboids.size[row], (5, 2, 2))
    written = [json.loads(line) for line in (tmp_path / "out" / path.name).read_text().splitlines()]
    assert [line for i, line in enumerate(written) if i not in (place, place + 1)] == [
        line for i, line in enumerate(lines) if i not in (place, place + 1)
    ]
    told = written[place + 1]["label_data"]
    assert isinstance(told, str) is as_text
    (told,) = json.loads(told) if as_text else told
    assert (told["change"], told["vendor"], told["label"]) == ("MODIFY", 3, "Truck")


def test_an_aquarium_cuboid_is_placed_in_the_coord_frame_that_its_row_names(tmp_path):
    root, dataset = made("aquarium", tmp_path)
    dataset.close()
    path = label_file(root)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    line = next(each for each in lines if each.get("label_data"))
    (cuboid,) = [row for row in line["label_data"] if row["label_type"] == "CUBOID_3D"]
    frames = open_dataset(root).scenes[0].reader.read_rig(0).lidars
    name = next(iter(frames.values())).coord_frame_id
    other = json.loads(json.dumps(cuboid)) | {"uuid": "in the lidar"}
    other["label_coordinate_frame"] = name
    line["label_data"].append(other)
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    scene = open_dataset(root).scenes[0]
    index = next(f.index for f in scene.frames if f.key == line["task_id"])
    labels = scene.reader.read_labels(index, "labels").cuboids
    assert labels.cuboids.coord_frame_id == "world"
    row = list(labels.label_ids).index("in the lidar")
    center = labels.cuboids.center[row] + (1.0, 0.0, 0.0)
    edits = {line["task_id"]: {"labels": [LabelEdit("in the lidar", center=tuple(center))]}}
    edited = edited_scene(scene, edits)
    writer_by_name("aquarium").write([edited], tmp_path / "out", JobContext())
    again = open_dataset(tmp_path / "out").scenes[0].reader.read_labels(index, "labels").cuboids
    np.testing.assert_allclose(again.cuboids.center[row], center, rtol=0, atol=1e-9)
    written = [json.loads(each) for each in (tmp_path / "out" / path.name).read_text().splitlines()]
    (told,) = [
        each for found in written for each in found.get("label_data") or ()
        if each["uuid"] == "in the lidar"
    ]  # fmt: skip
    assert told["label_coordinate_frame"] == name
    kept = {"dim_x", "dim_y", "dim_z", "rot_x", "rot_y", "rot_z", "rot_w"}
    assert {key: told["attributes"][key] for key in kept} == {
        key: other["attributes"][key] for key in kept
    }


def test_one_class_of_several_of_a_nucleus_annotation_is_edited_alone(tmp_path):
    root, dataset = made("nucleus", tmp_path)
    dataset.close()
    path = next(p for p in sorted(root.rglob("*.json")) if '"annotation_id"' in p.read_text())
    document = json.loads(path.read_text())
    many, item = _annotations(document)
    weather = {"annotation_id": "w", "type": "multicategory", "taxonomy_name": "weather"}
    many.append(weather | {"reference_id": item, "labels": ["rain", "night", "fog"], "vendor": 1})
    path.write_text(json.dumps(document))
    scene = open_dataset(root).scenes[0]
    labels = scene.reader.read_labels(0, "annotations")
    own = {each.label_id: each.class_name for each in labels.classifications}
    assert {"w#0": "rain", "w#1": "night", "w#2": "fog"}.items() <= own.items()
    key = scene.frames[0].key
    edits = [LabelEdit("w#0", class_name="snow"), LabelEdit("w#2", deleted=True)]
    edited = edited_scene(scene, {key: {"annotations": edits}})
    writer_by_name("nucleus").write([edited], tmp_path / "out", JobContext())
    again, _ = _annotations(json.loads((tmp_path / "out" / path.relative_to(root)).read_text()))
    assert again[-1] == many[-1] | {"labels": ["snow", "night"]}
    edits = [LabelEdit(f"w#{number}", deleted=True) for number in range(3)]
    edited = edited_scene(scene, {key: {"annotations": edits}})
    writer_by_name("nucleus").write([edited], tmp_path / "out2", JobContext())
    again, _ = _annotations(json.loads((tmp_path / "out2" / path.relative_to(root)).read_text()))
    assert again == many[:-1]


def _annotations(document):
    """The list of annotations of a payload, and the item of its first."""
    rows = document["annotations"] if isinstance(document, dict) else document
    return rows, next(row["reference_id"] for row in rows if "reference_id" in row)
