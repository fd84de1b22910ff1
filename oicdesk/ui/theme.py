"""The look: three schemes from one set of named colours, the type scale, the grid, icons and state pills.

Fusion style, palette first. Everything asks this module at paint time, so a change of scheme or text
size shows at once in windows that are already open.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk import paths

GRID = 8  # inside a group
GAP = 16  # between groups
MARGIN = 24  # around a page
RADIUS = 5
BASE_POINTS = 10.5
TITLE_POINTS = 16.0
SECTION_POINTS = 12.0
FAMILY = "Noto Sans"


@dataclass(frozen=True)
class Scheme:
    """Every colour of the program, by what it is for."""

    ground: str  # behind everything
    card: str  # what is worked on
    raised: str  # headers, hover, one step up
    line: str  # between rows
    edge: str  # outline of something to click or type in
    text: str
    secondary: str
    accent: str
    on_accent: str
    selection: str
    on_selection: str
    danger: str
    on_danger: str
    grey: str
    grey_tint: str
    blue: str
    blue_tint: str
    amber: str
    amber_tint: str
    orange: str
    orange_tint: str
    green: str
    green_tint: str
    red: str
    red_tint: str
    violet: str
    violet_tint: str


SCHEMES = {
    "light": Scheme(
        ground="#f5f7f8", card="#ffffff", raised="#edf1f3", line="#dfe5e8", edge="#7d8891",
        text="#182127", secondary="#535f68", accent="#0b5a70", on_accent="#ffffff",
        selection="#d7eaef", on_selection="#0c2229", danger="#a1261b", on_danger="#ffffff",
        grey="#47525b", grey_tint="#e8ecef", blue="#1a4d8c", blue_tint="#dfe9f8",
        amber="#714600", amber_tint="#faeaca", orange="#8a3b00", orange_tint="#fce5d4",
        green="#1c5c39", green_tint="#dbefe2", red="#98231a", red_tint="#fae0dd",
        violet="#583893", violet_tint="#eae3f7",
    ),
    "dark": Scheme(
        ground="#12171a", card="#1a2024", raised="#242c31", line="#2e373d", edge="#74828c",
        text="#e6ebee", secondary="#a5b1b9", accent="#63c1d8", on_accent="#04222b",
        selection="#1d4552", on_selection="#f4fafb", danger="#ff9d90", on_danger="#3a0803",
        grey="#c3ccd2", grey_tint="#313a40", blue="#a3c8ff", blue_tint="#1e3350",
        amber="#f3c969", amber_tint="#43330f", orange="#ffb384", orange_tint="#4a2a14",
        green="#8fd8ab", green_tint="#173c28", red="#ffa89d", red_tint="#4c201c",
        violet="#cbb5fa", violet_tint="#382b58",
    ),
    "contrast": Scheme(
        ground="#000000", card="#000000", raised="#1c1c1c", line="#8c8c8c", edge="#ffffff",
        text="#ffffff", secondary="#e8e8e8", accent="#ffe14d", on_accent="#000000",
        selection="#004a66", on_selection="#ffffff", danger="#ffb0a8", on_danger="#000000",
        grey="#ffffff", grey_tint="#000000", blue="#9fcbff", blue_tint="#000000",
        amber="#ffd94d", amber_tint="#000000", orange="#ffb070", orange_tint="#000000",
        green="#8ff0b0", green_tint="#000000", red="#ffb0a8", red_tint="#000000",
        violet="#dcc8ff", violet_tint="#000000",
    ),
}  # fmt: skip

TONES = ("grey", "blue", "amber", "orange", "green", "red", "violet")


@dataclass(frozen=True)
class State:
    """How a state looks: a Lucide shape and a tone. The word is always written beside it."""

    shape: str
    tone: str


STATES = {
    "new": State("circle-dashed", "violet"),
    "awaiting_document": State("hourglass", "amber"),
    "scope_query": State("circle-question-mark", "violet"),
    "submitted": State("send", "blue"),
    "returned": State("corner-up-left", "orange"),
    "accepted": State("circle-check", "green"),
    "rejected": State("circle-x", "red"),
    "exempt": State("circle-slash", "grey"),
    "duplicate": State("copy", "grey"),
    "closed": State("archive", "grey"),
    "overdue": State("triangle-alert", "red"),
    "due_soon": State("clock", "amber"),
    "on_time": State("check", "green"),
    "good": State("circle-check", "green"),
    "warning": State("triangle-alert", "amber"),
    "problem": State("circle-alert", "red"),
    "info": State("info", "blue"),
    "neutral": State("circle", "grey"),
    "better": State("arrow-up", "blue"),
    "concern": State("arrow-down", "orange"),
}

_current = SCHEMES["light"]
_percent = 100


def text_pairs() -> list[tuple[str, str]]:
    """Every pair (text, ground) of colour names that the program writes with."""
    grounds = ("ground", "card", "raised")
    pairs = [(text, ground) for text in ("text", "secondary", "accent", "danger") for ground in grounds]
    pairs += [("on_accent", "accent"), ("on_selection", "selection"), ("on_danger", "danger")]
    pairs += [(tone, f"{tone}_tint") for tone in TONES]
    return pairs


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, as WCAG 2.2 defines it."""

    def luminance(name: str) -> float:
        parts = (QColor(name).redF(), QColor(name).greenF(), QColor(name).blueF())
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def apply(app: QApplication, scheme: str, text_percent: int = 100) -> None:
    """Dress the whole program; callable again at any time. Text size is held between 80 and 200 per cent."""
    global _current, _percent
    _current = SCHEMES[scheme]
    _percent = min(200, max(80, text_percent))
    load_fonts()
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette())
    app.setFont(font())
    app.setStyleSheet(_style_sheet())
    for widget in app.allWidgets():
        widget.update()


