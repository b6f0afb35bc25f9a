"""Lines of YOLO label files with changes: class and box in their words, all else as it stands."""

import codecs
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from viewer.formats.edited_reader import EditedReader
from viewer.formats.images import image_size
from viewer.formats.label_changes import LabelChange
from viewer.formats.text_file import read_bytes, read_text
from viewer.formats.writers.edited_files import changes_of, note_unwritten
from viewer.formats.writers.losses import LossLog
from viewer.formats.yolo.data_file import MAX_YAML_BYTES, DataFile
from viewer.formats.yolo.format import class_list_of
from viewer.formats.yolo.reader import YoloReader
from viewer.scene.scene import Scene

TITLE = "YOLO"
_PLAIN = re.compile(r"[A-Za-z][\w -]*\w|[A-Za-z]")
_WORD = re.compile(r"\S+")


def edited_lines(scenes: Sequence[Scene], losses: LossLog) -> dict[Path, bytes] | None:
    """Return the files that change; None where a change is none of lines and class names."""
    files: dict[Path, bytes] = {}
    added: dict[str, int] = {}
    data: DataFile | None = None
    root = Path()
    for scene in scenes:
        edited = scene.reader
        if not isinstance(edited, EditedReader):
            continue
        reader = edited.base
        assert isinstance(reader, YoloReader)
        data, root = reader.data, reader.root
        classes = {name: number for number, name in reversed([*data.names.items()])} | added
        for index, image in enumerate(reader.images):
            for label_set in scene.label_sets:
                changes = changes_of(edited, index, label_set.label_set_id)
                if not changes:
                    continue
                if image.class_name is not None or image.label_path is None:
                    return None
                for name in _new_classes(changes, classes):
                    if not data.names:
                        return None
                    added[name] = classes[name] = max(classes.values()) + 1
                where = f"{scene.scene_id}/{label_set.label_set_id}"
                own = _edited(image.label_path, image.path, changes, classes, where, losses)
                files[image.label_path] = own
    if added and data is not None:
        named = _with_classes(data, root, added)
        if named is None:
            return None
        files |= named
    return files


def _new_classes(changes: Mapping[str, LabelChange], classes: Mapping[str, int]) -> list[str]:
    named = {each.class_name for each in changes.values() if each.class_name is not None}
    return sorted(name for name in named if name not in classes)


def _edited(
    path: Path,
    image: Path,
    changes: Mapping[str, LabelChange],
    classes: Mapping[str, int],
    where: str,
    losses: LossLog,
) -> bytes:
    kept = []
    for number, line in enumerate(read_text(path).splitlines(keepends=True)):
        change = changes.get(str(number))
        if change is None:
            kept.append(line)
        elif not change.is_deleted:
            note_unwritten(change, where, TITLE, losses)
            kept.append(_changed(line, change, image, classes))
    has_mark = read_bytes(path).startswith(codecs.BOM_UTF8)
    return (codecs.BOM_UTF8 if has_mark else b"") + "".join(kept).encode()


def _changed(line: str, change: LabelChange, image: Path, classes: Mapping[str, int]) -> str:
    words: dict[int, str] = {}
    if change.class_name is not None:
        words[0] = str(classes[change.class_name])
    if change.box_px is not None:
        width, height = image_size(image)
        left, top, right, bottom = change.box_px
        shares = ((left + right) / 2 / width, (top + bottom) / 2 / height,
                  (right - left) / width, (bottom - top) / height)  # fmt: skip
        words |= {place: repr(share) for place, share in enumerate(shares, 1)}
    places = list(_WORD.finditer(line))
    for place in sorted(words, reverse=True):
        start, end = places[place].span()
        line = line[:start] + words[place] + line[end:]
    return line


def _with_classes(data: DataFile, root: Path, added: Mapping[str, int]) -> dict[Path, bytes] | None:
    """Return the file that names the classes, with more of them."""
    if data.path is not None:
        text = _more_in_yaml(read_text(data.path, max_bytes=MAX_YAML_BYTES), added)
        return None if text is None else {data.path: text.encode()}
    path = class_list_of(root)
    if path is None:
        return None
    listed = read_text(path)
    ends = "" if not listed or listed.endswith("\n") else "\n"
    return {path: (listed + ends + "".join(f"{name}\n" for name in added)).encode()}


def _more_in_yaml(text: str, added: Mapping[str, int]) -> str | None:
    """Add class names to the text of a ``data.yaml``, and their count; comments stay."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(document, yaml.MappingNode):
        return None
    nodes = {key.value: value for key, value in document.value}
    names, count = nodes.get("names"), nodes.get("nc")
    splices = []
    if isinstance(names, yaml.SequenceNode | yaml.MappingNode) and names.value:
        mapped = isinstance(names, yaml.MappingNode)
        items = [f"{number}: {_quoted(name)}" if mapped else _quoted(name)
                 for name, number in added.items()]  # fmt: skip
        end = (names.value[-1][1] if mapped else names.value[-1]).end_mark.index
        if names.flow_style:
            more = "".join(f", {item}" for item in items)
        else:
            line_end = text.find("\n", end)
            end = len(text) if line_end < 0 else line_end
            lead = "\n" + " " * names.start_mark.column + ("" if mapped else "- ")
            more = "".join(lead + item for item in items)
        splices.append((end, end, more))
    else:
        return None
    if isinstance(count, yaml.ScalarNode) and count.value.isdigit():
        total = str(int(count.value) + len(added))
        splices.append((count.start_mark.index, count.end_mark.index, total))
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and yaml.safe_load(name) == name:
        return name
    quoted: str = yaml.safe_dump(name, default_style='"', allow_unicode=True, width=1_000_000)
    return quoted.strip()
