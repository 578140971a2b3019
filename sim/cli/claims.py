"""`wavepool claims`: put the essay's claims to the test."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import OUT, Jobs, On, Out
from sim.cli.progress import greet, plain_errors, runs_done

FOLDER = Path("scenarios/claims")


def claims(
    names: Annotated[
        list[str] | None, typer.Argument(help="claims such as M6; all if none", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="few seeds and draws: a first look in two minutes")] = False,
    folder: Annotated[Path, typer.Option("--claims", help="folder of claim files")] = FOLDER,
    out: Out = OUT,
    jobs: Jobs = None,
    on: On = "local",
) -> None:
    """Run the essay's claims, and say of each whether it is supported, not supported or undecided."""
    with plain_errors():
        from sim.experiments.claims import report, trial
        from sim.experiments.claims.definitions import read_claims
        from sim.reporting.html_page import write_page
        from sim.results.run_folder import writable, write_json
        from sim.scenario.ranges import read_sourced_ranges

        wanted = read_claims(folder, names or ())
        ranges = read_sourced_ranges(folder / "ranges.yaml")
        effort = trial.QUICK if quick else trial.FULL
        kept = writable(out / trial.NAME)
        greet()
        with runs_done() as done:
            found = trial.run_claims(wanted, ranges, effort, out, jobs, done, on=on)
        for one in found:
            print(report.line(one))
        write_json(kept / "claims.json", report.plain(found, effort))
        (kept / "claims.md").write_text(report.markdown(found, effort), encoding="utf-8")
        print(write_page(kept / "claims.html", report.claims_page(found, ranges, effort)))
