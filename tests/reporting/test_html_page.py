"""Pages: what is put in is escaped, tables say what their numbers are, drawings follow the page."""

import re
from html.parser import HTMLParser
from pathlib import Path

from matplotlib.figure import Figure

from sim.reporting.figures import style
from sim.reporting.html_page import (
    Section,
    code,
    drawing,
    facts,
    gallery,
    inline,
    joined,
    note,
    page,
    paragraph,
    strong,
    table,
    tag,
    write_page,
)

EVIL = '<script>alert("&")</script>'


@style.styled
def figure(title: str = "a title") -> Figure:
    made = Figure(figsize=(4, 3))
    ax = made.subplots()
    ax.plot([0.123456, 1], [1, 2], color=style.BLUE, label="blue")
    ax.fill_between([0, 1], [1, 1], [2, 2], color=style.RED, alpha=0.2)
    ax.set_title(title)
    return made


class Nesting(HTMLParser):
    """Which elements are open, and all that was met."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def whole() -> str:
    inside = [
        table(["measure", "effect"], [["GMV", strong("+3 %")], [EVIL, EVIL]], EVIL),
        gallery(drawing(figure(EVIL), EVIL, EVIL, narrow=figure())),
        code(EVIL),
        facts([("seed", 1), (EVIL, EVIL)]),
        note(EVIL),
    ]
    return page(
        EVIL, [paragraph("What changed: ", EVIL)], [Section("First things", inside), Section(EVIL, [])], foot=EVIL
    )


def test_nothing_that_is_put_in_is_taken_for_markup() -> None:
    met = Nesting(whole()).met
    assert "script" not in {name for name, _ in met}
    assert whole().count("&lt;script&gt;") > 10
    assert tag("p", EVIL, title=EVIL) == (
        '<p title="&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;">'
        "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</p>"
    )
    assert joined(["<", strong("<")]) == '&lt;<strong class="mark">&lt;</strong>'


def test_a_page_is_well_formed_and_fetches_nothing() -> None:
    page_read = Nesting(whole())
    assert page_read.open == []
    ids = [given["id"] for _, given in page_read.met if "id" in given]
    links = [given["href"] for name, given in page_read.met if name == "a"]
    assert links == ["#first-things", "#script-alert-script"]
    assert {link[1:] for link in links if link} <= set(ids)
    assert not re.search(r"""(src|href)=["'](?!#|data:,)""", whole())
    assert "@import" not in whole()
    assert not re.search(r"url\((?!#)", whole())


def test_a_cell_names_its_column_for_narrow_screens() -> None:
    told = table(["measure", "effect", "n"], [["GMV", "+3 %", 10]])
    assert '<th class="word" scope="row">GMV</th><td data-of="effect">+3\u00a0%</td><td data-of="n">10</td>' in told
    assert "<caption" not in told


def test_a_drawing_takes_the_colours_and_letters_of_the_page() -> None:
    svg = inline(figure("0.123456 视频 $x$"), "a curve")
    assert "stroke: var(--blue)" in svg
    assert "fill: var(--red)" in svg
    assert "0.123456 视频 $x$" in svg
    assert "DejaVu" not in svg
    assert "metadata" not in svg
    assert "xlink" not in svg
    assert 'aria-label="a curve"' in svg
    assert not re.search(r' [dxy]="[^"]*\.\d{3}', svg)


def test_equal_figures_give_equal_bytes_and_files_are_whole(tmp_path: Path) -> None:
    assert inline(figure(), "x") == inline(figure(), "x")
    file = write_page(tmp_path / "report.html", whole())
    assert file.read_text(encoding="utf-8") == whole()
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
