"""The page of a comparison: what its first sentences say, and that it holds whatever there is to hold."""

import math
import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.experiments.compare import effects_of
from sim.reporting.comparison import figures
from sim.reporting.comparison.axes import share_axis
from sim.reporting.comparison.curves import curves, difference, gaps_of, paths
from sim.reporting.comparison.effect_figures import possible, share_gaps
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.groups import group_effects
from sim.reporting.comparison.headline import first_sentences, headline, higher, what_arm_does
from sim.reporting.comparison.lorenz import inequality, moved
from sim.reporting.comparison.outcomes import AS_SOLD
from sim.reporting.comparison.page import comparison_page, members_section, usual
from tests.reporting.comparisons import TIMES, findings


def words(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup)).replace("\u00a0", " ")


def test_two_sentences_say_what_changed_and_how_sure() -> None:
    changed, sure = (words(sentence) for sentence in first_sentences(findings(gain=0.1)))
    assert changed.startswith("With platform.weights.review.conversion at 1 instead of 0, expected GMV was ")
    assert re.search(r"was [\d.]+ % higher \([\d.]+ instead of [\d.]+ yuan a run\)\.$", changed)
    assert sure.startswith("That is clear of no effect: over 4 seeds of the same people with the same random draws")
    assert re.search(r"95 % interval is \+[\d.]+ % to \+[\d.]+ %, and \d+ of 23 effects are significant", sure)


def test_where_items_are_boosted_that_is_what_the_first_sentence_is_about() -> None:
    some = findings(gain=0.1)
    some.values["paid.natural"] = some.values["live.entries"]
    some = some._replace(effects=effects_of(some.values, list(some.arms)))
    assert headline(some) == "paid.natural"


def test_an_interval_that_holds_no_effect_is_not_sure() -> None:
    _, sure = first_sentences(findings(gain=0.0))
    assert words(sure).startswith("That is not sure")


def test_every_arm_is_told() -> None:
    changed, sure = (words(sentence) for sentence in first_sentences(findings("0", "half", "whole")))
    assert changed.count("instead of 0") == 2
    assert "(half)" in sure
    assert "(whole)" in sure


def test_without_sales_the_first_sentence_is_about_exposures() -> None:
    assert "exposures of rooms was" in words(first_sentences(findings(sold=False))[0])


def test_what_an_arm_does() -> None:
    made = findings("a", "b")
    many = made._replace(arms={"a": dict.fromkeys("wxyz", "0"), "b": dict.fromkeys("wxyz", "1")})
    assert what_arm_does(many, "b") == "w at 1 instead of 0 and x at 1 instead of 0 and 2 more changes"
    same = made._replace(arms={"a": {}, "b": {}})
    assert what_arm_does(same, "b") == "nothing changed in “b”"


@pytest.mark.parametrize(
    ("relative", "said"), [(0.031, "3.1 % higher"), (-0.5, "50.0 % lower"), (0.0, "the same"), (1e-6, "the same")]
)
def test_higher_or_lower(relative: float, said: str) -> None:
    assert higher(relative) == said


@pytest.mark.parametrize(("relative", "said"), [(0.0005, "below"), (-0.01, "within"), (0.2, "above"), (math.nan, "-")])
def test_beside_what_real_platforms_report(relative: float, said: str) -> None:
    assert usual({"relative": relative}) == said


def test_a_page_has_every_section_and_escapes_what_people_named() -> None:
    evil = "<script>x</script>"
    html = comparison_page(findings(evil, "$b$", evil.upper(), title=evil))
    assert "<script" not in html.lower()
    for heading in ("Effects", "Trade-offs", "Over time", "Rooms and viewers", "Who gained", "pairing", "repeat it"):
        assert heading in html
    assert "wavepool compare" in html
    assert "b" * 64 in html
    assert "stopping so makes intervals slightly too narrow" in html


def test_where_nothing_was_sold_nothing_is_a_percentage_of_nothing() -> None:
    made = findings(sold=False)
    html = words(comparison_page(made))
    assert "0 to 0" in html
    assert "nan" not in html.lower()
    assert possible(made) == []
    assert ("refused_orders", "buyers") not in possible(findings())


def test_groups_by_hand() -> None:
    made = findings(seeds=2)
    made = made._replace(groups=made.groups[made.groups["grouping"] == "script"].copy())
    made.groups["exposures"] = [10.0, 30.0, 10.0, 30.0, 20.0, 30.0, 20.0, 30.0]
    table = group_effects(made)
    row = table[(table["group"] == "level 2") & (table["measure"] == "exposures")].iloc[0]
    assert (row["share"], row["relative"], row["members"]) == (0.25, 1.0, 3.0)
    assert list(dict.fromkeys(table["group"])) == ["level 2", "level 10"]


def test_who_gained_by_hand() -> None:
    made = findings(seeds=2)
    rooms = made.rooms.copy()
    rooms["exposures"] = rooms["room"].map({0: 40, 1: 60}).fillna(0.0)
    after = (rooms["arm"] == "with") & (rooms["room"] < 2)
    rooms.loc[after, "exposures"] = rooms.loc[after, "room"].map({0: 60, 1: 40})
    made = made._replace(rooms=rooms)
    # of 8 rooms 1 gained 20 of 100 exposures, 1 lost them
    assert moved(made, "with") == ("12.5 %", "20.0 %")
    assert moved(made, "without") == ("-", "-")
    # shares 0.4 and 0.6 of two among eight: (2*7-9)*0.4/8 + (2*8-9)*0.6/8
    assert inequality(made, "with", "exposures") == pytest.approx((5 * 0.4 + 7 * 0.6) / 8)


