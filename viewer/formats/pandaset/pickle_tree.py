"""The tree that a pickle describes, built without importing, calling or making anything it names.

A pickle is a program for a stack machine. Here its names stay names, its calls become `Call`
nodes and its states are kept beside them; whoever knows what should be there reads the tree. Only
the instructions that tables of pandas and numpy are written with are known (protocols 2 to 5, and
of 0 and 1 what these still use).
"""

import pickletools
from dataclasses import dataclass, field
from typing import Any

MAX_OPCODES = 20_000_000
_MARK = object()
_CONSTANTS = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (),
}  # fmt: skip
_VALUES = frozenset((
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8", "BYTEARRAY8", "SHORT_BINSTRING", "BINSTRING", "STRING",
))  # fmt: skip
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class PickleProblem(ValueError):
    """The pickle is cut off, or uses what no table needs."""


@dataclass(frozen=True, slots=True)
class Name:
    """Something that the pickle would import."""

    module: str
    name: str


@dataclass(eq=False, slots=True)
class Call:
    """Something that the pickle would call, and the state it would set on the outcome."""

    function: object
    arguments: object
    state: object = None
    items: list[Any] = field(default_factory=list)


def read_tree(data: bytes) -> object:
    """Return the tree of a pickle.

    Raises
    ------
    PickleProblem
        When it is damaged or uses an instruction that tables are not written with.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > MAX_OPCODES:
                raise PickleProblem(f"has more than {MAX_OPCODES} instructions")
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except PickleProblem:
        raise
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise PickleProblem(f"is damaged ({type(error).__name__})") from None
    raise PickleProblem("ends before its last instruction")


class _Machine:
    """The stack and the memo."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def pop(self) -> Any:  # noqa: ANN401
        """Take the uppermost value."""
        value = self._stack.pop()
        if value is _MARK:
            raise PickleProblem("is damaged (a mark stands where a value should)")
        return value

    def step(self, name: str, argument: Any) -> None:  # noqa: ANN401
        """Carry out one instruction."""
        if name in _VALUES:
            self._stack.append(argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self._memo[int(argument)] = self._stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            self._stack.append(self._memo[int(argument)])
        elif name in _TUPLES:
            values = [self.pop() for _ in range(_TUPLES[name])]
            self._stack.append(tuple(reversed(values)))
        elif name not in ("PROTO", "FRAME"):
            self._build(name, argument)

    def _build(self, name: str, argument: Any) -> None:  # noqa: ANN401
        if name == "MARK":
            self._stack.append(_MARK)
        elif name == "TUPLE":
            self._stack.append(tuple(self._since_mark()))
        elif name in ("EMPTY_LIST", "LIST"):
            self._stack.append(self._since_mark() if name == "LIST" else [])
        elif name in ("EMPTY_DICT", "DICT"):
            items = self._since_mark() if name == "DICT" else []
            self._stack.append(_pairs(items))
        elif name == "APPENDS":
            self._extend(self._since_mark())
        elif name == "APPEND":
            self._extend([self.pop()])
        elif name == "SETITEMS":
            self._update(self._since_mark())
        elif name == "SETITEM":
            value, key = self.pop(), self.pop()
            self._update([key, value])
        else:
            self._call(name, argument)

    def _call(self, name: str, argument: Any) -> None:  # noqa: ANN401
        if name == "GLOBAL":
            module, _, attribute = str(argument).partition(" ")
            self._stack.append(Name(module, attribute))
        elif name == "STACK_GLOBAL":
            attribute, module = self.pop(), self.pop()
            self._stack.append(Name(str(module), str(attribute)))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments, function = self.pop(), self.pop()
            self._stack.append(Call(function, arguments))
        elif name == "BUILD":
            state = self.pop()
            target = self._stack[-1]
            if not isinstance(target, Call):
                raise PickleProblem("sets the state of what is no object")
            target.state = state
        else:
            raise PickleProblem(f"uses the instruction {name}, which no table needs")

    def _since_mark(self) -> list[Any]:
        values: list[Any] = []
        while (value := self._stack.pop()) is not _MARK:
            values.append(value)
        values.reverse()
        return values

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Call):
            target.items.extend(values)
        elif isinstance(target, list):
            target.extend(values)
        else:
            raise PickleProblem("appends to what is no list")

    def _update(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict):
            raise PickleProblem("sets items of what is no dictionary")
        target.update(_pairs(items))


def _pairs(items: list[Any]) -> dict[Any, Any]:
    if any(not isinstance(key, str | int | float | tuple) for key in items[::2]):
        raise PickleProblem("has a key that is no text and no number")
    return dict(zip(items[::2], items[1::2], strict=True))
