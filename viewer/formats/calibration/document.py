"""Parses a calibration file of any shape into plain values: JSON, YAML or text."""

from collections.abc import Hashable
from pathlib import Path

import msgspec
import yaml

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import MAX_CALIBRATION_BYTES
from viewer.formats.text_file import read_text

YAML_SUFFIXES = (".yaml", ".yml")
MAX_YAML_BYTES = 1024 * 1024


class _Loader(yaml.SafeLoader):
    """Plain values only; aliases, which can grow without bound, are refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not used in calibration files")
        return super().compose_node(parent, index)


def _opencv_matrix(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, object]:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:opencv-matrix", _opencv_matrix)


def load_document(path: Path) -> object:
    """Return nested dicts, lists, numbers and text; other text files come as one string."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _load_json(path)
    if suffix in YAML_SUFFIXES:
        return _load_yaml(path)
    return read_text(path, max_bytes=MAX_YAML_BYTES)


def _load_json(path: Path) -> object:
    text = read_text(path, max_bytes=MAX_CALIBRATION_BYTES)
    try:
        document: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DamagedData(path, "", f"is not valid JSON: {error}") from None
    return document


def _load_yaml(path: Path) -> object:
    text = read_text(path, max_bytes=MAX_YAML_BYTES)
    lines = text.splitlines()
    if lines and lines[0].startswith("%YAML"):
        # OpenCV writes "%YAML:1.0", which no YAML parser takes.
        lines[0] = ""
    if len(lines) > 1 and lines[1].strip() == "---":
        lines[1] = ""
    try:
        document: object = yaml.load("\n".join(lines), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise DamagedData(path, line, f"is not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise DamagedData(path, "", f"is not valid YAML: {error}") from None
    return document
