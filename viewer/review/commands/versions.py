"""Saving, forking, restoring and deleting versions of a label set."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.datasets.relink import last_delivery
from viewer.review.edits.entities import LABEL_EDITS
from viewer.review.edits.model import LabelEdit
from viewer.review.edits.reading import edits
from viewer.review.entity import Row
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.slices.entities import SLICES
from viewer.review.slices.reading import member_subjects
from viewer.review.subject import Subject, SubjectKind
from viewer.review.tags.entities import TAGS
from viewer.review.versions.choice import LabelChoice
from viewer.review.versions.entities import VERSION_SCENES, VERSIONS
from viewer.review.versions.fork import fork_keeps, fork_scenes
from viewer.review.versions.model import (
    ForkChoices,
    SceneVersion,
    TagNames,
    Version,
    VersionKeeps,
    edit_to_json,
    tag_names,
    tagged_subject,
)
from viewer.review.versions.reading import edited_scenes, version_by_id

LabelNames = tuple[str, str, str]
"""Scene, frame and label id."""


@dataclass(frozen=True, slots=True)
class SaveVersion:
    """Keep how a label set is now, with everyone's edits and the tags, under a name.

    What is as delivered is not stored again; the newest known delivery is noted with the version.
    """

    version_id: str
    name: str
    dataset_id: str
    label_set_id: str
    classes: tuple[str, ...] = ()
    """Names of the class map."""
    parent: str | None = None
    """Id of the version that this one goes on from."""

    kind: ClassVar[str] = "save_version"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Save version “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the version, and a row for each scene with edits."""
        if self.parent is not None:
            _require_version(ledger, self.parent)
        scenes: dict[str, dict[str, dict[str, LabelEdit]]] = defaultdict(lambda: defaultdict(dict))
        for subject, edit in _edits(ledger, self.dataset_id, self.label_set_id):
            scenes[str(subject.scene_id)][str(subject.frame_key)][edit.label_id] = edit
        version = Version(
            self.version_id, self.name, self.dataset_id, self.label_set_id, self.parent,
            last_delivery(ledger, self.dataset_id) or "", VersionKeeps(), self.classes,
            _tags(ledger, self.dataset_id, self.label_set_id), ledger.now_ns, ledger.reviewer.name,
        )  # fmt: skip
        found = (SceneVersion(scene_id, held) for scene_id, held in scenes.items())
        yield from _version_changes(ledger, version, found)


@dataclass(frozen=True, slots=True)
class ForkVersion:
    """Make a new version from another one, with what is chosen of it."""

    version_id: str
    name: str
    parent: str
    choices: ForkChoices = field(default_factory=ForkChoices)

    kind: ClassVar[str] = "fork_version"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Fork version “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the version and its scenes."""
        before, choices = _require_version(ledger, self.parent), self.choices
        if choices.slice_id is not None and ledger.row(SLICES, choices.slice_id) is None:
            raise CommandRefused("this slice is gone")
        classes = before.classes if choices.with_classes else ()
        if choices.classes is not None:
            classes = tuple(name for name in classes if name in choices.classes)
        tags = {
            tag: carriers
            for tag, carriers in before.tags.items()
            if choices.with_tags and (choices.tags is None or tag in choices.tags)
        }
        version = Version(
            self.version_id, self.name, before.dataset_id, before.label_set_id, self.parent,
            before.fingerprint, fork_keeps(before, choices), classes, tags,
            ledger.now_ns, ledger.reviewer.name,
        )  # fmt: skip
        scenes: list[SceneVersion] = []
        if version.keeps.labels:
            of_slice = choices.slice_id
            members = None if of_slice is None else member_subjects(ledger, of_slice)
            scenes = fork_scenes(before, edited_scenes(ledger, self.parent), members)
        yield from _version_changes(ledger, version, scenes)


@dataclass(frozen=True, slots=True)
class RenameVersion:
    """Give a version another name."""

    version_id: str
    name: str

    kind: ClassVar[str] = "rename_version"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Rename version to “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the name."""
        version = _require_version(ledger, self.version_id)
        name = checked_name(self.name)
        if name != version.name:
            _require_free_name(ledger, version, name)
        yield from ledger.update(VERSIONS, self.version_id, {"name": name})


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Delete a version; its forks stay, and hang below what was above it."""

    version_id: str
    name: str

    kind: ClassVar[str] = "delete_version"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Delete version “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the version and its scenes."""
        version = _require_version(ledger, self.version_id)
        for (fork,) in ledger.query(
            "SELECT key FROM versions WHERE parent = ?", (self.version_id,)
        ):
            yield from ledger.update(VERSIONS, fork, {"parent": version.parent})
        found = ledger.query(
            "SELECT key FROM version_scenes WHERE version_id = ?", (self.version_id,)
        )
        for (key,) in found:
            yield from ledger.delete(VERSION_SCENES, key)
        yield from ledger.delete(VERSIONS, self.version_id)


