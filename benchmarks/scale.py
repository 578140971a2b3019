"""The rows of docs/scale.md: `uv run python -m benchmarks.scale [--quick]`, on a machine with nothing else to do.

What an exposure costs and what a viewer takes with 100,000 to 10,000,000 viewers, and how long a start takes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.__main__ import between_marks, machine
from benchmarks.programs import ROOT, told

PAGE = ROOT / "docs" / "scale.md"
SIZES = ((100_000, 1), (100_000, 2), (1_000_000, 1), (1_000_000, 2), (10_000_000, 2))
QUICK = ((5_000, 1), (10_000, 2))
FIRST_MINUTE = """
from sim.scenario.scenario import load
from sim.world import World
world = World(load("scenarios/baseline.yaml"), threads=2)
world.step()
world.step()
"""
ONE_SEED = """
import sys, tempfile
from pathlib import Path
from benchmarks.ours import BASELINE, BUSY
from sim.execution.run import start
from sim.scenario.scenario import load
with tempfile.TemporaryDirectory() as out:
    start(load(BASELINE, [*BUSY, f"seed={sys.argv[1]}"]), "x", Path(out), pictures=False)
"""


def seconds(*command: str, cache: str = "", times: int = 1) -> float:
    """The shortest time that a Python command takes, from its start to its end."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        environment = os.environ | ({"WAVEPOOL_CACHE": cache} if cache else {})
        subprocess.run([sys.executable, "-c", *command], cwd=ROOT, env=environment, check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    return min(took)


def starts() -> list[str]:
    """How long starts take, and what a further seed compiles."""
    with tempfile.TemporaryDirectory() as cache:
        cold = seconds(FIRST_MINUTE, cache=cache)
        warm = seconds(FIRST_MINUTE, cache=cache, times=3)
        seconds(ONE_SEED, "1", cache=cache)
        before = set(Path(cache).rglob("*.nbc"))
        seconds(ONE_SEED, "2", cache=cache)
        more = len(set(Path(cache).rglob("*.nbc")) - before)
    return [
        "| start | |",
        "|---|---:|",
        f"| `wavepool --help` | {seconds('from sim.cli.app import main; main()', '--help', times=5):.2f} s |",
        f"| start to the first simulated minute, 50,000 viewers, once compiled | {warm:.2f} s |",
        f"| how much longer the first one takes: compilation | {cold - warm:.1f} s |",
        f"| functions that a further seed compiles | {more} |",
    ]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Stretches as Markdown."""
    heads = ("viewers", "threads", "exposures", "ns an exposure", "of it acting", "processor ns", "bytes of a row")
    lines = [f"| {' | '.join((*heads, 'resident bytes a viewer', 'founding'))} |", "|" + "---:|" * 9]
    for row in rows:
        counts = (f"{row[name]:,}" for name in ("viewers", "threads", "exposures"))
        costs = (
            f"{row[name]:,.0f}" for name in ("wall_ns", "acting_ns", "processor_ns", "row_bytes", "resident_bytes")
        )
        lines.append(f"| {' | '.join((*counts, *costs))} | {row['founding_seconds']:.1f} s |")
    return lines


def main(
    quick: Annotated[bool, typer.Option("--quick", help="few viewers, to see that it works; no starts")] = False,
    before: Annotated[float, typer.Option(help="simulated minutes before anything is measured")] = 60.0,
    minutes: Annotated[float, typer.Option(help="simulated minutes that are measured")] = 15.0,
    page: Annotated[Path, typer.Option(help="the page that gets the tables")] = PAGE,
) -> None:
    """Measure stretches of a day for more and more viewers, and starts."""
    head, rows = [f"{machine()}."], []
    for viewers, threads in QUICK if quick else SIZES:
        rows.append(told("stretch", viewers=viewers, threads=threads, before=before, minutes=minutes))
        print("\n".join(table(rows[-1:])[-1:]), flush=True)
    lines = [*head, "", *table(rows), *([] if quick else ["", *starts()])]
    print("\n".join(lines))
    if page.is_file() and not quick:
        page.write_text(between_marks(page.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
