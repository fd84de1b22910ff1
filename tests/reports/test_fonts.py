from hypothesis import given
from hypothesis import strategies as st

from oicdesk.reports import fonts
from oicdesk.reports.fonts import REGULAR

TEXT = st.text(alphabet="abc ABC-/_.,é0123456789Жλ\n", max_size=200)


@given(TEXT, st.floats(20, 400))
def test_lines_fit_the_room_and_read_on_as_the_text(text: str, room: float) -> None:
    lines = fonts.lines(text, REGULAR, 9, room)
    for line in lines:
        assert fonts.width(line.rstrip(" "), REGULAR, 9) <= room + 0.001
    assert "".join(lines).split() == text.split()


def test_a_width_is_that_of_reportlab() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    words = "Coverage 81.2% – Żółć"
    fonts.register()
    assert abs(fonts.width(words, REGULAR, 9.5) - stringWidth(words, REGULAR, 9.5)) < 0.001


def test_a_too_long_reference_is_cut_after_its_joint() -> None:
    lines = fonts.lines("36/67827/19-aaaaaaaaaaaaaaaaaaaa", REGULAR, 9, 60)
    assert lines[0] == "36/67827/19-"


def test_figures_are_all_of_one_width() -> None:
    assert len({fonts.width(figure, REGULAR, 9) for figure in "0123456789"}) == 1
