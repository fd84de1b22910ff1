"""What a screen reader or a keyboard would stumble over in a window; page tests call `problems`."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)

_INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)
# Qt's own inner parts, which speak through the widget that they belong to.
_INNER = ("qt_scrollarea_viewport", "qt_spinbox_lineedit", "qt_scrollarea_hcontainer", "qt_scrollarea_vcontainer")


def problems(widget: QWidget) -> list[str]:
    """Each widget inside `widget` that the keyboard reaches and no name is spoken for, in words."""
    buddies = {label.buddy() for label in widget.findChildren(QLabel) if label.buddy() is not None}
    found = []
    for part in [widget, *widget.findChildren(QWidget)]:
        if not _is_ours(part) or not part.isVisibleTo(widget):
            continue
        interactive = isinstance(part, _INTERACTIVE)
        takes_focus = part.focusPolicy() != Qt.FocusPolicy.NoFocus and part.focusProxy() is None
        if not (interactive or takes_focus) or part is widget.window():
            continue
        if not _name(part, buddies):
            found.append(f"{type(part).__name__} “{part.objectName()}” has no name")
    return found


def focus_order(window: QWidget) -> list[QWidget]:
    """The widgets that Tab visits, in its order, starting after the present focus; the window must be active."""
    from PySide6.QtTest import QTest

    visited: list[QWidget] = []
    for _ in range(500):
        focused = QApplication.focusWidget() or window
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in visited:
            break
        visited.append(now)
    return visited


def _is_ours(part: QWidget) -> bool:
    if part.objectName() in _INNER or isinstance(part, QScrollBar):
        return False
    above = part.parentWidget()
    # The line of an editable list and the view of its drop-down belong to the list.
    while above is not None:
        if isinstance(above, QComboBox | QAbstractSpinBox):
            return False
        above = above.parentWidget()
    return True


def _name(part: QWidget, buddies: set[QWidget]) -> str:
    if part.accessibleName():
        return part.accessibleName()
    if isinstance(part, QAbstractButton) and part.text().strip():
        return part.text()
    above: QWidget | None = part
    while above is not None:
        if above in buddies:
            return "named by its label"
        above = above.parentWidget() if above.focusProxy() is None or above is part else None
    if isinstance(part, QLabel):
        return part.text()
    return ""
