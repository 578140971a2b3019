"""A run begins where it would have come to: past posts, waves and followers as of a steady state."""

from typing import Any

import numpy as np
import pytest

from sim.core.clock import DAY, HOUR
from sim.core.event_log import V_FOLLOWS, V_LIKES, V_SHOWN, V_WATCH_MS
from sim.engine.initial_stock import best_of, faded
from sim.scenario.scenario import Scenario, loads
from sim.traffic.video_waves import DEAD, IN_STOCK
from sim.world import World
from tests.worlds import told

TOWN = """
viewers: {count: 1500}
rooms: {count: 4}
platform: {refresh: 60, waves: {ladder: [60, 300, 900], minimum_sample: 30}, stock: {minimum_sample: 100}}
creators: {videos_per_viewer_day: 0.6}
records: {precision_sample: 50}
"""


def town(*overrides: str) -> Scenario:
    return loads(TOWN, overrides)


def test_the_growth_of_a_trickle_by_hand() -> None:
    assert faded(0.5, 1.13) == faded(1.0, 1.13) == 0.0
    assert faded(4.0, 0.5) == pytest.approx(2.0)  # 2 * (sqrt 4 - 1)
    assert faded(np.e, 1.0) == pytest.approx(1.0)


def test_the_best_share_of_those_who_came_so_far() -> None:
    scores, here = np.arange(10.0), np.array([True] * 9 + [False])
    assert np.flatnonzero(best_of(scores, here, 0.35)).tolist() == [5, 6, 7, 8]
    assert not best_of(scores, here, 0.0).any()
    assert not best_of(scores, np.zeros(10, bool), 0.5).any()


def test_past_posts_stand_in_waves_or_in_the_stock_by_their_age() -> None:
    world = World(town())
    platform, count, now = world.platform, world.catalogue.published, world.scenario.start_ms
    waves, age = platform.waves[:count], now - world.catalogue.videos["published_ms"][:count]
    assert (waves["tier"][age < 4 * HOUR] == 0).all()  # a first wave lasts four hours
    assert np.isin(waves["tier"][age > 3 * DAY], (IN_STOCK, DEAD)).all()
    assert (waves["delivered"] <= waves["budget"]).all()
    counts, began = platform.counters.videos[:count], platform.wave_began[:count]
    open_now = waves["tier"] >= 0
    assert (counts[open_now, V_SHOWN] - began[open_now, V_SHOWN] == waves["delivered"][open_now]).all()
    dead = np.flatnonzero(waves["tier"] == DEAD)  # of the part whose turn it was at once
    assert sorted([*platform.open_videos, *platform.stock, *dead]) == list(range(count))
    assert counts[:, V_WATCH_MS].min() >= 0
    assert counts[:, [V_LIKES, V_FOLLOWS]].sum() > 0


def test_who_is_better_came_further_and_who_is_famous_begins_with_more() -> None:
    world = World(town("creators.stars=[0.5]"))
    count = world.catalogue.published
    good, tier = world.truth.quality[:count], world.platform.best_tier[:count]
    means = [good[tier == t].mean() for t in range(3)]
    assert means == sorted(means)
    assert means[2] > means[0] + 0.5
    followers = world.platform.counters.followers
    assert followers[0] > 0.45 * 1_500


def test_the_first_day_is_like_the_third() -> None:
    # exposures in waves and in the stock, finished, liked: each within a tenth, and five standard errors of a count
    days = daily(told(town("days=3", "warm_up=1"))["series"])
    for day in days:
        day["promoted"] = day["tier_1"] + day["tier_2"]
    for name in ("video_exposures", "stock", "tier_0", "promoted", "finished", "likes", "follows", "sessions"):
        first, third = days[0][name], days[2][name]
        assert abs(first - third) < 0.1 * third + 5 * third**0.5, (name, first, third)


def daily(series: list[dict[str, Any]]) -> list[dict[str, int]]:
    """The totals of each day."""
    days: list[dict[str, int]] = [{}, {}, {}]
    for row in series:
        for name, value in row.items():
            if name != "at_s" and isinstance(value, int):
                day = days[(row["at_s"] - 1) // 86_400]
                day[name] = day.get(name, 0) + value
    return days
