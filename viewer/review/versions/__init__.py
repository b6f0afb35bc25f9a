"""Label sets as they were at a moment, forks of them, and what lies between two.

A version keeps the edits of a label set, not the labels that are as delivered. Save one, go on,
and come back:

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from viewer.review import Reviewer, Subject, Workspace, new_id
>>> from viewer.review.commands.datasets import AddDataset
>>> from viewer.review.commands.edits import ChangeClass
>>> from viewer.review.commands.versions import RestoreVersion, SaveVersion
>>> from viewer.review.edits.reading import edit_of
>>> folder = TemporaryDirectory()
>>> workspace = Workspace.create(Path(folder.name) / "street.sightline", Reviewer("ann"))
>>> street, first = new_id(), new_id()
>>> entry = workspace.run(AddDataset(street, "street", "/data/street", "native"))
>>> truck = Subject.label(street, "street_0007", "000042", "gt", "18")
>>> entry = workspace.run(ChangeClass(truck, "truck"))
>>> entry = workspace.run(SaveVersion(first, "first round", street, "gt"))
>>> entry = workspace.run(ChangeClass(truck, "bus"))
>>> print(workspace.run(RestoreVersion(first, "first round")).text)
Restore version “first round”
>>> edit_of(workspace.reading, truck).class_name
'truck'
>>> workspace.close()
>>> folder.cleanup()

`compare` lays two label sets of opened datasets beside each other: versions, the labels as edited
now, deliveries. `diff_labels` does it for tables of labels, without any file.
"""
