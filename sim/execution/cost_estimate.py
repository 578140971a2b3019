"""What a scenario takes on this machine and beyond it, from short runs of the same scenario that are measured.

Two runs of few viewers, one with more of them than the other: what both cost alike is a refresh's, what differs is the
exposures'. Everything of the world that goes with its viewers (creators, videos, rooms) is scaled with them. On its
first day a platform has next to nothing to show; so the runs go on into a second, which later days are like.
"""

import math
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from sim.core.arrays import Array
from sim.core.clock import DAY
from sim.engine.initialisation import videos_a_day
from sim.engine.memory_estimate import bytes_needed, bytes_per_video, bytes_per_viewer
from sim.engine.population import LocalPopulation
from sim.execution.ray_messages import Sender
from sim.execution.run import start
from sim.scenario.scenario import Scenario, with_fields
from sim.world import World

VIEWERS = 50_000  # fewer see less of the baseline: small worlds run out of videos that suit
SMALLER = 10
LENGTH = 1.5  # days: the second one's morning has what the first one's lacked; all of it would take twice as long
FIRST = 0.5  # days of a run that only loads what is compiled
DAILY_VIEWERS = 600e6
NETWORK = 1.25e9  # bytes a second
MOST_MACHINES = 10_000


# --- what is measured


class Sample(NamedTuple):
    """A run of few viewers."""

    viewers: int
    threads: int
    refreshes: int
    exposures: int
    first_day: int  # of these, in the first 24 hours
    last_day: int  # and in the last
    seconds: float  # in all
    acting: float  # of these, in which viewers acted
    records: float  # bytes
    on_a_day: int  # viewers who came at all on the first day
    dispatch: float  # bytes that a worker elsewhere would be sent at the last refresh


def sample(scenario: Scenario, threads: int) -> Sample:
    """Run a scenario with its records, and measure."""
    populations: list[TimedPopulation] = []
    shown, came, a_day = [0], list[int](), DAY // scenario.refresh_ms

    def timed(s: Scenario, creators: Array, threads: int) -> TimedPopulation:
        populations.append(TimedPopulation(s, creators, threads))
        return populations[-1]

    def look(_world: World, exposures: int) -> None:
        shown.append(exposures)
        if len(shown) == 1 + a_day:
            came.append(populations[0].came())

    with tempfile.TemporaryDirectory(prefix="wavepool-") as scratch:
        began = time.perf_counter()
        folder = start(
            scenario, "estimate", Path(scratch), threads=threads, pictures=False, progress=look, population=timed
        )
        seconds = time.perf_counter() - began
        written = sum(file.stat().st_size for file in folder.glob("*.parquet"))
    (population,) = populations
    return Sample(
        viewers=scenario.viewers.count,
        threads=population.threads,
        refreshes=len(shown) - 1,
        exposures=shown[-1],
        first_day=shown[: a_day + 1][-1],
        last_day=shown[-1] - shown[-(a_day + 1) :][0],
        seconds=seconds,
        acting=population.seconds,
        records=written,
        on_a_day=(came or [population.came()])[0],
        dispatch=sent_bytes(population),
    )


class TimedPopulation(LocalPopulation):
    """A population that takes the time in which it acts."""

    seconds = 0.0

    def act(self, turn: int, now_ms: int) -> None:
        began = time.perf_counter()
        super().act(turn, now_ms)
        self.seconds += time.perf_counter() - began

    def came(self) -> int:
        """Viewers who have come so far."""
        return int((self.served["pages"] > 0).sum())


def sent_bytes(population: LocalPopulation) -> int:
    """Bytes of what the world would send out, without its new videos."""
    sender = Sender()
    sender.sent = len(population.published.videos)
    return nbytes(sender.dispatch(population.published, population.shards))


def nbytes(message: Any) -> int:
    """Bytes of the arrays in a message."""
    if isinstance(message, tuple):
        return sum(map(nbytes, message))
    return int(getattr(message, "nbytes", 0))


def reduced(scenario: Scenario, viewers: int, days: float) -> Scenario:
    """The same world with fewer viewers for a shorter time, by the rules that hold at first and without paid waves."""
    share = viewers / scenario.viewers.count
    rooms = max(1, round(scenario.rooms.count * share)) if scenario.rooms.count else 0
    fields = {"viewers.count": viewers, "rooms.count": rooms, "days": days, "warm_up": 0.0}
    return with_fields(scenario, fields | {"campaigns": [], "changes": [], "rooms.adopt": []})


