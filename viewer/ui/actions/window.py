"""The window itself: panels, theme, palette, help."""

from viewer.ui.actions.base import Action, ActionContext, panel_action, with_scene

PANELS: tuple[tuple[str, str, str], ...] = (
    ("scenes", "Scenes", "Ctrl+Shift+1"),
    ("layers", "Layers", "Ctrl+Shift+2"),
    ("filters", "Filters", "Ctrl+Shift+3"),
    ("points", "Points", "Ctrl+Shift+4"),
    ("images", "Images", "Ctrl+Shift+5"),
    ("inspector", "Inspector", "Ctrl+Shift+6"),
    ("labels", "Labels", "Ctrl+Shift+7"),
    ("timeline", "Timeline", "Ctrl+Shift+8"),
)
"""Panels that dock, float and hide: name, title, key."""


def _toggle_theme(context: ActionContext) -> None:
    context.session.set_view(dark=not context.session.view.dark)


ACTIONS = (
    *(panel_action(*panel) for panel in PANELS),
    Action("window.reset", "Reset layout", "Window", lambda c: c.shell.reset_layout(),
           ("Ctrl+Shift+0",), "reset", "Put every panel back to its place", 1),
    Action("window.light", "Light theme", "Window", _toggle_theme, ("Ctrl+T",), "theme", group=1,
           checked=lambda c: not c.session.view.dark),
    Action("window.full_screen", "Full screen", "Window", lambda c: c.shell.toggle_full_screen(),
           ("F11",), "full_screen", group=1, checked=lambda c: c.shell.full_screen),
    Action("layout.browse", "Browse layout", "Window", lambda c: c.shell.show_layout("browse"),
           ("F1",), group=1, checked=lambda c: c.shell.layout_shown("browse")),
    Action("layout.review", "Review layout", "Window", lambda c: c.shell.show_layout("review"),
           ("F2",), group=1, enabled=with_scene,
           checked=lambda c: c.shell.layout_shown("review")),
    Action("layout.compare", "Compare layout", "Window", lambda c: c.shell.show_layout("compare"),
           ("F3",), group=1, enabled=with_scene,
           checked=lambda c: c.shell.layout_shown("compare"),
           tip="Predictions beside labels: figures, and every error one click away"),
    Action("help.palette", "Search or run a command…", "Help", lambda c: c.shell.show_palette(),
           ("Ctrl+K",), "search"),
    Action("help.shortcuts", "Keys…", "Help", lambda c: c.shell.show_shortcuts(), ("?",),
           "keyboard", "Every key, and how to change it"),
    Action("help.problems", "Problems in the data…", "Help", lambda c: c.shell.show_problems(),
           ("Ctrl+Shift+P",), "problem"),
    Action("help.about", "About Sightline…", "Help", lambda c: c.shell.show_about(), (), "about",
           "Versions and the GL renderer", 1),
)  # fmt: skip
