"""The button that writes what the metrics dock shows to a file."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QPushButton

from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_tables import matrix_csv, plots_csv, table_csv
from viewer.session.compare_values import MatrixCounts, Plots, Table
from viewer.ui.compare.desk_panel import ComparePart
from viewer.ui.compare.exporting import CSV, HTML, PNG, ask_path, save_picture, write_text
from viewer.ui.compare.protocol_page import ProtocolPage
from viewer.ui.icons import icon


class ExportButton(QPushButton):
    """CSV and PNG of the page that is looked at; HTML of everything."""

    def __init__(self, desk: CompareDesk, looked_at: Callable[[], ComparePart | None]) -> None:
        super().__init__()
        self.setIcon(icon("save"))
        self.setAccessibleName("Export")
        self.setProperty("hasMenu", True)
        self.setFixedWidth(40)
        self._desk = desk
        self._looked_at = looked_at
        self.setProperty("role", "flat")
        self.setToolTip("Export: write what this page shows to a file")
        menu = QMenu(self)
        menu.aboutToShow.connect(self._sync)
        self.csv_action = menu.addAction("CSV of this page…", self.export_csv)
        self.png_action = menu.addAction("PNG of this page…", self.export_png)
        menu.addSeparator()
        self.html_action = menu.addAction("HTML page with all figures…", self.export_html)
        self.protocol_action = menu.addAction("HTML page of the protocol…", self.export_protocol)
        self.setMenu(menu)

    def export_csv(self) -> None:
        """Write the numbers of the page."""
        text, page = self._csv(), self._looked_at()
        if text is None or page is None:
            return
        path = ask_path(self, "Export as CSV", page.file_name, CSV)
        if path is not None:
            write_text(self._desk, path, text)

    def export_png(self) -> None:
        """Write a picture of the page."""
        page = self._looked_at()
        if page is None:
            return
        path = ask_path(self, "Export as PNG", page.file_name, PNG)
        if path is not None:
            save_picture(self._desk, path, page.picture())

    def export_html(self) -> None:
        """Write a page with everything."""
        path = ask_path(self, "Export as HTML", "evaluation", HTML)
        if path is not None:
            from viewer.ui.compare.html_export import export_page

            export_page(self._desk, path)

    def export_protocol(self) -> None:
        """Write the page of the protocol that is looked at."""
        page = self._looked_at()
        if not isinstance(page, ProtocolPage):
            return
        path = ask_path(self, "Export as HTML", f"{page.file_name}_{page.name}", HTML)
        if path is not None:
            from viewer.ui.compare.html_export import export_protocol_page

            export_protocol_page(self._desk, page.run, path)

    def _csv(self) -> str | None:
        page = self._looked_at()
        value = None if page is None else page.exported
        if isinstance(value, MatrixCounts):
            return matrix_csv(value)
        if isinstance(value, Plots):
            return plots_csv(value)
        return table_csv(value) if isinstance(value, Table) else None

    def _sync(self) -> None:
        self.csv_action.setEnabled(self._csv() is not None)
        self.png_action.setEnabled(self._csv() is not None)
        self.html_action.setEnabled(self._desk.asked("matrix") is not None)
        page = self._looked_at()
        self.protocol_action.setVisible(isinstance(page, ProtocolPage))
        self.protocol_action.setEnabled(self._csv() is not None)