def samples(scenario: Scenario, threads: int, viewers: int = VIEWERS) -> tuple[Sample, Sample]:
    """A smaller and a larger run, after one that loads what is compiled."""
    most = min(viewers, scenario.viewers.count)
    days = min(LENGTH, scenario.days + scenario.warm_up)
    small, large = (reduced(scenario, max(1, some), days) for some in (most // SMALLER, most))
    sample(with_fields(small, {"days": min(FIRST, days)}), threads)
    return sample(small, threads), sample(large, threads)


# --- what follows


class Line(NamedTuple):
    """A straight line: what there is anyway, and what comes with each."""

    fixed: float
    each: float

    def at(self, n: float) -> float:
        return self.fixed + self.each * n


def through(x1: float, y1: float, x2: float, y2: float) -> Line:
    """The line through two points with x1 < x2; nothing on it is negative from 0 on."""
    each = max((y2 - y1) / (x2 - x1), 0.0) if x2 > x1 else 0.0
    fixed = y1 - each * x1
    return Line(fixed, each) if fixed >= 0.0 else Line(0.0, y2 / x2)


class Cost(NamedTuple):
    """Seconds."""

    refresh: float
    exposure: float


def cost(small: Sample, large: Sample, *, acting: bool) -> Cost:
    """What a refresh and an exposure take, while viewers act or in all the rest."""
    took = [one.acting if acting else one.seconds - one.acting for one in (small, large)]
    line = through(small.exposures, took[0], large.exposures, took[1])
    return Cost(line.fixed / small.refreshes, line.each)


class Estimate(NamedTuple):
    """What the whole scenario takes."""

    memory_bytes: float
    free_bytes: float
    bytes_per_viewer: int
    exposures: float
    refreshes: int
    seconds: float
    record_bytes: float
    acting: Cost
    platform: Cost  # all but the acting of viewers
    sampled: int  # viewers of the larger run


def estimate(scenario: Scenario, small: Sample, large: Sample) -> Estimate:
    """From two runs to the whole."""
    s, acting, platform = scenario, cost(small, large, acting=True), cost(small, large, acting=False)
    refreshes = (s.end_ms - s.start_ms) // s.refresh_ms
    later = max(refreshes * s.refresh_ms / DAY - 1.0, 0.0)  # days after the first
    exposures = (large.first_day + later * large.last_day) / large.viewers * s.viewers.count
    records = through(small.viewers, small.records, large.viewers, large.records).at(s.viewers.count)
    return Estimate(
        memory_bytes=bytes_needed(s),
        free_bytes=psutil.virtual_memory().available,
        bytes_per_viewer=bytes_per_viewer(s),
        exposures=exposures,
        refreshes=refreshes,
        seconds=refreshes * (acting.refresh + platform.refresh) + exposures * (acting.exposure + platform.exposure),
        record_bytes=records * s.end_ms / s.refresh_ms / large.refreshes,
        acting=acting,
        platform=platform,
        sampled=large.viewers,
    )


class Machine(NamedTuple):
    """A worker."""

    cores: int
    memory: float  # bytes


class Beyond(NamedTuple):
    """One day of a whole platform's viewers on many machines."""

    viewers: float  # of whom so many come on a day
    exposures: float
    machines: int  # 0 if no number of them holds the world
    by_memory: int
    by_time: int
    shards: int
    viewer_bytes: float
    catalogue_bytes: float  # on every machine, after a day
    sent_bytes: float  # to every worker at each refresh
    platform_seconds: float  # of a day, whatever the number of machines
    acting_seconds: float  # of a day, all machines at it
    network_seconds: float

    @property
    def day_seconds(self) -> float:
        return self.platform_seconds + self.acting_seconds + self.network_seconds


def beyond(scenario: Scenario, small: Sample, large: Sample, machine: Machine, daily: float = DAILY_VIEWERS) -> Beyond:
    """What so many daily viewers take on machines of a kind, a shard for each core.

    There are as many machines as hold the viewers, or as let the viewers act within the time that a refresh takes
    anyway, as that part is one process's: with twice as many a day would take three quarters of the time at best.
    """
    s, acting, platform = scenario, cost(small, large, acting=True), cost(small, large, acting=False)
    refreshes = DAY // s.refresh_ms
    viewers = daily * large.viewers / max(large.on_a_day, 1)
    exposures = large.last_day / large.viewers * refreshes / min(refreshes, large.refreshes) * viewers
    videos = videos_a_day(s) / s.viewers.count * viewers
    sent = through(small.viewers, small.dispatch, large.viewers, large.dispatch).at(viewers)
    own, network = refreshes * platform.refresh + exposures * platform.exposure, refreshes * sent / NETWORK
    core_seconds = (refreshes * acting.refresh + exposures * acting.exposure) * large.threads
    plain = bytes_per_video(s) - 4 * s.platform.shards
    held = viewers * bytes_per_viewer(s)
    by_memory = machines_that_hold(held, videos * plain, videos * 4 * machine.cores, machine.memory)
    by_time = max(1, math.ceil(core_seconds / machine.cores / max(own + network, 1e-9)))
    machines = max(by_memory, by_time) if by_memory else 0
    shards = max(machines, 1) * machine.cores
    return Beyond(
        viewers=viewers,
        exposures=exposures,
        machines=machines,
        by_memory=by_memory,
        by_time=by_time,
        shards=shards,
        viewer_bytes=held,
        catalogue_bytes=videos * (plain + 4 * shards),
        sent_bytes=sent,
        platform_seconds=own,
        acting_seconds=core_seconds / shards,
        network_seconds=network,
    )


def machines_that_hold(shared: float, copied: float, copied_for_each: float, memory: float) -> int:
    """The least number of machines that hold what is shared out among them, what each has a copy of, and what each has
    for every machine that there is (bytes); 0 if no number does.
    """
    for n in range(1, MOST_MACHINES + 1):
        if shared / n + copied + copied_for_each * n <= memory:
            return n
    return 0
