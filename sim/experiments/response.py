"""What orders do to traffic, by experiment: ten orders more in one window of one room, all else the same draws."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Array
from sim.core.clock import HOUR, MINUTE
from sim.core.event_log import R_GMV, R_ORDERS, ROOM_COUNTS
from sim.results.measures.run_data import NothingToMeasureError
from sim.scenario.scenario import Scenario
from sim.world import World

WINDOW_MS = 30 * MINUTE
SHOWN = ROOM_COUNTS[0]


class Response(NamedTuple):
    """What one room's extra orders brought in one world.

    Attributes
    ----------
    room
        The room.
    level
        Its level when the orders came.
    without, with_orders
        Its exposures in the next 30 minutes in either world.
    """

    room: int
    level: int
    without: int
    with_orders: int

    @property
    def more(self) -> int:
        """Exposures that the orders brought."""
        return self.with_orders - self.without


def responses(scenario: Scenario, orders: int = 10, most_rooms: int = 20, hour: float = 20.5) -> list[Response]:
    """Run a scenario to one moment, and from there once as it is and once for each of some open rooms with more orders.

    The orders are counted by the platform in the window between two reviews, as goods at the mean price that the room
    sells at, and by nobody else: no viewer bought, so that nothing changes but what the next reviews see.

    Parameters
    ----------
    scenario
        The world; its seed is that of all runs.
    orders
        How many orders more.
    most_rooms
        At most so many of the rooms that are open then, by number.
    hour
        Hour of the first recorded day after which the orders come, in the middle of a window.

    Returns
    -------
    list of Response
        One a room, in order.

    Raises
    ------
    NothingToMeasureError
        If no room with a level is open then.
    """
    review_ms = int(scenario.platform.rooms.review_minutes * MINUTE)
    at_ms = int(hour * HOUR) // review_ms * review_ms + review_ms // 2 // scenario.refresh_ms * scenario.refresh_ms
    with tempfile.TemporaryDirectory() as folder:
        saved, world = Path(folder) / "world", World(scenario)
        while world.clock.now_ms < at_ms and world.running:
            world.step()
        world.save(saved)
        level = world.platform.levels["level"]
        rooms = [r for r in np.flatnonzero(level >= 0).tolist() if world.truth.live_rooms[r].is_open][:most_rooms]
        if not rooms:
            raise NothingToMeasureError(f"no room is open at {hour:g} h of day 0")
        plain = exposures_after(saved, -1, 0)
        return [Response(r, int(level[r]), int(plain[r]), int(exposures_after(saved, r, orders)[r])) for r in rooms]


def exposures_after(saved: Path, room: int, orders: int) -> Array:
    """Exposures of every room in the next 30 minutes of a saved world, in which one room has so many orders more."""
    shown: dict[int, int] = {}

    def keep(table: str, rows: Mapping[str, Any]) -> None:
        if table == "rooms":
            for r, count in zip(np.asarray(rows["room"]).tolist(), np.asarray(rows[SHOWN]).tolist(), strict=True):
                shown[r] = shown.get(r, 0) + count

    world, _ = World.load(saved, record=keep)
    before = world.platform.counters.rooms[:, 0].copy()  # of the window that is half over
    if orders:
        add_orders(world, room, orders)
    until_ms = world.clock.now_ms + WINDOW_MS
    while world.clock.now_ms < until_ms and world.running:
        world.step()
    left = world.platform.counters.rooms[:, 0]
    total = np.array([shown.get(r, 0) for r in range(len(before))]) + left - before
    return np.asarray(total)


def add_orders(world: World, room: int, orders: int) -> None:
    """Let the platform count orders that nobody placed, at the mean price of the room's recent ones.

    They are taken off the sums of which price bands are made, so that they change no band.
    """
    counts, sold = world.platform.counters.rooms[room], world.platform.levels["sold"][room]
    cents = int(orders * sold[0] / sold[1]) if sold[1] > 0 else 0
    counts[R_ORDERS] += orders
    counts[R_GMV] += cents
    sold -= [cents, orders]


def over_seeds(scenario: Scenario, seeds: int, **how: Any) -> Iterator[tuple[int, list[Response]]]:
    """Responses for one seed after another, counted from the scenario's own."""
    for seed in range(scenario.seed, scenario.seed + seeds):
        yield seed, responses(scenario.model_copy(update={"seed": seed}), **how)
