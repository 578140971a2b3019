"""What of a refresh, and of the end of a run, goes to the records."""

from typing import Any

import numpy as np

from sim.core.clock import HOUR
from sim.engine import observed_rows
from sim.engine.founding import every, sampling


def tell(world: Any) -> None:
    """Hand to the records what happened in the refresh that ends now; a warm-up is not told."""
    now = world.clock.now_ms
    if now % HOUR == 0:
        some, categories = world.crowd.rows(world.measured), len(world.scenario.categories)
        world.precision = observed_rows.precision(some.viewers, some.tags, now, world.believing, categories)
        world.followers = world.crowd.followers(len(world.creators))
    world.told = observed_rows.series_row(world)
    world.datacollector.collect(world)
    if now <= 0:
        world.product_counts[:] = 0
        return
    world.record("series", world.told)
    if len(world.orders):
        world.record("orders", observed_rows.orders(world))
    boosted = np.flatnonzero(world.paid.to_tell(now))
    if len(boosted):
        world.record("paid", observed_rows.paid(boosted, world, now))
    if world.scenario.records.exposures > 0 and len(facts := world.crowd.sampled()):
        world.record("exposures", observed_rows.exposures(facts))


def tell_end(world: Any) -> None:
    """Hand over the tables that show the state at the end."""
    now, records = world.clock.now_ms, world.scenario.records
    world.record("items", observed_rows.items(world))
    world.record("products", observed_rows.products(world))
    untold = np.flatnonzero(~world.paid.to_tell(now))
    if len(untold):
        world.record("paid", observed_rows.paid(untold, world, now))
    unreviewed = np.flatnonzero((world.levels["level"] >= 0) & (world.counters.rooms + world.paid.aside).any(axis=1))
    if len(unreviewed):
        world.record("rooms", observed_rows.room_minutes(unreviewed, world, now))
    stride = every(records.viewers)
    if stride:
        who = np.arange(sampling(world.scenario)[1], world.scenario.viewers.count, stride)
        world.record("viewers", observed_rows.viewers(world, who))
