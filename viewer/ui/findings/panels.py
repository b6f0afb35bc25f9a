"""The panels of the findings, each one file: a new one is a line here."""

from viewer.ui.review.panels import PanelPlace

FINDINGS_PANELS: tuple[PanelPlace, ...] = (
    PanelPlace(
        "findings", "Findings", "Ctrl+Shift+G", "viewer.ui.findings.findings_panel:FindingsPanel"
    ),
    PanelPlace(
        "doctor",
        "Sensors",
        "Ctrl+Shift+R",
        "viewer.ui.findings.doctor_panel:DoctorPanel",
        "right",
        shown=False,
    ),
    PanelPlace(
        "usual",
        "Usual",
        "Ctrl+Shift+A",
        "viewer.ui.findings.usual_panel:UsualPanel",
        "right",
        shown=False,
    ),
)
