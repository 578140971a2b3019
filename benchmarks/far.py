"""What it costs to have the viewers elsewhere: `uv run --extra cluster python -m benchmarks.far [FILE] [--viewers N]`.

The same midday twice in turn, refresh by refresh: in one process with threads, and with as many Ray workers on this
machine. So whatever else the machine does falls on both alike. Bytes are those of the arrays that go out and come back.
"""

import contextlib
import pickle
import statistics
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.__main__ import between_marks, machine
from benchmarks.programs import ROOT
from sim.core.clock import HOUR
from sim.execution.ray_cluster import joined
from sim.execution.ray_run import RayPopulations
from sim.scenario.scenario import load
from sim.world import World

PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- far: begin -->", "<!-- far: end -->"


def size(message: Any) -> int:
    """Bytes of a message as it is sent."""
    apart: list[pickle.PickleBuffer] = []
    return len(pickle.dumps(message, protocol=5, buffer_callback=apart.append)) + sum(one.raw().nbytes for one in apart)


def one_step(world: World) -> float:
    began = time.perf_counter()
    world.step()
    return time.perf_counter() - began


def main(
    file: Annotated[Path, typer.Argument(help="scenario file")] = Path("scenarios/baseline.yaml"),
    viewers: Annotated[int, typer.Option(help="viewers")] = 100_000,
    workers: Annotated[int, typer.Option(help="workers, and threads of the one process")] = 2,
    hours: Annotated[float, typer.Option(help="simulated hours from midnight before anything is timed")] = 12.0,
    refreshes: Annotated[int, typer.Option(help="refreshes that are timed")] = 120,
    write: Annotated[bool, typer.Option("--write", help="put the table into docs/scale.md")] = False,
) -> None:
    """Time refreshes of one world near and far, in turn."""
    scenario = load(file, [f"viewers.count={viewers}", "warm_up=0", "records={exposures: 0.001, viewers: 0}"])
    with joined("ray", workers) as ray, contextlib.closing(RayPopulations(ray, workers)) as populations:
        near, far = World(scenario, threads=workers), World(scenario, threads=1, population=populations)
        population: Any = far.population
        while near.clock.now_ms < hours * HOUR:
            near.step()
            far.step()
        spent: dict[str, list[float]] = {"near": [], "far": []}
        out: list[int] = []
        back: list[int] = []
        before, dispatch = near.totals.exposures, population.sender.dispatch

        def weighed(*words: Any) -> Any:
            sent = dispatch(*words)
            out.append(size(sent))
            return sent

        for n in range(refreshes):
            weighs = n % 10 == 0
            population.sender.dispatch = weighed if weighs else dispatch
            for name, world in (("near", near), ("far", far))[:: 1 if n % 2 else -1]:
                took = one_step(world)
                spent[name] += [] if weighs else [took]
            back += [sum(map(size, population.answers))] if weighs else []
        assert near.totals.exposures == far.totals.exposures
        assert near.observer.row == far.observer.row
    ratios = [b / a for a, b in zip(spent["near"], spent["far"], strict=True)]
    low, _, high = statistics.quantiles(ratios)
    near_ms, far_ms = (statistics.median(times) * 1e3 for times in spent.values())
    lines = [
        f"{machine()}.",
        "",
        f"| {viewers:,} viewers, {workers} workers | |",
        "|---|---:|",
        f"| exposures a refresh | {(near.totals.exposures - before) / refreshes:,.0f} |",
        f"| a refresh in one process with {workers} threads, median | {near_ms:.1f} ms |",
        f"| a refresh with {workers} workers, median | {far_ms:.1f} ms |",
        f"| far over near, median of ratios | {statistics.median(ratios):.3f} |",
        f"| its quartiles | {low:.3f} to {high:.3f} |",
        f"| out to each worker at a refresh | {statistics.mean(out) / 1e3:,.0f} kB |",
        f"| back from all | {statistics.mean(back) / 1e3:,.0f} kB |",
    ]
    print("\n".join(lines))
    if write:
        PAGE.write_text(between_marks(PAGE.read_text(encoding="utf-8"), lines, BEGIN, END), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
