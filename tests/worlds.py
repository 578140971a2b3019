"""Small worlds and their events, for all tests."""

from collections import defaultdict
from typing import Any

import numpy as np

from sim.core.arrays import Row
from sim.recommender.viewer_history import SEEN_WORDS, look_up, seen_bit, was_seen
from sim.scenario.scenario import Scenario, loads
from sim.world import World

SMALL = """
viewers: {count: 600, sessions_per_day: {kind: lognormal, median: 30, sigma: 0.5}}
rooms:
  count: 6
  opens: {kind: uniform, low: 0, high: 1}
  stock: {kind: constant, value: 3}
days: 0.15
warm_up: 0.05
platform: {waves: {ladder: [20, 60, 180], minimum_sample: 10, hours: 1, pace: 0}}
creators: {videos_per_viewer_day: 10}
records: {exposures: 0.2, viewers: 0.2, precision_sample: 50}
"""


def small(*overrides: str) -> Scenario:
    """Hundreds of viewers, hours of the night made busy."""
    return loads(SMALL, overrides)


def finished(scenario: Scenario, **options: Any) -> World:
    """A world that has come to its end, with the books checked at every refresh."""
    world = World(scenario, audit=True, **options)
    while world.running:
        world.step()
    return world


def told(scenario: Scenario, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """All rows that a world tells, table by table."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    world = finished(scenario, record=lambda table, rows: tables[table].append(dict(rows)), **options)
    world.end()
    return dict(tables)


def events(world: World) -> list[tuple[int, ...]]:
    """The events of the refresh that has just ended, shard by shard, without reading what comes after them."""
    names = ("at_ms", "viewer", "item", "ms", "did", "kind", "match_source")
    out: list[tuple[int, ...]] = []
    for shard, size in enumerate(world.population.sizes):
        rows = world.population.log[shard, :size]
        out += zip(*(rows[name].tolist() for name in names), strict=True)
    return out


def same(left: Any, right: Any) -> bool:
    """Whether two tables' cells agree to the bit, a missing number being equal to itself."""
    a, b = np.asarray(left), np.asarray(right)
    if a.dtype.kind == "f":
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))
    return a.shape == b.shape and bool((a == b).all())


def has_seen(served: Row, item: int) -> bool:
    """Whether a viewer's memory holds an item."""
    seen = np.zeros(SEEN_WORDS, np.uint64)
    look_up(served, seen)
    return bool(was_seen(seen, seen_bit(item)))
