"""Classes and their colours: the dataset's own, else a colour-blind-safe set."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

Rgb = tuple[int, int, int]

# Okabe and Ito (2008), reordered so that the first classes differ most on a dark ground, then
# the same hues lighter and darker.
_HUES: tuple[Rgb, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (70, 130, 220),
)


def _towards(colour: Rgb, target: int, amount: float) -> Rgb:
    red, green, blue = (round(part + (target - part) * amount) for part in colour)
    return red, green, blue


PALETTE: tuple[Rgb, ...] = (
    *_HUES,
    *(_towards(hue, 255, 0.45) for hue in _HUES),
    *(_towards(hue, 0, 0.3) for hue in _HUES),
)
UNKNOWN_COLOUR: Rgb = (154, 161, 171)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Named keypoints of a class, and the pairs of them that a bone joins."""

    keypoint_names: tuple[str, ...]
    bones: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class: its name and colour, and what else the dataset says of it."""

    name: str
    colour: Rgb
    class_id: int | None = None
    """The dataset's own number; None where classes have none."""
    prediction_colour: Rgb | None = None
    """Colour of predictions; None where it is the labels' own."""
    train_name: str | None = None
    """The class that models train on and evaluation counts; None where it is `name`."""
    ignored: bool = False
    """True where evaluation leaves the class out."""
    parent: str | None = None
    """Name of the class above it."""
    skeleton: Skeleton | None = None


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Classes in order; a class outside the map is grey."""

    entries: tuple[ClassEntry, ...] = ()
    _by_name: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {entry.name: index for index, entry in enumerate(self.entries)}
        object.__setattr__(self, "_by_name", by_name)

    @classmethod
    def from_names(
        cls,
        names: Iterable[str],
        colours: Mapping[str, Rgb] | None = None,
        ignored: Collection[str] = (),
    ) -> "ClassMap":
        """Give each name, in order, its own colour or the next of the palette.

        Examples
        --------
        >>> ClassMap.from_names(["car", "tree"], {"tree": (1, 2, 3)}).colour("tree")
        (1, 2, 3)
        """
        own = colours or {}
        unique = list(dict.fromkeys(names))
        return cls(
            tuple(
                ClassEntry(
                    name, own.get(name, PALETTE[index % len(PALETTE)]), ignored=name in ignored
                )
                for index, name in enumerate(unique)
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in order."""
        return tuple(entry.name for entry in self.entries)

    @property
    def ignored_names(self) -> frozenset[str]:
        """Names of the classes that evaluation leaves out."""
        return frozenset(entry.name for entry in self.entries if entry.ignored)

    def index(self, name: str) -> int:
        """Position of a class, -1 when it is not in the map."""
        return self._by_name.get(name, -1)

    def entry(self, name: str) -> ClassEntry | None:
        """Return what is known of a class, None when it is not in the map."""
        index = self._by_name.get(name, -1)
        return self.entries[index] if index >= 0 else None

    def colour(self, name: str, *, predicted: bool = False) -> Rgb:
        """Colour of a class's labels or predictions, grey when it is not in the map."""
        entry = self.entry(name)
        if entry is None:
            return UNKNOWN_COLOUR
        return (entry.prediction_colour or entry.colour) if predicted else entry.colour