def scheme_name() -> str:
    return next(name for name, scheme in SCHEMES.items() if scheme is _current)


def color(name: str) -> QColor:
    """A colour of the present scheme by its name in `Scheme`."""
    return QColor(getattr(_current, name))


def palette() -> QPalette:
    """The palette of the present scheme."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    names = {
        role.Window: "ground", role.WindowText: "text", role.Base: "card", role.AlternateBase: "raised",
        role.Text: "text", role.Button: "card", role.ButtonText: "text", role.BrightText: "danger",
        role.Highlight: "accent", role.HighlightedText: "on_accent", role.Accent: "accent",
        role.ToolTipBase: "raised", role.ToolTipText: "text", role.PlaceholderText: "secondary",
        role.Link: "accent", role.LinkVisited: "accent",
        role.Light: "card", role.Midlight: "raised", role.Mid: "line", role.Dark: "edge",
        role.Shadow: "edge",
    }  # fmt: skip
    result = QPalette()
    for which, name in names.items():
        result.setColor(which, color(name))
    faded = _mix(color("text"), color("card"), 0.5)
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(group.Disabled, which, faded)
    return result


def _style_sheet() -> str:
    """The little that a palette cannot say: edges of boxes to type in, slim scroll bars, a flat progress bar."""
    icons = (paths.resources() / "icons").as_posix()
    arrow, tick = (f"{icons}/{shape}-{scheme_name()}.svg" for shape in ("chevron-down", "check"))
    handle = _mix(color("edge"), color("card"), 0.6).name()
    c = _current
    return f"""
