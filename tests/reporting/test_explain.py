from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from sim.reporting.explain import explain
from sim.reporting.explain.layout import histogram
from sim.reporting.explain.ranking import balance
from sim.scenario.scenario import Scenario, loads, source_of
from sim.scenario.yaml_reader import validate

SECTIONS = (
    "Population",
    "A viewer's day",
    "The ladder of videos",
    "Weights in reviews and ranking",
    "Live rooms",
    "Interest tags",
    "What differs",
    "Memory and time",
)


def said(scenario: Scenario) -> str:
    console = Console(width=100, record=True, file=StringIO())
    console.print(explain(scenario))
    return console.export_text()


def flat(scenario: Scenario) -> str:
    """The same with every break and run of blanks as one blank."""
    return " ".join(said(scenario).split())


def test_orders_for_paid_exposures_are_told() -> None:
    assert "Boosted waves" not in said(loads("seed: 1"))
    orders = """campaigns:
    - {at: day 0 08:00, boosts: {kind: newest, count: 30}, budget_yuan: 10}
    - {at: day 9 08:00, boosts: {kind: room, room: 3}, hours: 2, target: {kind: lookalikes, of: buyers}}
    """
    text = flat(loads(orders))
    assert "day 0 08:00 newest 30 videos everybody 6 h 10 500 exposures x 30" in text
    assert "day 9 08:00, never room 3 20% most like its" in text
    assert "400 yuan in all. 40% of pages have a place for a boosted item." in text
    assert "No page has a place for a boosted item" in flat(loads(orders, ["platform.boosts.share=0"]))
    assert "do not count in reviews" in flat(loads(orders, ["platform.boosts.counts=false"]))


def test_every_section_is_told_within_100_columns() -> None:
    text = said(loads("seed: 1"))
    assert [name for name in SECTIONS if name not in text] == []
    assert max(cell_len(line) for line in text.splitlines()) <= 100


PINNED = """
viewers: {count: 50000, fewest_tastes: 3, most_tastes: 6}
creators: {videos_per_viewer_day: 0.15, posts_per_day: {kind: lognormal, median: 1, sigma: 0.9}}
rooms:
  opens: {kind: constant, value: 14.5}
  hours_open: {kind: constant, value: 4.5}
  bait_price_yuan: 9.9
  bait_cost_yuan: 25
  bait_share: 0.1
  scripts:
    plain: [{do: chat, seconds: 60}, {do: pitch, seconds: 240}]
    held: [{do: hold, seconds: 180}, {do: release, seconds: 60}, {do: pitch, seconds: 240}]
  script_shares: {plain: 3, held: 1}
platform:
  waves: {ladder: [300, 3000, 13000, 120000]}
  weights: {review: {dwell: 1, interaction: 1, entry: 1, conversion: 2}}
  tags: {short_half_life: 3, reaction: 0.5, purchases: 1}
"""


def test_a_world_in_numbers() -> None:
    text = flat(loads(PINNED))
    assert "50,000 viewers, each with 3 to 6 tastes out of 24 categories" in text
    # 7,500 by viewers, and 24 before each of 200 shows
    assert "5,002 creators publish 12,300 videos a day, 2.46 each" in text
    assert "Tiers: 3; 1 more would exceed the population." in text
    assert "room score = (1 x dwell + 1 x interaction + 1 x entry + 2 x conversion) / 5" in text
    assert "dwell +0.20, interaction +0.20, entry +0.20, conversion +0.40" in text
    assert "Script plain, 75% of rooms: 14:30 chat 60 s, 14:31 pitch 4 min, and again" in text
    assert "In 4.5 h 54 products are pitched" in text
    assert "34 releases of a bait at 9.9 yuan, which loses 15.1 yuan, for 10% of the people inside" in text
    assert "videos watched x 1, rooms entered and stayed in x 1, orders x 1" in text
    assert "half gone after 3 days, 90 % after 10" in text


def test_the_defaults_differ_in_nothing() -> None:
    assert "all is as in the defaults" in flat(loads("title: only a title"))


def test_a_change_is_told_with_its_unit_and_source(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("rooms: {count: 4}\n")
    source = source_of(tmp_path / "one.yaml")
    console = Console(width=100, record=True, file=StringIO())
    console.print(explain(validate(Scenario, source), source))
    text = " ".join(console.export_text().split())
    assert "rooms.count 4 200 rooms; assumed" in text


def test_changes_in_mid_run_are_told() -> None:
    changes = "changes: [{at: day 0 12:00, set: {platform.weights.review.conversion: 0, platform.waves.promote: 0.2}}]"
    text = flat(loads(changes))
    assert "Changes in mid-run" in text
    assert "day 0 12:00:00 platform.weights.review.conversion 1.0 0.0" in text
    assert "platform.waves.promote" not in text.split("What differs")[0]  # as it was
    assert "Changes in mid-run" not in flat(loads("seed: 1"))


def test_rooms_that_learn_are_told() -> None:
    learning = "{share: 0.5, explore: 0.2, imitate: 0.1}"
    text = flat(loads(f"rooms: {{learning: {learning}, sessions_per_day: 3, break_minutes: 45}}"))
    assert "50% of rooms learn: in 20% of sessions they try any script, in 10% that of the best-selling room" in text
    assert "A day's hours are 3 sessions, with breaks of 45 min between them." in text
    assert "rooms learn:" not in flat(loads("rooms: {sessions_per_day: 2}"))


def test_names_are_not_read_as_markup() -> None:
    assert "[red]x" in said(loads("title: '[red]x'"))
    assert "[bold]b" in said(
        loads("categories: [{name: '[bold]b'}, {name: c}]\nviewers: {most_tastes: 2, fewest_tastes: 1}")
    )


@pytest.mark.parametrize(
    "odd",
    [
        "rooms: {count: 0}",
        "viewers: {count: 1}",
        "viewers: {count: 2000000000}",
        "creators: {videos_per_viewer_day: 0}",
        "viewers: {sessions_per_day: {kind: constant, value: 0.001}}",
        "platform: {weights: {review: {dwell: 0, interaction: 0, entry: 0, conversion: 0}}}",
        "platform: {waves: {promote: 1, repeat: 1}}",
        "platform: {tags: {videos: 0, rooms: 0, purchases: 0}}",
        "rooms: {scripts: {long: [" + "{do: chat, seconds: 5}, " * 20 + "]}, script_shares: {long: 1}}",
    ],
)
def test_odd_worlds_are_told_too(odd: str) -> None:
    text = said(loads(odd))
    assert max(cell_len(line) for line in text.splitlines()) <= 100


def test_balance_in_words() -> None:
    assert balance(0.5).startswith("under-supplied")
    assert balance(1.0).startswith("about in balance")
    assert balance(2.0).startswith("over-supplied")


def test_a_histogram_has_a_bar_a_weight() -> None:
    assert histogram((0, 1, 8)) == " ▁█"
