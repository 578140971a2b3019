"""`wavepool compare`: compare runs under different rules."""

import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import OUT, Jobs, On, Out
from sim.cli.progress import greet, plain_errors, runs_done

if TYPE_CHECKING:
    from sim.experiments.compare import ComparisonPlan, Result

SEEDS = 10


def compare(
    files: Annotated[list[Path], typer.Argument(help="a comparison file, or scenarios to compare", show_default=False)],
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=2, max=10_000, help="seeds, each run in every arm; the file's, else 10"),
    ] = None,
    vary: Annotated[str, typer.Option("--vary", metavar="K=V,V", help="one arm for each value of a field")] = "",
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="M:P%",
            help="add seeds until a measure's effect is this sure, e.g. sales.expected_gmv_yuan:2%",
        ),
    ] = "",
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="NAME", help="a further measure to tell; `wavepool check --names` lists them"
        ),
    ] = None,
    most: Annotated[
        int | None, typer.Option("--max-seeds", min=2, max=10_000, help="most seeds that --until may take; 100")
    ] = None,
    out: Out = OUT,
    jobs: Jobs = None,
    on: On = "local",
) -> None:
    """Run the same people and the same random draws under different rules, and print effects with intervals."""
    with plain_errors():
        from sim.execution import batch
        from sim.experiments import compare

        goal = compare.goal(until, most) if until else None
        todo = plan_of(files, seeds, vary).with_measures(measures or ())
        todo = todo._replace(command=todo.command + "".join(f" --measure {quote(name)}" for name in measures or ()))
        if goal:
            words = f" --until {until}" + (f" --max-seeds {most}" if most else "")
            todo = todo._replace(command=todo.command + words)
        batch.check_place(on)
        greet()
        with batch.staying(on if goal else "local", jobs), runs_done() as done:
            result = compare.run_comparison(todo, out, jobs, done, until=goal, on=on)
        folder = result.keep(out / todo.name)
        print_effects(result)
        print(folder / "report.html")


def plan_of(files: list[Path], seeds: int | None, vary: str) -> "ComparisonPlan":
    """What is asked for: arms of a comparison file, of several scenarios, or of a field's values."""
    from sim.experiments import compare
    from sim.results.run_folder import RunError

    if vary and len(files) > 1:
        raise RunError("--vary: goes with one scenario")
    if vary:
        return compare.varied(files[0], vary, seeds or SEEDS)
    return compare.read_comparison(files[0], seeds) if len(files) == 1 else compare.against(files, seeds or SEEDS)


def print_effects(result: "Result") -> None:
    """Print every measure's effect, relative, with its interval."""
    from rich.console import Console
    from rich.table import Table

    from sim.reporting.number_format import amount, listed, percent, percents, times

    several = len(result.others) > 1
    against = f"{result.others[0]} against {result.first}" if not several else f"against {result.first}"
    table = Table(title=f"{result.title}\n{against}, {len(result.seeds)} seeds", title_justify="left")
    names = (
        "measure",
        *(["arm"] if several else []),
        result.first,
        "effect",
        "95 % interval",
        "unpaired",
        "independent",
    )
    for name in (*names, "Holm"):
        table.add_column(name, overflow="fold", justify="left" if name in ("measure", "arm") else "right")
    for row in result.effects.to_dict("records"):
        nothing = row["before"] == 0
        table.add_row(
            result.words(row),
            *([row["arm"]] if several else []),
            amount(row["before"], row["unit"]),
            f"0 to {amount(row['after'])}" if nothing else percent(row["relative"]),
            percents(row["relative_low"], row["relative_high"]),
            times(row["variance_ratio_unpaired"]),
            times(row["variance_ratio_independent"]),
            "significant" if row["holm"] else "",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(
        "Intervals: Student's t over seeds, of paired differences. unpaired, independent (reactions, of "
        f"{result.fresh_seeds} seeds): how many times the variance would be without exact pairs. Holm: which of these "
        f"{len(result.effects)} effects are significant after Holm's correction. A measure of which some "
        "run has nothing is told of the seeds in which both arms have it. One ranking change on a real "
        "platform moves such measures by some 0.1 to 3 %."
    )
    if result.without_effect:
        console.print(f"Nothing to compare in {listed(result.without_effect)}.")
