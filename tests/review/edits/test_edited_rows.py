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
