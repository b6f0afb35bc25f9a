"""Every action of the window, in the order of the menus."""

from viewer.ui.actions import (
    cameras,
    compare,
    file,
    findings,
    go,
    hand_over,
    labels,
    review,
    sets,
    tasks,
    view,
    window,
)
from viewer.ui.actions.base import Action

ACTIONS: tuple[Action, ...] = (
    *file.ACTIONS,
    *go.ACTIONS,
    *view.ACTIONS,
    *labels.ACTIONS,
    *cameras.ACTIONS,
    *review.ACTIONS,
    *hand_over.ACTIONS,
    *sets.ACTIONS,
    *tasks.ACTIONS,
    *compare.ACTIONS,
    *findings.ACTIONS,
    *window.ACTIONS[: len(window.PANELS)],
    *review.PANEL_ACTIONS,
    *compare.PANEL_ACTIONS,
    *findings.PANEL_ACTIONS,
    *window.ACTIONS[len(window.PANELS) :],
)


def action_by_id() -> dict[str, Action]:
    """Every action by its id."""
    return {action.id: action for action in ACTIONS}