@dataclass(frozen=True, slots=True)
class RestoreVersion:
    """Make the labels of a version as they were in it: one step, which undo takes back whole.

    Edits made since go away, and those of the version come back; the journal tells them all. What
    a fork did not choose is no part of it: those labels stay as they are.
    """

    version_id: str
    name: str
    with_tags: bool = False
    """Make the dataset's tags as they were too."""

    kind: ClassVar[str] = "restore_version"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Restore version “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change, make and delete edits of labels."""
        version = _require_version(ledger, self.version_id)
        if not version.keeps.labels:
            raise CommandRefused(f"version “{version.name}” holds no labels")
        present: dict[LabelNames, LabelEdit] = {
            (str(subject.scene_id), str(subject.frame_key), edit.label_id): edit
            for subject, edit in _edits(ledger, version.dataset_id, version.label_set_id)
        }
        scenes = {scene.scene_id: scene for scene in edited_scenes(ledger, self.version_id)}
        wanted: dict[LabelNames, LabelEdit] = {
            (scene_id, frame_key, label_id): edit
            for scene_id, scene in scenes.items()
            for frame_key, by_label in scene.edits.items()
            for label_id, edit in by_label.items()
        }
        for names in sorted(present.keys() | wanted.keys()):
            now, then = present.get(names), wanted.get(names)
            if now == then or not _belongs(ledger, version, scenes, names, now, then):
                continue
            subject = _subject(version, *names)
            if then is None:
                yield from ledger.delete(LABEL_EDITS, subject.key)
            else:
                yield from ledger.put(LABEL_EDITS, _edit_row(ledger, subject, then))
        if self.with_tags:
            yield from _restore_tags(ledger, version)


def _belongs(
    ledger: Ledger,
    version: Version,
    scenes: Mapping[str, SceneVersion],
    names: LabelNames,
    now: LabelEdit | None,
    then: LabelEdit | None,
) -> bool:
    """Say whether a label that is or was edited is one of a version."""
    scene_id, frame_key, label_id = names
    scene = scenes.get(scene_id)
    if scene is None and not version.keeps.every_scene:
        return False
    keeps = () if scene is None else scene.keeps
    if version.keeps.classes is None and not keeps:
        return True
    bases = (edit.base_hash for edit in (then, now) if edit is not None)
    base = next((each for each in bases if each is not None), None)
    delivered = None if base is None else ledger.snapshot(base)
    choice = LabelChoice(version.keeps.classes, keeps, frame_key)
    return choice.has_edited(label_id, then, delivered)


def _require_version(ledger: Ledger, version_id: str) -> Version:
    found = version_by_id(ledger, version_id)
    if found is None:
        raise CommandRefused("this version is gone")
    return found


def _require_free_name(ledger: Ledger, version: Version, name: str) -> None:
    found = ledger.query(
        "SELECT 1 FROM versions WHERE name = ? AND dataset_id = ? AND label_set_id = ? LIMIT 1",
        (name, version.dataset_id, version.label_set_id),
    )
    if found:
        raise CommandRefused(f"there is a version “{name}” already")


def _version_changes(
    ledger: Ledger, version: Version, scenes: Iterable[SceneVersion]
) -> Iterator[Change]:
    name = checked_name(version.name)
    _require_free_name(ledger, version, name)
    row: Row = {column: getattr(version, column) for column in VERSIONS.columns}
    row |= {
        "name": name, "keeps": version.keeps.to_json(), "classes": list(version.classes),
        "tags": {tag: [list(each) for each in held] for tag, held in version.tags.items()},
    }  # fmt: skip
    yield ledger.create(VERSIONS, row, version.version_id)
    for scene in scenes:
        held = {
            frame: {label_id: edit_to_json(edit) for label_id, edit in by_label.items()}
            for frame, by_label in scene.edits.items()
        }
        keeps = [keep.to_json() for keep in scene.keeps]
        yield ledger.create(
            VERSION_SCENES,
            {
                "version_id": version.version_id, "scene_id": scene.scene_id, "edits": held,
                "keeps": keeps,
            },
        )  # fmt: skip


def _edits(
    ledger: Ledger, dataset_id: str, label_set_id: str
) -> Iterator[tuple[Subject, LabelEdit]]:
    for subject, edit in edits(ledger, dataset_id):
        if subject.label_set_id == label_set_id:
            yield subject, edit


def _subject(
    version: Version, scene_id: str | None, frame_key: str | None, label_id: str
) -> Subject:
    return Subject.label(
        version.dataset_id, str(scene_id), str(frame_key), version.label_set_id, label_id
    )


def _edit_row(ledger: Ledger, subject: Subject, edit: LabelEdit) -> Row:
    stored = edit_to_json(edit)
    row: Row = {name: stored.get(name) for name in LABEL_EDITS.columns}
    return row | {"subject": ledger.intern(subject), "base": edit.base_hash}


def _tagged(ledger: Ledger, dataset_id: str, label_set_id: str) -> Iterator[tuple[str, Subject]]:
    """Yield the tags on a dataset, its scenes and frames, and on one label set's labels."""
    found = ledger.query(
        "SELECT t.tag, s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        " s.track_id FROM tags t JOIN subjects s ON s.key = t.subject WHERE s.dataset_id = ?"
        " AND ifnull(s.label_set_id, ?) = ? ORDER BY 1, 2, 4, 5, 7, 8",
        (dataset_id, label_set_id, label_set_id),
    )
    for tag, kind, *names in found:
        yield tag, Subject(SubjectKind(kind), *names)


def _tags(ledger: Ledger, dataset_id: str, label_set_id: str) -> dict[str, tuple[TagNames, ...]]:
    found: dict[str, list[TagNames]] = defaultdict(list)
    for tag, subject in _tagged(ledger, dataset_id, label_set_id):
        found[tag].append(tag_names(subject))
    return {tag: tuple(carriers) for tag, carriers in found.items()}


def _restore_tags(ledger: Ledger, version: Version) -> Iterator[Change]:
    rows = [
        {
            "tag": tag, "subject": ledger.intern(tagged_subject(version.dataset_id, names)),
            "item_kind": None, "item_id": None,
        }
        for tag, carriers in version.tags.items()
        for names in carriers
    ]  # fmt: skip
    wanted = {TAGS.key_of(row) for row in rows}
    for tag, subject in _tagged(ledger, version.dataset_id, version.label_set_id):
        key = TAGS.key_of({"tag": tag, "subject": subject.key, "item_kind": None, "item_id": None})
        if key not in wanted:
            yield from ledger.delete(TAGS, key)
    for row in rows:
        yield from ledger.put(TAGS, row)
