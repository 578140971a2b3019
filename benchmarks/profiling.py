"""Where the time goes: `uv run python -m benchmarks.profiling [FILE] [--inside]`.

Without `--inside` the phases of a refresh and the records are timed as they are. With it the viewers' loop is compiled
once more with stopwatches (see `stopwatch`); what a reading costs is taken off, and what is left is good to a few
nanoseconds a call. One thread, so that times add up, and its processor time, so that a busy machine does little harm.
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

ACTING = "viewers act"


class Spent(NamedTuple):
    """Processor time of a whole run by what it was spent on, and what was done."""

    seconds: dict[str, float]
    exposures: int
    refreshes: int
    whole: float
    wall: float


class Bill:
    """Processor time of the main thread by what it was spent on; what is called within is on its own account."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._within: list[float] = []

    def put_on(self, owner: Any, name: str, key: str) -> None:
        """Let a function of a class or module put its time on an account."""
        function: Callable[..., Any] = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            began = time.thread_time()
            self._within.append(0.0)
            try:
                return function(*args, **options)
            finally:
                took = time.thread_time() - began
                self.seconds[key] += took - self._within.pop()
                self.calls[key] += 1
                if self._within:
                    self._within[-1] += took

        setattr(owner, name, watched)


def accounts() -> list[tuple[Any, str, str]]:
    """What a run's time is spent on: whose function, its name, and in words."""
    from sim.engine.event_phase import EventPhase
    from sim.engine.observer import Observer
    from sim.engine.population import LocalPopulation
    from sim.engine.room_phase import RoomPhase
    from sim.engine.video_phase import VideoPhase
    from sim.execution import run
    from sim.reporting import figures
    from sim.results.run_folder import Writer
    from sim.traffic.platform_state import PlatformState
    from sim.world import World

    return [
        (World, "__init__", "the world before its first refresh"),
        (World, "step", "creators and rooms on SimPy's clock"),
        (LocalPopulation, "act", ACTING),
        (EventPhase, "settle", "orders against stock"),
        (EventPhase, "count", "events to counters"),
        (World, "admit", "new posts"),
        (VideoPhase, "review", "reviews of videos"),
        (RoomPhase, "open_sessions", "rooms that open"),
        (RoomPhase, "review", "reviews of rooms"),
        (Observer, "refresh", "series, orders, sampled exposures"),
        (PlatformState, "decay", "running means fade"),
        (World, "change_policy", "rules that change"),
        (World, "publish", "the snapshot"),
        (Writer, "__call__", "records: rows taken"),
        (Writer, "flush", "records: parts in Parquet"),
        (Writer, "finish", "records: parts joined"),
        (run, "summarise", "the summary"),
        (figures, "draw", "the pictures"),
    ]


def watched_run(scenario: Any, out: Path) -> Spent:
    """A whole run with records on, its phases timed."""
    from sim.execution import run
    from sim.results.run_folder import open_run

    bill = Bill()
    for home, name, words in accounts():
        bill.put_on(home, name, words)
    began, at = time.thread_time(), time.perf_counter()
    finished = open_run(run.start(scenario, "profile", out, threads=1))
    whole, wall = time.thread_time() - began, time.perf_counter() - at
    refreshes = bill.calls["creators and rooms on SimPy's clock"]
    return Spent(dict(bill.seconds), int(finished.manifest["exposures"]), refreshes, whole, wall)


def tell_phases(spent: Spent) -> None:
    """Print what the time went to, in the order in which it came first."""
    each = 1e9 / max(spent.exposures, 1)
    print(f"{spent.exposures / 1e6:.2f} M exposures, {spent.refreshes:,} refreshes, ", end="")
    print(f"{spent.whole:.2f} s of one thread in {spent.wall:.2f} s")
    print(f"{'phase':<40}{'s':>9}{'share':>8}{'ns/exposure':>13}{'us/refresh':>12}")
    rest = spent.whole - sum(spent.seconds.values())
    for what, seconds in [*spent.seconds.items(), ("the rest", rest)]:
        per_refresh = seconds / max(spent.refreshes, 1) * 1e6
        print(f"{what:<40}{seconds:>9.3f}{seconds / spent.whole:>8.1%}{seconds * each:>13.1f}{per_refresh:>12.1f}")


# --- inside the viewers' loop


