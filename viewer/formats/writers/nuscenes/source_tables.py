"""Small tables of a source that is nuScenes itself: their rows are kept as they are."""

from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import as_delivered
from viewer.formats.json_rows import JsonFile, read_rows
from viewer.formats.nuscenes.format import LOG_FACTS
from viewer.formats.nuscenes.reader import NuScenesReader
from viewer.formats.problem_log import ProblemLog
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.annotations import Tokens
from viewer.formats.writers.nuscenes.table_rows import Row, TableRows
from viewer.scene.scene import Scene

KEPT = {
    "log": LOG_FACTS,
    "sensor": ("channel", "modality"),
    "category": ("name", "description"),
    "attribute": ("name", "description"),
    "visibility": ("level", "description"),
}
"""Keys that a row of each table must have; where the source lacks one it becomes empty."""
_NAMES = {"category": "name", "attribute": "name", "visibility": "level", "sensor": "channel"}
_NOT_WRITTEN = ("map", "object_ann", "surface_ann", "vehicle_state", "keypoint")


def add_source_rows(scene: Scene, tables: TableRows, losses: LossLog) -> Tokens:
    """Add the source's rows; return the tokens that they give to names."""
    reader = as_delivered(scene.reader)
    if not isinstance(reader, NuScenesReader):
        return {}
    folder = reader.tables.folder
    for name in _NOT_WRITTEN:
        if (folder / f"{name}.json").is_file():
            losses.add("table", f"{folder.name}/{name}.json", "is neither read nor written")
    tokens: dict[tuple[str, str], str] = {}
    for table, keys in KEPT.items():
        path = folder / f"{table}.json"
        if not path.is_file():
            continue
        try:
            # Rows that do not fit were told of when the tables were opened.
            for _, _, row in read_rows(JsonFile(path), dict[str, object], ProblemLog()):
                _add(table, row, keys, tables, tokens)
        except DamagedData as damage:
            losses.add_unreadable(damage.as_problem())
    return tokens


def _add(
    table: str,
    row: Row,
    keys: tuple[str, ...],
    tables: TableRows,
    tokens: dict[tuple[str, str], str],
) -> None:
    token = row.get("token")
    if not isinstance(token, str) or not token:
        return
    tables.add(table, {**dict.fromkeys(("token", *keys), ""), **row})
    name = row.get(_NAMES.get(table, ""))
    if isinstance(name, str):
        tokens.setdefault((table, name), token)
