"""What the page of a review says; everything is text, numbers and pictures already."""

from dataclasses import dataclass

from viewer.reports.charts import Part
from viewer.reports.pictures import ReportPicture


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with the meaning of its colours."""

    title: str
    svg: str
    key: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_number: tuple[bool, ...]
    """By column, whether it is set to the right."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of an issue."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CommentText:
    """What someone wrote."""

    author: str
    time_ns: int
    text: str
    is_edited: bool


@dataclass(frozen=True, slots=True)
class IssueSection:
    """One issue."""

    anchor: str
    title: str
    state: str
    facts: tuple[Fact, ...]
    text: str
    elements: tuple[str, ...]
    pictures: tuple[ReportPicture, ...]
    comments: tuple[CommentText, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything on the page, in the order of reading."""

    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    issues: tuple[IssueSection, ...]
