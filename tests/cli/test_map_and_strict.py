"""`--map` and `--strict` of the commands that open data."""

import json

import manifests
import pytest
from typer.testing import CliRunner

from viewer.cli.parser import app

ADDRESS = "s3://bucket/set/there.png"


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def sound(tmp_path):
    """A dataset with nothing wrong."""
    manifests.picture(tmp_path / "sound" / "images" / "second.png")
    return manifests.coco(tmp_path / "sound", "second.png").dataset


@pytest.fixture
def away(tmp_path):
    """A dataset one of whose images lies in a bucket; a copy of it is in ``local``."""
    manifests.picture(tmp_path / "local" / "there.png", 200)
    return manifests.aquarium(tmp_path / "away", ADDRESS).dataset


def damage_last_label(dataset):
    path = dataset / "annotations" / "a.json"
    content = json.loads(path.read_text())
    content["annotations"][-1]["bbox"] = [1, "x", 2, 2]
    path.write_text(json.dumps(content))


def test_sound_data_pass(sound, tmp_path):
    assert run("info", sound, "--strict").exit_code == 0
    assert run("convert", sound, tmp_path / "out", "--to", "yolo", "--strict").exit_code == 0
    assert (tmp_path / "out" / "data.yaml").is_file()
    picture = tmp_path / "p.png"
    view = ("--view", "camera:image", "--size", "64x64", "--out", picture)
    assert run("render", sound, *view, "--strict").exit_code == 0
    assert picture.is_file()


def test_a_label_of_the_last_frame_fails_info_and_convert(sound, tmp_path):
    damage_last_label(sound)
    plain = run("info", sound)
    assert plain.exit_code == 0
    strict = run("info", sound, "--strict")
    assert strict.exit_code == 1
    assert "a.json, $.annotations[1]" in strict.output
    assert "1 problem in 1 file" in strict.stderr
    as_json = run("info", sound, "--strict", "--json")
    assert as_json.exit_code == 1
    assert len(json.loads(as_json.stdout)["problems"]) == 1
    out = tmp_path / "out"
    converted = run("convert", sound, out, "--to", "yolo", "--strict")
    assert converted.exit_code == 1
    assert "a.json, $.annotations[1]" in converted.stderr
    assert not any(each.name.startswith(("out", ".out")) for each in tmp_path.iterdir())
    assert run("convert", sound, out, "--to", "yolo").exit_code == 0


def test_a_damaged_image_fails_too(sound, tmp_path):
    (sound / "images" / "second.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (sound / "images" / manifests.FINE).unlink()
    strict = run("info", sound, "--strict")
    assert strict.exit_code == 1
    assert "second.png" in strict.output
    assert "fine.png" in strict.output
    assert "2 problems in 2 files" in strict.stderr


def test_only_the_chosen_scene_is_checked(tmp_path):
    for name in ("a", "b"):
        manifests.picture(tmp_path / "sets" / name / "images" / "second.png")
        manifests.coco(tmp_path / "sets" / name, "second.png")
    damage_last_label(tmp_path / "sets" / "b")
    arguments = ("convert", tmp_path / "sets", tmp_path / "out", "--to", "yolo", "--strict")
    assert run(*arguments, "--scene", "b").exit_code == 1
    assert run(*arguments, "--scene", "a").exit_code == 0


def test_a_picture_is_drawn_only_of_sound_data(away, tmp_path):
    picture = tmp_path / "p.png"
    arguments = ("render", away, "--view", "camera:front", "--size", "64x64", "--out", picture)
    strict = run(*arguments, "--strict")
    assert strict.exit_code == 1
    assert "--map PREFIX=FOLDER" in strict.stderr
    assert not picture.exists()
    assert run(*arguments).exit_code == 0


def test_a_video_that_fails_leaves_no_file(away, tmp_path):
    video = tmp_path / "v.mp4"
    arguments = ("render", away, "--view", "camera:front", "--size", "64x64", "--out", video)
    assert run(*arguments, "--strict").exit_code == 1
    assert [each.name for each in tmp_path.iterdir() if "mp4" in each.name] == []


def test_a_map_makes_the_data_whole(away, tmp_path):
    mapping = ("--map", f"s3://bucket/set={tmp_path / 'local'}")
    assert run("info", away, "--strict").exit_code == 1
    assert run("info", away, "--strict", *mapping).exit_code == 0
    out = tmp_path / "out"
    assert run("convert", away, out, "--to", "coco", "--strict", *mapping).exit_code == 0
    assert len(list((out / "images").rglob("*.png"))) == 2
    picture = tmp_path / "p.png"
    view = ("--view", "camera:front", "--size", "64x48", "--frame", "2", "--out", picture)
    assert run("render", away, *view, "--strict", *mapping).exit_code == 0
    from PIL import Image

    # The mapped picture is of shade 200 all over, the background is dark.
    assert Image.open(picture).convert("RGB").getpixel((32, 24)) == (200, 200, 200)


def test_several_maps(tmp_path):
    manifests.picture(tmp_path / "b" / "there.png", 200)
    (tmp_path / "a").mkdir()
    away = manifests.nucleus(tmp_path / "away", ADDRESS).dataset
    maps = ("--map", f"s3://bucket/={tmp_path / 'a'}", "--map", f"{ADDRESS[:16]}={tmp_path / 'b'}")
    assert run("info", away, "--strict", *maps).exit_code == 0
    assert run("info", away, "--strict", *maps[:2]).exit_code == 1


@pytest.mark.parametrize("command", ["info", "render", "convert", "open"])
def test_a_map_that_cannot_be_used_is_wrong_use(command, tmp_path, away):
    more = {
        "render": ("--out", tmp_path / "p.png"),
        "convert": (tmp_path / "out", "--to", "coco"),
    }.get(command, ())
    for text in ("s3://bucket", f"s3://bucket={tmp_path / 'nowhere'}"):
        found = run(command, away, *more, "--map", text)
        assert found.exit_code == 2
        assert "--map" in found.stderr


def test_import_reads_the_labels_that_come_before_it_writes(sound, tmp_path):
    for name in ("labels", "damaged"):
        made = manifests.coco(tmp_path / name, "second.png")
        # Labels may come without all of their images.
        (made.dataset / "images" / manifests.FINE).unlink()
        manifests.picture(made.dataset / "images" / "second.png")
    damage_last_label(tmp_path / "damaged")
    more = ("--to", "coco", "--strict", "--mode", "replace")
    failed = run("import", sound, tmp_path / "damaged", tmp_path / "out", *more)
    assert failed.exit_code == 1
    assert "damaged/annotations/a.json, $.annotations[1]" in failed.stderr
    assert not (tmp_path / "out").exists()
    assert run("import", sound, tmp_path / "labels", tmp_path / "out", *more).exit_code == 0
    (sound / "images" / "second.png").unlink()
    assert run("import", sound, tmp_path / "labels", tmp_path / "o2", *more).exit_code == 1


def test_labels_alone_need_no_images(tmp_path):
    made = manifests.aquarium(tmp_path / "set", "second.png")
    more = ("--to", "dataloop", "--strict", "--labels-only")
    assert run("convert", made.dataset, tmp_path / "out", *more).exit_code == 0
    assert run("convert", made.dataset, tmp_path / "out2", *more[:-1]).exit_code == 1
