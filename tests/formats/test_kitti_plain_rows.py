"""Label text parsed at once is what it is line by line, and anything odd is read line by line."""

import numpy as np
import pytest

from viewer.formats.kitti_object import plain_rows
from viewer.formats.kitti_object.label_folder import read_label_folder

NUMBERS = "0.00 0 -1.57 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 -1.62"


def columns(table):
    return (
        table.scene_ids, table.frame_keys, table.frame_rows.tolist(), table.file_rows.tolist(),
        table.lines.tolist(), table.class_names, table.track_ids, table.numbers.tolist(),
        np.nan_to_num(table.scores, nan=-99).tolist(), [str(each) for each in table.problems],
    )  # fmt: skip


def both_ways(folder, monkeypatch):
    """The table read at once, whether it was, and the table read line by line."""
    parsed = []
    original = plain_rows._parsed

    def spy(*arguments):
        parsed.append(original(*arguments))
        return parsed[-1]

    monkeypatch.setattr(plain_rows, "_parsed", spy)
    monkeypatch.setattr(plain_rows, "WORTHWHILE_BYTES", 0)
    at_once = read_label_folder(folder)
    monkeypatch.setattr(plain_rows, "WORTHWHILE_BYTES", 10**12)
    return at_once, bool(parsed) and parsed[-1] is not None, read_label_folder(folder)


def folder_of(tmp_path, files):
    for name, text in files.items():
        (tmp_path / f"{name}.txt").write_bytes(text.encode())
    return tmp_path


OBJECTS = {
    "000000": f"Car {NUMBERS}\nVan {NUMBERS}\n",
    "000001": "",
    "000002": f"Pedestrian {NUMBERS}",
}
SCORED = {name: text.replace("-1.62", "-1.62 0.75") for name, text in OBJECTS.items()}
TRACKS = {
    "0000": f"1 7 Car {NUMBERS}\n0 -1 DontCare {NUMBERS}\n",
    "0003": f"000002 abc Cyclist {NUMBERS}\r\n2 9 Car {NUMBERS}\r\n",
}


@pytest.mark.parametrize("files", [OBJECTS, SCORED, TRACKS])
def test_plain_text_is_parsed_at_once(tmp_path, monkeypatch, files):
    at_once, was_plain, by_line = both_ways(folder_of(tmp_path, files), monkeypatch)
    assert was_plain
    assert columns(at_once) == columns(by_line)
    assert len(at_once) == sum(text.count(NUMBERS[:20]) for text in files.values())


@pytest.mark.parametrize(
    "text",
    [
        f"Car  {NUMBERS}\n",
        f"Car {NUMBERS} \n",
        f"\nCar {NUMBERS}\n",
        f"Car {NUMBERS}\n\nVan {NUMBERS}\n",
        f"Car {NUMBERS}\nVan {NUMBERS} 0.5\n",
        f"Car {NUMBERS}\nVan {NUMBERS.replace('1.57', 'nan', 1)}\n",
        f"Car {NUMBERS}\nVan {NUMBERS.replace('1.57', '1e999', 1)}\n",
        f"Car {NUMBERS}\nVan {NUMBERS.replace('1.57', 'word', 1)}\n",
        f'"Car {NUMBERS}\n',
        f"Car {NUMBERS}\nonly three words\n",
        f"NA {NUMBERS}\nnull {NUMBERS}\n",
        f"Car\t{NUMBERS}\n",
    ],
)
def test_odd_text_is_the_same_either_way(tmp_path, monkeypatch, text):
    files = OBJECTS | {"000007": text}
    at_once, _, by_line = both_ways(folder_of(tmp_path, files), monkeypatch)
    assert columns(at_once) == columns(by_line)


@pytest.mark.parametrize("frame", ["-1", "1.5", "9999999", "x", "+3", "99999999999999999999"])
def test_odd_frames_are_the_same_either_way(tmp_path, monkeypatch, frame):
    files = {"0000": f"{frame} 7 Car {NUMBERS}\n3 8 Car {NUMBERS}\n"}
    at_once, _, by_line = both_ways(folder_of(tmp_path, files), monkeypatch)
    assert columns(at_once) == columns(by_line)
    assert len(by_line) >= 1
