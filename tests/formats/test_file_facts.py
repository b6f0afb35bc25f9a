"""What many small files name is read once, and again where a file changed."""

from pathlib import Path

import pytest
from aged_files import age

from viewer.formats import growth
from viewer.formats.file_facts import REPORTED_FILES, FactSurvey
from viewer.progress import Cancelled, JobContext, running


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(growth, "LARGE_COUNT", 0)


class Files:
    """Files that each name a class and a colour, and how often they are read."""

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        root.mkdir()
        self.paths = [root / f"{number}.txt" for number in range(count)]
        for number, path in enumerate(self.paths):
            path.write_text(f"class{number % 3} red")
        age(root)
        self.reads: list[str] = []

    def survey(self) -> FactSurvey:
        def read(path: Path) -> tuple[frozenset[str], ...]:
            self.reads.append(path.name)
            name, colour = path.read_text().split()
            return frozenset({name}), frozenset({colour})

        self.reads.clear()
        return FactSurvey(self.root, map(str, self.paths), "test 1", 2, read)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "data", 7)


def test_files_are_read_once(files: Files) -> None:
    expected = (frozenset({"class0", "class1", "class2"}), frozenset({"red"}))
    assert files.survey().read_all() == expected
    assert len(files.reads) == 7
    assert files.survey().read_all() == expected
    assert files.survey().glance() == expected
    assert files.reads == []


def test_only_files_that_changed_are_read_again(files: Files) -> None:
    files.survey().read_all()
    files.paths[4].write_text("class9 red")
    age(files.paths[4])
    assert files.survey().read_all()[0] == {"class0", "class1", "class2", "class9"}
    assert files.reads == ["4.txt"]
    assert files.survey().read_all()[0] == {"class0", "class1", "class2", "class9"}
    assert files.reads == []


def test_what_no_file_names_any_more_is_forgotten(files: Files) -> None:
    files.survey().read_all()
    for number in (2, 5):
        files.paths[number].write_text("other blue")
        age(files.paths[number])
    assert files.survey().read_all() == ({"class0", "class1", "other"}, {"red", "blue"})
    assert files.survey().glance()[0] == {"class0", "class1", "other"}


def test_files_that_come_and_go_count_from_then_on(files: Files) -> None:
    files.survey().read_all()
    added = files.root / "new.txt"
    added.write_text("new green")
    age(added)
    files.paths = [added, *files.paths[3:6:3]]
    assert files.survey().read_all() == ({"new", "class0"}, {"green", "red"})
    assert files.reads == ["new.txt"]


def test_a_file_that_has_only_just_changed_is_read_again(files: Files) -> None:
    files.paths[1].write_text("fresh red")
    files.survey().read_all()
    files.survey().read_all()
    assert files.reads == ["1.txt"]


def test_what_was_read_before_it_was_given_up_is_kept(tmp_path: Path) -> None:
    files = Files(tmp_path / "many", REPORTED_FILES + 5)
    context = JobContext(lambda progress: context.cancel() if progress.done == 0 else None)
    with running(context), pytest.raises(Cancelled):
        files.survey().read_all()
    assert len(files.reads) == REPORTED_FILES
    assert files.survey().read_all()[0] == {"class0", "class1", "class2"}
    assert len(files.reads) == 5
