"""A text of ours as a page that opens in any browser, on a phone too: it loads nothing, runs nothing, links nowhere."""

import re
from pathlib import Path

PAGE = "pagina.html.j2"
TEMPLATES = Path(__file__).with_name("card_templates")
FOREIGN = ("link", "image", "autolink", "html_inline", "html_block")
"""What Markdown could do with a word from a foreign register: such words are shown and do nothing."""

WIDE = '<div class="wide" tabindex="0" role="region" aria-label="Tabla">'
"""On a phone a table scrolls by itself, with the keyboard too; the page does not."""

SPLIT = re.compile(r",\d+ a -?\d|\d %")


def as_html(text: str, picture: str = "", described: str = "") -> str:
    """`text`: Markdown whose first line is its title; `picture`: a file beside the page, `described` in words."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(FOREIGN)
    body = reader.render(held_together(text))
    body = body.replace("<table>", f"{WIDE}<table>").replace("</table>", "</table></div>")
    head, _, rest = body.partition("</h1>")
    house = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    title = text.splitlines()[0].removeprefix("# ")
    # Markdown-it has escaped whatever is not ours.
    parts = {"head": Markup(f"{head}</h1>"), "rest": Markup(rest)}  # noqa: S704
    return house.get_template(PAGE).render(title=title, picture=picture, described=described, **parts)


def held_together(text: str) -> str:
    """«20,5 a 34,6 %» never breaks inside: a narrow column breaks before it or after it."""
    return SPLIT.sub(lambda found: found[0].replace(" ", "\u00a0"), text)
