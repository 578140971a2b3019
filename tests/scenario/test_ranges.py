from pathlib import Path

import numpy as np
import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.ranges import Range, drawn, read_ranges, read_sourced_ranges, value_of
from sim.scenario.scenario import Scenario, loads, with_fields

FILE = Path("scenarios/claims/ranges.yaml")
RATIO, PAGE = "viewers.watching.ratio", "platform.feed.page"


def one(low: float, high: float, **more: bool) -> Range:
    return Range(low=low, high=high, unit="-", source="assumed", **more)


def test_values_by_hand() -> None:
    assert one(2, 6).at(0.25) == pytest.approx(3.0)
    assert one(1, 16, log=True).at(0.5) == pytest.approx(4.0)
    assert [one(2, 4, whole=True).at(u) for u in (0.01, 0.34, 0.99)] == [2, 3, 4]


def test_draws_fill_the_range() -> None:
    values = [drawn({"a.b": one(0, 1)}, number)["a.b"] for number in range(400)]
    assert min(values) < 0.02
    assert max(values) > 0.98
    assert np.mean(values) == pytest.approx(0.5, abs=0.06)  # four standard errors


def test_a_draw_depends_on_its_number_and_its_own_name() -> None:
    alone, beside = {"a": one(0, 1)}, {"z": one(0, 1), "a": one(0, 1)}
    assert drawn(alone, 3)["a"] == drawn(beside, 3)["a"] != drawn(alone, 4)["a"]
    assert drawn(beside, 3)["z"] != drawn(beside, 3)["a"]


def test_every_range_holds_its_default() -> None:
    for path, found in read_sourced_ranges(FILE).items():
        value = Scenario().model_dump()
        for name in path.split("."):
            value = value[name]
        if path != "creators.videos_per_viewer_day":  # the town's own is another
            assert found.low <= value <= found.high, path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{low: 3, high: 2, unit: s, source: assumed}", "low must be below high"),
        ("{low: 0, high: 2, unit: s, source: assumed, log: true}", "low must be above 0"),
        ("{low: 0, high: 2, unit: s}", "required, but not given"),
    ],
)
def test_a_wrong_range_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "ranges.yaml").write_text(f"ranges:\n  rooms.skill: {text}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=said):
        read_sourced_ranges(tmp_path / "ranges.yaml")


# --- ranges of a scenario


def test_a_place_in_a_range_and_back() -> None:
    plain, log = Range(low=1, high=3), Range(low=0.01, high=1, log=True)
    assert plain.at(0.25) == 1.5
    assert log.at(0.5) == pytest.approx(0.1)
    for one in (plain, log):
        assert one.share(one.at(0.3)) == pytest.approx(0.3)
        assert (one.share(-9), one.share(9)) == (0.0, 1.0)


def test_numbers_are_found_and_set_by_path() -> None:
    scenario = loads("{}")
    spread = "viewers.sessions_per_day.sigma"
    changed = with_fields(scenario, {RATIO: 1.25, spread: 0.5, PAGE: 6.0})
    assert [value_of(changed, name) for name in (RATIO, spread, PAGE)] == [1.25, 0.5, 6]
    assert isinstance(value_of(changed, PAGE), int)
    assert with_fields(scenario, {}) == scenario


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("viewers.watching.ratioo: {low: 1, high: 2}", "the scenario has no such number"),
        ("viewers.watching: {low: 1, high: 2}", "the scenario has no such number"),
        ("platform.feed.spacing: {low: 0, high: 1}", "the scenario has no such number"),
        ("viewers.watching.ratio: {low: 2, high: 1}", "low must be below high"),
        ("viewers.watching.ratio: {low: 0, high: 1, log: true}", "low must be above 0"),
        ("viewers.watching.ratio: {low: 1, high: 99}", "99 is not allowed"),
        ("platform.feed.page: {low: 4, high: 6.5}", "6.5 is not allowed: must be a whole number"),
        ("viewers.watching.ratio: {low: 1}", "high"),
    ],
)
def test_a_bad_range_is_told_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "ranges.yaml"
    file.write_text(f"ranges:\n  viewers.reacting.like: {{low: 0.01, high: 0.02}}\n  {line}\n")
    with pytest.raises(ScenarioError) as told:
        read_ranges(file, loads("{}"))
    assert f"{file}:3:" in str(told.value)
    assert message in str(told.value)
