"""The error of a first wave's score shrinks as 1 / sqrt(n), and watch times have the quantiles of a Weibull number."""

import math
from itertools import pairwise

import numpy as np
import pytest

from agents.viewer import behaviour, watch_ms
from sim.core.arrays import Array, Row
from sim.core.compiler import compiled
from sim.core.event_log import FINISHED, VIDEO
from sim.core.randomness import WATCH, draw
from sim.results.lazy_rows import Table
from sim.scenario.scenario import Scenario, loads
from sim.world import World

# every feedback off: nothing but chance lengthens or shortens watching, tags are not used, nothing is ever promoted,
# no creator earns a larger first wave, there are no past posts, and viewers come equally often
SCENARIO = """
seed: 21
viewers:
  count: 2000
  bored_skip: 0
  activity_tail: 0
  own_hours: 0
  sessions_per_day: {kind: constant, value: 40}
  rhythm: %s
  watching: {ratio: 0.88, shape: 1.25, taste: 0, talent: 0, duration_fade: 0, spread: 0, activity_fade: 0}
  reacting: {taste: 0, talent: 0}
creators:
  videos_per_viewer_day: %s
  rhythm: %s
  duration_seconds: {kind: constant, value: 15}
rooms: {count: 0}
platform:
  refresh: 30
  feed: {use_tags: false}
  waves: {ladder: [%d], promote: 0, repeat: 0, minimum_sample: 1, pace: 0}
  first_wave: {explore: 1, reach: 0}
  stock: {share: 0}
warm_up: 0.02
days: 0.2
"""
RATIO, SHAPE, LOOPS, DURATION_MS = 0.88, 1.25, 4.0, 15_000
P_FINISH = math.exp(-((1 / RATIO) ** SHAPE))  # a Weibull number above 1
SIZES = (100, 400, 1_600)


FLAT = [1] * 24


def scenario(size: int) -> Scenario:
    """A first wave of `size` exposures, and so many videos that viewers fill the waves."""
    return loads(SCENARIO % (FLAT, 75 / size, FLAT, size))


def moments() -> tuple[float, float]:
    """Mean and standard deviation of the watch ratio: a Weibull number cut at four loops and at 300 ms."""
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    ratio = np.clip(RATIO * (-np.log(u)) ** (1 / SHAPE), 300 / DURATION_MS, LOOPS)
    return float(ratio.mean()), float(ratio.std())


# --- in direct draws


@compiled
def waves(items: int, n: int, seed: int, b: Row) -> Array:
    """Finish rate and mean watch ratio of each item over `n` viewers who differ in their luck alone."""
    out = np.zeros((items, 2))
    for item in range(items):
        for viewer in range(n):
            u, _, _, _ = draw(seed, WATCH, viewer, item, 0)
            ms = watch_ms(u, 0.5, 0.0, DURATION_MS, 1.0, b)
            out[item, 0] += 1.0 if ms >= DURATION_MS else 0.0
            out[item, 1] += ms / DURATION_MS
    return out / n


ITEMS = 300


@pytest.fixture(scope="module")
def rates() -> dict[int, Array]:
    b = behaviour(scenario(100))[0]
    return {n: waves(ITEMS, n, 3, b) for n in SIZES}


def test_the_finish_rate_is_unbiased(rates: dict[int, Array]) -> None:
    for n in SIZES:
        error = math.sqrt(P_FINISH * (1 - P_FINISH) / n / ITEMS)
        assert abs(rates[n][:, 0].mean() - P_FINISH) < 4.5 * error


def test_the_finish_rates_error_is_binomial(rates: dict[int, Array]) -> None:
    # a standard deviation from k items has a relative standard error of 1 / sqrt(2 k)
    for n in SIZES:
        expected = math.sqrt(P_FINISH * (1 - P_FINISH) / n)
        assert abs(rates[n][:, 0].std() / expected - 1) < 4.5 / math.sqrt(2 * ITEMS)


