"""`wavepool calibrate`: find parameters with which a scenario agrees with published figures."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import OUT, File, Jobs, On, Out
from sim.cli.progress import greet, plain_errors, runs_done, say

if TYPE_CHECKING:
    from sim.experiments.calibrate import Calibrated
    from sim.results.stylised_facts import Finding


def calibrate(
    file: File,
    over: Annotated[Path, typer.Option("--over", help="file of ranges (YAML): which parameters, from where to where")],
    facts: Annotated[
        Path | None, typer.Option("--facts", help="facts file (YAML); the figures that come along if none")
    ] = None,
    trials: Annotated[int, typer.Option("--trials", min=2, max=100_000, help="sets of parameters to try")] = 60,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=1_000, help="runs of each trial")] = 2,
    batch: Annotated[int, typer.Option("--batch", min=1, max=1_000, help="trials asked for at once")] = 4,
    seed: Annotated[int, typer.Option("--seed", min=0, max=20_000, help="seed of the search")] = 1,
    out: Out = OUT,
    jobs: Jobs = None,
    on: On = "local",
) -> None:
    """Search for parameters with which a scenario agrees with published figures, and write a scenario that has them.

    Repeat the command to go on with a search that was stopped, or to add trials to one.
    """
    with plain_errors():
        from sim.execution import batch as many
        from sim.experiments.calibrate import CalibrationPlan, TrialRunner, write_scenario
        from sim.experiments.calibrate import calibrate as search
        from sim.results.run_folder import writable, write_json
        from sim.results.stylised_facts import PUBLISHED, read_facts
        from sim.scenario.ranges import read_ranges
        from sim.scenario.scenario import load

        many.check_place(on)
        scenario = load(file)
        plan = CalibrationPlan(
            scenario, read_facts(facts or PUBLISHED), read_ranges(over, scenario), seeds, trials, batch, seed
        )
        folder = writable(out / file.stem / "calibration")
        greet()
        with many.staying(on, jobs), runs_done() as done:
            result = search(
                plan,
                folder,
                TrialRunner(plan, folder, jobs, done, on).findings,
                lambda n, least: say(f"{n} of {trials} trials, least loss {least:.4g}"),
            )
        print_calibration(result)
        write_json(folder / "calibration.json", result.to_json())
        write_scenario(result, file, folder / "calibrated.yaml")
        print(folder / "calibrated.yaml")


def print_calibration(result: "Calibrated") -> None:
    """Print the parameters and how the facts hold them, and the facts before and after."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title=f"{len(result.losses)} trials, {result.plan.seeds} seeds each", title_justify="left")
    for name in ("parameter", "before", "now", "one sd down", "one sd up", "spread left", "", "held most by"):
        table.add_column(name, justify="left" if name in ("parameter", "", "held most by") else "right")
    for one in result.identifiability:
        numbers = [f"{value:.4g}" for value in (one.before, one.value, one.low, one.high)]
        table.add_row(one.name, *numbers, f"{one.left:.0%}", one.verdict, one.fact)
    console.print(table)
    console.print(facts_table(result.before, result.after))
    console.print(
        "Spread left: how wide a parameter may still lie, over its whole range, if each figure is known to about half "
        "the width of its band; from slopes at the best parameters. Off: distance from the published figure in bands."
    )


def facts_table(before: "Sequence[Finding]", after: "Sequence[Finding]") -> object:
    """The facts before and after, the farthest off first."""
    from rich.table import Table

    from sim.reporting.number_format import number

    inside = [sum(one.inside for one in some) for some in (before, after)]
    title = f"{inside[1]} of {len(after)} facts inside their bands, {inside[0]} before"
    table = Table(title=title, title_justify="left")
    for name in ("measure", "published", "band", "before", "now", "off", "inside"):
        table.add_column(name, justify="left" if name in ("measure", "inside") else "right")
    for old, new in sorted(zip(before, after, strict=True), key=lambda both: -both[1].off):
        fact = new.fact
        band = f"{fact.band[0]:.3g} to {fact.band[1]:.3g}"
        simulated = [number(one.simulated, ".3g") for one in (old, new)]
        figures = [f"{fact.value:.3g}", band, *simulated, number(new.off, ".2f")]
        table.add_row(fact.label, *figures, "yes" if new.inside else "NO")
    return table
