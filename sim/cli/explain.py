"""Scenario files: explain, validate, describe and begin them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import File, Set, overrides, say, told_plainly


def explain(file: File, sets: Set = None) -> None:
    """Tell the resolved world before it runs: people, ladder, weights, a room's show, a viewer's day, memory and
    time.
    """
    with told_plainly():
        from rich.console import Console

        from sim.reporting.explain import explain as explained
        from sim.scenario.scenario import load, source_of

        scenario, source = load(file, overrides(sets)), source_of(file)
        Console(width=None if sys.stdout.isatty() else 100).print(explained(scenario, source))


def validate(files: Annotated[list[Path], typer.Argument(help="scenario files", show_default=False)]) -> None:
    """Check scenario files; every mistake of every file is told."""
    from sim.scenario.errors import ScenarioError
    from sim.scenario.scenario import load

    wrong = False
    for file in files:
        try:
            load(file)
            print(f"{file}: ok")
        except ScenarioError as error:
            say(str(error))
            wrong = True
    if wrong:
        raise typer.Exit(2)


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from sim.scenario.template import schema as described

    print(json.dumps(described(), indent=2, ensure_ascii=False))


def new(
    name: Annotated[str, typer.Argument(help="name of the scenario; the file gets .yaml", show_default=False)],
) -> None:
    """Write a commented starter scenario into this folder."""
    with told_plainly():
        from sim.results.run_folder import RunError
        from sim.scenario.template import starter

        file = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
        if file.exists():
            raise RunError(f"{file}: is there already")
        try:
            file.write_text(starter(file.stem), encoding="utf-8")
        except OSError as error:
            raise RunError(f"cannot write {file}: {(error.strerror or str(error)).lower()}") from None
        print(f"{file}: written; try `wavepool explain {file}`")
