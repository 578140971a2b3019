"""`wavepool why`: say why an item got its waves."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.progress import plain_errors


def why(
    folder: Annotated[Path, typer.Argument(help="folder of a run", show_default=False)],
    item: Annotated[
        str,
        typer.Argument(
            help="a video by its number, a room such as room:3, or a viewer such as viewer:7", show_default=False
        ),
    ],
) -> None:
    """Say why a video or a room got its waves, review by review; or what a viewer's tags are made of."""
    with plain_errors():
        from rich.console import Console

        from sim.reporting.why import parse_item
        from sim.reporting.why import why as reasons
        from sim.results.run_folder import RunError, open_run

        try:
            kind, number = parse_item(item)
        except ValueError as error:
            raise RunError(str(error)) from None
        console = Console(width=max(Console().width, 115))
        for part in reasons(open_run(folder), number, kind):
            console.print(part)
