"""Kernels are compiled when first called, also through each other; a window may put it off."""

import subprocess
import sys

from viewer.geometry import lazy_numba
from viewer.geometry import lazy_numba as nb

CODE = """
import sys
from viewer.geometry import lazy_numba
from viewer.geometry.cuboids import Cuboids
lazy_numba.defer()
told = [lazy_numba.deferred(), "numba" in sys.modules]
box = Cuboids([[0, 0, 0]], [[2, 2, 2]], [[1, 0, 0, 0]], "world")
lazy_numba.load()
told += [lazy_numba.deferred(), "numba" in sys.modules]
lazy_numba.defer()
print(*told, lazy_numba.deferred())
"""


@nb.njit(nogil=True)
def _square(value):
    return value * value


@nb.njit(nogil=True, parallel=True)
def _sum_of_squares(count):
    total = 0
    for value in nb.prange(count):
        total += _square(value)
    return total


def test_kernels_call_each_other_and_keep_their_names():
    assert _sum_of_squares(5) == 0 + 1 + 4 + 9 + 16
    assert _sum_of_squares.__name__ == "_sum_of_squares"
    assert _square(3) == 9


def test_deferring_ends_with_loading_and_comes_too_late_afterwards():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False", "False", "True", "False"], done.stderr


def test_nothing_is_deferred_unless_a_window_asks():
    assert not lazy_numba.deferred()
