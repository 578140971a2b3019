"""`wavepool explain`: describe a scenario's world before it runs."""

import sys

from sim.cli.options import File, Set, overrides
from sim.cli.progress import plain_errors


def explain(file: File, sets: Set = None) -> None:
    """Tell the resolved world before it runs: people, ladder, weights, a room's show, a viewer's day, memory and
    time.
    """
    with plain_errors():
        from rich.console import Console

        from sim.reporting.explain import explain as explained
        from sim.scenario.scenario import load, source_of

        scenario, source = load(file, overrides(sets)), source_of(file)
        Console(width=None if sys.stdout.isatty() else 100).print(explained(scenario, source))
