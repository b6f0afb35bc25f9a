"""`sightline evaluate`: what it writes, what it tells, how it fails."""

import io
import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from viewer.cli.evaluate import _fitting, _usable
from viewer.cli.parser import app
from viewer.metrics.gathering import gather_paths
from viewer.progress import JobContext

runner = CliRunner()
SAMPLES = Path(__file__).parents[2] / "sample_scenes"
STREET = SAMPLES / "street"
PROTOCOLS = (
    "kitti", "nuscenes-detection", "nuscenes-tracking", "argoverse2", "waymo", "clear", "hota",
    "coco",
)  # fmt: skip


def evaluate(*words):
    return runner.invoke(app, ["evaluate", *map(str, words)])


def tracking_line(frame, track, name="Car", *, x=0.0, height=60.0, score=None):
    left = 300 + 40 * x
    numbers = f"0 0 0 {left} 150 {left + 80} {150 + height} 1.5 1.6 4 {x} 1.5 20 0"
    return f"{frame} {track} {name} {numbers}" + ("" if score is None else f" {score}")


@pytest.fixture
def kitti(tmp_path):
    """Two sequences: in 0000 one car is found throughout, in 0001 another is missed once."""
    labels, tracks = tmp_path / "label_02", tmp_path / "tracks"
    labels.mkdir()
    tracks.mkdir()
    whole = [tracking_line(frame, 5, x=frame) for frame in range(4)]
    (labels / "0000.txt").write_text("\n".join(whole) + "\n")
    (labels / "0001.txt").write_text("\n".join(whole) + "\n")
    found = [tracking_line(frame, 9, x=frame, score=0.9) for frame in range(4)]
    (tracks / "0000.txt").write_text("\n".join(found) + "\n")
    (tracks / "0001.txt").write_text("\n".join(found[:1] + found[2:]) + "\n")
    return labels, tracks


def test_kitti_folders_on_both_sides(kitti, tmp_path):
    out = tmp_path / "figures.json"
    answer = evaluate(*kitti, "--protocol", "clear", "--json", out)
    assert answer.exit_code == 0, answer.output
    document = json.loads(out.read_text())
    assert document["protocol"] == "clear"
    assert document["settings"]["similarity"] == "iou_2d"
    assert document["settings"]["rules"] == "kitti"
    car = document["results"]["Car"]
    # 8 labels, 7 found, no false alarm, by hand; a frame without any prediction is no interruption.
    assert (car["CLR_TP"], car["CLR_FN"], car["CLR_FP"], car["Frag"]) == (7, 1, 0, 0)
    assert all(type(car[name]) is int for name in ("CLR_TP", "IDSW", "MT", "IDTP", "Frag"))
    assert car["MOTA"] == pytest.approx(7 / 8)
    assert car["IDF1"] == pytest.approx(7 / 7.5)
    assert "equal to TrackEval" in answer.output
    assert "similarity: iou_2d" in answer.output
    assert "0.8750" in answer.output


def test_sequences_choose(kitti, tmp_path):
    out = tmp_path / "figures.json"
    options = ("--protocol", "hota", "--sequences", "0000", "--json", out)
    assert evaluate(*kitti, *options).exit_code == 0
    car = json.loads(out.read_text())["results"]["Car"]
    assert car["HOTA"] == pytest.approx(1.0)
    assert car["GT_Dets"] == 4
    answer = evaluate(*kitti, "--protocol", "hota", "--sequences", "0000,0007")
    assert answer.exit_code == 3
    assert "0007" in answer.output


@pytest.mark.parametrize(
    "chosen",
    [["--sequences", "0000,0001"], ["--sequences", "0000", "0001"], ["--sequences", "0000 0001"],
     ["--sequences", "0000", "--sequences", "0001"]],
)  # fmt: skip
def test_sequences_are_named_with_commas_or_blanks(kitti, tmp_path, chosen):
    out = tmp_path / "figures.json"
    answer = evaluate(*kitti, "--protocol", "clear", "--json", out, *chosen)
    assert answer.exit_code == 0, answer.output
    assert json.loads(out.read_text())["results"]["Car"]["GT_Dets"] == 8


