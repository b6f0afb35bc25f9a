import json

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.formats.lightly.custom_metadata import flattened, nested
from viewer.formats.lightly.embeddings import read_embeddings, write_embeddings
from viewer.formats.lightly.tags import Tag, read_tags, tag_of
from viewer.scene.labels import LabelSetKind
from viewer.scene.metadata import MetadataType
from viewer.scene.shapes import Visibility


@pytest.fixture
def scene(dataset):
    opened = open_dataset(dataset)
    assert opened.format_name == "lightly"
    yield opened.scenes[0]
    opened.close()


def test_frames_follow_the_file_list(scene):
    assert [frame.key for frame in scene.frames] == ["b.png", "a.png", "sub/c.png"]
    assert scene.independent
    assert scene.reader.read_image(2, "image", None).full_width_px == 8


def test_every_task_is_a_label_set(scene):
    assert [each.label_set_id for each in scene.label_sets] == [
        "detector",
        "scene",
        "masks",
        "pose",
    ]
    assert {each.kind for each in scene.label_sets} == {LabelSetKind.PREDICTIONS}
    boxes = scene.reader.read_labels(2, "detector").boxes_2d
    assert boxes.boxes_px.tolist() == [[1.0, 2.0, 4.5, 6.0]]
    assert (boxes.class_names, boxes.scores.tolist()) == (("cat",), [0.5])
    assert boxes.class_distributions == ({"dog": 0.25, "cat": 0.75},)
    (rain,) = scene.reader.read_labels(2, "scene").classifications
    assert (rain.class_name, rain.score, rain.taxonomy) == ("cat", 0.9, "scene")
    assert len(scene.reader.read_labels(0, "detector").boxes_2d) == 0


def test_run_lengths_go_row_by_row_and_begin_outside(scene):
    (mask,) = scene.reader.read_labels(2, "masks").masks
    truth = np.zeros((6, 8), bool)
    truth[1, 2:5] = True
    assert (mask.runs.decoded() == truth).all()


def test_keypoints_have_names_bones_and_scores(scene):
    shapes = scene.reader.read_labels(2, "pose").shapes_2d
    assert shapes.parts(0)[0].tolist() == [[1, 2], [3, 4]]
    assert shapes.keypoint_names == (("nose", "tail"),)
    assert shapes.skeletons == (((0, 1),),)
    assert shapes.vertex_visibilities(0).tolist() == [Visibility.VISIBLE, Visibility.HIDDEN]
    assert shapes.attributes[0] == {"keypoint_scores": [0.5, 0.0]}


def test_metadata_tags_and_corruptness_of_an_image(scene):
    assert scene.reader.read_frame_metadata(0) == {
        "number_of_people": 3, "sharpness": 0.5, "tags": ["initial-tag", "hard"],
    }  # fmt: skip
    assert scene.reader.read_frame_metadata(1) == {
        "number_of_people": 1, "weather.scenario": "cloudy", "weather.temperature": 20.3,
        "tags": ["initial-tag"], "corrupt": "truncated",
    }  # fmt: skip
    told = [str(problem) for problem in scene.reader.problems()]
    assert any("tag 'other size' counts 9 samples, the list 3" in each for each in told)


def test_the_dataset_says_what_there_is(dataset):
    opened = open_dataset(dataset)
    assert opened.metadata_types["weather.scenario"] == MetadataType.TEXT
    assert opened.metadata["tags"]["hard"] == ["hard", "initial-tag"]
    assert opened.metadata["tags"]["other size"] == ["other size", "hard", "initial-tag"]
    assert opened.metadata["embeddings"] == ["default"]
    assert opened.metadata["corrupt samples"] == 1


def test_embeddings_equal_those_that_the_vendor_wrote(make, tmp_path):
    read = read_embeddings(make.golden / "embeddings.csv")
    truth = np.array(json.loads((make.golden / "vectors.json").read_text()), np.float32)
    assert (read.vectors == truth).all()
    assert read.file_names == ("b.png", "a.png", "sub/c.png", 'd,"x".png')
    assert read.labels == (0, 1, 2, -1)
    write_embeddings(tmp_path / "again.csv", read)
    golden = (make.golden / "embeddings.csv").read_text()
    assert (tmp_path / "again.csv").read_text().splitlines() == golden.splitlines()


