"""The style sheet of the window: one template, filled with the colours of a palette."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

GLYPHS = Path(__file__).parent / "glyphs"

_TEMPLATE = Template("""
* { outline: none; }
QMainWindow, QDialog { background: $window; color: $text; }
QMainWindow::separator { background: $window; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $window; }
QSplitter::handle:horizontal { width: 4px; }
QSplitter::handle:vertical { height: 4px; }
QSplitter::handle:hover { background: $accent; }
QWidget { color: $text; }
QLabel { background: transparent; }
QLabel[role="caption"] { color: $secondary; font-size: 11px; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="title"] { font-size: 17px; font-weight: 600; }
QLabel[role="problem"] { color: $rejected; }
QLabel:disabled { color: $disabled; }
QToolTip {
    background: $field; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 4px 8px;
}

#topBar { background: $window; border-bottom: 1px solid $line; }
QMenuBar { background: transparent; color: $text; padding: 0; }
QMenuBar::item { background: transparent; padding: 5px 8px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; }
QMenu {
    background: $panel; color: $text; border: 1px solid $line; border-radius: 4px; padding: 4px;
}
QMenu::item { padding: 4px 24px 4px 28px; border-radius: 4px; min-height: 16px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 16px; height: 16px; margin-left: 6px; }
QMenu::indicator:checked { image: url($glyphs/check_$theme.svg); }
QMenu::right-arrow { image: url($glyphs/right_$theme.svg); width: 12px; height: 12px; }

QDockWidget { color: $secondary; font-size: 11px; }
QDockWidget > QWidget { background: $panel; }
#dockTitle { background: $panel; border-bottom: 1px solid $line; }
#panelBody, #panelScroll, #panelScroll > QWidget { background: $panel; }
QTabBar { background: $window; }
QTabBar::tab {
    background: transparent; color: $secondary; padding: 4px 6px; border: none;
    border-bottom: 2px solid transparent; min-height: 18px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $text; background: $hover; }
QTabBar::tear { width: 0; }
QTabBar::scroller { width: 16px; }
QTabBar QToolButton { background: $window; border: none; padding: 0; min-height: 0; }
QTabBar QToolButton::right-arrow { image: url($glyphs/right_$theme.svg); width: 12px; }
QTabBar QToolButton::left-arrow { image: url($glyphs/left_$theme.svg); width: 12px; }
QTabWidget::pane { border: none; background: $panel; }

