"""`wavepool response`: what ten orders more do to a room's traffic."""

from typing import Annotated

import typer

from sim.cli.options import File, Set, overrides
from sim.cli.progress import greet, plain_errors


def response(
    file: File,
    orders: Annotated[int, typer.Option("--orders", min=1, max=100_000, help="orders more in one window")] = 10,
    rooms: Annotated[int, typer.Option("--rooms", min=1, max=10_000, help="at most so many open rooms a seed")] = 20,
    hour: Annotated[float, typer.Option("--hour", min=0, max=23.5, help="hour of day 0 at which they come")] = 20.5,
    seeds: Annotated[int, typer.Option("--seeds", min=2, max=1000, help="seeds, from the scenario's own on")] = 4,
    sets: Set = None,
) -> None:
    """Tell what orders do to traffic: one room sells more in one window, all else is the same, thirty minutes on."""
    with plain_errors():
        from statistics import fmean

        from sim.experiments.response import over_seeds
        from sim.results.measures.run_data import NothingToMeasureError
        from sim.results.paired_statistics import interval
        from sim.results.run_folder import RunError
        from sim.scenario.scenario import load

        scenario = load(file, overrides(sets))
        greet()
        means: list[float] = []
        try:
            for seed, found in over_seeds(scenario, seeds, orders=orders, most_rooms=rooms, hour=hour):
                means.append(fmean(one.more for one in found))
                plain = fmean(one.without for one in found)
                print(f"seed {seed}: {len(found)} rooms, {plain:,.0f} exposures in 30 min, {means[-1]:+,.1f} with them")
        except NothingToMeasureError as error:
            raise RunError(f"{file}: {error}") from None
        mean, low, high, n = interval(means)
        print(
            f"{orders} orders more bring {mean:+,.1f} exposures in the next 30 minutes "
            f"(95 % interval {low:+,.1f} to {high:+,.1f}, {n} seeds)"
        )
