"""One HTML file that needs nothing else: text, tables and drawings, for screens light and dark, phones and paper.

Whatever is put into a page is escaped, unless it is `Markup` already. There are no scripts, and nothing is fetched.
"""

import io
import re
import warnings
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from matplotlib import style
from matplotlib.figure import Figure

from sim.reporting.figures import style as colours
from sim.reporting.figures.style import FORMATS, STYLE

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
WIDE, NARROW = (9.6, 4.2), (4.9, 3.4)
"""Inches of a drawing across the page, and of one in a gallery or on a phone; letters then come out at reading size."""
THEMED = {
    colours.BLACK: "ink", "#ffffff": "paper", "#b0b0b0": "rule", colours.BLUE: "blue", colours.RED: "red",
    colours.GREEN: "green", colours.PURPLE: "purple", colours.ORANGE: "orange", colours.SKY: "sky", colours.YELLOW: "yellow",
}  # fmt: skip
"""Colours of drawings that follow the page's, so that they can be told apart on a dark screen too."""
_COLOURS = re.compile("|".join(THEMED), re.IGNORECASE)
_CSS = {colour.lower(): f"var(--{name})" for colour, name in THEMED.items()}
_NUMBER = re.compile(r"-?\d+\.\d+")


class Markup(str):
    """Text that is HTML already."""


class Section(NamedTuple):
    """A part of a page with a heading, reached by a link at its top."""

    heading: str
    inside: Sequence[Any]


# --- text


def tag(name: str, *inside: Any, **attributes: Any) -> Markup:
    """An element; `class_` stands for `class`, `data_of` for `data-of`, and an attribute that is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>{joined(inside)}</{name}>")


def joined(inside: Iterable[Any]) -> Markup:
    """Pieces after each other, each escaped unless it is markup; a number stays with its percent sign."""
    return Markup(
        "".join(one if isinstance(one, Markup) else escape(str(one)).replace(" %", "\u00a0%") for one in inside)
    )


def paragraph(*inside: Any) -> Markup:
    """A paragraph of running text."""
    return tag("p", *inside)


def note(*inside: Any) -> Markup:
    """A paragraph in small print."""
    return tag("p", *inside, class_="note")


def strong(*inside: Any) -> Markup:
    """What the eye should find."""
    return tag("strong", *inside, class_="mark")


def code(text: str) -> Markup:
    """Something to be typed."""
    return tag("pre", tag("code", text))


def facts(pairs: Iterable[tuple[Any, Any]]) -> Markup:
    """Names and what they stand for."""
    return tag("dl", *(joined([tag("dt", name), tag("dd", value)]) for name, value in pairs))


def table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "", *, words: int = 1, stack: bool = True
) -> Markup:
    """A table.

    Parameters
    ----------
    words
        How many columns, from the left, hold words; the others hold numbers and are set flush right.
    stack
        Whether a row becomes a small list of its own where the screen is narrow; else the table scrolls sideways.
    """
    sides = ["word" if k < words else None for k in range(len(head))]
    top = tag("tr", *(tag("th", name, class_=side, scope="col") for name, side in zip(head, sides, strict=True)))
    body = [tag("tr", *_cells(head, sides, row)) for row in rows]
    title = [tag("caption", caption)] if caption else []
    whole = tag("table", *title, tag("thead", top), tag("tbody", *body), class_="stack" if stack else None)
    return tag("div", whole, class_="wrap")


def _cells(head: Sequence[str], sides: Sequence[str | None], row: Sequence[Any]) -> Iterable[Markup]:
    for k, (name, side, cell) in enumerate(zip(head, sides, row, strict=True)):
        yield tag("td", cell, class_=side, data_of=name) if k else tag("th", cell, class_=side, scope="row")


# --- drawings


def drawing(figure: Figure, says: str, caption: Any = "", *, narrow: Figure | None = None) -> Markup:
    """A figure as part of the page.

    Parameters
    ----------
    says
        What it shows, for those who cannot see it.
    narrow
        The same for a narrow screen.
    """
    small = [tag("div", inline(narrow, says), class_="narrow")] if narrow else []
    below = [tag("figcaption", caption)] if caption else []
    return tag("figure", tag("div", inline(figure, says), class_="wide" if narrow else None), *small, *below)


def gallery(*drawings: Markup) -> Markup:
    """Drawings beside each other, as many as there is room for."""
    return tag("div", *drawings, class_="gallery")


def inline(figure: Figure, says: str) -> Markup:
    """A figure as SVG inside a page: text as text, and the page's colours and letters."""
    file = io.BytesIO()
    with style.context(["default", STYLE, {"svg.fonttype": "none"}]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # letters that only the reader's machine has
        figure.savefig(file, format="svg", transparent=True, metadata=FORMATS["svg"])
    svg = ElementTree.fromstring(file.getvalue())
    for part in list(svg):
        if part.tag == f"{SVG}metadata" or part.find(f"{SVG}style") is not None:
            svg.remove(part)
    used = set(re.findall(r"#([\w-]+)", " ".join(value for one in svg.iter() for value in one.attrib.values())))
    for one in svg.iter():
        one.tag = one.tag.removeprefix(SVG)
        one.attrib = {
            ("href" if key == LINK else key): _themed(key, value)
            for key, value in one.attrib.items()
            if key != "id" or value in used
        }
    box = svg.attrib["viewBox"]
    svg.attrib = {"viewBox": box, "role": "img", "aria-label": says}
    return Markup(ElementTree.tostring(svg, encoding="unicode"))


def _themed(key: str, value: str) -> str:
    if key == "style":
        value = _COLOURS.sub(lambda found: _CSS[found[0].lower()], value)
        return re.sub(r"'DejaVu Sans'[^;]*", "var(--plain)", value)
    return _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)


# --- the page


def page(title: str, lead: Sequence[Any], sections: Sequence[Section], *, foot: Any = "") -> str:
    """A whole document.

    Parameters
    ----------
    lead
        What stands first, below the title: paragraphs, and drawings if need be.
    """
    ids = [re.sub(r"\W+", "-", section.heading.lower()).strip("-") for section in sections]
    links = [tag("a", section.heading, href=f"#{name}") for section, name in zip(sections, ids, strict=True)]
    body = [
        tag("section", tag("h2", section.heading), *section.inside, id=name)
        for section, name in zip(sections, ids, strict=True)
    ]
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup('<link rel="icon" href="data:,">'),
            tag("title", title),
            tag("style", Markup(Path(__file__).with_name("report.css").read_text(encoding="utf-8"))),
        ]
    )
    main = tag("main", tag("header", tag("h1", title), tag("div", *lead, class_="lead")), tag("nav", *links), *body)
    whole = tag("html", tag("head", head), tag("body", main, *([tag("footer", foot)] if foot else [])), lang="en")
    return f"<!DOCTYPE html>\n{whole}\n"


def write_page(file: Path, html: str) -> Path:
    """Write a page so that it is there whole or not at all."""
    aside = file.with_name(file.name + ".tmp")
    aside.write_text(html, encoding="utf-8")
    return aside.replace(file)
