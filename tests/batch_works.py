"""Work for the runners: functions of a module, as workers need them."""

import os
import signal
import time
from pathlib import Path


def square(job, number):
    return number * number


def threads(job, _key):
    return os.environ["NUMBA_NUM_THREADS"]


def fail_on_three(job, number):
    if number == 3:
        raise ValueError("three is no good")
    return number


def die_once_on_three(folder: Path, job, number):
    flag = folder / "died"
    if number == 3 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_on_three(job, number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def take_long(job, number):
    time.sleep(60)
