"""Sessions follow their Poisson rate: in direct draws, and in a world whatever its viewers do meanwhile."""

import math

import numpy as np
import pytest

from agents.viewer import AWAY, behaviour, trait, visit_after
from sim.core.arrays import Array
from sim.core.clock import DAY, HOUR
from sim.core.event_log import VISIT
from sim.core.randomness import rhythm_of
from sim.scenario.scenario import Scenario, loads
from sim.world import World

SEED, VIEWERS, DAYS, PER_DAY = 5, 400, 20, 5.0
SCENARIO = f"""
seed: {SEED}
viewers:
  count: 1500
  regularity: 1
  own_hours: 0
  activity_tail: 0
  sessions_per_day: {{kind: lognormal, median: {PER_DAY}, sigma: 0.75}}
rooms: {{count: 6}}
platform: {{refresh: 60}}
warm_up: 0.5
"""


def scenario() -> Scenario:
    return loads(SCENARIO)


def visits(viewer: int, activity: int, start_ms: int, end_ms: int, world: Scenario) -> list[int]:
    """When a viewer's sessions are due, from the keyed draws alone."""
    b, rhythm, at, due = behaviour(world)[0], rhythm_of(world.viewers.rhythm), start_ms, []
    while True:
        at = visit_after(at, viewer, len(due), activity, 0, world.seed, b, rhythm)
        if at >= end_ms:
            return due
        due.append(at)


@pytest.fixture(scope="module")
def due() -> list[list[int]]:
    return [visits(viewer, 0, 0, DAYS * DAY, scenario()) for viewer in range(VIEWERS)]


def test_counts_have_the_mean_of_a_poisson_process(due: list[list[int]]) -> None:
    # 5 a day over 20 days: 100; the mean of 400 counts has a standard error of sqrt(100 / 400)
    mean = PER_DAY * DAYS
    counts = np.array([len(times) for times in due])
    assert abs(counts.mean() - mean) < 4.5 * math.sqrt(mean / VIEWERS)


def test_counts_have_the_variance_of_a_poisson_process(due: list[list[int]]) -> None:
    # the index of dispersion is chi-square with n - 1 degrees of freedom, of variance 2 (n - 1)
    counts = np.array([len(times) for times in due])
    dispersion = ((counts - counts.mean()) ** 2).sum() / counts.mean()
    assert abs(dispersion - (VIEWERS - 1)) < 4.5 * math.sqrt(2 * (VIEWERS - 1))


def test_hours_have_the_shares_of_the_rhythm(due: list[list[int]]) -> None:
    # chi-square with 23 degrees of freedom: mean 23, variance 46
    hours = np.bincount([at // HOUR % 24 for times in due for at in times], minlength=24)
    expected = hours.sum() * rhythm_of(scenario().viewers.rhythm) / 24
    assert ((hours - expected) ** 2 / expected).sum() < 23 + 5 * math.sqrt(46)


def test_days_are_independent(due: list[list[int]]) -> None:
    # a viewer's count on one day says nothing of the next: the correlation has a standard error of 1 / sqrt(n)
    days = np.array([np.bincount([at // DAY for at in times], minlength=DAYS) for times in due])
    n = VIEWERS * (DAYS - 1)
    assert abs(np.corrcoef(days[:, :-1].ravel(), days[:, 1:].ravel())[0, 1]) < 4.5 / math.sqrt(n)


@pytest.mark.parametrize("activity", [-16, 8])
def test_activity_scales_the_rate(activity: int) -> None:
    # a quarter and twice as often
    mean = PER_DAY * DAYS * trait(activity) * 200
    count = sum(len(visits(viewer, activity, 0, DAYS * DAY, scenario())) for viewer in range(200))
    assert abs(count - mean) < 4.5 * math.sqrt(mean)


# --- in a world


class Evening:
    """Noon to midnight of 1,500 viewers: when the sessions of each were due, as the events say."""

    def __init__(self) -> None:
        self.world = world = World(scenario())
        self.due: list[list[int]] = [[] for _ in range(len(world.viewers))]
        while world.clock.now_ms < 0:
            world.step()
            for shard, size in enumerate(world.population.sizes):
                events = world.population.log[shard, :size]
                for who, at in events[events["kind"] == VISIT][["viewer", "at_ms"]].tolist():
                    self.due[who].append(at)
        self.busy = np.flatnonzero(world.viewers["phase"] != AWAY)
        self.expected = self._expected(world.viewers)

    def _expected(self, viewers: Array) -> float:
        hours = rhythm_of(self.world.scenario.viewers.rhythm)[12:].sum() / 24
        return float(sum(PER_DAY * trait(int(activity)) for activity in viewers["activity"]) * hours)


@pytest.fixture(scope="module")
def evening() -> Evening:
    return Evening()


def test_sessions_of_a_world_are_due_when_the_draws_say(evening: Evening) -> None:
    # nothing that viewers do moves a session; who is busy has not yet noted what came due during this session
    world, busy = evening.world, set(evening.busy.tolist())
    assert len(busy) < 100
    for who, times in enumerate(evening.due):
        alone = visits(who, int(world.viewers["activity"][who]), world.scenario.start_ms, 0, world.scenario)
        assert times == (alone[: len(times)] if who in busy else alone), f"viewer {who}"


def test_sessions_of_a_world_have_their_rate(evening: Evening) -> None:
    # a Poisson count: a standard deviation of sqrt(mean); who is busy may owe the events of one session's due times
    count = sum(len(times) for times in evening.due)
    assert evening.expected > 3_000
    assert abs(count - evening.expected) < 4.5 * math.sqrt(evening.expected) + len(evening.busy)
