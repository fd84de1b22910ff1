from itertools import product

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk import paths
from oicdesk.ui import theme
from oicdesk.ui.parts import Button, Pill, Words


@pytest.mark.parametrize(
    ("scheme", "pair"), list(product(theme.SCHEMES, theme.text_pairs())), ids=lambda value: str(value)
)
def test_every_text_stands_out_from_its_ground_by_four_and_a_half(scheme: str, pair: tuple[str, str]) -> None:
    text, ground = (getattr(theme.SCHEMES[scheme], name) for name in pair)
    assert theme.contrast(text, ground) >= 4.5


@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_edges_of_boxes_and_the_focus_ring_stand_out_by_three(scheme: str) -> None:
    colours = theme.SCHEMES[scheme]
    for ground in (colours.ground, colours.card):
        assert theme.contrast(colours.edge, ground) >= 3
        assert theme.contrast(colours.accent, ground) >= 3


def test_contrast_of_black_on_white_is_twenty_one() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_state_has_a_shape_in_the_icon_folder_and_a_tone() -> None:
    for state in theme.STATES.values():
        assert (paths.resources() / "icons" / f"{state.shape}.svg").is_file()
        assert state.tone in theme.TONES


def test_no_two_case_statuses_share_shape_and_tone() -> None:
    statuses = list(theme.STATES)[:10]
    looks = {theme.STATES[name].shape for name in statuses}
    assert len(looks) == len(statuses)


def test_a_status_in_capitals_finds_its_state() -> None:
    assert theme.state("AWAITING_DOCUMENT") is theme.STATES["awaiting_document"]
    with pytest.raises(KeyError):
        theme.state("MISLAID")


def test_an_unknown_icon_or_colour_is_an_error_at_once(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-shape")
    with pytest.raises(KeyError):
        theme.icon("lock", "mauve")


def _inks(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_an_icon_follows_a_change_of_scheme(qapp: QApplication) -> None:
    icon = theme.icon("circle", "text")
    light = icon.pixmap(QSize(48, 48)).toImage()
    assert theme.color("text").name() in _inks(light)
    theme.apply(qapp, "dark")
    assert theme.color("text").name() in _inks(icon.pixmap(QSize(48, 48)).toImage())


def test_words_follow_a_change_of_scheme_and_size(qtbot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    words = Words("Referral", "title", "secondary", window)
    window.show()
    small, light = words.font().pointSizeF(), words.palette().color(words.foregroundRole())
    theme.apply(qapp, "dark", 200)
    assert words.font().pointSizeF() == pytest.approx(2 * small)
    assert words.palette().color(words.foregroundRole()) == theme.color("secondary") != light


def test_text_size_is_held_between_eighty_and_two_hundred(qapp: QApplication) -> None:
    theme.apply(qapp, "light", 500)
    assert theme.px(100) == 200
    theme.apply(qapp, "light", 10)
    assert theme.px(100) == 80


def test_text_is_set_in_the_shipped_typeface_with_figures_of_one_width(qapp: QApplication) -> None:
    assert QFontInfo(theme.font()).family() == "Noto Sans"
    metrics = Words("").fontMetrics()
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_a_pill_is_painted_in_its_tint_and_ink(qapp: QApplication) -> None:
    pixmap = QPixmap(200, 32)
    pixmap.fill(QColor("#ffffff"))
    painter = QPainter(pixmap)
    theme.paint_pill(painter, QRect(0, 0, 200, 32), "OVERDUE", "Overdue")
    painter.end()
    inks = _inks(pixmap.toImage())
    assert theme.color("red_tint").name() in inks and theme.color("red").name() in inks


def test_a_pill_is_spoken_by_its_word(qtbot) -> None:
    pill = Pill("accepted", "Accepted")
    qtbot.addWidget(pill)
    assert pill.accessibleName() == "Accepted"


def test_a_button_is_never_smaller_than_its_words(qtbot, qapp: QApplication) -> None:
    theme.apply(qapp, "light", 200)
    button = Button("Import an extract", "primary", "upload")
    qtbot.addWidget(button)
    assert button.minimumSizeHint().width() > button.fontMetrics().horizontalAdvance(button.text())


@pytest.mark.parametrize("scheme", theme.SCHEMES)
@pytest.mark.parametrize("kind", ["plain", "primary", "danger", "quiet"])
def test_the_icon_of_a_button_that_cannot_be_pressed_is_as_grey_as_its_words(qtbot, qapp, scheme, kind) -> None:
    theme.apply(qapp, scheme)
    button = Button("", kind, "circle")
    qtbot.addWidget(button)
    button.resize(48, 48)
    button.setEnabled(False)
    assert theme.color("secondary").name() in _inks(button.grab().toImage())
