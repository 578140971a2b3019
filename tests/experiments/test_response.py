"""What orders do to traffic: nothing where they have no weight, something where they have."""

import pytest

from sim.experiments.response import responses
from sim.results.measures.run_data import NothingToMeasureError
from sim.scenario.scenario import Scenario, loads

MARKET = """
viewers: {count: 1500, sessions_per_day: {kind: lognormal, median: 30, sigma: 0.5}}
rooms: {count: 8, opens: {kind: uniform, low: 0, high: 1}, hours_open: {kind: constant, value: 20}}
days: 0.25
warm_up: 0.05
platform:
  feed: {live_share: 0.3}
  waves: {ladder: [20, 60, 180], minimum_sample: 10, hours: 1, pace: 0}
  # so that half an hour is long enough to rise
  rooms: {levels: [0.02, 0.04, 4, 40], held: 1, start_level: 0}
  reviews: {maturity_orders: 0}
creators: {videos_per_viewer_day: 5}
"""


def market(*changes: str) -> Scenario:
    return loads(MARKET, changes)


def total(*changes: str) -> list[int]:
    return [one.more for one in responses(market(*changes), orders=40, hour=4.0)]


def test_orders_that_do_not_count_bring_nothing() -> None:
    found = total("platform.weights.review.conversion=0")
    assert len(found) == 8
    assert found == [0] * 8


def test_orders_that_count_bring_traffic() -> None:
    found = total("platform.weights.review.conversion=50")
    assert sum(found) > 0
    assert sum(more > 0 for more in found) >= 2


def test_the_orders_are_the_only_difference() -> None:
    assert [one.more for one in responses(market(), orders=0, hour=4.0)] == [0] * 8


def test_without_an_open_room_there_is_nothing_to_ask() -> None:
    closed = market("rooms.opens={kind: constant, value: 12}", "rooms.hours_open={kind: constant, value: 1}")
    with pytest.raises(NothingToMeasureError, match="no room is open at 4 h"):
        responses(closed, hour=4.0)
