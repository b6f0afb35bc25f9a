"""The panels of the Compare layout, each one file: a new one is a line here."""

from viewer.ui.review.panels import PanelPlace

COMPARE_PANELS: tuple[PanelPlace, ...] = (
    PanelPlace("sides", "Compared", "Ctrl+Shift+U", "viewer.ui.compare.sides_panel:SidesPanel"),
    PanelPlace("errors", "Errors", "Ctrl+Shift+Y", "viewer.ui.compare.error_panel:ErrorPanel"),
    PanelPlace(
        "metrics", "Metrics", "Ctrl+Shift+K", "viewer.ui.compare.metrics_panel:MetricsPanel",
        "right",
    ),
)  # fmt: skip
