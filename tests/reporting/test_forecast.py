import math

import numpy as np
import pytest

from sim.reporting import forecast
from sim.scenario.scenario import HOLD_AND_RELEASE, PLAIN, ReviewWeights, Scenario, loads

SMALL = """
viewers:
  count: 1000
  sessions_per_day: {kind: constant, value: 4}
  session_minutes: {kind: constant, value: 10}
  patience: {kind: constant, value: 1}
  bored_skip: 0.5
  watching: {ratio: 0.8, shape: 1, talent: 0, duration_fade: 0, loops: 50}
  reacting: {like: 0.01, talent: 0}
creators:
  videos_per_viewer_day: 0.1
  duration_seconds: {kind: constant, value: 10}
rooms: {count: 0}
platform:
  waves: {ladder: [100, 500, 5000], hours: 6, promote: 0.2, repeat: 0.2}
"""


@pytest.fixture
def small() -> Scenario:
    return loads(SMALL)


def hours(**rooms: float) -> Scenario:
    return loads(
        f"""
        viewers: {{rhythm: {[1] * 24}}}
        rooms:
          count: 3
          opens: {{kind: constant, value: {rooms["opens"]}}}
          hours_open: {{kind: constant, value: {rooms["lasts"]}}}
        """
    )


def test_an_exposure_follows_the_exponential_law_of_its_watch_time(small: Scenario) -> None:
    # shape 1: watched over length is exponential with mean 0.8; the length is 10 s, a skip is below 3 s
    seen = forecast.watch(small)
    assert seen.seconds == pytest.approx(8.0, rel=0.005)
    assert seen.seen == pytest.approx(0.8 * (1 - math.exp(-1 / 0.8)), rel=0.005)
    assert seen.finished == pytest.approx(math.exp(-1 / 0.8), abs=0.005)
    assert seen.skipped == pytest.approx(1 - math.exp(-0.3 / 0.8), abs=0.005)


def test_a_day_is_sessions_times_minutes_over_seconds(small: Scenario) -> None:
    day = forecast.viewer_day(small, dull=False)
    assert (day.sessions, day.minutes) == (4.0, pytest.approx(40.0))
    assert day.seconds == pytest.approx(9.0, rel=0.005)  # 8 watched, 1 to swipe
    assert day.exposures == pytest.approx(2400 / 9, rel=0.005)
    assert (day.live, day.entries) == (0.0, 0.0)


def test_dullness_costs_sessions_and_session_time(small: Scenario) -> None:
    day = forecast.viewer_day(small, dull=True)
    sessions = 4 * (1 - 0.5 * (1 - 0.5708))
    assert day.sessions == pytest.approx(sessions, rel=0.005)
    assert day.exposures == pytest.approx(sessions * 600 / (9 + 0.3127 * 15), rel=0.01)
    assert day.minutes == pytest.approx(day.exposures * 9 / 60, rel=0.005)


def test_the_ladder_is_cut_and_climbed_by_promotions_and_repeats(small: Scenario) -> None:
    first, top = forecast.tiers(small)
    assert first == (100, 1.0, 100.0, pytest.approx(1 / 0.8), pytest.approx(12_500))
    assert top.videos == pytest.approx(100 * 0.2 / 0.8)
    assert top.waves == pytest.approx(1 / (1 - 0.4))  # at the top a promotion is a repeat
    assert (top.budget, top.growth, top.exposures) == (500, 5.0, pytest.approx(25 / 0.6 * 500))


def test_endless_repeats_end_with_the_age_of_a_video(small: Scenario) -> None:
    changed = loads(SMALL, ["platform.waves.promote=0", "platform.waves.repeat=1"])
    assert forecast.tiers(changed)[0].waves == 7 * 24 / 6
    assert forecast.tiers(changed)[1].videos == 0


def test_supply_is_what_waves_offer_over_what_viewers_ask_for(small: Scenario) -> None:
    asked = forecast.viewer_day(small, dull=True).videos * 1000
    assert forecast.supply(small) == pytest.approx((12_500 + 25 / 0.6 * 500) / asked)


