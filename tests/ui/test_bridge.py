"""From worker threads to the Qt thread."""

import threading

import pytest

from viewer.ui.bridge import QtPost

pytestmark = pytest.mark.ui


def test_runs_on_the_qt_thread_in_order(qtbot):
    post = QtPost()
    seen = []

    def work():
        for number in range(100):
            post(lambda number=number: seen.append((number, threading.current_thread())))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(seen) == 100)
    assert [number for number, _ in seen] == list(range(100))
    assert {thread for _, thread in seen} == {threading.main_thread()}


def test_nothing_runs_at_once(qtbot):
    post = QtPost()
    seen = []
    post(lambda: seen.append(1))
    assert seen == []
    qtbot.waitUntil(lambda: seen == [1])


def test_closing_drops_what_is_queued(qtbot):
    post = QtPost()
    seen = []
    post(lambda: seen.append(1))
    post.close()
    post(lambda: seen.append(2))
    qtbot.wait(20)
    assert seen == []