def test_columns_are_found_by_name(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("filenames,embedding_1,selected,embedding_0,labels,extra\na,1,9,0,7,x\n")
    read = read_embeddings(path)
    assert (read.vectors.tolist(), read.labels) == ([[0.0, 1.0]], (7,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names,embedding_0,labels\n", "line 1: the header has no filenames"),
        ("filenames,embedding_0\n", "no labels"),
        ("filenames,labels\n", "names no embedding_0"),
        ("filenames,embedding_0,labels\na,1\n", "line 2: has 2 cells where 3 belong"),
        ("filenames,embedding_0,labels\na,1,0\na,1,0\n", "line 3: 'a' comes a second time"),
        ("filenames,embedding_0,labels\na,big,0\n", "line 2: holds a cell that is no number"),
    ],
)
def test_damaged_embeddings_say_where(tmp_path, text, said):
    path = tmp_path / "e.csv"
    path.write_text(text)
    with pytest.raises(DamagedData, match=said):
        read_embeddings(path)


def test_the_lowest_bit_is_the_first_sample():
    """The document's example: 0x59 of ten are samples 0, 3, 4 and 6."""
    names = [f"{number}.png" for number in range(10)]
    (tag,) = read_tags([{"name": "some", "bitMaskData": "0x59", "totSize": 10}], "tags.json")
    assert tag.file_names(names) == ["0.png", "3.png", "4.png", "6.png"]
    assert tag_of("some", ["6.png", "0.png", "4.png", "3.png"], names).mask() == "0x59"
    with pytest.raises(ValueError, match="counts 10 samples, the list 9"):
        tag.file_names(names[:9])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"bitMaskData": "0x1", "totSize": 1}, "is not a name"),
        ({"name": "a", "bitMaskData": "12", "totSize": 9}, "no mask"),
        ({"name": "a", "bitMaskData": "0x1", "totSize": 1.5}, "no count"),
        ({"name": "a", "bitMaskData": "0x10", "totSize": 4}, "beyond the 4"),
    ],
)
def test_damaged_tags_say_where(row, said):
    with pytest.raises(DamagedData, match=said):
        read_tags([row], "tags.json")


def test_a_circle_of_parents_ends():
    from viewer.formats.lightly.tags import chain

    first, second = Tag("a", 1, 1, "1", "2"), Tag("b", 1, 1, "2", "1")
    assert chain(first, [first, second]) == ("a", "b")


def test_singletons_in_one_file_need_no_schema(make, tmp_path):
    make.write_image(tmp_path / "a.png")
    row = {"taskName": "t", "type": "OBJECT_DETECTION", "categoryId": 2, "score": 0.5,
           "bbox": [0, 0, 2, 2]}  # fmt: skip
    make.write_json(tmp_path / "singletons.json", {"a.png": [row], "../out.png": [row]})
    (scene,) = open_dataset(tmp_path).scenes
    assert [frame.key for frame in scene.frames] == ["a.png"]
    assert scene.reader.read_labels(0, "t").boxes_2d.class_names == ("category 2",)


def test_metadata_that_joins_nothing_is_told(make, tmp_path):
    make.write_image(tmp_path / "a.png")
    document = {"images": [{"file_name": "a.png", "id": 0}, {"file_name": "b.png", "id": 1}],
                "metadata": [{"image_id": 0, "x": 1}, {"image_id": 7, "x": 2}]}  # fmt: skip
    make.write_json(tmp_path / "metadata.json", document)
    (scene,) = open_dataset(tmp_path).scenes
    told = " ".join(str(problem) for problem in scene.reader.problems())
    assert "1 rows belong to no image" in told
    assert "1 images have no metadata" in told


def test_nesting_comes_back():
    metadata = {"a": {"b": {"c": 1}, "d": []}, "e": {}, "f": None}
    assert nested(flattened(metadata)) == metadata
    assert flattened(nested({"a": 1, "a.b": 2, "x..y": 3})) == {"a": 1, "a.b": 2, "x..y": 3}


def test_images_of_one_stem_share_a_file_that_names_its_owner(dataset, make):
    make.write_image(dataset / "sub/c.jpg")
    with (dataset / ".lightly/filenames.txt").open("a") as names:
        names.write("sub/c.jpg\n")
    (scene,) = open_dataset(dataset).scenes
    counts = [len(scene.reader.read_labels(n, "detector").boxes_2d) for n in range(4)]
    assert counts == [0, 0, 1, 0]
