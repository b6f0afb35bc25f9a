"""Rows of layouts of images: what was changed is other, all else is as it was."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review.edited_trees import differences, tree_hash
from tiny_datasets import TINY_DATASETS, picture

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.formats.writers.xml_text import PlacedXml
from viewer.progress import JobContext
from viewer.review.edits.edited_dataset import edited_scene
from viewer.review.edits.model import LabelEdit
from viewer.scene.scene import Scene

UNKNOWN = {"vendor": {"batch": 7, "notes": ["é", None, 1.25]}, "zone": 1e-7}


def write(name: str, scene: Scene, tmp_path: Path) -> Scene:
    writer_by_name(name).write([scene], tmp_path / "out", JobContext())
    return open_dataset(tmp_path / "out").scenes[0]


def boxes_of(scene: Scene) -> list[object]:
    """All that the 2D boxes of a scene are."""
    found = []
    for frame in scene.frames:
        for each in scene.label_sets:
            boxes = scene.reader.read_labels(frame.index, each.label_set_id).boxes_2d
            columns = (boxes.label_ids, boxes.class_names, boxes.track_ids, boxes.attributes)
            numbers = [box.tolist() for box in boxes.boxes_px]
            found.append((frame.key, [*map(list, columns)], numbers))
    return found


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def changed_files(one: Path, other: Path) -> list[str]:
    before, after = files(one), files(other)
    assert before.keys() == after.keys()
    return sorted(name for name, data in before.items() if after[name] != data)


# -- YOLO ------------------------------------------------------------------------------------

LINES = (
    "0 0.5 0.50 0.2 0.25\n# checked by hand\r\n1  0.25 0.25 0.1 0.1\t0.75\n\n"
    "0 bad line\n1 .5 .5 .5 .5 .6"
)


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name in ("images/train", "labels/train"):
        (root / name).mkdir(parents=True)
    (root / "data.yaml").write_text(
        "# classes of 2024\npath: .\ntrain: images/train\nval: images/train\n"
        "nc: 2  # two\nnames:\n  - car\n  - dog  # small\nvendor: {batch: 7}\n"
    )
    (root / "images/train/a.png").write_bytes(picture())
    (root / "labels/train/a.txt").write_bytes(LINES.encode())
    return root


def test_words_of_a_yolo_line_change_and_all_else_stays(yolo: Path, tmp_path: Path) -> None:
    scene = open_dataset(yolo).scenes[0]
    (frame,), (label_set,) = scene.frames, scene.label_sets
    labels = scene.reader.read_labels(0, label_set.label_set_id).boxes_2d
    assert list(labels.label_ids) == ["0", "2", "5"]
    edits = [
        LabelEdit("2", "car"),
        LabelEdit("0", box_px=(2.0, 1.5, 4.0, 4.5)),
        LabelEdit("5", deleted=True),
    ]
    before = tree_hash(yolo)
    edited = edited_scene(scene, {frame.key: {label_set.label_set_id: edits}})
    again = write("yolo", edited, tmp_path)
    assert changed_files(yolo, tmp_path / "out") == ["labels/train/a.txt"]
    # The image is 8 by 6: the middle at (3, 3), 2 wide and 3 high.
    assert (tmp_path / "out/labels/train/a.txt").read_bytes() == (
        b"0 0.375 0.5 0.25 0.5\n# checked by hand\r\n0  0.25 0.25 0.1 0.1\t0.75\n\n0 bad line\n"
    )
    boxes = again.reader.read_labels(0, label_set.label_set_id).boxes_2d
    assert list(boxes.class_names) == ["car", "car"]
    np.testing.assert_array_equal(boxes.boxes_px[0], (2.0, 1.5, 4.0, 4.5))
    assert tree_hash(yolo) == before


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("names: [car, dog]\nnc: 2\n", "names: [car, dog, van]\nnc: 3\n"),
        ("names:\n- car\n- dog # small\nx: 1", "names:\n- car\n- dog # small\n- van\nx: 1"),
        ("names:\n    0: car\n    1: dog", "names:\n    0: car\n    1: dog\n    2: van"),
        ("names: {0: car, 7: dog}\n", "names: {0: car, 7: dog, 8: van}\n"),
    ],
    ids=["list", "lines", "numbers", "gap"],
)  # fmt: skip
def test_a_new_class_joins_those_of_the_data_file(text, wanted, yolo: Path, tmp_path: Path) -> None:
    (yolo / "data.yaml").write_text(f"train: images/train\nval: images/train\n{text}")
    scene = open_dataset(yolo).scenes[0]
    edits = {scene.frames[0].key: {scene.label_sets[0].label_set_id: [LabelEdit("0", "van")]}}
    again = write("yolo", edited_scene(scene, edits), tmp_path)
    written = (tmp_path / "out/data.yaml").read_text()
    assert written == f"train: images/train\nval: images/train\n{wanted}"
    labels = again.reader.read_labels(0, again.label_sets[0].label_set_id).boxes_2d
    assert labels.class_names[0] == "van"


def test_a_new_class_joins_a_list_of_classes(yolo: Path, tmp_path: Path) -> None:
    (yolo / "data.yaml").unlink()
    (yolo / "classes.txt").write_text("car\ndog")
    scene = open_dataset(yolo).scenes[0]
    edits = {scene.frames[0].key: {scene.label_sets[0].label_set_id: [LabelEdit("0", "new: van")]}}
    write("yolo", edited_scene(scene, edits), tmp_path)
    assert (tmp_path / "out/classes.txt").read_text() == "car\ndog\nnew: van\n"


# -- Pascal VOC ------------------------------------------------------------------------------

VOC = """<?xml version="1.0" encoding="UTF-8"?>
<!-- exported in 2024 -->
<annotation verified="yes">
\t<filename>a.png</filename>
\t<size><width>8</width><height>6</height><depth>3</depth></size>
\t<vendor batch="7">é</vendor>
\t<object vendor="x > y">
\t\t<name>car</name><pose>Left</pose><difficult>0</difficult>
\t\t<bndbox><xmin>1</xmin><ymin>1.0</ymin><xmax>4</xmax><ymax>5</ymax><zmax>9</zmax></bndbox>
\t\t<vendor><note kind="a">kept &amp; known</note></vendor>
\t\t<part><name>wheel</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
\t\t<attributes><attribute type="text"><name>colour</name><value>red</value><by>ann</by></attribute>
\t\t</attributes>
\t</object>
\t<object>
\t\t<name>dog</name>
\t\t<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>5</ymax></bndbox>
\t</object>
\t<!-- the end -->
</annotation>
"""


@pytest.fixture
def voc(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name in ("Annotations", "JPEGImages"):
        (root / name).mkdir(parents=True)
    (root / "JPEGImages/a.png").write_bytes(picture())
    (root / "Annotations/a.xml").write_text(VOC)
    return root


def test_elements_of_a_voc_object_change_and_all_else_stays(voc: Path, tmp_path: Path) -> None:
    scene = open_dataset(voc).scenes[0]
    edits = [
        LabelEdit(
            "0",
            "Tom & Co",
            box_px=(2.0, 1.0, 4.5, 6.0),
            attributes={"pose": "Rear", "difficult": True, "colour": "blue", "doors": 4},
        ),
        LabelEdit("0:0", box_px=(1, 1, 3, 2)),
        LabelEdit("1", deleted=True),
    ]
    before = tree_hash(voc)
    edited = edited_scene(scene, {"a": {"ground_truth": edits}})
    again = write("pascal_voc", edited, tmp_path)
    assert changed_files(voc, tmp_path / "out") == ["Annotations/a.xml"]
    wanted = VOC
    for old, new in (
        ("<name>car</name><pose>Left</pose><difficult>0<",
         "<name>Tom &amp; Co</name><pose>Rear</pose><difficult>1<"),
        ("<xmin>1</xmin><ymin>1.0</ymin><xmax>4</xmax><ymax>5</ymax><zmax>",
         "<xmin>2</xmin><ymin>1.0</ymin><xmax>4.5</xmax><ymax>6</ymax><zmax>"),
        ("<xmin>1</xmin><ymin>1</ymin><xmax>2</xmax>",
         "<xmin>1</xmin><ymin>1</ymin><xmax>3</xmax>"),
        ("<value>red</value><by>ann</by></attribute>",
         "<value>blue</value><by>ann</by></attribute><attribute type=\"number\">"
         "<name>doors</name><value>4</value></attribute>"),
        (VOC[VOC.index("\n\t<object>"):VOC.index("\n\t<!-- the end")], ""),
    ):  # fmt: skip
        assert old in wanted
        wanted = wanted.replace(old, new, 1)
    assert (tmp_path / "out/Annotations/a.xml").read_text() == wanted
    assert boxes_of(again) == boxes_of(edited)
    assert tree_hash(voc) == before


def test_facts_that_an_object_does_not_have_yet_are_put_in(voc: Path, tmp_path: Path) -> None:
    (voc / "Annotations/a.xml").write_text(
        "<annotation><object><name>car</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax>"
        "<ymax>2</ymax></bndbox><attributes/></object><object><name>b</name><bndbox><xmin>1</xmin>"
        "<ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>"
    )
    scene = open_dataset(voc).scenes[0]
    edits = [
        LabelEdit("0", attributes={"colour": "é<", "parked": True}, track_id="7"),
        LabelEdit("1", attributes={"score2": 0.5}),
    ]
    edited = edited_scene(scene, {"a": {"ground_truth": edits}})
    again = write("pascal_voc", edited, tmp_path)
    assert boxes_of(again) == boxes_of(edited)
    labels = again.reader.read_labels(0, "ground_truth").boxes_2d
    assert labels.attributes[0] == {"colour": "é<", "parked": True}
    assert labels.track_ids[0] == "7"


TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
    ),
    max_size=6,
)


@given(texts=st.lists(TEXTS, min_size=1, max_size=5), new=TEXTS, which=st.integers(0, 4))
def test_a_text_in_xml_changes_alone(texts: list[str], new: str, which: int) -> None:
    from xml.etree import ElementTree as ET
    from xml.sax.saxutils import escape, quoteattr

    def document(values: list[str]) -> str:
        rows = (f"<a b={quoteattr(each)}><!-- {len(each)} > --><c>{escape(each)}</c></a>"
                for each in values)  # fmt: skip
        return f"<?xml version='1.0'?>\n<root>{''.join(rows)}<d/></root>"

    which %= len(texts)
    placed = PlacedXml(document(texts).encode())
    element = [*placed.root.all("a")][which].find("c")
    assert element is not None
    assert element.text == texts[which]
    placed.set_text(element, new)
    wanted = document(texts).encode()
    changed = placed.changed()
    texts_after = [each.text or "" for each in ET.fromstring(changed).iter("c")]
    assert texts_after == [new if place == which else each for place, each in enumerate(texts)]
    start = wanted.index(b"<c>") if which == 0 else 0
    assert changed[:start] == wanted[:start]
    assert len(changed) - len(wanted) == len(escape(new).encode()) - len(
        escape(texts[which]).encode()
    )


# -- Lightly ---------------------------------------------------------------------------------


def test_lightly_rows_keep_unknown_keys(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS["lightly"][0](tmp_path / "made")
    for path in root.rglob(".lightly/predictions/*/**/*.json"):
        document = json.loads(path.read_text())
        if "predictions" in document:
            document["version"] = UNKNOWN
            document["predictions"] = [
                row | UNKNOWN for row in document["predictions"] for _ in range(2)
            ]
            path.write_text(json.dumps(document))
    scene = open_dataset(root).scenes[0]
    task, frame = next(
        (each.label_set_id, frame)
        for each in scene.label_sets
        for frame in scene.frames
        if len(scene.reader.read_labels(frame.index, each.label_set_id).boxes_2d)
    )
    label_ids = scene.reader.read_labels(frame.index, task).boxes_2d.label_ids
    before = tree_hash(root)
    edits = [
        LabelEdit(label_ids[0], "a new class", box_px=(1, 2, 4, 6)),
        LabelEdit(label_ids[-1], deleted=True),
    ]
    edited = edited_scene(scene, {frame.key: {task: edits}})
    again = write("lightly", edited, tmp_path)
    changed = changed_files(root, tmp_path / "out")
    schema = f".lightly/predictions/{task}/schema.json"
    (name,) = set(changed) - {schema}
    assert schema in changed
    old, new = (json.loads((each / name).read_text()) for each in (root, tmp_path / "out"))
    assert new["version"] == UNKNOWN
    assert len(new["predictions"]) == len(old["predictions"]) - 1
    places = {}
    for number, row in enumerate(new["predictions"]):
        found = {place for place, _, _ in differences(old["predictions"][number], row)}
        if found:
            places[number] = found
    assert list(places) == [0]
    assert places[0] <= {".category_id", ".bbox[0]", ".bbox[1]", ".bbox[2]", ".bbox[3]",
                         ".probabilities"}  # fmt: skip
    assert ".category_id" in places[0]
    labels = again.reader.read_labels(frame.index, task).boxes_2d
    assert labels.class_names[0] == "a new class"
    assert labels.boxes_px[0].tolist() == [1, 2, 4, 6]
    assert tree_hash(root) == before


def test_lightly_rows_of_one_file_for_all_images_keep_unknown_keys(tmp_path: Path) -> None:
    root = tmp_path / "data"
    row = {
        "taskName": "t", "type": "OBJECT_DETECTION", "categoryId": 2, "score": 0.5,
        "bbox": [1, 2, 3, 2],
    }  # fmt: skip
    rows = {f"{name}.png": [row | UNKNOWN, row | UNKNOWN] for name in "ab"}
    root.mkdir()
    (root / "singletons.json").write_text(json.dumps(rows))
    for name in rows:
        (root / name).write_bytes(picture())
    scene = open_dataset(root).scenes[0]
    labels = scene.reader.read_labels(1, "t").boxes_2d
    edits = [
        LabelEdit(labels.label_ids[0], "no such class", box_px=(0, 0, 4, 4.5)),
        LabelEdit(labels.label_ids[1], deleted=True),
    ]
    edited = edited_scene(scene, {"b.png": {"t": edits}})
    report = writer_by_name("lightly").write([edited], tmp_path / "out", JobContext())
    written = json.loads((tmp_path / "out/singletons.json").read_text())
    changed = row | UNKNOWN | {"bbox": [0, 0, 4, 4.5]}
    assert written == {"a.png": rows["a.png"], "b.png": [changed]}
    assert "class" in report.what


# -- Dataloop --------------------------------------------------------------------------------


def test_dataloop_rows_of_images_keep_unknown_keys(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for name in ("items", "json"):
        (root / name).mkdir(parents=True)
    corners = [{"x": 4.0, "y": 1.0, "z": 0, "w": 9}, {"x": 1.0, "y": 5.0, "z": 0}]
    row = {
        "id": "one", "type": "box", "label": "car", "coordinates": corners, "attributes": {"a": 1},
        "metadata": {"system": {"status": "issue", "x": 1, "attributes": {"2": "no"}}, "user": {}},
        "creator": "ann@example.org",
    }  # fmt: skip
    rows = [row | UNKNOWN, row | UNKNOWN | {"id": "two"}, row | UNKNOWN]
    document = {"filename": "/a.png", "annotations": rows} | UNKNOWN
    (root / "json/a.png.json").write_text(json.dumps(document))
    (root / "json/b.png.json").write_text(json.dumps(document | {"filename": "/b.png"}))
    for name in "ab":
        (root / f"items/{name}.png").write_bytes(picture())
    scene = open_dataset(root).scenes[0]
    key = scene.frames[0].key
    before = tree_hash(root)
    edits = [
        LabelEdit("one", "truck", box_px=(2, 1, 5, 6), track_id="41",
                  attributes={"a": 2, "2": "yes", "new": True, "status": "approved"}),
        LabelEdit("two", deleted=True),
    ]  # fmt: skip
    edited = edited_scene(scene, {key: {"annotations": edits}})
    again = write("dataloop", edited, tmp_path)
    assert changed_files(root, tmp_path / "out") == ["json/a.png.json"]
    new = json.loads((tmp_path / "out/json/a.png.json").read_text())
    assert {k: v for k, v in new.items() if k != "annotations"} == {"filename": "/a.png"} | UNKNOWN
    assert [each["id"] for each in new["annotations"]] == ["one", "one"]
    assert new["annotations"][1] == rows[2]
    assert set(differences(rows[0], new["annotations"][0])) == {
        (".label", "car", "truck"),
        (".coordinates[0].x", 4.0, 5),
        (".coordinates[1].x", 1.0, 2),
        (".coordinates[1].y", 5.0, 6),
        (".attributes.a", 1, 2),
        (".metadata.system.status", "issue", "approved"),
        (".metadata.system.objectId", None, "41"),
        (".metadata.system.attributes.2", "no", "yes"),
        (".metadata.system.attributes.new", None, True),
    }
    assert boxes_of(again) == boxes_of(edited)
    assert tree_hash(root) == before


def cube(x: float) -> dict[str, object]:
    axes = dict.fromkeys("xyz", 1.5)
    return {
        "position": axes | {"x": x},
        "scale": axes | {"v": 1},
        "rotation": dict.fromkeys("xyz", 0.0),
    }


@st.composite
def timelines(draw):
    """Annotations over frames: their own state, and states later on."""
    found = []
    for number in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, 3))
        states = []
        for frame in sorted(draw(st.sets(st.integers(start + 1, 7), max_size=3))):
            state = {"frame": frame, "vendor": frame}
            for key, values in (
                ("fixed", st.booleans()), ("objectVisible", st.booleans()),
                ("label", st.sampled_from(["car", "bus"])), ("data", st.just(cube(frame))),
                ("namedAttributes", st.just({"k": frame})),
            ):  # fmt: skip
                if draw(st.booleans()):
                    state[key] = draw(values)
            states.append(state)
        system = {"frame": start, "endFrame": draw(st.integers(start, 7)), "vendor": 1}
        system |= {"objectId": str(number), "attributes": {"k": 0}}
        if states or draw(st.booleans()):
            system["snapshots_"] = states
        row = {"id": f"i{number}", "type": "cube_3d", "label": "car", "coordinates": cube(0.0)}
        found.append(row | {"metadata": {"system": system, "user": {"u": 1}}} | UNKNOWN)
    return found


EDITS = st.builds(
    LabelEdit,
    st.sampled_from(["i0", "i1"]),
    class_name=st.sampled_from([None, "truck"]),
    center=st.sampled_from([None, (9.0, 8.0, 7.0)]),
    attributes=st.sampled_from([{}, {"k": 5}, {"n": "x"}]),
    deleted=st.booleans(),
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    annotations=timelines(),
    edits=st.dictionaries(st.integers(0, 7), st.lists(EDITS, min_size=1, max_size=2,
                          unique_by=lambda each: each.label_id), min_size=1, max_size=4),
)  # fmt: skip
def test_dataloop_states_over_frames_say_what_was_changed_in_each(annotations, edits) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        (root / "items").mkdir(parents=True)
        (root / "json").mkdir()
        document = {"filename": "/frames.json", "annotations": annotations}
        (root / "json/frames.json.json").write_text(json.dumps(document))
        frames = [{"lidar": {"remote_path": f"/{n}.pcd"}, "images": []} for n in range(8)]
        scene_file = {"isPCDFrames": True, "frames": frames, "cameras": []}
        (root / "items/frames.json").write_text(json.dumps(scene_file))
        scene = open_dataset(root).scenes[0]
        by_key = {scene.frames[at].key: {"annotations": own} for at, own in edits.items()}
        edited = edited_scene(scene, by_key)
        expected = [edited.reader.read_labels(index, "annotations") for index in range(8)]
        writer_by_name("dataloop").write([edited], Path(folder) / "out", JobContext())
        again = open_dataset(Path(folder) / "out").scenes[0]
        for index, labels in enumerate(expected):
            found = again.reader.read_labels(index, "annotations").cuboids
            cuboids = labels.cuboids
            assert found.label_ids == cuboids.label_ids
            assert found.class_names == cuboids.class_names
            assert found.attributes == cuboids.attributes
            np.testing.assert_array_equal(found.cuboids.center, cuboids.cuboids.center)
            np.testing.assert_array_equal(found.cuboids.size, cuboids.cuboids.size)
        written = json.loads((Path(folder) / "out/json/frames.json.json").read_text())
        known = {each["id"]: each for each in annotations}
        for row in written["annotations"]:
            own = known[row["id"]]
            assert {key: row[key] for key in UNKNOWN} == UNKNOWN
            assert row["metadata"]["system"]["vendor"] == 1
            states = own["metadata"]["system"].get("snapshots_", [])
            kept = row["metadata"]["system"].get("snapshots_", [])
            assert {s["frame"]: s["vendor"] for s in states} == {
                s["frame"]: s["vendor"] for s in kept if "vendor" in s
            }
            if not any(
                each.label_id == row["id"] for own_edits in edits.values() for each in own_edits
            ):
                assert row == own