def watches() -> list[Any]:
    """The functions of the loop that get a stopwatch, each after the one within which it runs."""
    from benchmarks.stopwatch import Watch

    return [
        Watch("sim.engine.viewer_loop", "act_one", "memory: rows of a viewer", "", reaches=True),
        Watch("sim.engine.viewer_loop", "begin_session", "a session begins", ""),
        Watch("sim.engine.viewer_loop", "end_session", "a session ends", ""),
        Watch("sim.engine.viewer_loop", "brought_forward", "tags: brought forward", ""),
        Watch("sim.engine.entrances", "interest_profile", "tags: interest profile", ""),
        Watch("sim.engine.viewer_loop", "request_page", "a page: what else", ""),
        Watch("sim.recommender.feed", "draw", "a page: its draw", "request_page"),
        Watch("sim.recommender.feed", "weigh", "a page: tags weighed", "request_page"),
        Watch("sim.recommender.feed", "strongest", "a page: strongest tags", "request_page"),
        Watch("sim.recommender.feed", "recall_more", "recall of videos", "request_page"),
        Watch("sim.recommender.feed", "any_room", "recall of rooms: any", "request_page"),
        Watch("sim.recommender.feed", "best_room", "recall of rooms: best", "request_page"),
        Watch("sim.recommender.feed", "draw_lots", "recall: a random one", "request_page"),
        Watch("sim.recommender.feed", "take", "ranking and spacing", "request_page"),
        Watch("sim.engine.viewer_loop", "watch_video", "a video: draw, reaction, event", ""),
        Watch("sim.engine.video_exposure", "learn_from_video", "tags: learn from a video", "watch_video"),
        Watch("sim.engine.video_exposure", "remember", "a video: remember", "watch_video"),
        Watch("sim.engine.viewer_loop", "meet_room", "a room at the door", ""),
        Watch("sim.engine.viewer_loop", "stay_in_room", "a stay in a room", ""),
    ]


class Row(NamedTuple):
    """What one function within the loop came to."""

    what: str
    calls: int
    ticks: float  # of its own, those of functions within it taken off


def inside_rows(found: list[Any], reading: float) -> list[Row]:
    """What the functions with a stopwatch came to; `reading` is what a reading itself shows."""
    from benchmarks.stopwatch import calls, ticks_a_call

    whole = [max(ticks_a_call(cell) - reading, 0.0) * calls(cell) for cell in range(len(found))]
    rows = []
    for cell, watch in enumerate(found):
        within = sum(whole[n] for n, other in enumerate(found) if other.within == watch.name)
        rows.append(Row(watch.what, calls(cell), whole[cell] - within))
    return rows


def ticks_a_nanosecond(seconds: float = 0.2) -> float:
    """How fast ticks go by."""
    from benchmarks.stopwatch import read_ticks

    read_ticks()
    began, at = read_ticks(), time.perf_counter()
    time.sleep(seconds)
    return (read_ticks() - began) / (time.perf_counter() - at) / 1e9


def tell_inside(found: list[Any], exposures: int, acted: float) -> None:
    """Print the table of what the viewers' loop spends its time on."""
    from benchmarks.stopwatch import ticks_a_reading

    per_ns, shown = ticks_a_nanosecond(), max(exposures, 1)
    rows = inside_rows(found, ticks_a_reading())
    print(f"\nwithin the viewers' loop: {acted:.2f} s, {acted * 1e9 / shown:.0f} ns an exposure")
    print(f"{'what':<28}{'calls/exposure':>16}{'ns/call':>10}{'ns/exposure':>13}{'share':>8}")
    for row in rows:
        ns = row.ticks / per_ns
        line = f"{row.what:<28}{row.calls / shown:>16.3f}{ns / max(row.calls, 1):>10.1f}{ns / shown:>13.1f}"
        print(f"{line}{ns / acted / 1e9:>8.1%}")
    rest = acted * 1e9 - sum(row.ticks for row in rows) / per_ns
    print(f"{'calendar, scrolling, rest':<28}{'':>26}{rest / shown:>13.1f}{rest / acted / 1e9:>8.1%}")


BUSY = ("viewers.count=2000", "days=0.06", "warm_up=0.02", "viewers.in_room.enter=0.5", "viewers.in_room.click=300",
        "viewers.in_room.order=0.9", "rooms.opens={kind: constant, value: 0}")  # fmt: skip
"""A small and busy world, in which whatever is compiled gets its turn."""


def profiled(file: Path, given: list[str], folder: Path, inside: bool, brief: bool) -> None:
    """Compile, run, and print the tables."""
    from sim.execution import run
    from sim.scenario.scenario import load

    if inside:
        from benchmarks import stopwatch

        found = stopwatch.attach(watches())
        for missing in [watch for watch in watches() if watch not in found]:
            print(f"there is no {missing.module}.{missing.name} any more")
    if not brief:
        run.start(load(file, [*given, *BUSY]), "warm", folder, threads=1)
    if inside:
        stopwatch.CELLS[:] = 0
    spent = watched_run(load(file, given), folder)
    tell_phases(spent)
    if inside:
        tell_inside(found, spent.exposures, spent.seconds[ACTING])


def main(
    file: Annotated[Path, typer.Argument(help="scenario file")] = Path("scenarios/baseline.yaml"),
    viewers: Annotated[int, typer.Option(help="so many viewers instead")] = 0,
    days: Annotated[float, typer.Option(help="so many days instead")] = 0.0,
    sets: Annotated[list[str] | None, typer.Option("--set", help="override a field")] = None,
    inside: Annotated[bool, typer.Option("--inside", help="stopwatches within the viewers' loop")] = False,
    brief: Annotated[bool, typer.Option("--brief", help="do not compile beforehand")] = False,
) -> None:
    """Profile a whole run of a scenario with records on."""
    with tempfile.TemporaryDirectory() as scratch:
        if inside:
            os.environ["WAVEPOOL_CACHE"] = scratch
        given = [*(sets or []), *([f"viewers.count={viewers}"] if viewers else []), *([f"days={days}"] if days else [])]
        profiled(file, given, Path(scratch), inside, brief)


if __name__ == "__main__":
    typer.run(main)
