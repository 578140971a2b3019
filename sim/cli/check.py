"""`wavepool check`: hold runs against published figures."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.progress import plain_errors

if TYPE_CHECKING:
    from sim.results.stylised_facts import Finding


def check(
    folders: Annotated[list[Path] | None, typer.Argument(help="folders of runs", show_default=False)] = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", help="your own facts file (YAML), not the figures that come along")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON, draw nothing")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="folder for the picture; the first run's if none")] = None,
    names: Annotated[bool, typer.Option("--names", help="list the measures that a facts file may name")] = False,
) -> None:
    """Hold runs against published figures: what is simulated, what is published, and what lies outside its band."""
    with plain_errors():
        from sim.results.run_folder import RunError

        if names:
            from sim.results.measures.lookup import forms

            print("\n".join(forms()))
            return
        if not folders:
            raise RunError("name at least one folder of a run, or use --names")
        from sim.results.run_folder import open_run, writable
        from sim.results.stylised_facts import PUBLISHED, read_facts
        from sim.results.stylised_facts import check as held_against

        wanted = read_facts(facts or PUBLISHED)
        runs = [open_run(folder) for folder in dict.fromkeys(folders)]
        found = held_against(runs, wanted)
        if as_json:
            print(json.dumps({"facts": [one.to_json() for one in found]}, indent=2, ensure_ascii=False))
            return
        inside = sum(one.inside for one in found)
        title = f"{inside} of {len(found)} facts inside their bands, {len(runs)} run{'s' * (len(runs) > 1)}"
        print_findings(found, title)
        print(draw_findings(found, title, writable(out or runs[0].folder)))


def print_findings(found: "Sequence[Finding]", title: str) -> None:
    """Print every fact, the farthest off first."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in ("measure", "simulated", "95 % interval", "published", "ratio", "band", "inside", "grade", "source"):
        table.add_column(name, justify="left" if name in ("measure", "inside", "grade", "source") else "right")
    for one in found:
        fact = one.fact
        known = not one.why
        table.add_row(
            fact.label,
            f"{one.simulated:.3g}" if known else "-",
            f"{one.low:.3g} to {one.high:.3g}" if len(one.values) > 1 else "-",
            f"{fact.value:.3g}",
            f"x {one.ratio:.2f}" if known and fact.value else "-",
            f"{fact.band[0]:.3g} to {fact.band[1]:.3g}",
            ("yes" if one.inside else "NO") if known else "-",
            fact.grade,
            fact.source if known else f"not measured: {one.why}",
        )
    console = Console(width=None if sys.stdout.isatty() else 180)
    console.print(table)
    console.print(
        "Ordered by distance from the published figure, in bands. Intervals: Student's t over runs, which should "
        "differ in their seed only."
    )


def draw_findings(found: "Sequence[Finding]", title: str, folder: Path) -> Path:
    """Draw the findings into `facts.png` of a folder."""
    from sim.reporting.figures.style import save
    from sim.reporting.figures.stylised_facts import picture

    return save(picture(found, title), folder, "facts", ["png"])[0]
