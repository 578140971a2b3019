"""A world in mid-day, from which the obvious program and wavepool go on over the same stretch of simulated time."""

import time
from pathlib import Path

from benchmarks.floor import Load
from benchmarks.measured import Measured
from sim.core.clock import HOUR, MINUTE
from sim.engine.population import LocalPopulation
from sim.scenario.scenario import Scenario, load
from sim.world import World

BASELINE = Path(__file__).parent.parent / "scenarios" / "baseline.yaml"
ROOM_FOR_EACH = 500  # viewers to a live room; the baseline's 250 until 100,000 viewers


def day_of(viewers: int, *overrides: str) -> Scenario:
    """The baseline, a day after a day of warm-up, with so many viewers."""
    return load(BASELINE, [f"viewers.count={viewers}", *overrides])


def save_midday(viewers: int, warm_up: float, hours: float, file: Path, threads: int) -> None:
    """Run a world up to an hour of the day, and save it."""
    world = World(day_of(viewers, f"warm_up={warm_up}"), threads=threads)
    while world.clock.now_ms < hours * HOUR:
        world.step()
    world.save(file)


def refreshes_in(scenario: Scenario, minutes: float) -> int:
    """Refreshes that so many minutes hold."""
    return max(1, round(minutes * MINUTE / scenario.refresh_ms))


def held(world: World) -> LocalPopulation:
    """The viewers of a world that this process holds."""
    assert isinstance(world.population, LocalPopulation)
    return world.population


def go_on(saved: Path, minutes: float, threads: int) -> tuple[Measured, Load]:
    """Let wavepool go on from a saved world, and count what its exposures come to."""
    world, _ = World.load(saved, threads=threads)
    world.step()  # whatever is loaded at the first time is loaded
    before, pages = world.totals.exposures, int(held(world).served["pages"].sum())
    seconds = draws = 0.0
    live = entries = 0
    for _ in range(refreshes_in(world.scenario, minutes)):
        inside, began = world.observer.row["online"], time.perf_counter()
        world.step()
        seconds += time.perf_counter() - began
        told = world.observer.row
        live, entries = live + told["live_exposures"], entries + told["entries"]
        # one for each reaction, door, stay, stretch of a stay and click; when the next session is due, and its length
        draws += told["video_exposures"] + told["live_exposures"] + 2 * told["entries"] + inside + told["clicks"]
        draws += 2 * told["visits"]
    pages = int(held(world).served["pages"].sum()) - pages
    shown = world.totals.exposures - before
    return Measured(shown, seconds, pages, live, entries), Load(shown / max(pages, 1), (draws + pages) / max(shown, 1))
