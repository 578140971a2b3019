"""The comparison: `uv run python -m benchmarks [--viewers N] [--rounds R] [--quick]`.

The programs run one after another in each round, so that whatever slows the machine down slows all of them.
"""

import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from benchmarks.measured import Measured
from benchmarks.programs import ROOT, measured, told

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
OBVIOUS, WINDOW, OURS_1, OURS_2 = (
    "obvious program",
    "wavepool, same stretch",
    "wavepool, 1 thread",
    "wavepool, 2 threads",
)
FLOOR_1, FLOOR_2, BARE = "floor, 1 thread", "floor, 2 threads", "bare SimPy"
RATIOS = (
    (OURS_2, OBVIOUS, "wavepool over the obvious program"), (OURS_2, FLOOR_2, "wavepool over the floor"),
    (OURS_2, OURS_1, "two threads over one, wavepool"), (FLOOR_2, FLOOR_1, "two threads over one, floor"),
)  # fmt: skip

Rounds = dict[str, list[Measured]]


def one_round(viewers: int, days: float, warm_up: float, minutes: float, file: str, found: Rounds) -> None:
    """Run every program once."""
    answer = told("window", file=file, minutes=minutes, threads=2)
    load = [answer["exposures_a_page"], answer["draws"]]
    found.setdefault(WINDOW, []).append(Measured(*(answer[name] for name in Measured._fields)))
    floor: dict[str, Any] = {"viewers": viewers, "videos": viewers // 8, "load": load, "exposures": viewers * 300}
    ours: dict[str, Any] = {"viewers": viewers, "days": days, "warm_up": warm_up}
    programs: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (OBVIOUS, "obvious", {"file": file, "minutes": minutes}),
        (FLOOR_1, "floor", {"threads": 1, **floor}),
        (OURS_1, "ours", {"threads": 1, **ours}),
        (FLOOR_2, "floor", {"threads": 2, **floor}),
        (OURS_2, "ours", {"threads": 2, **ours}),
        (BARE, "bare", {"viewers": viewers, "exposures": viewers * 3}),
    )
    for name, program, given in programs:
        found.setdefault(name, []).append(measured(program, **given))


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, least and most."""
    return statistics.median(values), min(values), max(values)


def table(found: Rounds) -> list[str]:
    """Exposures per second and ratios as Markdown: medians, and in brackets the least and the most of all rounds."""
    lines = ["| program | exposures/s | from | to |", "|---|---:|---:|---:|"]
    for name, runs in found.items():
        lines.append(f"| {name} | {' | '.join(f'{value:,.0f}' for value in spread([run.rate for run in runs]))} |")
    lines += ["", "| ratio, round by round | median | from | to |", "|---|---:|---:|---:|"]
    for upper, lower, words in RATIOS:
        each = [a.rate / b.rate for a, b in zip(found[upper], found[lower], strict=True)]
        lines.append(f"| {words} | {' | '.join(f'{value:,.2f}' for value in spread(each))} |")
    return lines


def machine() -> str:
    """The machine in words."""
    names = [line.split(":", 1)[1].strip() for line in cpu_lines() if line.startswith("model name")]
    memory, load = psutil.virtual_memory().total / 2**30, os.getloadavg()[0]
    python = f"Python {sys.version.split()[0]}, {platform.system()} {platform.machine()}"
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB; {python}; load {load:.1f} when it began"


def cpu_lines() -> list[str]:
    """What Linux says of its processors."""
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def between_marks(page: str, lines: list[str], begin: str = BEGIN, end: str = END) -> str:
    """A page with the lines in the place of what stood between the marks."""
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{chr(10).join(lines)}\n\n{end}{rest.partition(end)[2]}"


def main(
    viewers: Annotated[int, typer.Option(help="viewers of every program", min=100)] = 100_000,
    rounds: Annotated[int, typer.Option(help="how often each program runs", min=1)] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="a few hours and minutes instead of a day")] = False,
    page: Annotated[Path, typer.Option(help="the page that gets the tables")] = PAGE,
) -> None:
    """Hold wavepool against the obvious program and the floor, and write the tables."""
    days, warm_up, hours, minutes = (0.25, 0.0, 3.0, 2.0) if quick else (1.0, 1.0, 12.0, 10.0)
    found: Rounds = {}
    said = (
        f"{viewers:,} viewers, {rounds} rounds. wavepool: whole runs of the baseline (warm-up {warm_up:g} d, recorded "
        f"{days:g} d, all records on), once compiled, without pictures. The obvious program: {minutes:g} simulated "
        f"minutes from {hours:g} h of the recorded day on, taken over from wavepool, which is also shown over the same "
        "stretch (two threads, no records)."
    )
    head = [f"{machine()}.", "", said, ""]
    with tempfile.TemporaryDirectory() as scratch:
        file = str(Path(scratch) / "midday.npz")
        told("midday", viewers=viewers, warm_up=warm_up, hours=hours, file=file, threads=2)
        for n in range(rounds):
            one_round(viewers, days, warm_up, minutes, file, found)
            print(f"round {n + 1}: " + ", ".join(f"{name} {runs[-1].rate:,.0f}/s" for name, runs in found.items()))
    lines = head + table(found)
    print("\n".join(lines))
    if page.is_file() and BEGIN in page.read_text(encoding="utf-8"):
        page.write_text(between_marks(page.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
