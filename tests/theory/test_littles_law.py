"""Little's law, L = lambda W: arrivals, stays and people inside are counted apart and must fit together."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from sim.core.arrays import Array
from sim.core.event_log import ENTERED, LEFT, SHOWN
from sim.scenario.scenario import loads
from sim.world import World

SCENARIO = """
seed: 8
viewers: {count: 3000}
rooms: {count: 10, opens: {kind: uniform, low: 10, high: 18}, hours_open: {kind: constant, value: 8}}
platform: {refresh: 20}
warm_up: 0.25
"""
REFRESH_MS = 20_000


class Observed(NamedTuple):
    """From 18:00, when nobody is inside, to midnight."""

    start_ms: int
    end_ms: int
    arrivals: Array  # (at_ms, viewer, room) of each entry
    departures: Array  # (at_ms, viewer, room, ms stayed) of each leaving
    sampled: Array  # (refreshes, rooms) people inside as the platform counts them, at the end of each refresh


@pytest.fixture(scope="module")
def observed() -> Observed:
    world = World(loads(SCENARIO))
    start, arrivals, departures, sampled = world.clock.now_ms, [], [], []
    while world.clock.now_ms < 0:
        world.step()
        for shard, size in enumerate(world.population.sizes):
            events = world.population.log[shard, :size]
            came = events[(events["kind"] == SHOWN) & ((events["did"] & ENTERED) != 0)]
            arrivals += came[["at_ms", "viewer", "item"]].tolist()
            departures += events[events["kind"] == LEFT][["at_ms", "viewer", "item", "ms"]].tolist()
        sampled.append(world.catalogue.rooms["online"].copy())
    return Observed(start, 0, np.array(arrivals), np.array(departures), np.array(sampled))


def concurrency(seen: Observed) -> float:
    """L: the time integral of the people inside over the time observed, from the moments of coming and going."""
    moments = np.concatenate([seen.arrivals[:, 0], seen.departures[:, 0], [seen.end_ms]])
    change = np.concatenate([np.ones(len(seen.arrivals)), -np.ones(len(seen.departures)), [0]])
    order = np.lexsort((-change, moments))
    inside = np.cumsum(change[order])
    return float((inside[:-1] * np.diff(moments[order])).sum() / (seen.end_ms - seen.start_ms))


def test_enough_happens(observed: Observed) -> None:
    assert len(observed.departures) > 1_000
    assert concurrency(observed) > 3.0


def test_people_inside_are_entries_less_leavings(observed: Observed) -> None:
    # the platform's counter, refresh by refresh and room by room, against the moments of single events
    rooms = observed.sampled.shape[1]
    for n in range(0, len(observed.sampled), 30):
        now = observed.start_ms + (n + 1) * REFRESH_MS
        came = np.bincount(~observed.arrivals[observed.arrivals[:, 0] < now, 2], minlength=rooms)
        went = np.bincount(~observed.departures[observed.departures[:, 0] <= now, 2], minlength=rooms)
        assert (observed.sampled[n] == came - went).all()


def pairs(seen: Observed) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Each stay that ended, as (entered, left, ms), and the moments of entry of all who are still inside."""
    entries: dict[tuple[int, int], list[int]] = {}
    for at, who, room in sorted(map(tuple, seen.arrivals.tolist())):
        entries.setdefault((who, room), []).append(at)
    departures = sorted(map(tuple, seen.departures.tolist()))
    stays = [(entries[who, room].pop(0), at, ms) for at, who, room, ms in departures]
    return stays, [at for times in entries.values() for at in times]


def test_a_stay_lasts_from_entry_to_leaving(observed: Observed) -> None:
    for entered, left, ms in pairs(observed)[0]:
        assert left - entered == ms


def test_the_time_that_all_spend_inside_is_the_integral_of_the_people_inside(observed: Observed) -> None:
    # the stays of all who left and the time so far of all who did not, to the millisecond
    span = observed.end_ms - observed.start_ms
    still = sum(observed.end_ms - entered for entered in pairs(observed)[1])
    assert concurrency(observed) * span == pytest.approx(float(observed.departures[:, 3].sum() + still), abs=0.5)


def test_littles_law(observed: Observed) -> None:
    # L T is the time that all spent inside; lambda T W counts each who came with W, the mean stay of those who left.
    # They differ by those still inside, who have spent some x so far: |L - lambda W| T = |sum (x - W)| <= sum |x - W|
    span, mean = observed.end_ms - observed.start_ms, float(observed.departures[:, 3].mean())
    bound = sum(abs(observed.end_ms - entered - mean) for entered in pairs(observed)[1]) / span
    assert abs(concurrency(observed) - len(observed.arrivals) / span * mean) <= bound + 1e-9
    # and that is little, as those still inside are few among those who came
    assert bound < 0.1 * concurrency(observed)


def test_the_platforms_own_samples_agree(observed: Observed) -> None:
    # a stay of length s meets s / h sampling moments of distance h on average, with a variance of 1/4 at most: over n
    # stays the mean of the samples has a standard error of h sqrt(n) / 2 / T
    span = observed.end_ms - observed.start_ms
    error = REFRESH_MS * math.sqrt(len(observed.arrivals)) / 2 / span
    assert abs(observed.sampled.sum(axis=1).mean() - concurrency(observed)) < 4.5 * error
    assert 4.5 * error < 0.1 * concurrency(observed)
