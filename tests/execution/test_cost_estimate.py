"""What a scenario takes: the arithmetic by hand, and the command as a person types it."""

import json
from pathlib import Path

import pytest

from sim.engine.memory_estimate import bytes_per_video, bytes_per_viewer
from sim.execution import cost_estimate as estimating
from sim.execution.cost_estimate import (
    Line,
    Machine,
    Sample,
    beyond,
    cost,
    estimate,
    machines_that_hold,
    reduced,
    through,
)
from sim.scenario.scenario import Scenario, load, loads
from tests.end_to_end.test_commands import refused, typed

SMALL = Sample(
    viewers=1_000, threads=2, refreshes=2_880, exposures=10_000, first_day=10_000, last_day=10_000,
    seconds=3.0, acting=2.0, records=1e6, on_a_day=800, dispatch=2_000,
)  # fmt: skip
LARGE = Sample(
    viewers=10_000, threads=2, refreshes=2_880, exposures=100_000, first_day=100_000, last_day=100_000,
    seconds=13.8, acting=11.0, records=2.8e6, on_a_day=8_000, dispatch=20_000,
)  # fmt: skip


def world() -> Scenario:
    return loads(
        "viewers: {count: 50000}\ndays: 1\nwarm_up: 1\n"
        "creators: {videos_per_viewer_day: 0.1}\nrooms: {posts_per_show: 0}"
    )


def test_a_line_goes_through_two_points_and_is_never_negative() -> None:
    assert through(1.0, 5.0, 3.0, 9.0) == Line(3.0, 2.0)
    assert through(1.0, 5.0, 3.0, 4.0) == Line(5.0, 0.0)
    assert through(1.0, 1.0, 3.0, 6.0) == Line(0.0, 2.0)
    assert through(2.0, 6.0, 2.0, 8.0) == Line(6.0, 0.0)
    assert Line(3.0, 2.0).at(4.0) == 11.0


def test_what_both_runs_cost_is_a_refreshs_and_what_differs_is_an_exposures() -> None:
    acting, rest = cost(SMALL, LARGE, acting=True), cost(SMALL, LARGE, acting=False)
    assert acting == pytest.approx((1.0 / 2_880, 1e-4))  # (11 - 2) s over 90,000 exposures, and 2 - 1 s are left
    assert rest == pytest.approx((0.8 / 2_880, 2e-5))  # (2.8 - 1) s over 90,000, and 1 - 0.2 s are left


def test_two_days_of_fifty_thousand() -> None:
    found = estimate(world(), SMALL, LARGE)
    assert found.exposures == pytest.approx(1e6)  # 10 for each of 50,000 on each of two days
    assert found.refreshes == 5_760
    assert found.seconds == pytest.approx(2 * 1.8 + 1e6 * 1.2e-4)
    assert found.record_bytes == pytest.approx(10.8e6)  # of the one day that is recorded: 0.8 MB, and 200 bytes each
    assert found.bytes_per_viewer == bytes_per_viewer(world())


def test_later_days_are_as_the_last_one_that_was_measured() -> None:
    longer = LARGE._replace(refreshes=4_320, exposures=160_000, last_day=110_000)
    week = loads("viewers: {count: 50000}\ndays: 5\nwarm_up: 1.5")
    assert estimate(week, SMALL, longer).exposures == pytest.approx(5 * (100_000 + 5.5 * 110_000))
    assert beyond(week, SMALL, longer, Machine(cores=4, memory=1e12), daily=8e6).exposures == pytest.approx(1.1e8)


def test_many_machines_share_the_viewers_but_not_the_platform() -> None:
    found = beyond(world(), SMALL, LARGE, Machine(cores=4, memory=1e12), daily=8e6)
    assert found.viewers == pytest.approx(1e7)  # eight in ten come
    assert found.exposures == pytest.approx(1e8)
    assert found.platform_seconds == pytest.approx(0.8 + 1e8 * 2e-5)
    assert found.sent_bytes == pytest.approx(2e7)
    assert found.network_seconds == pytest.approx(2_880 * 2e7 / 1.25e9)
    # 1 + 10,000 s of two threads: 5,000.5 s of four, 2.4 times what the rest takes
    assert (found.by_memory, found.by_time, found.machines, found.shards) == (1, 3, 3, 12)
    assert found.acting_seconds == pytest.approx(2 * 10_001 / 12)
    assert found.day_seconds == pytest.approx(2_000.8 + 46.08 + 2 * 10_001 / 12)
    a_video = bytes_per_video(world()) + 4 * (12 - world().platform.shards)
    assert found.catalogue_bytes == pytest.approx(1e6 * a_video)


def test_machines_hold_a_share_a_copy_and_something_for_each_other() -> None:
    assert machines_that_hold(100, 10, 5, 115) == 1
    assert machines_that_hold(100, 10, 5, 60) == 3  # 33.3 + 10 + 15, after 50 + 10 + 10
    assert machines_that_hold(100, 10, 5, 50) == 0  # 25 + 10 + 20 at best
    assert beyond(world(), SMALL, LARGE, Machine(cores=4, memory=1e6), daily=8e6).machines == 0


def test_a_reduced_world_keeps_its_proportions_and_drops_what_would_not_fit() -> None:
    whole = load("scenarios/paid_waves.yaml")
    small = reduced(whole, whole.viewers.count // 10, 0.5)
    assert small.rooms.count == pytest.approx(whole.rooms.count / 10, abs=0.5)
    assert (small.days, small.warm_up, small.campaigns, small.changes) == (0.5, 0.0, (), ())
    assert reduced(loads("rooms: {count: 0}"), 100, 1.0).rooms.count == 0


def test_a_sample_counts_what_its_run_did() -> None:
    scenario = load("scenarios/tiny.yaml", ["days=0.02", "warm_up=0"])
    found = estimating.sample(scenario, 2)
    again = estimating.sample(scenario, 1)
    assert found.refreshes == 29  # of a minute each
    assert found.exposures == found.first_day == found.last_day == again.exposures > 0
    assert (found.on_a_day, found.dispatch) == (again.on_a_day, again.dispatch)
    assert 0 < found.on_a_day <= scenario.viewers.count
    assert found.records > 0
    assert 0.0 < found.acting < found.seconds


def test_a_sample_tells_its_first_day_from_its_last() -> None:
    plain = ["viewers.count=200", "rooms.count=0", "warm_up=0", "platform.refresh=300"]
    day, longer = (estimating.sample(load("scenarios/tiny.yaml", [*plain, f"days={n}"]), 1) for n in (1, 1.25))
    assert day.exposures == day.first_day == day.last_day == longer.first_day
    assert longer.exposures - longer.first_day > 0
    assert longer.last_day < longer.exposures
    assert longer.refreshes == 360
    assert day.on_a_day == longer.on_a_day


def test_estimate_as_it_is_typed(tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(f"extends: {Path('scenarios/tiny.yaml').resolve()}\ndays: 0.02\nwarm_up: 0.01\n")
    done = typed("estimate", file, "--json", "--daily", "1e6")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["here"]["refreshes"] == 29 + 14  # of a minute each
    assert told["here"]["seconds"] > 0
    assert told["beyond"]["viewers"] >= 1e6
    assert told["beyond"]["machines"] >= 1
    assert len(told["assumptions"]) > 5
    words = typed("estimate", file, "--daily", "1e6")
    assert words.returncode == 0, words.stderr
    for part in ("memory", "records", "1 million daily viewers", "shards", "Assumed:"):
        assert part in words.stdout
    assert "cannot read" in refused("estimate", tmp_path / "none.yaml")
