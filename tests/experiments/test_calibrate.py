"""Calibration: what is searched, how it goes on, what holds a parameter, and what is written."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from sim.experiments.calibrate import Calibrated, CalibrationPlan, calibrate, loss, write_scenario
from sim.experiments.identifiability import identifiability, signed, steps
from sim.results.stylised_facts import Fact, Finding, finding
from sim.scenario.ranges import Range, values_of
from sim.scenario.scenario import load, loads, with_fields

RATIO, LIKE, PAGE = "viewers.watching.ratio", "viewers.reacting.like", "platform.feed.page"
RANGES = {
    RATIO: Range(low=0.5, high=2.0),
    LIKE: Range(low=0.001, high=0.1, log=True),
    PAGE: Range(low=4, high=12),
}
FACTS = (
    Fact(measure="feed.finish_rate", value=0.4, band=(0.3, 0.5)),
    Fact(measure="feed.like_rate", value=0.01, band=(0.005, 0.02)),
)


def plan(**changes: object) -> CalibrationPlan:
    return CalibrationPlan(loads("{}"), FACTS, RANGES, seeds=2, trials=12, batch=4, seed=1)._replace(**changes)


def world(trials: Sequence[Mapping[str, float]]) -> list[list[Finding]]:
    """What a world would say in which a third of the ratio finishes, and that many like; the page says nothing."""
    out = []
    for values in trials:
        full = values_of(plan().scenario, RANGES) | values
        out.append([finding(FACTS[0], [full[RATIO] / 3] * 2), finding(FACTS[1], [full[LIKE]] * 2)])
    return out


class StopError(Exception):
    pass


# --- the search


def test_the_search_begins_with_the_scenarios_own_and_finds_better(tmp_path: Path) -> None:
    wide = plan(trials=40)
    result = calibrate(wide, tmp_path, world)
    assert result.losses[0] == pytest.approx(loss(world([{}])[0]))
    assert loss(result.after) == min(result.losses) < result.losses[0] / 4
    assert len(result.losses) == 40
    assert result.before == world([{}])[0]


def test_the_same_seed_finds_the_same_and_another_one_something_else(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    first, second = (calibrate(plan(), folder, world) for folder in folders[:2])
    assert first == second
    assert calibrate(plan(seed=2), folders[2], world).losses[1:] != first.losses[1:]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_search_that_was_stopped_goes_on_as_if_it_had_not(tmp_path: Path, after: int) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "stopped").mkdir()
    calls = 0

    def stopping(trials: Sequence[Mapping[str, float]]) -> list[list[Finding]]:
        nonlocal calls
        calls += 1
        if calls == after:
            raise StopError
        return world(trials)

    with pytest.raises(StopError):
        calibrate(plan(), tmp_path / "stopped", stopping)
    assert calibrate(plan(), tmp_path / "stopped", world) == calibrate(plan(), tmp_path / "whole", world)


def test_more_trials_continue_a_search(tmp_path: Path) -> None:
    few = calibrate(plan(trials=4), tmp_path, world)
    more = calibrate(plan(trials=8), tmp_path, world)
    assert more.losses[:4] == few.losses
    assert len(more.losses) == 8


def test_what_cannot_be_measured_costs_as_much_as_the_farthest() -> None:
    assert loss([finding(FACTS[0], [])]) == 25.0
    assert loss([finding(FACTS[0], [0.5]), finding(FACTS[1], [0.01])]) == pytest.approx(0.5)


# --- what holds a parameter


def test_parameters_move_a_twentieth_of_their_range_and_no_farther() -> None:
    low, _, page = steps({RATIO: 0.5, LIKE: 0.01, PAGE: 12}, RANGES)
    assert low[:3] == (RATIO, {RATIO: 0.5, LIKE: 0.01, PAGE: 12}, {RATIO: 0.575, LIKE: 0.01, PAGE: 12})
    assert low.width == pytest.approx(0.05)
    assert (page.down[PAGE], page.up[PAGE], page.width) == (11, 12, 1 / 8)


def test_a_distance_has_a_sign() -> None:
    assert signed(finding(FACTS[0], [0.5])) == pytest.approx(1)
    assert signed(finding(FACTS[0], [0.3])) == pytest.approx(-1)
    assert signed(finding(FACTS[0], [])) == 0


def test_a_parameter_is_held_by_the_facts_that_it_moves() -> None:
    best = {RATIO: 1.2, LIKE: 0.01, PAGE: 8}
    moves = steps(best, RANGES)
    moved = world([values for move in moves for values in (move.down, move.up)])
    ratio, like, page = identifiability(RANGES, best, best, moves, moved)
    assert page.verdict == "loose"
    assert page.left == pytest.approx(1.0)
    assert (ratio.verdict, ratio.fact) == ("held loosely", "feed.finish_rate")
    assert like.fact == "feed.like_rate"
    # on a log axis a band from half to twice is 1 to either side, and the range of 100 is 6.64 doublings:
    # a variance of 1 / (6.64 ** 2 + 12) is left of 1 / 12
    assert like.left == pytest.approx((12 / (math.log2(100) ** 2 + 12)) ** 0.5, rel=1e-6)
    assert like.low == pytest.approx(0.01 * 100 ** -((1 / (math.log2(100) ** 2 + 12)) ** 0.5))


# --- what is written


def test_the_scenario_that_is_written_extends_the_original(tmp_path: Path) -> None:
    original = tmp_path / "own" / "room.yaml"
    original.parent.mkdir()
    original.write_text("title: My room\nviewers: {count: 300}\n")
    best = {RATIO: 1.5, "viewers.sessions_per_day.sigma": 0.5}
    ranges = {name: Range(low=0.1, high=3) for name in best}
    found = world([{}])[0]
    moves = steps(best, ranges)
    held = identifiability(ranges, best, best, moves, [found] * 4)
    result = Calibrated(plan(scenario=load(original), ranges=ranges), best, found, found, held, [1.0])
    file = tmp_path / "out" / "calibrated.yaml"
    file.parent.mkdir()
    write_scenario(result, original, file)
    made = load(file)
    assert made.title == "My room, calibrated"
    assert made == with_fields(load(original), best).model_copy(update={"title": made.title})
    assert "extends: ../own/room.yaml" in file.read_text()
