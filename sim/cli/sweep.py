"""`wavepool sweep`: sweep parameters over a design of experiments."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import OUT, Jobs, On, Out
from sim.cli.progress import greet, plain_errors, runs_done, say

if TYPE_CHECKING:
    from sim.experiments.sweep import Result


def sweep(
    file: Annotated[Path, typer.Argument(help="a study file, or with --vary a scenario", show_default=False)],
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="K=LOW:HIGH:STEP", help="vary a field; also K=V,V and K=LOW:HIGH"),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, max=10_000, help="seeds, each run at every point")
    ] = None,
    design: Annotated[
        str | None, typer.Option("--design", help="grid, latin_hypercube or sobol", show_default="grid")
    ] = None,
    points: Annotated[int | None, typer.Option("--points", min=2, help="points of a design that is no grid")] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="a measure to draw and print, e.g. live.enter_rate"),
    ] = None,
    out: Out = OUT,
    jobs: Jobs = None,
    threads: Annotated[int, typer.Option("--threads", min=1, max=256, help="threads of each run")] = 1,
    on: On = "local",
) -> None:
    """Run a scenario at many points of its parameters with the same seeds, and print what each of them does."""
    with plain_errors():
        from sim.execution import batch
        from sim.experiments import sweep, sweep_figures

        given: dict[str, Any] = {"seeds": seeds, "design": design, "points": points, "measures": measures}
        changes = {name: value for name, value in given.items() if value is not None}
        todo = sweep.varied(file, vary, changes) if vary else sweep.read_study(file, changes)
        batch.check_place(on)
        say(f"{len(todo.points):,} points with {todo.study.seeds} seeds each: {len(todo.scenarios):,} runs")
        greet()
        with runs_done() as done:
            result = sweep.carry_out(todo, out, jobs, done, on=on, threads=threads)
        folder = sweep.keep(result, out / todo.name)
        sweep_figures.draw(result, folder)
        print_effects(result)
        print(folder)
        for failure in result.failures.values():
            fields = ", ".join(f"{name}={value}" for name, value in sweep.fields_of(todo, failure.scenario).items())
            say(f"failed at {fields}: {failure.why}")
    if result.failures:
        raise typer.Exit(1)


def print_effects(result: "Result") -> None:
    """Print what each factor does to each measure shown."""
    from rich.console import Console
    from rich.table import Table

    from sim.reporting.number_format import NOTHING, number
    from sim.results.measures.lookup import named

    console, seeds = Console(width=None if sys.stdout.isatty() else 140), result.whole_seeds
    if len(result.effects):
        table = Table(title="from the first value of each to its last, over everything else", title_justify="left")
        for name in ("measure", "factor", "from", "to", "before", "effect", "95 % interval"):
            table.add_column(name, justify="left" if name in ("measure", "factor") else "right")
        for row in result.effects.to_dict("records"):
            known, interval = named(row["measure"]), [number(row[end], "+,.4g") for end in ("low", "high")]
            some = f" ({row['seeds']} of {seeds} seeds)" if row["seeds"] < seeds else ""
            table.add_row(
                *(known.words + some, row["factor"], str(row["from"]), str(row["to"])),
                *(f"{number(row['before'], ',.4g')} {known.unit}", number(row["effect"], "+,.4g")),
                " to ".join(interval) if NOTHING not in interval else NOTHING,
            )
        console.print(table)
        console.print(f"Intervals: Student's t over {seeds} seeds, of differences within seeds.")
    if len(result.indices):
        table = Table(title="Sobol indices: share of the variance over the design", title_justify="left")
        for name in ("measure", "factor", "first order", "95 % interval", "total", "95 % interval"):
            table.add_column(name, justify="left" if name in ("measure", "factor") else "right")
        for (measure, factor), pair in result.indices.groupby(["measure", "factor"], sort=False):
            cells = [
                cell
                for row in pair.to_dict("records")
                for cell in (f"{row['index']:.2f}", f"{row['low']:.2f} to {row['high']:.2f}")
            ]
            table.add_row(named(str(measure)).words, str(factor), *cells)
        console.print(table)
        console.print("Intervals: bootstrap over the design's points.")
    if missing := result.missing():
        console.print("Runs that hold nothing of a measure are left out of its means: " + "; ".join(missing) + ".")
