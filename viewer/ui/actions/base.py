"""The contract of an action, and what an action may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from viewer.session.session import Session

if TYPE_CHECKING:
    from viewer.ui.compare.entry import CompareEntry
    from viewer.ui.findings.entry import FindingsEntry
    from viewer.ui.review.entry import ReviewEntry

MENUS = ("File", "Go", "View", "Layers", "Labels", "Cameras", "Review", "Compare", "Window", "Help")
"""Menus in order."""


class Shell(Protocol):
    """What the window offers to actions, beside the session."""

    def open_dataset_dialog(self, *, folder: bool) -> None:
        """Ask for a folder or file and open it."""
        ...

    def paste_path(self) -> None:
        """Open the path or link on the clipboard."""
        ...

    def clear_recent(self) -> None:
        """Forget the recent list."""
        ...

    def set_eye(self, preset: str) -> None:
        """Look from top, front, side, ego, behind or camera."""
        ...

    def frame_selection(self) -> None:
        """Bring the selected label, or the whole scene, into view."""
        ...

    def copy_picture(self, subject: str) -> None:
        """Put a picture of the 3d view, the camera or the window on the clipboard."""
        ...

    def save_picture(self, subject: str) -> None:
        """Write a picture of the 3d view, the camera or the window to a file."""
        ...

    def copy_link(self) -> None:
        """Put a link to this sight on the clipboard."""
        ...

    def toggle_measuring(self) -> None:
        """Start or end measuring."""
        ...

    @property
    def measuring(self) -> bool:
        """True while clicks measure."""
        ...

    def clear_measurements(self) -> None:
        """Remove what was measured."""
        ...

    def choose_colour_mode(self) -> None:
        """Show the menu of colour modes."""
        ...

    def step_back(self) -> None:
        """Leave the innermost thing: a popup, measuring, the large camera, the selection."""
        ...

    def show_palette(self, text: str = "") -> None:
        """Show the command palette."""
        ...

    def show_shortcuts(self) -> None:
        """Show all keys."""
        ...

    def show_about(self) -> None:
        """Show versions and the renderer."""
        ...

    def show_problems(self) -> None:
        """Show what is wrong with the data."""
        ...

    @property
    def review(self) -> "ReviewEntry":
        """The way into the review."""
        ...

    @property
    def compare(self) -> "CompareEntry":
        """The way into the comparison of label sets."""
        ...

    @property
    def findings(self) -> "FindingsEntry":
        """The way into what checks find."""
        ...

    def toggle_panel(self, name: str) -> None:
        """Show or hide a panel."""
        ...

    def show_panel(self, name: str) -> None:
        """Show a panel and give it the focus."""
        ...

    def panel_shown(self, name: str) -> bool:
        """Whether a panel is shown."""
        ...

    def show_layout(self, name: str) -> None:
        """Show one of the layouts."""
        ...

    def layout_shown(self, name: str) -> bool:
        """Whether a layout is the one shown."""
        ...

    def reset_layout(self) -> None:
        """Put every panel back to its place."""
        ...

    def toggle_full_screen(self) -> None:
        """Fill the screen, or leave it."""
        ...

    @property
    def full_screen(self) -> bool:
        """True while the window fills the screen."""
        ...

    def quit(self) -> None:
        """Close the window."""
        ...


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Handed to actions; the only things they may touch."""

    session: Session
    shell: Shell


def always(_context: ActionContext) -> bool:
    """Possible at any time."""
    return True


def with_scene(context: ActionContext) -> bool:
    """Possible while a scene is open."""
    return context.session.scene is not None


def with_selection(context: ActionContext) -> bool:
    """Possible while a label is selected."""
    return context.session.selection is not None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. A new one is a line in a file that `catalog.py` lists."""

    id: str
    """Stable, ``area.verb``; remapped keys are stored under it."""
    text: str
    """In menus and the palette; ends in an ellipsis when it asks something first."""
    menu: str
    """One of `MENUS`."""
    run: Callable[[ActionContext], None]
    shortcuts: tuple[str, ...] = ()
    """Default keys in Qt's portable form; ``Num+7`` is the 7 of the number block."""
    icon: str | None = None
    """A name of `ui.icons`."""
    tip: str = ""
    """What it does, where the text alone does not say it."""
    group: int = 0
    """Actions of a menu stand in groups with a line between."""
    enabled: Callable[[ActionContext], bool] = always
    checked: Callable[[ActionContext], bool] | None = None
    """For toggles: whether it is on."""
    listed: bool = True
    """False for actions that only keys and the palette reach."""
    name: Callable[[ActionContext], str] | None = None
    """For actions whose text tells what they would do now, e.g. undo."""


def panel_action(name: str, title: str, shortcut: str) -> Action:
    """Return the action that shows and hides a panel."""
    return Action(
        f"panel.{name}", f"{title} panel", "Window", lambda c: c.shell.toggle_panel(name),
        (shortcut,), checked=lambda c: c.shell.panel_shown(name),
    )  # fmt: skip
