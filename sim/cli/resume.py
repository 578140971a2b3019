"""`wavepool resume`: go on with a run that was stopped."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import CORES, Threads
from sim.cli.progress import greet, plain_errors, progress_of
from sim.cli.run import print_summary


def resume(
    folder: Annotated[Path, typer.Argument(help="the .partial folder of a run that was stopped", show_default=False)],
    threads: Threads = CORES,
) -> None:
    """Go on with a run that was stopped, from its last save."""
    with plain_errors():
        from sim.engine import checkpoint
        from sim.execution import run
        from sim.results.run_folder import MANIFEST, PARTIAL

        partial = folder if folder.name.endswith(PARTIAL) else folder.with_name(folder.name + PARTIAL)
        partial = partial if partial.is_dir() else folder
        is_under_way = (partial / run.SAVED).is_file() and not (partial / MANIFEST).is_file()
        scenario = checkpoint.read(partial / run.SAVED)[0] if is_under_way else None
        cold = greet()
        with progress_of(scenario) as progress:
            done = run.resume(partial, threads=threads, progress=progress)
        print_summary(done, cold)