def test_a_third_path_is_refused(kitti):
    answer = evaluate(*kitti, kitti[0], "--protocol", "clear")
    assert answer.exit_code == 2
    assert "two paths are compared" in answer.output


def test_similarity_is_chosen_and_stated(kitti, tmp_path):
    out = tmp_path / "figures.json"
    chosen = ("--setting", "similarity=distance_3d", "--setting", "zero_distance_m=4")
    answer = evaluate(*kitti, "--protocol", "hota", *chosen, "--json", out)
    assert answer.exit_code == 0, answer.output
    settings = json.loads(out.read_text())["settings"]
    assert settings["similarity"] == "distance_3d"
    assert settings["zero_distance_m"] == 4.0
    assert "max(0, 1 - d / zero_distance_m)" in answer.output


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_on_a_dataset_with_its_own_predictions(protocol, tmp_path):
    out, page = tmp_path / "figures.json", tmp_path / "figures.html"
    answer = evaluate(STREET, STREET, "--protocol", protocol, "--json", out, "--html", page)
    assert answer.exit_code == 0, answer.output
    document = json.loads(out.read_text())
    assert document["protocol"] == protocol
    assert document["settings"]
    assert document["results"]
    assert "note: " in answer.output
    text = page.read_text()
    assert "<table>" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "<script" not in text


def test_label_sets_are_chosen(tmp_path):
    out = tmp_path / "figures.json"
    same = ("--label-set", "detector", "--prediction-set", "detector")
    answer = evaluate(STREET, STREET, "--protocol", "clear", *same, "--json", out)
    assert answer.exit_code == 0, answer.output
    assert json.loads(out.read_text())["results"]["car"]["MOTA"] == 1.0
    answer = evaluate(STREET, STREET, "--protocol", "clear", "--prediction-set", "nobody")
    assert answer.exit_code == 2
    assert "nobody" in answer.output


def results_file(path, boxes):
    rows: dict[str, list[dict[str, object]]] = {}
    for token, place, score in boxes:
        rows.setdefault(token, []).append(
            {
                "sample_token": token, "translation": place, "size": [2.0, 4.0, 1.5],
                "rotation": [1.0, 0.0, 0.0, 0.0], "velocity": [0.0, 0.0], "detection_name": "car",
                "detection_score": score, "attribute_name": "",
            }
        )  # fmt: skip
    path.write_text(json.dumps({"meta": {"use_lidar": True}, "results": rows}))
    return path


@pytest.fixture
def with_bad_rows(tmp_path):
    """Two of four predictions: one of a frame that is not there, one with a score of 1.5."""
    labels = results_file(tmp_path / "labels.json", [("a", [0, 0, 0], -1), ("b", [5, 0, 0], -1)])
    predictions = results_file(
        tmp_path / "predictions.json",
        [("a", [0.1, 0, 0], 0.9), ("b", [5, 0, 0], 1.5), ("b", [5, 0.2, 0], 0.8),
         ("nowhere", [0, 0, 0], 0.7)],
    )  # fmt: skip
    return labels, predictions


def test_bad_rows_are_named_and_nothing_is_written_without_a_yes(with_bad_rows, tmp_path):
    out = tmp_path / "figures.json"
    answer = evaluate(*with_bad_rows, "--protocol", "nuscenes-detection", "--json", out)
    assert answer.exit_code == 1
    assert "nowhere" in answer.output
    assert "1.5" in answer.output
    assert "2 of 4 predictions cannot be used" in answer.output
    assert "--yes" in answer.output
    assert not out.exists()


def test_the_rest_is_used_after_a_yes(with_bad_rows, tmp_path):
    out = tmp_path / "figures.json"
    answer = evaluate(*with_bad_rows, "--protocol", "nuscenes-detection", "--json", out, "--yes")
    assert answer.exit_code == 0, answer.output
    document = json.loads(out.read_text())
    assert document["results"]["car"]["predictions"] == 2
    assert document["results"]["car"]["AP"] == pytest.approx(1.0)
    assert document["results"]["car"]["ATE"] == pytest.approx(0.15, abs=0.06)
    assert any("2 of 4" in line for line in document["notes"])


