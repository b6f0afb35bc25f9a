"""Named, saved sets of scenes, frames, tracks or labels, with how they were made.

Make slices, combine them, and ask who is in them:

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from viewer.review import Reviewer, Subject, Workspace, new_id
>>> from viewer.review.commands.slices import CombineSlices, CreateSlice
>>> from viewer.review.slices.algebra import Operation
>>> from viewer.review.slices.members import Members
>>> from viewer.review.slices.provenance import by_query
>>> from viewer.review.slices.reading import member_subjects, slices
>>> folder = TemporaryDirectory()
>>> workspace = Workspace.create(Path(folder.name) / "street.sightline", Reviewer("ann"))
>>> frames = [Subject.frame("d", "street_0007", f"{number:06}") for number in range(4)]
>>> night, rain = new_id(), new_id()
>>> entry = workspace.run(CreateSlice(night, "night", Members.of(frames[:3]), by_query("lux < 3")))
>>> entry = workspace.run(CreateSlice(rain, "rain", Members.of(frames[2:])))
>>> dry = new_id()
>>> entry = workspace.run(CombineSlices(dry, "dry night", Operation.DIFFERENCE, (night, rain)))
>>> for each in slices(workspace.reading):
...     print(f"{each.name}: {each.count}, {each.origin}")
dry night: 2, night − rain
night: 3, query lux < 3
rain: 2, by hand
>>> [subject.frame_key for subject in member_subjects(workspace.reading, dry)]
['000000', '000001']
>>> workspace.close()
>>> folder.cleanup()

`exchange.slice_lists` and `exchange.slice_tags` write and read them as files.
"""