@pytest.mark.parametrize(
    ("distribution", "share", "value"),
    [
        ("{kind: constant, value: 3}", 0.3, 3.0),
        ("{kind: uniform, low: 2, high: 6}", 0.25, 3.0),
        ("{kind: lognormal, median: 5, sigma: 0.7}", 0.8413447, 5 * math.exp(0.7)),
        ("{kind: weibull, scale: 2, shape: 1}", 0.5, 2 * math.log(2)),
        ("{kind: pareto, minimum: 2, tail: 2}", 0.75, 4.0),
    ],
)
def test_quantiles(distribution: str, share: float, value: float) -> None:
    read = loads(f"rooms: {{stock: {distribution}}}").rooms.stock
    assert forecast.quantiles(read, np.array([share]))[0] == pytest.approx(value)


def test_the_average_of_a_tail_without_a_mean_is_finite() -> None:
    read = loads("rooms: {stock: {kind: pareto, minimum: 1, tail: 1}}").rooms.stock
    assert read.mean() == math.inf
    assert math.isfinite(forecast.average(read))


def test_capped_mean_of_a_log_normal_number() -> None:
    assert forecast.capped_mean(1.0, 1.0, 1e12) == pytest.approx(math.exp(0.5))
    assert forecast.capped_mean(1.0, 1.0, 1.0) == pytest.approx(math.exp(0.5) * 0.158655 + 0.5, rel=1e-5)
    assert forecast.capped_mean(3.0, 0.0, 2.0) == 2.0


def test_prices_of_the_defaults_have_the_quantiles_of_their_distribution() -> None:
    spread = math.exp(1.28155 * 1.62)
    assert forecast.price_range(loads("seed: 1").rooms) == pytest.approx((85 / spread, 85, 85 * spread), rel=0.01)


def test_rooms_are_open_in_their_hours_past_midnight_too() -> None:
    assert np.flatnonzero(forecast.open_rooms(hours(opens=23, lasts=2).rooms)).tolist() == [0, 23]
    assert forecast.open_rooms(hours(opens=10, lasts=2).rooms).sum() == 6


def test_live_rooms_get_their_share_only_while_one_is_open() -> None:
    assert forecast.live_share(hours(opens=10, lasts=2)) == pytest.approx(0.1 * 2 / 24)
    assert forecast.live_share(loads(SMALL)) == 0


def test_a_page_has_one_room_at_most() -> None:
    crowded = loads("platform: {feed: {page: 8, live_share: 0.5}}\nrooms: {opens: {kind: constant, value: 0}}")
    always = crowded.model_copy(update={"rooms": loads("rooms: {hours_open: {kind: constant, value: 23}}").rooms})
    assert forecast.live_share(always) <= 1 / 8


def test_a_script_is_counted_until_the_room_closes() -> None:
    assert forecast.run_of_show(PLAIN, 1.0) == {"chat": 12, "pitch": 12}
    assert forecast.run_of_show(HOLD_AND_RELEASE, 4.5) == {"hold": 34, "release": 34, "pitch": 34}


def test_shares_of_levels_and_of_weights() -> None:
    assert forecast.level_shares((1, 3)) == [0.25, 0.75]
    weights = ReviewWeights.model_validate({"conversion": 2, "entry": 0})
    assert forecast.doubled(weights, ("dwell", "entry", "conversion")) == pytest.approx(
        {"dwell": 1 / 3, "entry": 0, "conversion": 2 / 3}
    )


def test_a_room_gets_its_part_of_the_live_exposures() -> None:
    world = hours(opens=10, lasts=2)  # 6 room-hours a day
    live = forecast.viewer_day(world, dull=True).live * 50_000
    assert forecast.room_budget(world) == pytest.approx(live / 6 * 1.3 / 12)


def test_time_is_exposures_over_throughput_and_refreshes(small: Scenario) -> None:
    shown = forecast.exposures_in_all(small)
    assert shown == pytest.approx(forecast.viewer_day(small, dull=True).exposures * 1000 * 2)
    assert forecast.seconds_needed(small) == pytest.approx((shown / 2e6 + 5.76, shown / 0.5e6 + 23.04))
