"""Opening tells how far a large file is read, and stops when it is given up."""

import json

import pytest

from viewer.formats import json_lines
from viewer.formats.catalog import open_dataset
from viewer.progress import Cancelled, JobContext, report_progress

ROWS = 50


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "REPORTED_ROWS", 10)
    rows = [{"task_id": str(index), "sensor_data": []} for index in range(ROWS)]
    path = tmp_path / "frames.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_share_that_is_read_is_told(path):
    seen = []
    dataset = open_dataset(path, context=JobContext(seen.append))
    assert len(dataset.scenes[0]) == ROWS
    size = path.stat().st_size
    shares = [each.done / size for each in seen if each.text == "Reading frames.jsonl"]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0.18, 0.38, 0.58, 0.78, 0.98], abs=0.02)
    assert all(each.total in (None, size) for each in seen)


def test_opening_can_be_given_up(path):
    reports = []

    def give_up(progress):
        reports.append(progress)
        if progress.text == "Reading frames.jsonl":
            context.cancel()

    context = JobContext(give_up)
    with pytest.raises(Cancelled):
        open_dataset(path, context=context)
    assert sum(each.text == "Reading frames.jsonl" for each in reports) == 1
    report_progress(1, 2, "outside of a job nothing is told")
    assert len(open_dataset(path).scenes[0]) == ROWS
