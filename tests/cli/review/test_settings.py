"""`sightline review reasons`, `setting`, `bookmark` and `redo`; the API is the oracle."""

import json
from pathlib import Path

import pytest
from cli.review.calling import call, call_json
from cli.review.dataset_hash import hash_of
from review.issues_examples import PNG

from viewer.review.bookmarks.reading import bookmarks
from viewer.review.datasets.class_map import thresholds, workspace_class_map
from viewer.review.verdicts.reasons import DEFAULT_REASONS, verdict_reasons
from viewer.scene.class_map import ClassEntry, ClassMap


def test_reasons_are_listed_and_defined(path: Path, reading):
    assert call_json("reasons", path) == list(DEFAULT_REASONS)
    told = call_json("reasons", path, "--define", "loose", "--define", "late", reviewer="ann")
    assert told == ["loose", "late"] == list(reading(verdict_reasons))
    call("reasons", path, "--add", "early", "--remove", "loose")
    assert call("reasons", path).split() == ["late", "early"]
    assert "is no reason" in call("reasons", path, "--remove", "loose", code=2)
    assert "there twice" in call("reasons", path, "--add", "LATE", code=1)
    there = ("--scene", "street_0007", "--reason", "late")
    assert call_json("verdict", path, "rejected", *there)["reasons"] == ["late"]
    call("setting", path, "verdict_reasons", "--reset")
    assert reading(verdict_reasons) == DEFAULT_REASONS


def test_classes_and_thresholds_are_defined_and_taken_back(path: Path, reading):
    delivered = ClassMap((ClassEntry("car", (1, 2, 3)), ClassEntry("van", (4, 5, 6))))
    colour = json.dumps({"colour": [250, 0, 10]})
    assert json.loads(call("setting", path, "class_map/car", colour)) == {"colour": [250, 0, 10]}
    call("setting", path, "class_map/car", '{"ignored": true}')
    call("setting", path, "class_map/tram", '{"parent": "van"}')
    call("setting", path, "threshold/score", "0.35")
    made = reading(lambda r: workspace_class_map(r, delivered))
    assert [each.name for each in made.entries] == ["car", "van", "tram"]
    assert (made.entries[0].colour, made.entries[0].ignored) == ((250, 0, 10), True)
    assert made.entries[2].parent == "van"
    assert reading(thresholds) == {"score": 0.35}
    assert call_json("setting", path) == {
        "class_map/car": {"colour": [250, 0, 10], "ignored": True},
        "class_map/tram": {"parent": "van"}, "threshold/score": 0.35,
    }  # fmt: skip
    assert call("setting", path, "threshold/score").strip() == "0.35"
    assert "threshold/score  0.35" in call("setting", path)
    for name in ("class_map/car", "class_map/tram", "threshold/score"):
        assert call("setting", path, name, "--reset").strip() == "null"
    assert "no settings" in call("setting", path)
    assert reading(lambda r: workspace_class_map(r, delivered)) == delivered


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["threshold/score", "high"], 2, "no JSON"),
        (["threshold/score", "true"], 2, "is a number"),
        (["threshold/score", "Infinity"], 1, "finite"),
        (["threshold/score", "null"], 2, "--reset"),
        (["class_map/car", "3"], 2, "JSON object"),
        (["class_map/car", '{"colour": [1, 2, 300]}'], 1, "0 to 255"),
        (["class_map/car", '{"wheels": 4}'], 1, "no wheels"),
        (["verdict_reasons", "[1]"], 2, "list of texts"),
        (["theme", '"dark"'], 2, "no setting theme"),
        (["threshold/score"], 2, "defines no threshold/score"),
        (["--reset"], 2, "needs NAME"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_and_not_kept(path: Path, arguments, code, reason):
    assert reason in call("setting", path, *arguments, code=code)
    assert call_json("setting", path) == {}


def test_bookmarks_are_added_and_removed(street, tmp_path: Path):
    path, scene = street
    before = hash_of(scene)
    picture, sight = tmp_path / "view.png", tmp_path / "sight.json"
    picture.write_bytes(PNG)
    label = ("--label-set", "ground_truth", "--label", "car-01.000")
    there = ("--scene", "street", "--frame", "000000")
    made = call_json("bookmark", path, "kerb", *there, *label, "--thumbnail", picture)
    assert made["sight"] == {
        "scene_id": "street", "frame_key": "000000", "label": "ground_truth:car-01.000",
    }  # fmt: skip
    sight.write_text(json.dumps(made["sight"] | {"eye": [1, 2, 3, 4, 5, 6, 0, 0, 1]}))
    call("bookmark", path, "near", "--sight", sight)
    listed = call_json("bookmarks", path)
    assert [each["name"] for each in listed] == ["kerb", "near"]
    assert listed[1]["sight"]["eye"][5] == 6
    assert listed[0]["dataset_id"] == listed[1]["dataset_id"] is not None
    call("bookmark", path, "kerb", "--remove")
    assert "no bookmark kerb" in call("bookmark", path, "kerb", "--remove", code=2)
    assert [each["name"] for each in call_json("bookmarks", path)] == ["near"]
    assert "no frame 9" in call("bookmark", path, "x", *there[:3], "9", code=2)
    assert "or --sight" in call("bookmark", path, "x", code=2)
    sight.write_text("[1]")
    assert "no JSON object" in call("bookmark", path, "x", "--sight", sight, code=3)
    assert hash_of(scene) == before


def test_a_bookmark_of_a_picture_keeps_it(path: Path, reading, tmp_path: Path):
    picture = tmp_path / "view.png"
    picture.write_bytes(PNG)
    call("bookmark", path, "kerb", "--scene", "street_0007", "--thumbnail", picture)
    [found] = reading(bookmarks)
    assert reading(lambda r: r.picture(found.thumbnail_hash)) == PNG


def test_what_was_taken_back_is_done_again(path: Path, reading):
    call("setting", path, "threshold/score", "0.5", reviewer="ann")
    call("undo", path, reviewer="ann")
    assert reading(thresholds) == {}
    told = call_json("redo", path, "--dry-run", reviewer="ann")
    assert told == {"action": "redo", "text": "Change threshold score to 0.5", "done": False}
    assert reading(thresholds) == {}
    assert "Did again: Change threshold" in call("redo", path, reviewer="ann")
    assert reading(thresholds) == {"score": 0.5}
    assert "nothing to do again" in call("redo", path, code=1, reviewer="ann")
