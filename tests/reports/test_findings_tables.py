"""What is said of no label stands in tables of the page, with numbers about the dataset."""

import numpy as np
import pytest
from car_grid import Box, cars, checked, scene

from viewer.checks.dataset_base import SummaryTable
from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, LabelName, Severity
from viewer.progress import JobContext
from viewer.reports.findings_page import findings_page
from viewer.reports.findings_tables import MOST_ROWS, summary_table, unranked_table
from viewer.scene.scene import Dataset


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path))


def finding(text, severity=Severity.LOW, score=0.5, **fields):
    known = {"check": "corrupt-file", "scene_id": "s", "frame_key": None, "labels": (),
             "class_name": ""}  # fmt: skip
    return Finding(**{**known, **fields}, score=score, severity=severity, text=text)


def test_what_ranks_no_label_is_listed_worst_first_with_its_place():
    box = EvidenceBox(BoxRole.PREDICTION, "f", (0, 0, 0), (1, 1, 1), (1, 0, 0, 0))
    table = unranked_table([
        finding("a: is small", score=0.2),
        finding("of a label", labels=(LabelName("s", "f", "truth", "1"),)),
        finding("of a place", evidence=Evidence({}, (box,))),
        finding("b: is lost", Severity.HIGH, frame_key="7", sensor_id="top"),
        finding("a: is worse", score=0.9),
        finding("rare", Severity.INFO, check="class-imbalance", about="tram", of_dataset=True),
    ])  # fmt: skip
    assert table.rows == (
        ("high", "Corrupt file", "s / 7 / top", "b: is lost"),
        ("low", "Corrupt file", "s", "a: is worse"),
        ("low", "Corrupt file", "s", "a: is small"),
        ("info", "Class imbalance", "whole dataset: tram", "rare"),
    )


def test_a_long_list_is_cut_and_says_so():
    table = unranked_table([finding(f"{n}", frame_key=f"{n}") for n in range(MOST_ROWS + 5)])
    assert len(table.rows) == MOST_ROWS + 1
    assert table.rows[-1][-1] == "and 5 more"
    assert unranked_table([]) is None


def test_numbers_are_written_short_and_stand_right():
    told = summary_table(SummaryTable("t", ("who", "n", "share, %"),
                                      (("ann", 1200, 12.5), ("bob", 3, None))))  # fmt: skip
    assert told.rows == (("ann", "1,200", "12.5"), ("bob", "3", ""))
    assert told.is_number == (False, True, True)


def test_the_page_has_them():
    rng = np.random.default_rng(0)
    drive = scene("s", [*cars(250, rng), Box("t", "tram", (200, 0, 1))])
    run = checked([drive], "class-imbalance")
    dataset = Dataset(drive.path, drive.format_name, (drive,))
    page = findings_page(run, dataset, JobContext(), pictured=0)
    titles = [table.title for table in page.tables]
    assert titles == ["By check", "Labels by class", "About the dataset, scenes, sensors and files"]
    assert page.tables[1].rows[0] == ("car", "750", "99.6", "1")
    assert page.tables[2].rows[0][2] == "whole dataset: tram"
