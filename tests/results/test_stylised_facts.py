"""Facts files, and how far runs are from their figures."""

import math
from pathlib import Path

import pytest

from sim.reporting.figures.stylised_facts import picture
from sim.results.measures.lookup import measure
from sim.results.stylised_facts import Fact, distance, find, finding, read_facts
from sim.scenario.errors import ScenarioError
from tests.results.measures.records import evidence, table

HEAD = "facts:\n"
GOOD = "  - {measure: feed.like_rate, value: 0.01, band: [0.005, 0.02], grade: A, source: a log}\n"


def fact(value: float, low: float, high: float) -> Fact:
    return Fact(measure="feed.like_rate", value=value, band=(low, high))


def written(folder: Path, text: str) -> Path:
    file = folder / "facts.yaml"
    file.write_text(text)
    return file


# --- files


def test_the_figures_that_come_along_are_whole() -> None:
    facts = read_facts()
    assert len(facts) == 32
    assert all(one.source and one.grade in "ABC" and one.band[0] <= one.value <= one.band[1] for one in facts)
    assert len({one.label for one in facts}) == len(facts)
    assert all(measure(one.name, one.arguments) for one in facts)


@pytest.mark.parametrize(
    "line",
    [
        "{measure: creators.exposure_top_share, args: [0.1], value: 0.5, band: [0.2, 0.9]}",
        "{measure: creators.exposure_top_share, args: {q: 0.1}, value: 0.5, band: [0.2, 0.9]}",
        "{measure: creators.exposure_top_share, args: 0.1, value: 0.5, band: [0.2, 0.9]}",
        "{measure: creators.exposure_top_share(0.1), value: 0.5, band: [0.2, 0.9]}",
        "{measure: creators.exposure_top_share(q), args: [0.1], value: 0.5, band: [0.2, 0.9]}",
    ],
)
def test_arguments_may_be_written_in_several_ways(tmp_path: Path, line: str) -> None:
    (one,) = read_facts(written(tmp_path, f"{HEAD}  - {line}\n"))
    run = evidence(items=table("items", item=[0, 1], creator=[0, 1], shown=[9, 1]))
    assert find(one, [run]).simulated == 0.9
    assert one.label.startswith("creators.exposure_top_share(")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "{measure: feed.lik_rate, value: 1, band: [0, 2]}",
            "no measure 'feed.lik_rate'; the nearest are feed.like_rate",
        ),
        ("{measure: feed.like_rate, value: 1, band: [2, 1]}", "band must be two numbers, the lower one first"),
        ("{measure: feed.like_rate, value: 5, band: [0.1, 2]}", "value must lie in its own band, from 0.1 to 2"),
        ("{measure: feed.like_rate, value: 0.05, band: [0.1, 2]}", "value must lie in its own band"),
        ("{measure: enter_rate, value: 1, band: [0, 2]}", "the measure enter_rate is now called live.enter_rate"),
        ("{measure: live.dwell_seconds.q150, value: 1, band: [0, 2]}", "has no part 'q150'"),
        ("{measure: feed.exploit_share(0), value: 1, band: [0, 2]}", "n must be a whole number from 1 up"),
        ("{measure: feed.like_rate, value: 1, band: [1, 1]}", "band must be two numbers"),
        ("{measure: feed.like_rate, value: 1, band: [1]}", "band"),
        ("{measure: feed.like_rate, value: 1, band: 3}", "band"),
        ("{measure: feed.like_rate, value: 1}", "band"),
        ("{measure: feed.like_rate, value: a lot, band: [0, 1]}", "value"),
        ("{measure: feed.like_rate, value: .nan, band: [0, 1]}", "finite"),
        ("{measure: feed.overlap, value: 1, band: [0, 1]}", "takes the arguments (days)"),
        ("{measure: feed.like_rate, value: 1, bnad: [0, 1]}", "bnad"),
    ],
)
def test_a_bad_fact_is_told_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    file = written(tmp_path, f"{HEAD}{GOOD}  - {line}\n")
    with pytest.raises(ScenarioError) as told:
        read_facts(file)
    assert f"{file}:3:" in str(told.value)
    assert message in str(told.value)


def test_files_that_are_no_facts(tmp_path: Path) -> None:
    for text in ("", "facts: []\n", "figures: []\n"):
        with pytest.raises(ScenarioError):
            read_facts(written(tmp_path, text))


# --- findings


def test_distance_is_one_at_the_edge_of_the_band() -> None:
    one = fact(0.01, 0.005, 0.04)
    assert distance(0.01, one) == 0
    assert distance(0.005, one) == pytest.approx(1)
    assert distance(0.04, one) == pytest.approx(1)
    assert distance(0.02, one) == pytest.approx(0.5)  # half of the way on a log axis
    assert distance(0.0025, one) == pytest.approx(2)
    assert distance(0.0, one) == distance(math.nan, one) == math.inf


def test_figures_that_may_be_negative_are_compared_plainly() -> None:
    one = fact(0.1, -0.1, 0.2)
    assert distance(0.0, one) == pytest.approx(0.5)
    assert distance(-0.3, one) == pytest.approx(2)
    assert distance(0.3, one) == pytest.approx(2)


def test_a_published_figure_at_the_edge_of_its_band_has_a_distance_still() -> None:
    assert distance(0.1, fact(0.2, 0.2, 0.8)) == pytest.approx(math.log(2) / (math.log(4) / 2))


def test_mean_and_interval_over_runs() -> None:
    found = finding(fact(2.0, 1.0, 4.0), [1.0, 2.0, 3.0])
    assert found.simulated == 2.0
    assert found.high - 2.0 == pytest.approx(4.302653 / 3**0.5)  # Student's t of two degrees of freedom
    assert found.inside
    assert found.ratio == 1.0
    alone = finding(fact(2.0, 1.0, 4.0), [5.0])
    assert math.isnan(alone.low)
    assert not alone.inside
    assert alone.to_json() == {
        "measure": "feed.like_rate",
        "args": [],
        "simulated": 5.0,
        "low": None,
        "high": None,
        "published": 2.0,
        "ratio": 2.5,
        "band": [1.0, 4.0],
        "inside": False,
        "grade": "",
        "source": "",
    }


def test_what_cannot_be_measured_says_why() -> None:
    one = Fact(measure="videos.gini", value=0.5, band=(0.1, 0.9))
    empty, known = evidence(), evidence(items=table("items", item=[0, 1], shown=[0, 8], published_s=-100))
    nothing = find(one, [empty])
    assert nothing.why == "no video that is old enough"
    assert not nothing.inside
    assert nothing.to_json()["simulated"] is None
    assert find(one, [empty, known]).values == (0.5,)


# --- the picture


def test_the_picture_has_a_row_for_each_fact() -> None:
    facts = [fact(0.01, 0.005, 0.02), fact(1.0, 0.5, 2.0), fact(0.1, -0.1, 0.2), fact(0.1, 0.05, 0.2)]
    found = [finding(one, values) for one, values in zip(facts, ([0.01, 0.012], [40.0], [0.15], []), strict=True)]
    axes = picture(found, "three facts").axes[0]
    assert axes.get_xscale() == "log"
    assert len(axes.get_yticklabels()) == 4
    assert len(axes.patches) == 3  # the band with a negative end has no place on a log axis
    points = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    assert [line.get_marker() for line in points] == ["o", ">"]  # the second one is off by far more than is drawn
    assert points[0].get_xdata()[0] == pytest.approx(1.1)
    assert "not on a log axis" in axes.texts[0].get_text()
    assert points[1].get_xdata()[0] == 10.0
