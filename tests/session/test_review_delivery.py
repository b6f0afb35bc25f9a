"""A dataset that is delivered again under an open review."""

from pathlib import Path

import pytest
from fake_drive import Desk
from tiny_datasets import TINY_DATASETS

from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer
from viewer.review.datasets.entities import DELIVERIES
from viewer.review.edits.reading import edits
from viewer.session.changes import MessageShown
from viewer.session.review_board import ReviewBoard
from viewer.session.review_delivery import DeliveryWatch
from viewer.session.review_edits import LabelEditing
from viewer.session.selection import LabelKey

LINES = (
    "Car 0.00 0 -1.57 1.00 1.00 4.00 4.00 1.50 2.00 4.00 0.00 1.50 11.00 -1.57",
    "Truck 0.00 0 -1.57 1.00 1.00 4.00 4.00 2.50 2.50 8.00 3.00 1.50 21.00 -1.57",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS["kitti_object"][0](tmp_path / "made")
    write(root, *LINES)
    return root


def write(root: Path, *lines: str) -> None:
    min(root.rglob("label_2/*.txt")).write_text("".join(f"{line}\n" for line in lines))


class Visit:
    """The window opened on the dataset and its workspace, and closed again."""

    def __init__(self, root: Path, file: Path) -> None:
        self.desk = Desk()
        self.board = ReviewBoard(self.desk.session, Reviewer("ann"))
        self.delivery = DeliveryWatch(self.board)
        self.editing = LabelEditing(self.board)
        self.desk.session.open_dataset(open_dataset(root))
        self.desk.settle()
        if file.exists():
            assert self.board.open_workspace(file)
        else:
            assert self.board.new_workspace(file)
        self.desk.settle()

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.board.dispose()
        self.desk.close()

    def change_class(self, label_id: str, name: str) -> None:
        label_set = self.desk.session.scene.label_sets[0].label_set_id
        self.desk.session.select(LabelKey(label_set, 0, label_id))
        assert self.editing.change_class(name)
        self.desk.settle()

    def shown(self) -> list[str]:
        self.desk.settle()
        label_set = self.desk.session.scene.label_sets[0].label_set_id
        return list(self.desk.session.content.labels[label_set].cuboids.class_names)


def test_the_first_content_is_noted_and_the_same_is_not_compared(root, tmp_path):
    file = tmp_path / "a.sightline"
    with Visit(root, file) as visit:
        assert len(visit.board.reading.rows(DELIVERIES)) == 1
        visit.change_class("000000:1", "Tram")
        assert visit.board.undo_text == "Change class of label 000000:1 to Tram"
    with Visit(root, file) as visit:
        assert visit.delivery.told == ""
        assert len(visit.board.reading.rows(DELIVERIES)) == 1
        assert visit.shown() == ["Car", "Tram"]


def test_decisions_follow_their_labels_in_one_step(root, tmp_path):
    file = tmp_path / "a.sightline"
    with Visit(root, file) as visit:
        visit.change_class("000000:1", "Tram")
    write(root, LINES[0].replace("11.00", "31.00"), *LINES)
    with Visit(root, file) as visit:
        assert visit.delivery.stale == ()
        assert [subject.label_id for subject, _ in edits(visit.board.reading)] == ["000000:2"]
        assert visit.shown() == ["Car", "Car", "Tram"]
        assert visit.board.undo_text == "Carry decisions over to 1 label"
        said = [each.text for each in visit.desk.changes if isinstance(each, MessageShown)]
        assert any("1 found under another id" in text for text in said)
    with Visit(root, file) as visit:
        assert visit.delivery.told == "1 as before, none stale"
        visit.board.undo()
    with Visit(root, file) as visit:
        assert [subject.label_id for subject, _ in edits(visit.board.reading)] == ["000000:1"]
        assert visit.shown() == ["Car", "Car", "Truck"]
        visit.delivery.compare()
        visit.desk.settle()
        assert visit.shown() == ["Car", "Car", "Tram"]


def test_what_changed_is_stale_until_someone_settles_it(root, tmp_path):
    file = tmp_path / "a.sightline"
    with Visit(root, file) as visit:
        visit.change_class("000000:1", "Tram")
    write(root, LINES[0], LINES[1].replace("3.00", "3.50", 1))
    for _ in range(2):
        with Visit(root, file) as visit:
            (stale,) = visit.delivery.stale
            assert stale.text.endswith("moved 0.50 m")
            assert visit.shown() == ["Car", "Truck"]
    with Visit(root, file) as visit:
        (stale,) = visit.delivery.stale
        assert not visit.delivery.move(stale)
        assert visit.delivery.keep(stale)
        assert visit.delivery.stale == ()
        assert visit.shown() == ["Car", "Tram"]
    with Visit(root, file) as visit:
        assert visit.delivery.stale == ()


def test_decisions_about_a_label_that_is_gone_go_to_the_one_proposed(root, tmp_path):
    file = tmp_path / "a.sightline"
    with Visit(root, file) as visit:
        visit.change_class("000000:1", "Tram")
    write(root, LINES[1].replace("3.00", "3.50", 1))
    with Visit(root, file) as visit:
        (stale,) = visit.delivery.stale
        assert stale.candidate.label_id == "000000:0"
        assert visit.delivery.move(stale)
        assert visit.shown() == ["Tram"]
