"""XML with places: elements know where they stand in the text, so that parts of it can change."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape


def written_text(text: str) -> str:
    """Escape a text, without the signs that XML cannot hold."""
    kept = (mark if mark >= " " or mark in "\t\n" else "�" for mark in text)
    return escape("".join("�" if mark in "\ufffe\uffff" else mark for mark in kept))


@dataclass(eq=False, slots=True)
class PlacedElement:
    """One element; numbers are bytes of the document."""

    tag: str
    start: int
    attributes: dict[str, str] = field(default_factory=dict)
    inner_start: int = 0
    inner_end: int = 0
    end: int = 0
    text: str = ""
    """Text before the first element in it."""
    children: "list[PlacedElement]" = field(default_factory=list)

    def find(self, tag: str) -> "PlacedElement | None":
        """Return the first child of a tag."""
        return next(self.all(tag), None)

    def all(self, tag: str) -> "Iterator[PlacedElement]":
        """Yield the children of a tag."""
        return (each for each in self.children if each.tag == tag)


class PlacedXml:
    """A document whose encoding writes ASCII as ASCII, and changes to it.

    Parameters
    ----------
    data
        The document; it is valid and has no entities of its own.

    Raises
    ------
    ValueError
        For an encoding in which places cannot be told.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._encoding = "utf-8"
        self._splices: list[tuple[int, int, bytes]] = []
        self._open: list[PlacedElement] = []
        self._waiting: PlacedElement | None = None
        self.root = PlacedElement("", 0)
        if b"\0" in data[:4]:
            raise ValueError("is in an encoding of more than one byte a sign")
        parser = expat.ParserCreate()
        parser.buffer_text = False
        parser.XmlDeclHandler = self._declare
        parser.StartElementHandler = lambda tag, own: self._begin(tag, own, parser.CurrentByteIndex)
        parser.EndElementHandler = lambda _: self._finish(parser.CurrentByteIndex)
        parser.CharacterDataHandler = lambda text: self._say(text)
        parser.Parse(data, True)

    def set_text(self, element: PlacedElement, text: str) -> None:
        """Give an element another text in place of all that is in it."""
        content = self._escaped(text)
        if not self._is_closed(element):
            self._splices.append((element.inner_start, element.inner_end, content))
        else:
            tag = element.tag.encode(self._encoding)
            new = b"<" + tag + b">" + content + b"</" + tag + b">"
            self._splices.append((element.start, element.end, new))

    def replace(self, element: PlacedElement, markup: str) -> None:
        """Put markup in the place of an element."""
        new = markup.encode(self._encoding, "xmlcharrefreplace")
        self._splices.append((element.start, element.end, new))

    def remove(self, element: PlacedElement) -> None:
        """Take an element out, with the blanks before it."""
        start = element.start
        while start > 0 and self._data[start - 1 : start] in (b" ", b"\t", b"\n", b"\r"):
            start -= 1
        self._splices.append((start, element.end, b""))

    def insert_after(self, element: PlacedElement, markup: str) -> None:
        """Put markup after an element, in a line of its own where the element stands in one."""
        line = self._data.rfind(b"\n", 0, element.start)
        lead = self._data[line : element.start] if line >= 0 else b""
        lead = lead if not lead.strip() else b""
        new = lead + markup.encode(self._encoding, "xmlcharrefreplace")
        self._splices.append((element.end, element.end, new))

    def changed(self) -> bytes:
        """Return the document with all changes."""
        data = self._data
        order = sorted(enumerate(self._splices), key=lambda each: (each[1][0], each[0]))
        for _, (start, end, new) in reversed(order):
            data = data[:start] + new + data[end:]
        return data

    def _escaped(self, text: str) -> bytes:
        return written_text(text).encode(self._encoding, "xmlcharrefreplace")

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = encoding or "utf-8"

    def _begin(self, tag: str, own: dict[str, str], at: int) -> None:
        element = PlacedElement(tag, at, own, self._tag_end(at))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _finish(self, at: int) -> None:
        element = self._open.pop()
        if self._is_closed(element):
            element.inner_end = element.end = element.inner_start
        else:
            element.inner_end = at
            element.end = self._data.index(b">", at) + 1

    def _is_closed(self, element: PlacedElement) -> bool:
        """Say whether an element is written ``<tag/>``."""
        return self._data[element.inner_start - 2 : element.inner_start] == b"/>"

    def _say(self, text: str) -> None:
        if self._open and not self._open[-1].children:
            self._open[-1].text += text

    def _tag_end(self, at: int) -> int:
        quote: Any = None
        for place in range(at, len(self._data)):
            sign = self._data[place : place + 1]
            if quote is None and sign == b">":
                return place + 1
            if sign in (b'"', b"'"):
                quote = None if sign == quote else quote or sign
        return len(self._data)