def test_the_dwell_terms_error_is_its_spread_over_sqrt_n(rates: dict[int, Array]) -> None:
    mean, spread = moments()
    for n in SIZES:
        expected = spread / math.sqrt(n)
        assert abs(rates[n][:, 1].mean() - mean) < 4.5 * expected / math.sqrt(ITEMS)
        assert abs(rates[n][:, 1].std() / expected - 1) < 4.5 / math.sqrt(2 * ITEMS)


def test_four_times_the_sample_halves_the_error(rates: dict[int, Array]) -> None:
    # the ratio of two such deviations has a relative standard error of 1 / sqrt(k)
    for small, large in pairwise(SIZES):
        for column in (0, 1):
            ratio = rates[small][:, column].std() / rates[large][:, column].std()
            assert abs(ratio / 2 - 1) < 4.5 / math.sqrt(ITEMS)


# --- in a world


class FirstWaves:
    """The reviews of first waves of a size, and all watch times, of a world with every feedback off."""

    def __init__(self, size: int) -> None:
        self.dwell: list[float] = []
        self.delivered: list[int] = []
        self.ms: list[int] = []
        self.finished = 0
        world = World(scenario(size), record=self.take)
        while world.running:
            world.step()
            for shard, count in enumerate(world.population.sizes):
                events = world.population.log[shard, :count]
                shown = events[events["kind"] == VIDEO]
                self.ms += shown["ms"].tolist()
                self.finished += int(((shown["did"] & FINISHED) != 0).sum())

    def take(self, table: str, rows: Table) -> None:
        """Keep the reviews of whole first waves."""
        if table != "reviews":
            return
        first = (np.asarray(rows["wave"]) == 1) & (np.asarray(rows["delivered"]) == np.asarray(rows["budget"]))
        self.dwell += np.asarray(rows["dwell"])[first].tolist()
        self.delivered += np.asarray(rows["delivered"])[first].tolist()


@pytest.fixture(scope="module")
def worlds() -> dict[int, FirstWaves]:
    return {size: FirstWaves(size) for size in SIZES}


def test_first_waves_of_a_world_err_as_theory_says(worlds: dict[int, FirstWaves]) -> None:
    # each wave's mean ratio, less the true mean, over spread / sqrt(n), is standard normal: over k waves the sum of
    # squares is chi-square of mean k and variance 2 k
    mean, spread = moments()
    for size, found in worlds.items():
        k = len(found.dwell)
        assert k >= 20, f"{k} whole waves of {size}"
        assert set(found.delivered) == {size}
        z = (np.array(found.dwell) - mean) / (spread / math.sqrt(size))
        assert abs(z.mean()) < 4.5 / math.sqrt(k)
        assert abs((z**2).sum() - k) < 4.5 * math.sqrt(2 * k)


def test_a_worlds_finish_rate_is_that_of_the_distribution(worlds: dict[int, FirstWaves]) -> None:
    for found in worlds.values():
        n = len(found.ms)
        assert abs(found.finished / n - P_FINISH) < 4.5 * math.sqrt(P_FINISH * (1 - P_FINISH) / n)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
def test_watch_times_have_the_quantiles_of_a_weibull_distribution(worlds: dict[int, FirstWaves], share: float) -> None:
    # x = scale (-ln(1 - q)) ** (1 / shape); a sample quantile has a standard error of sqrt(q (1 - q) / n) / density(x)
    ms = np.array(worlds[400].ms)
    x = RATIO * (-math.log(1 - share)) ** (1 / SHAPE)
    density = SHAPE / RATIO * (x / RATIO) ** (SHAPE - 1) * (1 - share)
    error = math.sqrt(share * (1 - share) / len(ms)) / density
    assert abs(np.quantile(ms, share) / DURATION_MS - x) < 4.5 * error + 1 / DURATION_MS
