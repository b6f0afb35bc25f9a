"""`sightline review merge`, `conflicts`, `resolve`."""

import shutil

from cli.review.calling import call, call_json

from viewer.review import Reviewer, Workspace
from viewer.review.commands.issues import ChangeIssue, OpenIssue
from viewer.review.commands.settings import ChangeSetting
from viewer.review.issues.model import IssueState


def change(path, name, value):
    with Workspace.open(path, Reviewer(name)) as workspace:
        workspace.run(ChangeSetting("score_threshold", value))


def test_two_files_become_one_and_their_conflict_is_resolved(path, tmp_path):
    theirs, both = tmp_path / "bob.sightline", tmp_path / "both.sightline"
    shutil.copyfile(path, theirs)
    change(path, "ann", 0.25)
    change(theirs, "bob", 0.75)
    assert call("merge", path, theirs, "--into", both).splitlines() == [
        f"written: {both}",
        "2 commands in both, 2 only in street.sightline, 2 only in bob.sightline",
        f"1 open conflict: see `sightline review conflicts {both}`",
    ]
    (found,) = call_json("conflicts", both)
    assert (found["first"]["reviewer"], found["first"]["values"]) == ("ann", {"value": 0.25})
    assert (found["second"]["reviewer"], found["second"]["values"]) == ("bob", {"value": 0.75})
    lines = call("conflicts", both).splitlines()
    assert lines[0] == f"{found['id'][:8]}  settings: value 0.25 or 0.75"
    assert lines[1].endswith("ann: Change score threshold")
    call("resolve", both, found["id"][:8], "first", reviewer="eve")
    assert call("conflicts", both) == "no open conflicts\n"
    assert "(resolved: first)" in call("conflicts", both, "--all")
    with Workspace.open(both, Reviewer("eve")) as workspace:
        assert workspace.reading.query("SELECT value FROM settings") == [("0.25",)]
        assert workspace.undo_text == "Resolve a conflict of merging"


def test_a_third_value_is_typed(path, tmp_path):
    theirs, both = tmp_path / "bob.sightline", tmp_path / "both.sightline"
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(OpenIssue("1" * 32, "Boxes"))
    shutil.copyfile(path, theirs)
    for file, name, state in ((path, "ann", "triage"), (theirs, "bob", "resolved")):
        with Workspace.open(file, Reviewer(name)) as workspace:
            workspace.run(ChangeIssue("1" * 32, state=IssueState(state), title=f"Of {name}"))
    call("merge", path, theirs, "--into", both)
    (found,) = call_json("conflicts", both)
    assert [each["name"] for each in found["fields"]] == ["title"]
    assert "  other   --value title=TEXT" in call("conflicts", both).splitlines()
    assert "is needed" in call("resolve", both, found["id"], "other", code=2)
    assert "is no FIELD=VALUE" in call("resolve", both, found["id"], "--value", "x", code=2)
    assert "say first or second" in call("resolve", both, found["id"], code=2)
    assert "must not be empty" in call("resolve", both, found["id"], "--value", "title=", code=1)
    call("resolve", both, found["id"][:6], "--value", "title=Of eve", reviewer="eve")
    (settled,) = call_json("conflicts", both, "--all")
    assert settled["resolution"] == "other"
    with Workspace.open(both, Reviewer("eve")) as workspace:
        assert workspace.reading.query("SELECT title FROM issues") == [("Of eve",)]


def test_what_cannot_be_merged_is_one_message(path, tmp_path):
    wrong, both = tmp_path / "wrong.sightline", tmp_path / "both.sightline"
    wrong.write_bytes(b"no")
    assert f"{wrong} is no Sightline workspace" in call(
        "merge", path, wrong, "--into", both, code=3
    )
    assert not both.exists()
    assert "exists already" in call("merge", path, path, "--into", path, code=3)
    assert "there is no conflict 'ff'" in call("resolve", path, "ff", "first", code=2)
