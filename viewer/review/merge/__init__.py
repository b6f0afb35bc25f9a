"""Making one workspace of two: nothing is dropped, what contradicts is listed.

Two people change a title, each in their own file; a third one settles it by words of their own:

>>> from pathlib import Path
>>> from shutil import copyfile
>>> from tempfile import TemporaryDirectory
>>> from viewer.review import Reviewer, Workspace, new_id
>>> from viewer.review.commands.issues import ChangeIssue, OpenIssue
>>> from viewer.review.commands.merge import ResolveConflict
>>> from viewer.review.conflicts.model import Choice
>>> from viewer.review.merge.merge import merge_workspaces
>>> from viewer.review.merge.reading import conflicts
>>> from viewer.review.merge.third_value import open_fields, third_values
>>> folder, issue_id = TemporaryDirectory(), new_id()
>>> ann, bob, both = (Path(folder.name) / f"{name}.sightline" for name in ("ann", "bob", "both"))
>>> with Workspace.create(ann, Reviewer("ann")) as workspace:
...     _ = workspace.run(OpenIssue(issue_id, "Boxes"))
>>> _ = copyfile(ann, bob)
>>> for path, title in ((ann, "Loose boxes"), (bob, "Long boxes")):
...     with Workspace.open(path, Reviewer(path.stem)) as workspace:
...         _ = workspace.run(ChangeIssue(issue_id, title=title))
>>> merge_workspaces(ann, bob, both).conflicts
1
>>> workspace = Workspace.open(both, Reviewer("eve"))
>>> (conflict,) = conflicts(workspace.reading)
>>> conflict.text
'issues: title Loose boxes or Long boxes'
>>> [field.name for field in open_fields(workspace.reading, conflict)]
['title']
>>> values = third_values(workspace.reading, conflict, {"title": "Boxes too long"})
>>> print(workspace.run(ResolveConflict(conflict.conflict_id, Choice.OTHER, values)).text)
Resolve a conflict of merging
>>> conflicts(workspace.reading)
[]
>>> workspace.close()
>>> folder.cleanup()
"""
