"""All payloads of one dataset, as its scenes share them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.formats.data_urls import DataPlaces
from viewer.formats.nucleus.item_metadata import metadata_types, note_unknown_types
from viewer.formats.nucleus.label_index import LabelIndex
from viewer.formats.nucleus.payload import Payload
from viewer.formats.nucleus.scene_items import SceneItems, items_of
from viewer.formats.nucleus.schema import SliceRecord, Taxonomy
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap
from viewer.scene.metadata import MetadataType
from viewer.scene.scene import Problem


@dataclass(eq=False, slots=True)
class NucleusSource:
    """What the files of a dataset hold."""

    root: Path
    payloads: Sequence[Payload] = ()
    problems: ProblemLog = field(default_factory=ProblemLog)
    """Of what is read when a frame is asked for."""
    index_problems: ProblemLog = field(default_factory=ProblemLog)
    """Of scenes and annotations, found while they are indexed."""
    path_map: PathMap = NO_MAP
    scenes: list[SceneItems] = field(default_factory=list)
    labels: list[LabelIndex] = field(default_factory=list)
    item_numbers: dict[str, str] | None = None
    """Reference ids by the platform's own number of an item; None until they are asked for."""
    taxonomies: dict[str, Taxonomy] = field(default_factory=dict)
    slices: dict[str, SliceRecord] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    metadata_types: dict[str, MetadataType] = field(default_factory=dict)

    @property
    def places(self) -> DataPlaces:
        """Where the files lie that the payloads name."""
        return DataPlaces(self.root, self.path_map)

    def id_of_item(self, number: str) -> str:
        """Return the reference id of an item by the platform's own number of it."""
        if self.item_numbers is None:
            pairs = [item for _, item in items_of(self.scenes)]
            pairs += [source.item for payload in self.payloads for source in payload.items]
            self.item_numbers = {
                item.dataset_item_id: item.item_id for item in pairs if item.dataset_item_id
            }
        return self.item_numbers.get(number, number)

    def all_problems(self) -> tuple[Problem, ...]:
        """Everything that was found wrong so far."""
        found = (*self.index_problems.snapshot(), *self.problems.snapshot())
        return tuple(dict.fromkeys(found))

    def class_map(self) -> ClassMap:
        """Classes of the labels, then labels of taxonomies that none of them is."""
        names = sorted({name for index in self.labels for name in index.class_names})
        own = {name: taxonomy for taxonomy, each in self.taxonomies.items() for name in each.labels}
        entries = [
            ClassEntry(name, PALETTE[number % len(PALETTE)], parent=own.get(name))
            for number, name in enumerate(dict.fromkeys([*names, *own]))
        ]
        return ClassMap(tuple(entries))

    def slices_of(self, item_ids: Sequence[str]) -> list[str]:
        """Names of the slices that one of some items or scenes is in."""
        own = set(item_ids)
        return [
            name for name, each in self.slices.items() if not own.isdisjoint(each.reference_ids)
        ]


def read_facts(source: NucleusSource) -> None:
    """Collect taxonomies, slices and schemas; what breaks a rule is noted."""
    for payload in source.payloads:
        for taxonomy in payload.taxonomies:
            _add_taxonomy(source, taxonomy, payload.path)
        for each in payload.slices:
            name = str(each.name)
            if name in source.slices:
                problem = f"slice {name[:80]!r} is there already; the first is kept"
                source.index_problems.add(payload.path, "", problem)
            source.slices.setdefault(name, each)
        record = payload.dataset
        if record is not None:
            note_unknown_types(record.item_metadata_schema, payload.path, source.index_problems)
            source.metadata_types |= metadata_types(record.item_metadata_schema)
            for key, value in (("dataset_id", record.dataset_id), ("name", record.name)):
                if value:
                    source.metadata[key] = value
            if record.annotation_metadata_schema:
                source.metadata["annotation_metadata_schema"] = {
                    key: field.type for key, field in record.annotation_metadata_schema.items()
                }
    if source.slices:
        source.metadata["slices"] = {
            name: list(each.reference_ids) for name, each in source.slices.items()
        }
    if source.taxonomies:
        source.metadata["taxonomies"] = {
            name: list(each.labels) for name, each in source.taxonomies.items()
        }


def _add_taxonomy(source: NucleusSource, taxonomy: Taxonomy, path: Path) -> None:
    name = taxonomy.taxonomy_name
    if taxonomy.type not in (None, "category"):
        problem = f"taxonomy {name[:80]!r} has type {str(taxonomy.type)[:40]!r}, not 'category'"
        source.index_problems.add(path, "", problem)
    before = source.taxonomies.get(name)
    if before is None:
        source.taxonomies[name] = taxonomy
        return
    became = "its new labels are added" if taxonomy.update else "it is ignored"
    source.index_problems.add(path, "", f"taxonomy {name[:80]!r} is there already; {became}")
    if taxonomy.update:
        before.labels = list(dict.fromkeys([*before.labels, *taxonomy.labels]))