@pytest.mark.parametrize("agreed", [True, False])
def test_on_a_terminal_the_person_is_asked(with_bad_rows, tmp_path, monkeypatch, agreed):
    asked = []

    def confirm(question, **_):
        asked.append(question)
        return agreed

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("typer.confirm", confirm)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("sys.stderr", Terminal())
    found = gather_paths(*with_bad_rows, JobContext()).predictions[0]
    if agreed:
        assert len(_usable(found, yes=False)) == 2
    else:
        with pytest.raises(SystemExit) as left:
            _usable(found, yes=False)
        assert left.value.code == 1
    assert asked == ["Leave them out and use the rest?"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--protocol", "kitty"], "nuscenes-detection"),
        (["--protocol", "clear", "--setting", "threshold"], "KEY=VALUE"),
        (["--protocol", "clear", "--setting", "treshold=1"], "threshold"),
        (["--protocol", "clear", "--setting", "threshold=7"], "least similarity"),
        (["--protocol", "clear", "--setting", "classes=Bus"], "Bus"),
        (["--protocol", "clear", "--setting", "rules=kitti", "--setting", "similarity=iou_3d"],
         "iou_2d"),
        (["--protocol", "clear", "--json", "/nowhere/at/all.json"], "is no folder"),
    ],
)  # fmt: skip
def test_wrong_use_exits_with_2(kitti, options, told):
    answer = evaluate(*kitti, *options)
    assert answer.exit_code == 2, answer.output
    assert told in answer.output


def test_nothing_is_written_into_what_is_evaluated(kitti):
    labels, tracks = kitti
    before = sorted(path.name for folder in kitti for path in folder.iterdir())
    for option in ("--json", "--html"):
        for place in (labels / "out.json", tracks / "0000.txt"):
            answer = evaluate(*kitti, "--protocol", "clear", option, place)
            assert answer.exit_code == 2
            assert "never written to" in answer.output
    assert sorted(path.name for folder in kitti for path in folder.iterdir()) == before


def test_what_is_not_there_exits_with_3(kitti, tmp_path):
    answer = evaluate(kitti[0], tmp_path / "nothing", "--protocol", "clear")
    assert answer.exit_code == 3
    assert "does not exist" in answer.output


def test_settings_take_lists_and_words(kitti, tmp_path):
    out = tmp_path / "figures.json"
    chosen = ("--setting", "classes=Car,Car", "--setting", "similarity=iou_bev")
    answer = evaluate(*kitti, "--protocol", "clear", *chosen, "--json", out)
    assert answer.exit_code == 0, answer.output
    assert next(iter(json.loads(out.read_text())["results"])) == "Car"
    assert evaluate(*kitti, "--protocol", "clear", "--setting", "classes=Car").exit_code == 0


def test_tables_are_split_for_narrow_terminals():
    columns = ("metric", "car", "construction_vehicle", "bus")
    rows = [("AP", "0.5000", "0.2500", "1.0000")]
    assert _fitting(columns, rows, 200) == [[0, 1, 2, 3]]
    assert _fitting(columns, rows, 42) == [[0, 1, 2], [0, 3]]
    assert _fitting(columns, rows, 1) == [[0, 1], [0, 2], [0, 3]]
    assert _fitting(("class",), [], 80) == [[0]]


def test_json_holds_no_nan(tmp_path):
    labels = results_file(tmp_path / "labels.json", [("a", [0, 0, 0], -1)])
    predictions = results_file(tmp_path / "predictions.json", [("a", [99, 0, 0], 0.5)])
    for protocol in ("nuscenes-detection", "nuscenes-tracking", "clear", "hota"):
        out = tmp_path / f"{protocol}.json"
        answer = evaluate(labels, predictions, "--protocol", protocol, "--json", out)
        assert answer.exit_code == 0, answer.output

        def refuse(word):
            raise AssertionError(word)

        document = json.loads(out.read_text(), parse_constant=refuse)
        assert not any(
            isinstance(value, float) and math.isnan(value)
            for figures in document["results"].values()
            for value in figures.values()
        )