def titles(figure: Figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_expected_gmv_is_quoted_only_where_it_agrees_with_what_was_sold() -> None:
    agrees = findings(seeds=4)
    assert agrees.is_expected
    assert "expected GMV so far:\nwith − without" in titles(curves(agrees))
    assert "They do." in words(comparison_page(agrees))
    values = agrees.values.copy()
    values.loc[values["arm"] == "with", "sales.gmv_yuan"] *= 1.3
    apart = agrees._replace(values=values, effects=effects_of(values, list(agrees.arms)))
    assert not apart.is_expected
    assert "GMV so far:\nwith − without" in titles(curves(apart))
    told = words(comparison_page(apart))
    assert "expected GMV are not quoted" in told
    assert not apart.checks["sales.expected_gmv_yuan"]["with"]["holds"]


def test_long_names_of_arms_stay_inside_the_picture() -> None:
    made = findings("a_market_without_the_conversion_weight", "a_market_with_the_conversion_weight_and_learning")
    for name in ("main", "curves", "lorenz", "groups"):
        figure = figures.draw_one(made, name)
        figure.draw_without_rendering()
        whole = figure.bbox
        for box in (ax.get_tightbbox() for ax in figure.axes):
            assert box is not None
            assert (box.x0 > whole.x0 - 1, box.x1 < whole.x1 + 10) == (True, True), name


def test_measures_of_which_there_was_nothing_have_no_row() -> None:
    (ax,) = figures.draw_one(findings(), "effects").axes
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert "GMV" in rows
    assert "orders that met no stock" not in rows


def test_large_effects_are_written_out() -> None:
    ax = Figure().subplots()
    ax.set_xlim(-12, 12)
    share_axis("x", ax)
    told_as = ax.xaxis.get_major_formatter()
    assert [told_as(share) for share in (-10.0, 0.0, 0.025, 10.0)] == ["-1,000 %", "0", "+2.5 %", "+1,000 %"]


@pytest.mark.parametrize(("mean", "said"), [(0.2, "0.2"), (3.0, "3"), (12.4, "12"), (1200.4, "1,200")])
def test_groups_of_few_are_not_rounded_away(mean: float, said: str) -> None:
    assert members_section(mean) == said


def test_curves_are_laid_out_by_seed_and_time() -> None:
    made = findings(seeds=3)
    at, values = paths(made, "gmv", "with")
    assert at.tolist() == [3600.0 * hour for hour in range(1, 25)]
    assert values.shape == (3, 24)


@pytest.mark.parametrize("made", [findings(), findings("a", "b", "c", sold=False)], ids=["two arms", "three arms"])
def test_pictures_are_drawn_and_kept(made: Findings, tmp_path: Path) -> None:
    files = figures.draw(made, tmp_path)
    assert {file.suffix for file in files} == {".png", ".svg"}
    for file in files:
        assert file.stat().st_size > 2000
        if file.suffix == ".svg":
            ElementTree.fromstring(file.read_bytes())
    with pytest.raises(ValueError, match="main, effects"):
        figures.draw_one(made, "nothing")


def test_the_band_of_a_curve_is_students() -> None:
    made = findings(seeds=2)
    figure = difference(made, "gmv")
    gaps = paths(made, "gmv", "with")[1] - paths(made, "gmv", "without")[1]
    (band,) = figure.axes[0].collections
    reach = band.get_paths()[0].vertices[:, 1].max()
    half = 12.7062 * np.abs(gaps[0] - gaps[1]) / 2  # t(0.975, 1), and the error of two values
    assert reach == pytest.approx((gaps.mean(axis=0) + half).max(), rel=1e-4)


def test_curves_mark_when_the_rules_of_an_arm_change() -> None:
    switch = {"at": "day 0 06:00", "set": {"platform.weights.review.conversion": 1}}
    made = findings()
    made.about["switches"] = [switch]
    ax = difference(made, "gmv").axes[0]
    assert [float(line.get_xdata()[0]) for line in ax.lines if line.get_linestyle() == "--"] == [6 * 3600.0]
    assert "weights.review.conversion: 1" in [text.get_text() for text in ax.texts]


def test_the_curve_of_gmv_ends_at_its_effect() -> None:
    made = findings(seeds=5)
    late = made.curves["at_s"] == TIMES[-1]
    for name, measure in (("gmv", "sales.expected_gmv_yuan"), (AS_SOLD, "sales.gmv_yuan")):
        for arm in made.arms:
            mine = late & (made.curves["curve"] == name) & (made.curves["arm"] == arm)
            made.curves.loc[mine, "value"] = made.by_seed(measure, arm)
    found = made.effect("sales.expected_gmv_yuan", "with")
    assert gaps_of(made, "gmv", "with")[1][:, -1].mean() == pytest.approx(found["absolute"])


def test_trade_offs_stand_where_the_effects_do() -> None:
    made = findings(seeds=5)
    for measure in ("sales.expected_gmv_yuan", "viewers.sessions"):
        found = made.effect(measure, "with")
        assert share_gaps(made, measure, "with").mean() == pytest.approx(found["relative"])
