"""Progress goes out, cancel comes in."""

import pytest

from viewer.progress import Cancelled, JobContext, Progress


def test_track_reports_before_each_item_and_at_the_end():
    seen: list[Progress] = []
    context = JobContext(seen.append)
    assert list(context.track("ab", "Reading")) == ["a", "b"]
    assert [(p.done, p.total, p.text) for p in seen] == [
        (0, 2, "Reading"),
        (1, 2, "Reading"),
        (2, 2, "Reading"),
    ]


def test_a_cancelled_job_stops_at_its_next_report():
    context = JobContext()
    seen = []

    def work():
        for item in context.track(range(5)):
            seen.append(item)
            if item == 1:
                context.cancel()

    with pytest.raises(Cancelled):
        work()
    assert seen == [0, 1]


def test_a_total_that_is_not_known_is_none():
    seen: list[Progress] = []
    assert list(JobContext(seen.append).track(iter("ab"))) == ["a", "b"]
    assert [p.total for p in seen] == [None, None]
