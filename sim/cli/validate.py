"""`wavepool validate`: check scenario files."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.progress import say


def validate(files: Annotated[list[Path], typer.Argument(help="scenario files", show_default=False)]) -> None:
    """Check scenario files; every mistake of every file is printed."""
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
