"""What people decide about a dataset: kept in one workspace file, never lost, handed over whole.

A workspace is opened under a reviewer's name. Whatever changes it is a command, a plain value from
`viewer.review.commands`; `Workspace.run` returns when it is on disk:

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from viewer.review import Batch, Reviewer, Subject, Workspace, new_id
>>> folder = TemporaryDirectory()
>>> workspace = Workspace.create(Path(folder.name) / "street.sightline", Reviewer("ann"))

What a decision is about is a `Subject`: a label, track, frame, scene or dataset, by its names. The
dataset's id is the workspace's own; `viewer.review.attach.attach_dataset` gives it for an open
dataset, here we take it in by hand:

>>> from viewer.review.commands.datasets import AddDataset
>>> street = new_id()
>>> entry = workspace.run(AddDataset(street, "street", "/data/street", "native"))
>>> truck = Subject.label(street, "street_0007", "000042", "gt", "18")
>>> print(truck.text)
label 18 in street_0007 / 000042

File an issue about a label, and talk about it. Ids are made by the caller:

>>> from viewer.review.commands.comments import AddComment
>>> from viewer.review.commands.issues import ChangeIssue, OpenIssue
>>> from viewer.review.issues.model import IssueState, IssueType, NewElement, Priority
>>> issue_id = new_id()
>>> entry = workspace.run(
...     OpenIssue(
...         issue_id,
...         "Box of the truck is loose",
...         IssueType.LABEL_QUALITY,
...         (NewElement(new_id(), truck),),
...         priority=Priority.HIGH,
...         labels=("night",),
...     )
... )
>>> entry = workspace.run(AddComment(new_id(), issue_id, "@bob, half a metre too long"))
>>> entry = workspace.run(ChangeIssue(issue_id, state=IssueState.IN_REVIEW))

Give verdicts; several commands can be one step:

>>> from viewer.review.commands.verdicts import SetVerdict
>>> from viewer.review.verdicts.model import VerdictState
>>> frame = Subject.frame(street, "street_0007", "000042")
>>> entry = workspace.run(
...     Batch(
...         "Judge frame 000042",
...         [
...             SetVerdict(frame, VerdictState.ACCEPTED),
...             SetVerdict(truck, VerdictState.NEEDS_FIX, ("loose box",), "see the issue"),
...         ],
...     )
... )

Undo and redo are the reviewer's own, say what they will do, and work after a restart too:

>>> workspace.undo_text
'Judge frame 000042'
>>> entry = workspace.undo()
>>> workspace.redo_text
'Judge frame 000042'
>>> entry = workspace.redo()

Work through a queue, here of two labels; `viewer.review.queues.build` and `queues.labels` plan
queues of slices, filters, findings and samples:

>>> from viewer.review.commands.queues import CreateQueue, FinishItem
>>> from viewer.review.queues.reading import next_item, queue_progress
>>> queue_id = new_id()
>>> trucks = [truck, Subject.label(street, "street_0007", "000042", "gt", "20")]
>>> entry = workspace.run(CreateQueue(queue_id, "trucks", trucks))
>>> subject = workspace.reading.subject(next_item(workspace.reading, queue_id, "ann"))
>>> verdict = SetVerdict(subject, VerdictState.ACCEPTED)
>>> entry = workspace.run(
...     Batch(verdict.text, [verdict, FinishItem(queue_id, subject.key, seconds=2.5)])
... )
>>> progress = queue_progress(workspace.reading, queue_id)
>>> print(progress.done, "of", progress.total, progress.mean_seconds)
1 of 2 2.5
>>> entry = workspace.undo()
>>> workspace.close()

Read it all back. Functions that read take a `Reading` and return plain values; without writing,
any number of processes may have the file open:

>>> from viewer.review.issues.filter import IssueFilter
>>> from viewer.review.issues.on_subjects import elements_on
>>> from viewer.review.issues.reading import comments_of, issues
>>> from viewer.review.verdicts.reading import effective_verdict, verdict_of
>>> workspace = Workspace.open(workspace.path, Reviewer("bob"), read_only=True)
>>> for issue in issues(workspace.reading, IssueState.IN_REVIEW):
...     print(f"{issue.title}, by {issue.reporter}")
...     for comment in comments_of(workspace.reading, issue.issue_id):
...         print(f"{comment.author}: {comment.text}")
Box of the truck is loose, by ann
ann: @bob, half a metre too long
>>> [each.title for each in issues(workspace.reading, wanted=IssueFilter(mentions="bob"))]
['Box of the truck is loose']
>>> [each.title for each in elements_on(workspace.reading, truck)]
['Box of the truck is loose']
>>> verdict = verdict_of(workspace.reading, truck)
>>> print(verdict.reviewer, verdict.state, verdict.reasons, verdict.comment)
ann needs_fix ('loose box',) see the issue

A verdict on a track, frame or scene covers the labels that have none of their own:

>>> other = Subject.label(street, "street_0007", "000042", "gt", "19")
>>> print(effective_verdict(workspace.reading, other).verdict.state)
accepted

The journal tells who did what, and when:

>>> for entry in workspace.journal.entries():
...     print(entry.reviewer, entry.kind, entry.text)
ann introduce Reviewer ann
ann add_dataset Add dataset street
ann open_issue Open issue “Box of the truck is loose”
ann add_comment Comment on an issue
ann change_issue Put an issue up for review
ann batch Judge frame 000042
ann undo Judge frame 000042
ann redo Judge frame 000042
ann create_queue Make queue “trucks”
ann batch Accept label 18 in street_0007 / 000042
ann undo Accept label 18 in street_0007 / 000042

Two people's files become one. Nothing is dropped, and what they say differently since they parted
is listed by `viewer.review.merge.reading.conflicts`, for `ResolveConflict`:

>>> from shutil import copyfile
>>> from viewer.review.merge.merge import merge_workspaces
>>> theirs, both = (workspace.path.with_stem(name) for name in ("theirs", "both"))
>>> _ = copyfile(workspace.path, theirs)
>>> with Workspace.open(theirs, Reviewer("bob")) as copy:
...     entry = copy.run(AddComment(new_id(), issue_id, "I see"))
>>> merged = merge_workspaces(workspace.path, theirs, both)
>>> print(merged.only_second, "new commands,", merged.conflicts, "conflicts")
2 new commands, 0 conflicts
>>> workspace.close()
>>> folder.cleanup()

What goes wrong is a `WorkspaceError` whose message is made for people; a command that makes no
sense is refused and changes nothing (`CommandRefused`).
"""

from viewer.review.commands.base import Batch, Command
from viewer.review.errors import (
    CommandRefused,
    DamagedWorkspace,
    NewerWorkspace,
    NotAWorkspace,
    UndoRefused,
    WorkspaceError,
    WorkspaceReadOnly,
    WorkspaceUnreadable,
    WorkspaceUnwritable,
)
from viewer.review.journal import Entry
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Reading, new_id
from viewer.review.reviewer import Reviewer, local_reviewer
from viewer.review.subject import Subject, SubjectKind
from viewer.review.workspace import Changed, Workspace

__all__ = [
    "Batch",
    "Changed",
    "Command",
    "CommandRefused",
    "DamagedWorkspace",
    "Entry",
    "LabelSnapshot",
    "NewerWorkspace",
    "NotAWorkspace",
    "Reading",
    "Reviewer",
    "Subject",
    "SubjectKind",
    "UndoRefused",
    "Workspace",
    "WorkspaceError",
    "WorkspaceReadOnly",
    "WorkspaceUnreadable",
    "WorkspaceUnwritable",
    "local_reviewer",
    "new_id",
]
