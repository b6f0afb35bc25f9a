"""`sightline import`: the plan it prints, what it writes, how it fails."""

import hashlib
import json
from pathlib import Path

import image_sets
import pytest
from typer.testing import CliRunner

from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset

runner = CliRunner()
BOXES = Path(__file__).parents[2] / "sample_scenes" / "calibration_boxes"


def run(*words):
    return runner.invoke(app, ["import", *map(str, words)])


@pytest.fixture
def sets(tmp_path):
    """A COCO set, and a file of one annotation more for its image ``b.png``."""
    base = image_sets.coco(tmp_path / "base") if (tmp_path / "base").mkdir() is None else None
    (base / "annotations" / "results.json").unlink()
    labels = tmp_path / "more.json"
    document = {
        "images": [{"id": 1, "file_name": "b.png"}, {"id": 2, "file_name": "z.png"}],
        "categories": [{"id": 1, "name": "bike"}],
        "annotations": [
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "vendor": {"x": 1}}
        ],
    }
    labels.write_text(json.dumps(document))
    return base, labels, tmp_path / "out"


def digest(root):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_dry_run_prints_the_plan_and_writes_nothing(sets):
    base, labels, out = sets
    before = digest(base)
    answer = run(base, labels, out, "--to", "coco", "--mode", "replace", "--unknown", "create",
                 "--dry-run")  # fmt: skip
    assert answer.exit_code == 0, answer.output
    rows = [line.split() for line in answer.output.splitlines()]
    assert ["b.png", "2", "1", "2", "1", "0", "0"] in rows
    assert "classes created: bike" in answer.output
    assert "no place for z.png: the scene has no such image" in answer.output
    assert not out.exists()
    assert digest(base) == before


def test_what_joins_and_what_stays_keep_their_rows_unknown_keys_included(sets):
    base, labels, out = sets
    answer = run(base, labels, out, "--to", "coco", "--mode", "concatenate", "--unknown", "create",
                 "--loss-report", out.with_suffix(".json"))  # fmt: skip
    assert answer.exit_code == 0, answer.output
    old = json.loads((base / "annotations" / "instances.json").read_text())
    new = json.loads((out / "annotations" / "ground_truth.json").read_text())
    numbers = {"image_id", "category_id"}
    rows = {row["id"]: row for row in new["annotations"]}
    for row in old["annotations"]:
        kept = {key: value for key, value in row.items() if key not in numbers}
        again = {key: value for key, value in rows.pop(row["id"]).items() if key not in numbers}
        assert again == kept
    (added,) = rows.values()
    assert (added["vendor"], added["bbox"]) == ({"x": 1}, [1, 1, 9, 9])
    categories = {row["id"]: row["name"] for row in new["categories"]}
    assert categories[added["category_id"]] == "bike"
    assert new["images"][0]["extra"] == {"kept": 1}
    losses = json.loads(out.with_suffix(".json").read_text())["losses"]
    assert [row["where"] for row in losses if row["what"] == "fact about the dataset 'info'"] == [
        "base"
    ]


def test_what_merging_leaves_behind_is_told_in_the_dry_run_and_in_the_report(sets):
    base, labels, out = sets
    document = json.loads(labels.read_text())
    document |= {"licenses": [{"id": 1, "name": "free"}], "info": {}}
    document["images"][0] |= {"weather": "rain", "tags": ["night"]}
    labels.write_text(json.dumps(document))
    common = (base, labels, out, "--to", "coco", "--mode", "replace", "--unknown", "create")
    dry = run(*common, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "fact about the dataset 'info': a merged scene is written without" in dry.output
    assert "incoming fact about the dataset 'licenses': labels alone are brought in" in dry.output
    assert run(*common, "--loss-report", out.with_suffix(".json")).exit_code == 0
    losses = json.loads(out.with_suffix(".json").read_text())["losses"]
    told = {(row["what"], row["count"]) for row in losses}
    assert told >= {
        ("fact about the dataset 'info'", 1),
        ("incoming fact about the dataset 'licenses'", 1),
        ("incoming fact about a frame", 1),
    }
    assert not any("'info'" in what and "incoming" in what for what, _ in told)


def test_strict_asks_for_no_images_of_the_labels(sets):
    base, labels, out = sets
    document = json.loads(labels.read_text())
    document["images"][1]["file_name"] = "s3://bucket/z.png"
    labels.write_text(json.dumps(document))
    options = ("--to", "coco", "--mode", "concatenate", "--unknown", "create", "--strict")
    answer = run(base, labels, out, *options)
    assert answer.exit_code == 0, answer.output + answer.stderr
    assert runner.invoke(app, ["info", str(labels), "--strict"]).exit_code == 1
    document["annotations"][0]["bbox"] = "damaged"
    labels.write_text(json.dumps(document))
    answer = run(base, labels, out.with_name("again"), *options)
    assert answer.exit_code == 1
    assert "$.annotations[0]" in answer.output + answer.stderr


def test_a_changed_class_leaves_the_rest_of_the_row(sets):
    base, labels, out = sets
    answer = run(base, labels, out, "--to", "coco", "--mode", "replace", "--unknown", "map",
                 "--class", "bike=car", "--status", "PENDING")  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert "class bike becomes car" in answer.output
    new = json.loads((out / "annotations" / "ground_truth.json").read_text())
    (row,) = [each for each in new["annotations"] if "vendor" in each]
    assert (row["category_id"], row["status"], row["bbox"]) == (3, "PENDING", [1, 1, 9, 9])


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--unknown", "refuse"], 2, "unknown classes: bike"),
        (["--mode", "merge"], 2, "replace, concatenate, keep"),
        (["--unknown", "map"], 2, "--class"),
        (["--class", "bike"], 2, "OLD=NEW"),
        (["--label-set", "mine"], 2, "ground_truth"),
        (["--from-set", "mine"], 2, "no label set 'mine'"),
        (["--unknown", "create", "--require-all"], 1, "no place"),
    ],
)
def test_wrong_use_leaves_nothing_behind(sets, options, code, told):
    base, labels, out = sets
    answer = run(base, labels, out, "--to", "coco", "--mode", "replace", *options)
    assert answer.exit_code == code
    assert told in answer.stderr
    assert not out.exists()


def test_a_result_never_lies_in_a_source(sets):
    base, labels, _ = sets
    answer = run(base, labels, base / "new", "--to", "coco", "--unknown", "create")
    assert answer.exit_code == 2
    assert not (base / "new").exists()


def test_boxes_go_onto_the_cameras_of_a_3d_scene(tmp_path):
    assert runner.invoke(app, ["convert", str(BOXES), str(tmp_path / "c"), "--to", "coco"])
    answer = run(BOXES, tmp_path / "c", tmp_path / "n", "--to", "native", "--mode", "replace")
    assert answer.exit_code == 0, answer.output
    scene = open_dataset(BOXES).scenes[0]
    again = open_dataset(tmp_path / "n").scenes[0]
    flat = open_dataset(tmp_path / "c").scenes[0]
    for index in range(len(scene)):
        name = scene.label_sets[0].label_set_id
        before = scene.reader.read_labels(index, name)
        after = again.reader.read_labels(index, name)
        assert len(after.cuboids) == len(before.cuboids)
    total = sum(len(again.reader.read_labels(i, name).boxes_2d) for i in range(len(again)))
    assert total == sum(
        len(flat.reader.read_labels(i, "ground_truth").boxes_2d) for i in range(len(flat))
    )
