"""Exports that are given up or fail leave nothing."""

import pytest

from viewer.progress import Cancelled, JobContext
from viewer.review import Subject, WorkspaceError, new_id
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.exchange.catalog import SHAPES, shape_named
from viewer.review.issues.model import NewElement
from viewer.review.verdicts.model import VerdictState
from viewer.session.review_hand_over import export_decisions


@pytest.fixture
def decided(reviewing):
    scene = reviewing.session.dataset.scenes[0]
    label = Subject.label(reviewing.dataset_id, scene.scene_id, scene.frames[0].key, "gt", "car-0")
    reviewing.workspace.run(SetVerdict(label, VerdictState.REJECTED, ("loose box",)))
    reviewing.workspace.run(OpenIssue(new_id(), "Boxes", elements=(NewElement(new_id(), label),)))
    return reviewing


def export(review, shape, folder, context):
    return export_decisions(
        context, review.workspace, review.session.dataset, review.dataset_id, shape, folder
    )


@pytest.mark.parametrize("name", [each.name for each in SHAPES])
def test_giving_up_at_any_moment_leaves_nothing(decided, tmp_path, name):
    out = tmp_path / "out"
    heard = []

    def hear(progress):
        heard.append(progress.text)
        if len(heard) == last:
            context.cancel()

    last = -1
    context = JobContext(hear)
    exported = export(decided, shape_named(name), out, context)
    assert all(file.is_file() for file in exported.files)
    moments = heard.copy()
    assert moments[0] == "Reading decisions"
    assert any(text.startswith("Writing ") for text in moments)
    before = sorted(out.rglob("*"))
    for last in range(1, len(moments)):
        heard.clear()
        context = JobContext(hear)
        with pytest.raises(Cancelled):
            export(decided, shape_named(name), out, context)
        assert sorted(out.rglob("*")) == before, moments[last]


def test_a_disk_that_fails_leaves_nothing(decided, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    out = tmp_path / "out"
    with pytest.raises(WorkspaceError, match="out cannot be written to: No space left"):
        export(decided, shape_named("csv"), out, JobContext())
    assert not list(out.rglob("*"))
