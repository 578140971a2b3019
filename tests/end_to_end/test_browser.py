"""A comparison's page in a real browser: on a phone and a desktop, in light and dark, and printed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.reporting.comparison.page import comparison_page
from sim.reporting.html_page import write_page
from tests.reporting.comparisons import findings

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("WAVEPOOL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: apt-get install chromium")

SCREENS = {"phone": (390, 844), "desktop": (1280, 900)}
SECTIONS_WITH_PICTURES = 5


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as core:
        opened = core.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = findings(title="What did the <weight> do?")
    return write_page(tmp_path_factory.mktemp("page") / "report.html", comparison_page(made))


@pytest.fixture(params=[(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")], ids="-".join)
def shown(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Any]:
    """The page on a screen, which must not have complained or asked for anything."""
    screen, scheme = request.param
    width, height = SCREENS[screen]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if asked.url != file.as_uri() else None)
    page.goto(file.as_uri())
    yield page
    page.close()
    assert said == []


def visible(page: Any, where: str) -> list[dict[str, float]]:
    """The boxes of all that can be seen of this kind."""
    return [one.bounding_box() for one in page.query_selector_all(where) if one.is_visible()]


def test_the_first_screen_says_what_changed_and_how_sure(shown: Any) -> None:
    width, height = (shown.viewport_size[side] for side in ("width", "height"))
    for where in ("h1", ".lead > p:nth-of-type(1)", ".lead > p:nth-of-type(2)"):
        (box,) = visible(shown, where)
        assert box["y"] + box["height"] < height
        assert box["x"] + box["width"] <= width
    assert shown.inner_text("h1") == "What did the <weight> do?"
    assert "95\u00a0% interval" in shown.inner_text(".lead")
    (curve,) = visible(shown, ".lead svg")
    assert curve["y"] < height


def test_every_picture_can_be_seen_and_nothing_runs_off_the_screen(shown: Any) -> None:
    width = shown.viewport_size["width"]
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    pictured = [one for one in shown.query_selector_all("main > section") if visible(one, "svg")]
    assert len(pictured) == SECTIONS_WITH_PICTURES
    for box in visible(shown, "svg"):
        assert box["width"] > min(300, width * 0.8)
        assert box["height"] > 80
    smallest = shown.evaluate(
        """() => Math.min(...[...document.querySelectorAll('svg text')]
             .filter(t => t.textContent.trim() && t.getClientRects().length)
             .map(t => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width
                       / t.ownerSVGElement.viewBox.baseVal.width))"""
    )
    assert smallest >= 8  # letters in pictures, in pixels


def test_ink_and_paper_are_far_apart(shown: Any) -> None:
    ink, paper = shown.evaluate(
        """() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor].map(
             c => c.match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 3) }"""
    )
    dark = shown.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (paper - ink) * (-1 if dark else 1) > 150


def test_paper_has_ink_on_white_and_no_links(browser: Any, file: Path) -> None:
    page = browser.new_page(viewport={"width": 720, "height": 900}, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(file.as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert visible(page, "nav") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert len(page.pdf(format="A4")) > 20_000
    page.close()
