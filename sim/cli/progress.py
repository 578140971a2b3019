"""What commands print while they work: greeting, progress bars, and one line for a user's mistake."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sim.execution.batch import BatchProgress, Done
    from sim.scenario.scenario import Scenario
    from sim.world import World

PLAIN_EVERY_S = 10.0  # between lines where there is no terminal


def say(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a user's mistake into lines and exit status 2, and Ctrl-C into one line and status 130."""
    from sim.engine.checkpoint import SaveError
    from sim.results.run_folder import RunError
    from sim.scenario.errors import ScenarioError

    try:
        yield
    except (ScenarioError, RunError, SaveError) as error:
        say(str(error))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        say("stopped")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def greet() -> bool:
    """Say that the first start takes longer, if it does; returns whether it does."""
    from sim.core.compiler import is_warm

    cold = not is_warm()
    if cold:
        say("compiling the viewers' loop: once on this machine, about a minute; later starts load it")
    return cold


@contextmanager
def progress_of(scenario: "Scenario | None") -> Iterator[Any]:
    """A progress bar: simulated time, exposures so far and per second, time left; plain lines where there is no
    terminal.
    """
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from sim.core.compiler import is_warm

    console = Console(stderr=True)
    total = scenario.end_ms - scenario.start_ms if scenario else None
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[seen]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, refresh_per_second=5) as bar:
        task = bar.add_task("starting" if is_warm() else "compiling, once", total=None, seen="")
        first: list[float] = []

        def show(world: "World", exposures: int) -> None:
            if not first:
                first.extend((exposures, time.perf_counter()))
                bar.update(task, total=total)
            if world.refresh_index % 20 == 0:
                rate = (exposures - first[0]) / max(time.perf_counter() - first[1], 1e-9)
                bar.update(
                    task,
                    completed=world.clock.now_ms - world.scenario.start_ms,
                    description=world.scenario.calendar.short(world.clock.now_ms),
                    seen=f"{exposures:,} exposures, {rate:,.0f}/s",
                )

        yield show


@contextmanager
def runs_done() -> Iterator["Done"]:
    """A progress bar over many runs; now and then a plain line where there is no terminal."""
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console, last = Console(stderr=True), [-PLAIN_EVERY_S]

    def line(now: "BatchProgress") -> None:
        over = now.done + now.failed == now.total
        if over or time.monotonic() - last[0] > PLAIN_EVERY_S:
            last[0] = time.monotonic()
            say(f"{now.done} of {now.total} runs done, {progress_text(now)}")

    if not console.is_terminal:
        yield line
        return
    with Progress(
        TextColumn("runs"), BarColumn(), TextColumn("{task.description}"), console=console, transient=True
    ) as bar:
        task = bar.add_task("")
        yield lambda now: bar.update(
            task,
            total=now.total,
            completed=now.done + now.failed,
            description=f"{now.done} of {now.total}, {progress_text(now)}",
        )


def progress_text(now: "BatchProgress") -> str:
    """How far many runs are, in words."""
    if now.done + now.failed == now.total:
        return f"{now.failed} failed"
    failed = f", {now.failed} failed" if now.failed else ""
    left = "" if now.left_s is None else f", {int(now.left_s) // 60}:{int(now.left_s) % 60:02d} left"
    return f"{now.running} running{failed}, {now.per_second:,.0f} exposures/s{left}"
