"""Columns of a pickled pandas DataFrame, read from the pickle's tree; nothing in it is run.

Known are the forms of pandas 0.14 to 2: a frame's blocks of numpy arrays, in both ways a block is
written, with numpy arrays in memory order C and F, of numbers, flags or texts.
"""

import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.pandaset.pickle_tree import Call, Name, PickleProblem, read_tree
from viewer.formats.text_file import read_bytes

MAX_BYTES = 512 * 1024 * 1024
"""Of a table, unpacked."""
Columns = dict[str, npt.NDArray[Any]]
_PLAIN = re.compile(r"[<>|=]?[fiub][1248]")
_GZIP = b"\x1f\x8b"


def read_data_frame(path: Path) -> Columns:
    """Return the columns of a ``.pkl`` or ``.pkl.gz`` by name; texts are an array of objects.

    Raises
    ------
    DamagedData
        When the file is no pickled DataFrame of plain columns.
    """
    data = read_bytes(path, max_bytes=MAX_BYTES)
    if data[:2] == _GZIP:
        data = _unpacked(data, path)
    try:
        frame = _object(read_tree(data), "DataFrame")
        state = frame.state if isinstance(frame.state, dict) else {}
        return _columns(state.get("_mgr", state.get("_data")))
    except (PickleProblem, ValueError, TypeError, IndexError, KeyError, OverflowError) as error:
        told = str(error) if isinstance(error, PickleProblem) else f"({type(error).__name__})"
        raise DamagedData(
            path, "", f"holds no table that can be read without running code: {told}"
        ) from None


def _unpacked(data: bytes, path: Path) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise DamagedData(path, "", f"cannot be unpacked ({error})") from None
    if not unpacker.eof:
        problem = "is cut off" if not unpacker.unconsumed_tail else f"is larger than {MAX_BYTES}"
        raise DamagedData(path, "", f"{problem}, unpacked")
    return unpacked


def _object(node: object, name: str) -> Call:
    """Return a node that makes an object of a class, whatever module it comes from."""
    if isinstance(node, Call):
        made = node.function
        if isinstance(made, Name) and made.name in ("_reconstructor", "__newobj__"):
            made = _tuple(node.arguments)[0]
        if isinstance(made, Name) and made.name == name:
            return node
    raise PickleProblem(f"holds no {name} where one should be")


def _columns(manager: object) -> Columns:
    node = _object(manager, "BlockManager")
    state = node.state
    if isinstance(state, tuple) and len(state) >= 4 and isinstance(state[3], dict):
        inner = state[3].get("0.14.1")
        if not isinstance(inner, dict):
            raise PickleProblem("has blocks of an unknown form")
        axes, blocks = (
            inner["axes"],
            [(each["values"], each["mgr_locs"]) for each in inner["blocks"]],
        )
    else:
        made, axes = _tuple(node.arguments)[:2]
        blocks = [_tuple(_function(each, "_unpickle_block").arguments)[:2] for each in made]
    names = _texts(_index(axes[0]))
    row_count = _length(axes[1])
    columns: list[npt.NDArray[Any] | None] = [None] * len(names)
    for values, places in blocks:
        block = _array(values)
        if block.ndim != 2 or block.shape[1] != row_count:
            raise PickleProblem("has a block of another size than its rows")
        for row, place in enumerate(_places(places, len(names))):
            columns[place] = np.ascontiguousarray(block[row])
    return {name: column for name, column in zip(names, columns, strict=True) if column is not None}


def _function(node: object, name: str) -> Call:
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name == name:
        return node
    raise PickleProblem(f"holds no {name} where one should be")


def _tuple(node: object) -> tuple[Any, ...]:
    if not isinstance(node, tuple):
        raise PickleProblem("has arguments that are no tuple")
    return node


def _index(node: object) -> npt.NDArray[Any]:
    arguments = _tuple(_function(node, "_new_Index").arguments)
    return _array(arguments[1]["data"])


def _length(node: object) -> int:
    """Count of rows, from the index of whatever kind."""
    facts = _tuple(_function(node, "_new_Index").arguments)[1]
    if "data" in facts:
        return len(_array(facts["data"]))
    return len(range(int(facts["start"]), int(facts["stop"]), int(facts["step"])))


def _texts(array: npt.NDArray[Any]) -> list[str]:
    names: list[str] = array.tolist()
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise PickleProblem("has columns without a name of their own")
    return names


def _places(node: object, count: int) -> list[int]:
    """Columns of a block: a slice or an array."""
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name == "slice":
        places = list(range(count))[slice(*_tuple(node.arguments))]
    else:
        places = [int(place) for place in _array(node).tolist()]
    if any(not 0 <= place < count for place in places):
        raise PickleProblem("has a block of columns that do not exist")
    return places


def _array(node: object) -> npt.NDArray[Any]:
    if not isinstance(node, Call) or not isinstance(node.function, Name):
        raise PickleProblem("has a column that is no plain array")
    if node.function.name == "_frombuffer":
        data, dtype, shape, order = _tuple(node.arguments)
        return _filled(data, _dtype(dtype), shape, order == "F")
    if node.function.name != "_reconstruct":
        raise PickleProblem(f"has a column of the kind {node.function.name}")
    _, shape, dtype, is_fortran, data = _tuple(node.state)
    return _filled(data, _dtype(dtype), shape, bool(is_fortran))


def _dtype(node: object) -> np.dtype[Any]:
    call = _function(node, "dtype")
    text = _tuple(call.arguments)[0]
    order = _tuple(call.state)[1] if call.state is not None else "<"
    if text in ("O", "O8"):
        return np.dtype(object)
    if not isinstance(text, str) or not _PLAIN.fullmatch(text):
        raise PickleProblem(f"has a column of {str(text)[:20]!r}")
    return np.dtype(text).newbyteorder(">" if order == ">" else "<")


def _bytes(data: object) -> object:
    """Return bytes as protocol 2 writes them: a text of code points below 256, to be encoded."""
    if isinstance(data, Call) and isinstance(data.function, Name):
        arguments = _tuple(data.arguments)
        name = data.function.name
        if name == "encode":
            data = arguments[0]
        elif name == "bytes" and not arguments:
            data = b""
    return data.encode("latin-1") if isinstance(data, str) else data


def _filled(
    data: object, dtype: np.dtype[Any], shape: object, is_fortran: bool
) -> npt.NDArray[Any]:
    sizes = [int(size) for size in _tuple(shape)]
    if len(sizes) not in (1, 2) or min(sizes) < 0:
        raise PickleProblem(f"has an array of {len(sizes)} dimensions")
    count = sizes[0] * (sizes[1] if len(sizes) == 2 else 1)
    if dtype.kind == "O":
        if not isinstance(data, list) or len(data) != count:
            raise PickleProblem("has an array of another size than its shape")
        array = np.empty(count, dtype=object)
        array[:] = [each if isinstance(each, str | int | float) else None for each in data]
    else:
        data = _bytes(data)
        if not isinstance(data, bytes | bytearray) or len(data) != count * dtype.itemsize:
            raise PickleProblem("has an array of another size than its shape")
        array = np.frombuffer(bytes(data), dtype)
    return array.reshape(sizes, order="F" if is_fortran else "C")
