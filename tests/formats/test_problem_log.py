from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import MAX_PROBLEMS, ProblemLog
from viewer.scene.scene import Problem


def test_each_problem_is_told_once_in_order() -> None:
    log = ProblemLog((Problem("a", "", "first"),))
    log.add("b", "line 2", "second")
    log.add_damage(DamagedData("c", "byte 3", "third"))
    log.add("b", "line 2", "second")
    assert [problem.message for problem in log.snapshot()] == ["first", "second", "third"]


def test_endless_problems_are_counted() -> None:
    log = ProblemLog()
    for line in range(MAX_PROBLEMS + 5):
        log.add("a", f"line {line}", "bad")
    problems = log.snapshot()
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].message == "5 more problems are not listed"


def test_many_missing_files_are_one_problem() -> None:
    log = ProblemLog()
    log.add_missing([Path("x/1.png")], "image")
    log.add_missing([Path(f"y/{index}.png") for index in range(21)], "image")
    assert [str(problem) for problem in log.snapshot()] == [
        "x/1.png: the image is missing",
        "y: 21 frames lack their image, first 0.png",
    ]
