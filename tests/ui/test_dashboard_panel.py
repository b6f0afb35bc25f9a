"""The dashboard in a window: figures, charts that follow, the report and exports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF

from viewer.progress import Cancelled, JobContext
from viewer.reports.apart import write_report_apart
from viewer.review import Subject, WorkspaceError
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.exchange.catalog import SHAPES
from viewer.review.verdicts.model import VerdictState
from viewer.ui.review.dashboard_panel import BY_CLASS, IN_TIME, REASONS, DashboardPanel
from viewer.ui.review.hand_over import ExportDialog, export, write_report

pytestmark = pytest.mark.ui
ROOT = Path(__file__).parents[2]


@pytest.fixture
def panel(review, on_screen, qtbot):
    panel = on_screen(DashboardPanel(review), 300, 700)
    qtbot.waitUntil(lambda: panel.shown is not None)
    return panel


def judge(review, number, state=VerdictState.ACCEPTED, reasons=(), class_name="car"):
    subject = Subject.label(review.dataset_id, "street_1", f"{number:06d}", "gt", "a")
    review.workspace.run(SetVerdict(subject, state, reasons, class_name=class_name))


def test_an_empty_one_says_what_will_be_there(panel, qtbot):
    qtbot.waitUntil(panel.note.isVisible)
    assert "first verdict" in panel.note.text()
    assert not panel.cards.isVisible()


def test_charts_follow_verdicts(review, panel, qtbot):
    judge(review, 0)
    judge(review, 1, VerdictState.REJECTED, ("loose box",))
    judge(review, 2, class_name="person")
    qtbot.waitUntil(lambda: panel.is_drawn and panel.shown.judged == 3)
    made = panel._charts.made
    by_class = made[BY_CLASS]
    assert [(bar.name, bar.counts) for bar in by_class.bars] == [
        ("car", (1, 1, 0, 0)), ("person", (1, 0, 0, 0)),
    ]  # fmt: skip
    assert by_class.bar_at(QPointF(0.5, 1.2)).name == "person"
    assert by_class.text_of(by_class.bars[0]) == "car: 1 accepted, 1 rejected"
    assert made[REASONS].bars[0].name == "loose box"
    assert sum(bar.total for bar in made[IN_TIME].bars) == 3
    review.undo()
    qtbot.waitUntil(lambda: panel.is_drawn and panel.shown.judged == 2)
    assert [bar.name for bar in by_class.bars] == ["car"]


def test_many_verdicts_in_a_row_are_read_a_few_times(review, panel, qtbot, monkeypatch):
    reads = []
    whole = panel._read
    monkeypatch.setattr(panel, "_read", lambda: (reads.append(1), whole()))
    panel._later.timeout.disconnect()
    panel._later.timeout.connect(panel._read)
    for number in range(25):
        judge(review, number)
        qtbot.wait(2)
    qtbot.waitUntil(lambda: panel.shown.judged == 25)
    assert len(reads) < 8


def test_cards_stand_beside_each_other_where_there_is_room(review, panel, qtbot):
    judge(review, 0)
    qtbot.waitUntil(lambda: panel.is_drawn and panel.shown.judged == 1)
    assert len(panel.cards._columns) == 1
    panel.resize(1000, 700)
    qtbot.waitUntil(lambda: len(panel.cards._columns) == 3)
    assert sum(column.count() for column in panel.cards._columns) == len(panel.cards._cards)


def test_an_export_is_told(review, panel, qtbot, tmp_path):
    judge(review, 0)
    told = []
    export(review, SHAPES[0], tmp_path, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].counts["verdicts"] == 1
    assert all(file.exists() for file in told[0].files)


def test_the_dialog_tells_what_each_shape_carries(themed, qtbot):
    dialog = ExportDialog()
    qtbot.addWidget(dialog)
    for place, shape in enumerate(SHAPES):
        dialog.box.setCurrentIndex(place)
        assert dialog.shape is shape
        assert shape.holds.split(";")[0] in dialog.holds.text()


def test_a_report_that_fails_says_why(review, qtbot, tmp_path):
    # The dataset of this test lies in memory: another process finds nothing.
    said = []
    review.session.subscribe(said.append)
    write_report(review, tmp_path / "report.html", said.append)
    qtbot.waitUntil(
        lambda: any("No report" in getattr(each, "text", "") for each in said), timeout=60_000
    )
    assert not (tmp_path / "report.html").exists()


class Cancelling(JobContext):
    """Gives up when the first issue is drawn."""

    def report(self, done, total=None, text=""):
        if text.startswith("Drawing"):
            self.cancel()
        super().report(done, total, text)


def test_a_report_comes_from_a_process_of_its_own(tmp_path):
    street = ROOT / "sample_scenes" / "street"
    if not street.exists():
        pytest.skip("the sample scenes are not made")
    file, out = tmp_path / "a.sightline", tmp_path / "report.html"
    script = f"""
from pathlib import Path
from viewer.review import Reviewer, Workspace, Subject, new_id
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.issues import OpenIssue
with Workspace.create(Path({str(file)!r}), Reviewer("ann")) as workspace:
    workspace.run(AddDataset("d", "street", {str(street)!r}, ""))
    workspace.run(OpenIssue(new_id(), "Loose & <odd>"))
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    told = []
    write_report_apart(out, file, street, "d", JobContext(told.append))
    assert "Loose &amp; &lt;odd&gt;" in out.read_text()
    assert told[-1].done == told[-1].total == 1
    out.unlink()
    with pytest.raises(Cancelled):
        write_report_apart(out, file, street, "d", Cancelling())
    with pytest.raises(WorkspaceError, match=r"gone\.sightline"):
        write_report_apart(out, tmp_path / "gone.sightline", street, "d", JobContext())
    assert json.dumps([each.name for each in tmp_path.iterdir()]).count("report") == 0


def test_closing_while_it_reads_starts_nothing_anew(review, qtbot):
    panel = DashboardPanel(review)
    qtbot.addWidget(panel)
    panel.show()
    panel._read()
    panel.refresh()
    assert panel._is_behind_reading
    panel.dispose()
    assert not panel._later.isActive()
    qtbot.wait(50)
    assert panel.shown is None
