"""Compare runs under different rules."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.commands.common import CORES, OUT, Out, greet, runs_done, told_plainly

if TYPE_CHECKING:
    from sim.experiment import Result


def compare(
    files: Annotated[list[Path], typer.Argument(help="a comparison file, or scenarios to compare", show_default=False)],
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, max=10_000, help="seeds, each run in every arm")
    ] = None,
    vary: Annotated[str, typer.Option("--vary", metavar="K=V,V", help="one arm for each value of a field")] = "",
    out: Out = OUT,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="runs at a time, each on one thread")] = CORES,
) -> None:
    """Run the same people and the same luck under different rules, and tell the effects with their intervals."""
    with told_plainly():
        from sim import experiment
        from sim.results import RunError

        if vary and len(files) == 1:
            todo = experiment.varied(files[0], vary, seeds or 10)
        elif vary:
            raise RunError("--vary: goes with one scenario")
        elif len(files) == 1:
            todo = experiment.read_comparison(files[0], seeds)
        else:
            arms: dict[str, tuple[Path, list[str]]] = {file.stem: (file, []) for file in files}
            if len(arms) < len(files):
                raise RunError("the scenarios to compare must have different names")
            todo = experiment.plan_of("-".join(arms), " against ".join(arms), arms, seeds or 10)
        greet()
        with runs_done() as done:
            result = experiment.carry_out(todo, out, jobs, done)
        tell_effects(result)
        print(experiment.keep(result, out / todo.name))


def tell_effects(result: "Result") -> None:
    """Print every measure's effect, relative, with its interval."""
    from rich.console import Console
    from rich.table import Table

    from sim.experiment import MEASURES

    arms = list(result.plan.arms)
    table = Table(title=f"{result.plan.title}\nagainst {arms[0]}, {len(result.seeds)} seeds", title_justify="left")
    for name in ("measure", "arm", arms[0], "effect", "95 % interval", "unpaired", "fresh luck", "Holm"):
        table.add_column(name, justify="left" if name in ("measure", "arm") else "right")
    for row in result.effects.to_dict("records"):
        table.add_row(
            MEASURES[row["measure"]].words,
            row["arm"],
            f"{row['before']:,.4g} {row['unit']}",
            f"{row['relative']:+.1%}",
            f"{row['relative_low']:+.1%} to {row['relative_high']:+.1%}",
            f"x {row['variance_ratio_unpaired']:.1f}",
            f"x {row['variance_ratio_fresh_luck']:.1f}",
            "yes" if row["holm"] else "no",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(
        "Intervals: Student's t over seeds, of paired differences. unpaired, fresh luck: how many times the variance "
        "would be without exact pairs. Holm: whether it survives the correction for so many measures. One ranking "
        "change on a real platform moves such measures by some 0.1 to 3 %."
    )