QLineEdit, QPlainTextEdit, QTextEdit, QTextBrowser, QSpinBox, QDoubleSpinBox, QComboBox {
    background: $field; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 2px 6px; min-height: 18px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {
    border-color: $disabled;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus, QSpinBox:focus,
QDoubleSpinBox:focus, QComboBox:focus { border: 1px solid $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: $disabled; background: $panel;
}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
    background: transparent; border: none; padding: 0 4px; min-height: 0;
}
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url($glyphs/down_$theme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $panel; color: $text; border: 1px solid $line; padding: 4px;
    selection-background-color: $selected; selection-color: $text;
}
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button { border: none; background: transparent; width: 16px; }
QSpinBox[plain="true"]::up-button, QDoubleSpinBox[plain="true"]::up-button,
QSpinBox[plain="true"]::down-button, QDoubleSpinBox[plain="true"]::down-button { width: 0; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url($glyphs/up_$theme.svg); width: 10px; height: 10px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url($glyphs/down_$theme.svg); width: 10px; height: 10px;
}

QSpinBox[plain="true"]::up-arrow, QDoubleSpinBox[plain="true"]::up-arrow,
QSpinBox[plain="true"]::down-arrow, QDoubleSpinBox[plain="true"]::down-arrow {
    image: none; width: 0; height: 0;
}

QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 2px 10px; min-height: 18px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $selected; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $disabled; background: $panel; }
QPushButton:checked, QToolButton:checked { background: $selected; border-color: $accent; }
QPushButton[role="chip"] { padding: 2px 6px; }
QPushButton[role="smallChip"] { padding: 2px 3px; font-size: 11px; }
QPushButton[role="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[role="primary"]:disabled {
    background: $panel; color: $disabled; border-color: $line;
}
QPushButton[role="primary"]:focus { border-color: $text; }
QToolButton[role="flat"], QPushButton[role="flat"] {
    background: transparent; border: 1px solid transparent; padding: 2px 6px;
}
QToolButton[role="flat"]:hover, QPushButton[role="flat"]:hover { background: $hover; }
QToolButton[role="flat"]:checked, QPushButton[role="flat"]:checked { background: $selected; }
QToolButton[role="flat"]:focus, QPushButton[role="flat"]:focus { border-color: $accent; }
QToolButton[role="tiny"] {
    background: transparent; border: 1px solid transparent; padding: 0; min-height: 14px;
}
QToolButton[role="tiny"]:hover { background: $hover; }
QToolButton[role="tiny"]:focus { border-color: $accent; }
QToolButton[role="link"], QPushButton[role="link"] {
    background: transparent; border: 1px solid transparent; color: $accent; padding: 2px 4px;
}
QToolButton[role="link"]:hover, QPushButton[role="link"]:hover { text-decoration: underline; }
QToolButton[role="link"]:focus, QPushButton[role="link"]:focus { border-color: $accent; }
QToolButton::menu-indicator, QPushButton::menu-indicator {
    image: url($glyphs/down_$theme.svg); width: 10px; height: 10px;
    subcontrol-position: right center; subcontrol-origin: padding; right: 4px;
}
QToolButton[popupMode="2"], QPushButton[hasMenu="true"] { padding-right: 18px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; min-height: 20px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QAbstractItemView::indicator {
    width: 14px; height: 14px; border: 1px solid $disabled; border-radius: 3px;
    background: $field;
}
QCheckBox::indicator:hover, QAbstractItemView::indicator:hover { border-color: $accent; }
QCheckBox:focus::indicator { border-color: $accent; }
QCheckBox:focus { color: $text; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
    background: $accent; border-color: $accent; image: url($glyphs/check_on_accent_$theme.svg);
}
QCheckBox::indicator:disabled { background: $panel; border-color: $line; }

QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $text; border: 2px solid $panel; width: 12px; height: 12px; margin: -6px 0;
    border-radius: 8px;
}
QSlider::handle:horizontal:hover { background: $accent; }
QSlider:focus::handle:horizontal, QSlider::handle:horizontal:focus { border-color: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal:disabled { background: $disabled; }

QProgressBar {
    background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QAbstractItemView {
    background: $panel; alternate-background-color: $panel; color: $text; border: none;
    selection-background-color: $selected; selection-color: $text; gridline-color: $line;
}
QTableView::item { padding: 0 6px; }
QListView::item, QTreeView::item { min-height: 22px; padding: 0 4px; border-radius: 0; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $selected; color: $text; }
QListView:focus, QTreeView:focus, QTableView:focus { border: 1px solid $accent; }
QListView, QTreeView, QTableView { border: 1px solid transparent; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $selected; }
QTreeView::branch:has-children:closed { image: url($glyphs/right_$theme.svg); }
QTreeView::branch:has-children:open { image: url($glyphs/down_$theme.svg); }
QHeaderView { background: $panel; border: none; }
QHeaderView::section {
    background: $panel; color: $secondary; border: none; border-bottom: 1px solid $line;
    padding: 3px 6px; font-size: 11px;
}
QHeaderView::section:hover { color: $text; }
QHeaderView::up-arrow { image: url($glyphs/up_$theme.svg); width: 10px; height: 10px; }
QHeaderView::down-arrow { image: url($glyphs/down_$theme.svg); width: 10px; height: 10px; }
QTableCornerButton::section { background: $panel; border: none; }

QScrollArea { border: none; background: transparent; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $disabled; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $secondary; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

#statusLine { background: $window; border-top: 1px solid $line; }
#statusLine QLabel { color: $secondary; font-size: 11px; }
#statusLine QLabel[role="message"] { color: $text; font-size: 11px; }
#statusLine QLabel[role="problem"] { color: $rejected; font-size: 11px; }
#statusLine QToolButton { font-size: 11px; padding: 0 6px; min-height: 16px; }
#viewportBar { background: $panel; border-bottom: 1px solid $line; }
#qt_menubar_ext_button { padding: 0; border: none; min-height: 20px; }
#viewportNote { background: $panel; border-radius: 4px; padding: 8px; }
#popup { background: $panel; border: 1px solid $line; border-radius: 4px; }
#startPage { background: $window; }
#dropCard { background: $panel; border: 1px dashed $disabled; border-radius: 4px; }
#dropCard[dropping="true"] { border: 1px solid $accent; background: $selected; }
""")


def stylesheet(colours: Mapping[str, str], theme: str) -> str:
    """Fill the template; `theme` is ``dark`` or ``light``."""
    return _TEMPLATE.substitute(colours, theme=theme, glyphs=GLYPHS.as_posix())