QLineEdit, QPlainTextEdit, QListWidget, QComboBox {{
  border: 1px solid {c.edge}; border-radius: {RADIUS}px; background: {c.card}; padding: 0 7px;
  selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QPlainTextEdit {{ padding: 2px 4px; }}
QListWidget {{ padding: 2px; }}
QLineEdit:focus, QPlainTextEdit:focus, QListWidget:focus, QComboBox:focus {{
  border: 2px solid {c.accent}; padding: 0 6px; }}
QPlainTextEdit:focus {{ padding: 1px 3px; }}
QListWidget:focus {{ padding: 1px; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{
  border-color: {c.line}; background: {c.raised}; color: {c.secondary}; }}
QComboBox QLineEdit, QComboBox QLineEdit:focus {{ border: none; background: transparent; padding: 0; }}
QComboBox::drop-down {{ border: none; width: {px(26)}px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: {px(16)}px; height: {px(16)}px; }}
QComboBox QAbstractItemView {{
  border: 1px solid {c.edge}; background: {c.card}; color: {c.text}; padding: 3px;
  selection-background-color: {c.selection}; selection-color: {c.on_selection}; outline: 0; }}
QListWidget::item {{ min-height: {px(24)}px; color: {c.text}; }}
QListWidget::item:selected {{ background: {c.selection}; color: {c.on_selection}; }}
QCheckBox, QRadioButton {{ spacing: {px(8)}px; padding: 3px; border: 2px solid transparent; border-radius: 4px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator, QListWidget::indicator, QRadioButton::indicator {{
  width: {px(14)}px; height: {px(14)}px; border: 1px solid {c.edge}; border-radius: 3px; background: {c.card}; }}
QCheckBox::indicator:checked, QListWidget::indicator:checked {{
  border-color: {c.accent}; background: {c.accent}; image: url("{tick}"); }}
QRadioButton::indicator {{ border-radius: {px(14) // 2 + 1}px; }}
QRadioButton::indicator:checked {{
  width: {px(14) - 8}px; height: {px(14) - 8}px; border: 5px solid {c.accent}; background: {c.on_accent}; }}
QScrollBar:vertical {{ background: transparent; width: {px(12)}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(12)}px; margin: 0; }}
QScrollBar::handle {{ background: {handle}; border-radius: {px(3)}px; margin: {px(3)}px; }}
QScrollBar::handle:vertical {{ min-height: {px(36)}px; }}
QScrollBar::handle:horizontal {{ min-width: {px(36)}px; }}
QScrollBar::handle:hover {{ background: {c.edge}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QProgressBar {{ border: none; border-radius: 4px; background: {c.line}; max-height: 8px; min-height: 8px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
QToolTip {{ border: 1px solid {c.edge}; background: {c.card}; color: {c.text}; padding: 4px; }}
QMenu {{ background: {c.card}; border: 1px solid {c.edge}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 10px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.selection}; color: {c.on_selection}; }}
QMenu::item:disabled {{ color: {c.secondary}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 6px; }}
QSplitter::handle {{ background: transparent; }}
"""


def _mix(first: QColor, second: QColor, share: float) -> QColor:
    def between(one: float, other: float) -> float:
        return one * share + other * (1 - share)

    return QColor.fromRgbF(
        between(first.redF(), second.redF()),
        between(first.greenF(), second.greenF()),
        between(first.blueF(), second.blueF()),
    )


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the fonts of `resources/fonts` known to Qt, once."""
    for file in sorted((paths.resources() / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))


def font(kind: str = "base") -> QFont:
    """The font for "base", "title", "section" or "small" text, with figures of one width."""
    points = {"base": BASE_POINTS, "title": TITLE_POINTS, "section": SECTION_POINTS, "small": 9.5}[kind]
    result = QFont(FAMILY)
    result.setPointSizeF(points * _percent / 100)
    result.setFeature(QFont.Tag("tnum"), 1)
    if kind in ("title", "section"):
        result.setWeight(QFont.Weight.DemiBold)
    return result


def px(length: int) -> int:
    """A length of the 100 % design at the present text size."""
    return round(length * _percent / 100)


def unscaled(length: int) -> int:
    """The 100 % length of what is `length` pixels at the present text size."""
    return round(length * 100 / _percent)


def is_large() -> bool:
    """Whether text is so large that labels go above their boxes."""
    return _percent >= 150


def row_height() -> int:
    return px(32)


def icon_size() -> QSize:
    return QSize(px(18), px(18))


@lru_cache(maxsize=128)
def _svg(name: str) -> str:
    return (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _renderer(name: str, tint: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name).replace("currentColor", tint).encode()))


def paint_icon(painter: QPainter, rect: QRectF, name: str, tint: QColor) -> None:
    """Draw a Lucide shape in one colour; a line drawing, sharp at any scale."""
    _renderer(name, tint.name()).render(painter, rect)


class _Engine(QIconEngine):
    """Draws one shape in the present scheme's colour each time, so no icon goes stale."""

    # Qt keeps clones by bare pointer; Python must not collect them.
    _clones: "list[_Engine]" = []  # noqa: RUF012

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        # As the words beside it: an ink for the accent's ground would vanish on the grey of what cannot be pressed.
        tint = color("secondary" if mode == QIcon.Mode.Disabled else self._role)
        side = min(rect.width(), rect.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(rect).center())
        paint_icon(painter, box, self._name, tint)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._role)
        self._clones.append(copy)
        return copy


def icon(name: str, role: str = "text") -> QIcon:
    """A Lucide icon in a colour of the scheme; a missing file raises, so a typing error cannot hide."""
    if role not in {field.name for field in fields(Scheme)}:
        raise KeyError(role)
    _svg(name)
    return QIcon(_Engine(name, role))


def state(name: str) -> State:
    """The look of a state named in any case, "AWAITING_DOCUMENT" or "due soon"; unknown names raise."""
    return STATES[name.lower().replace(" ", "_").replace("-", "_")]


def pill_size(metrics: QFontMetrics, word: str) -> QSize:
    """Room that `paint_pill` needs for this word."""
    height = metrics.height() + 4
    return QSize(metrics.horizontalAdvance(word) + height + 12, height)


def paint_pill(painter: QPainter, rect: QRect, name: str, word: str) -> None:
    """Draw a state as shape, word and tint at the left of `rect`, centred in its height."""
    size = pill_size(painter.fontMetrics(), word)
    width = min(size.width(), rect.width())
    sharp = painter.device().devicePixelRatio()
    picture = _pill(name, word, width, size.height(), painter.font(), scheme_name(), sharp)
    painter.drawPixmap(rect.x(), rect.y() + (rect.height() - size.height()) // 2, picture)


_PILLS: dict[tuple[object, ...], QPixmap] = {}
_MOST_PILLS = 500


def _pill(name: str, word: str, width: int, height: int, font: QFont, scheme: str, sharp: float) -> QPixmap:
    """A pill painted once: a table shows the same few on every row of every repaint."""
    key = (name, word, width, height, font.key(), scheme, sharp)
    if key not in _PILLS:
        if len(_PILLS) >= _MOST_PILLS:
            _PILLS.clear()
        picture = QPixmap(round(width * sharp), round(height * sharp))
        picture.setDevicePixelRatio(sharp)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(font)
        _draw_pill(painter, QRectF(0, 0, width, height), name, word)
        painter.end()
        _PILLS[key] = picture
    return _PILLS[key]


def _draw_pill(painter: QPainter, pill: QRectF, name: str, word: str) -> None:
    look = state(name)
    ink, tint = color(look.tone), color(f"{look.tone}_tint")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(tint)
    painter.setPen(QPen(ink, 1) if tint == color("card") else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), pill.height() / 2, pill.height() / 2)
    side = pill.height() - 8
    paint_icon(painter, QRectF(QPointF(pill.x() + 7, pill.y() + 4), QPointF(pill.x() + 7 + side, pill.y() + 4 + side)),
               look.shape, ink)  # fmt: skip
    words = pill.adjusted(side + 12, 0, -7, 0)
    painter.setPen(ink)
    shown = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, int(words.width()) + 1)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def paint_focus(painter: QPainter, rect: QRect, widget: QWidget | None = None) -> None:
    """The one focus ring of the program: two pixels of accent inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
    painter.restore()
