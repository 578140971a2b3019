"""`wavepool plot`: draw runs."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Folders
from sim.cli.progress import plain_errors


def plot(
    folders: Folders,
    out: Annotated[
        Path | None, typer.Option("--out", help="folder for the pictures; the first run's if not given")
    ] = None,
    item: Annotated[int | None, typer.Option("--item", help="also the curve of this video")] = None,
    room: Annotated[int | None, typer.Option("--room", help="also the curve of this room")] = None,
    top: Annotated[int, typer.Option("--top", min=0, max=50, help="also the curves of the N best videos")] = 0,
) -> None:
    """Draw traffic curves of one run, or of several over each other (PNG and SVG)."""
    with plain_errors():
        from sim.reporting.figures import draw
        from sim.results.run_folder import open_run

        runs = [open_run(folder) for folder in folders]
        for picture in draw(runs, out or runs[0].folder, item=item, room=room, top=top):
            print(picture)
