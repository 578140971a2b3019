"""One stretch of a busy day for so many viewers: what an exposure costs, and what a viewer takes of memory."""

import time
from typing import NamedTuple

import psutil

from benchmarks.midday import day_of
from sim.core.clock import MINUTE
from sim.engine.memory_estimate import bytes_per_video, bytes_per_viewer
from sim.scenario.scenario import Scenario
from sim.world import World

ALWAYS = f"[{', '.join(['1'] * 24)}]"
VIEWERS_TO_A_ROOM = 500
FEW = 2_000


class Stretch(NamedTuple):
    """What was measured."""

    viewers: int
    threads: int
    exposures: int
    wall_ns: float  # an exposure, as the clock goes
    processor_ns: float  # an exposure, of all threads
    acting_ns: float  # an exposure, as the clock goes while viewers act
    row_bytes: int  # of a viewer, as it is laid out
    resident_bytes: float  # of a viewer: all that the process grew by, less the catalogue's rows
    founding_seconds: float


def busy(viewers: int) -> Scenario:
    """The baseline with every hour alike, open rooms, and so many posts that an hour's catalogue feeds everybody: a
    short stretch from the beginning then works as one in mid-day does.
    """
    return day_of(
        viewers,
        *("creators.videos_per_viewer_day=1.5", "days=0.2", "warm_up=0"),
        "creators.posts_per_day={kind: lognormal, median: 10, sigma: 0.9}",  # as many creators as in the baseline
        *(f"viewers.rhythm={ALWAYS}", f"creators.rhythm={ALWAYS}", "rooms.opens={kind: constant, value: 0}"),
        f"rooms.count={max(1, viewers // VIEWERS_TO_A_ROOM)}",
    )


def run(viewers: int, threads: int, before: float, minutes: float) -> Stretch:
    """Let so many minutes go by, and measure the next ones."""
    go_on(World(busy(min(viewers, FEW)), threads=threads), 2 * before)  # whatever is compiled is loaded
    resident, began = psutil.Process().memory_info().rss, time.perf_counter()
    world = World(scenario := busy(viewers), threads=threads)
    founding = time.perf_counter() - began
    go_on(world, before)
    shown, acting = world.totals.exposures, [0.0]
    act = world.population.act

    def timed(refresh_index: int, now_ms: int) -> None:
        at = time.perf_counter()
        act(refresh_index, now_ms)
        acting[0] += time.perf_counter() - at

    setattr(world.population, "act", timed)  # noqa: B010 - a method that mypy would not have replaced
    wall, processor = time.perf_counter(), time.process_time()
    go_on(world, minutes)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    grown = psutil.Process().memory_info().rss - resident - world.catalogue.published * bytes_per_video(scenario)
    n = world.totals.exposures - shown
    return Stretch(
        viewers=viewers,
        threads=threads,
        exposures=n,
        wall_ns=wall / n * 1e9,
        processor_ns=processor / n * 1e9,
        acting_ns=acting[0] / n * 1e9,
        row_bytes=bytes_per_viewer(scenario),
        resident_bytes=grown / viewers,
        founding_seconds=founding,
    )


def go_on(world: World, minutes: float) -> None:
    """Let so much simulated time go by."""
    until = world.clock.now_ms + minutes * MINUTE
    while world.clock.now_ms < until:
        world.step()
