"""Who reviews: a local name, no account."""

import getpass
from dataclasses import dataclass

MAX_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person by the name that stands beside their decisions.

    Raises
    ------
    ValueError
        When the name is empty, too long or no single line.
    """

    name: str
    email: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or self.name != self.name.strip():
            raise ValueError("a reviewer needs a name without blanks around it")
        if len(self.name) > MAX_NAME_LENGTH or not self.name.isprintable():
            raise ValueError(f"a reviewer's name is one line of at most {MAX_NAME_LENGTH} letters")


def local_reviewer() -> Reviewer:
    """Return the name under which this person is logged in."""
    try:
        return Reviewer(getpass.getuser())
    except (OSError, KeyError, ValueError):
        return Reviewer("reviewer")
