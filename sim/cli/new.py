"""`wavepool new`: begin a scenario file."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.progress import plain_errors


def new(
    name: Annotated[str, typer.Argument(help="name of the scenario; the file gets .yaml", show_default=False)],
) -> None:
    """Write a commented starter scenario into this folder."""
    with plain_errors():
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
