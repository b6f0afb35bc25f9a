"""The command line: what it prints, what it writes, how it fails."""

import json
import struct

import numpy as np
import pytest
from typer.testing import CliRunner

from viewer.cli.catalog import COMMANDS
from viewer.cli.parser import app
from viewer.formats.base import DamagedData

runner = CliRunner()


@pytest.fixture
def cloud_path(tmp_path):
    points = np.array([[1, 2, 3, 0.5], [4, 5, 6, 1.0], [np.nan, 0, 0, 0]], dtype="<f4")
    path = tmp_path / "three.bin"
    path.write_bytes(points.tobytes())
    return path


def test_every_command_has_help_that_teaches():
    for command in COMMANDS:
        answer = runner.invoke(app, [command.name, "--help"])
        assert answer.exit_code == 0
        assert len(answer.output.split("\n\n")[1]) > 20


def test_info_tells_the_numbers_of_a_lone_cloud(cloud_path):
    answer = runner.invoke(app, ["info", str(cloud_path), "--json"])
    assert answer.exit_code == 0, answer.output
    facts = json.loads(answer.output)
    assert facts["point_count"] == 3
    assert facts["finite_point_count"] == 2
    assert facts["bounds"] == [[1, 2, 3], [4, 5, 6]]
    assert facts["fields"][:3] == ["x", "y", "z"]
    assert {
        "format",
        "scene_count",
        "frame_count",
        "sensors",
        "label_count",
        "coord_frames",
    } <= set(facts)


def test_info_of_a_truncated_file_names_it_and_exits_with_3(tmp_path):
    path = tmp_path / "cut.pcd"
    path.write_bytes(
        b"VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 10\nHEIGHT 1\n"
        b"POINTS 10\nDATA binary\n" + struct.pack("<3f", 1, 2, 3)
    )
    answer = runner.invoke(app, ["info", str(path)])
    assert answer.exit_code == 3
    assert "cut.pcd" in answer.stderr


def test_info_of_an_unknown_folder_says_what_each_format_missed(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    answer = runner.invoke(app, ["info", str(tmp_path)])
    assert answer.exit_code == 3
    assert "KITTI object:" in answer.stderr


def test_a_path_that_does_not_exist_exits_with_3(tmp_path):
    answer = runner.invoke(app, ["info", str(tmp_path / "nowhere")])
    assert answer.exit_code == 3
    assert answer.stderr == f"sightline: {tmp_path / 'nowhere'} does not exist\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--size", "big"],
        ["--size", "4x4"],
        ["--frame", "7"],
        ["--view", "sideways"],
        ["--view", "camera:none"],
        ["--scene", "none"],
        ["--colour-by", "mood"],
    ],
)
def test_render_refuses_what_makes_no_sense_with_2(cloud_path, tmp_path, options):
    out = tmp_path / "picture.png"
    answer = runner.invoke(app, ["render", str(cloud_path), "--out", str(out), *options])
    assert answer.exit_code == 2, answer.output
    assert not out.exists()


def test_render_refuses_a_name_that_says_no_kind_of_picture(cloud_path, tmp_path):
    out = tmp_path / "picture.txt"
    answer = runner.invoke(app, ["render", str(cloud_path), "--out", str(out)])
    assert answer.exit_code == 2
    assert ".png" in answer.stderr
    assert not list(tmp_path.glob("*picture*"))


def test_formats_lists_what_the_catalogues_hold():
    answer = runner.invoke(app, ["formats", "--json"])
    listed = json.loads(answer.output)
    assert {"kitti_object", "kitti_raw", "native"} <= {f["name"] for f in listed["datasets"]}
    assert "pcd" in {f["name"] for f in listed["point_clouds"]}


def test_open_without_a_display_says_what_works_instead(monkeypatch, cloud_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    answer = runner.invoke(app, ["open", str(cloud_path)])
    assert answer.exit_code == 2
    assert "sightline render" in answer.stderr


def test_damaged_data_names_file_and_place():
    error = DamagedData("a.txt", "line 3", "has 4 columns, not 15")
    assert str(error) == "a.txt, line 3: has 4 columns, not 15"


@pytest.mark.render
def test_render_writes_a_picture_of_the_asked_size_with_the_points_in_it(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(7)
    points = np.column_stack([rng.uniform(-10, 10, (20_000, 2)), rng.uniform(0, 1, 20_000)])
    path = tmp_path / "ground.bin"
    path.write_bytes(np.column_stack([points, np.ones(20_000)]).astype("<f4").tobytes())
    out = tmp_path / "picture.png"
    answer = runner.invoke(
        app, ["render", str(path), "--out", str(out), "--size", "320x240", "--view", "bev"]
    )
    assert answer.exit_code == 0, answer.output
    picture = np.asarray(Image.open(out).convert("RGB")).astype(int)
    assert picture.shape == (240, 320, 3)
    middle = picture[80:160, 120:200].reshape(-1, 3)
    assert (middle.max(axis=1) > 90).mean() > 0.2


@pytest.mark.render
def test_render_makes_a_video_of_all_frames(tmp_path):
    import av

    folder = tmp_path / "clouds"
    folder.mkdir()
    for index in range(3):
        points = np.random.default_rng(index).normal(size=(500, 4)).astype("<f4")
        (folder / f"{index:06}.bin").write_bytes(points.tobytes())
    out = tmp_path / "drive.mp4"
    answer = runner.invoke(app, ["render", str(folder), "--out", str(out), "--size", "160x120"])
    assert answer.exit_code == 0, answer.output
    with av.open(str(out)) as video:
        frames = list(video.decode(video=0))
    assert len(frames) == 3
    assert (frames[0].width, frames[0].height) == (160, 120)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
