"""The panels of the review, each one file: a new one is a line here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """A panel that docks, floats and hides like the others. Made when it is first looked at."""

    name: str
    title: str
    shortcut: str
    place: str
    """``module:class``: a `ui.review.desk_panel.DeskPanel` that takes the `ReviewDesk`."""
    area: str = "left"
    """Where it stands in the Review layout: left, right or bottom."""
    shown: bool = True
    """Whether the Review layout shows it from the start."""


REVIEW_PANELS: tuple[PanelPlace, ...] = (
    PanelPlace("queue", "Queue", "Ctrl+Shift+Q", "viewer.ui.review.queue_panel:QueuePanel"),
    PanelPlace(
        "issues", "Issues", "Ctrl+Shift+I", "viewer.ui.review.issue_list_panel:IssueListPanel"
    ),
    PanelPlace(
        "issue", "Issue", "Ctrl+Shift+E", "viewer.ui.review.issue_panel:IssuePanel", "right"
    ),
    PanelPlace("history", "History", "Ctrl+Shift+H", "viewer.ui.review.history_panel:HistoryPanel"),
    PanelPlace(
        "bookmarks", "Bookmarks", "Ctrl+Shift+B", "viewer.ui.review.bookmark_panel:BookmarkPanel",
        shown=False,
    ),
    PanelPlace(
        "delivery", "Delivery", "Ctrl+Shift+L", "viewer.ui.review.delivery_panel:DeliveryPanel"
    ),
    PanelPlace(
        "dashboard", "Dashboard", "Ctrl+Shift+D",
        "viewer.ui.review.dashboard_panel:DashboardPanel", "right", shown=False,
    ),
    PanelPlace(
        "versions", "Versions", "Ctrl+Shift+V", "viewer.ui.review.versions_panel:VersionsPanel",
        "right", shown=False,
    ),
    PanelPlace(
        "slices", "Slices", "Ctrl+Shift+J", "viewer.ui.review.slices_panel:SlicesPanel", "right",
        shown=False,
    ),
    PanelPlace(
        "tags", "Tags", "Ctrl+Shift+T", "viewer.ui.review.tags_panel:TagsPanel", "right",
        shown=False,
    ),
    PanelPlace(
        "tasks", "Tasks", "Ctrl+Shift+W", "viewer.ui.review.tasks_panel:TasksPanel", "right",
        shown=False,
    ),
    PanelPlace(
        "conflicts", "Conflicts", "Ctrl+Shift+M", "viewer.ui.review.conflict_panel:ConflictPanel",
        "right", shown=False,
    ),
)  # fmt: skip
