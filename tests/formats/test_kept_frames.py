"""What is built of frames: once, no more than so many, the same on every thread."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from viewer.formats.base import DamagedData
from viewer.formats.kept_frames import KeptFrames


@pytest.fixture
def built():
    return []


@pytest.fixture
def kept(built):
    def build(index):
        built.append(index)
        return [index]

    return KeptFrames(3, build)


def test_each_is_built_once_while_it_is_kept(kept, built):
    first = kept.of(5)
    assert kept.of(5) is first == [5]
    assert built == [5]
    kept.clear()
    assert kept.of(5) == [5]
    assert built == [5, 5]


def test_what_was_built_first_goes_first(kept, built):
    for index in (1, 2, 3, 1, 4, 1, 3):
        assert kept.of(index) == [index]
    # 4 drives out 1, the second 1 drives out 2.
    assert built == [1, 2, 3, 4, 1]


def test_what_cannot_be_built_is_tried_again(tmp_path):
    tries = []

    def build(index):
        tries.append(index)
        raise DamagedData(tmp_path, "", "is damaged")

    kept = KeptFrames(3, build)
    for _ in range(2):
        with pytest.raises(DamagedData):
            kept.of(0)
    assert tries == [0, 0]


def test_threads_that_build_the_same_get_one():
    both = threading.Barrier(2)

    def build(index):
        both.wait(timeout=60)
        return [index]

    kept = KeptFrames(3, build)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(kept.of, [7, 7])
    assert one is other == [7]
    assert kept.of(7) is one
