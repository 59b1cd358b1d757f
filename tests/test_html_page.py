"""A text becomes a page that a phone can show, that loads nothing, and in which a foreign word can do nothing."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.html_page import as_html, held_together

TABLE = "# Ficha\n\n| rasgo | parte |\n|---|---:|\n| {} | 20,5 a 34,6 % |\n"
DOES_SOMETHING = {"script", "img", "a", "b", "iframe", "svg", "link", "form", "object", "embed"}


class Doing(HTMLParser):
    """What in a page loads, runs or leads somewhere: tags and attributes, as a browser would read them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in DOES_SOMETHING else []
        self.found += [name for name, _ in attrs if name in ("href", "src", "srcset") or name.startswith("on")]


def test_the_title_of_the_text_is_the_title_of_the_page() -> None:
    page = as_html("# Evaluación & más\n\nTexto.\n")

    assert "<title>Evaluación &amp; más</title>" in page and "<h1>Evaluación &amp; más</h1>" in page


def test_a_wide_table_scrolls_by_itself_and_the_page_fits_a_phone() -> None:
    page = as_html(TABLE.format("sexo"))

    assert page.count('<div class="wide" tabindex="0"') == page.count("<table>") == page.count("</table></div>") == 1
    assert 'name="viewport" content="width=device-width' in page


@pytest.mark.parametrize(
    "word",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[aquí](http://example.org)", "![x](http://example.org)",
        "<http://example.org>", "[aquí](javascript:alert(1))", "<b>1</b>",
    ],
)  # fmt: skip
def test_a_word_from_a_foreign_register_is_shown_and_does_nothing(word: str) -> None:
    for text in (TABLE.format(word), f"# {word}\n\n- {word}\n"):
        assert not Doing(as_html(text)).found


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>[]()!\"'`&;:/=*_#|\\ abonsrc\n", max_size=40))
def test_nothing_that_can_be_written_becomes_a_link_a_picture_or_a_program(word: str) -> None:
    assert not Doing(as_html(f"# Ficha\n\n{word}\n")).found


def test_the_check_itself_sees_what_does_something() -> None:
    assert Doing('<p onclick="x()"><a href="y">z</a></p><img src="q">').found == ["onclick", "a", "href", "img", "src"]


def test_the_picture_stands_below_the_title_and_is_described() -> None:
    page = as_html("# Evaluación\n\nTexto.\n", "evaluacion.png", 'Seis "figuras"')

    assert page.index("</h1>") < page.index('<img src="evaluacion.png"') < page.index("Texto.")
    assert 'alt="Seis &#34;figuras&#34;"' in page


def test_an_interval_does_not_break_in_the_middle() -> None:
    assert held_together("0,3 (20,5 a 34,6 %) a 5") == "0,3 (20,5\u00a0a\u00a034,6\u00a0%) a 5"
