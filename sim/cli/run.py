"""`wavepool run`: run a scenario."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    CORES,
    OUT,
    Days,
    File,
    Out,
    SaveEvery,
    Seed,
    Set,
    Threads,
    length_ms,
    overrides,
    whole_refreshes,
)
from sim.cli.progress import greet, plain_errors, progress_of

if TYPE_CHECKING:
    from sim.results.run_folder import Run


def run(
    file: File,
    seed: Seed = None,
    out: Out = OUT,
    threads: Threads = CORES,
    days: Days = None,
    sets: Set = None,
    save_every: SaveEvery = "",
    audit: Annotated[bool, typer.Option("--audit", help="check the books at every refresh")] = False,
    on: Annotated[str, typer.Option("--on", help="who holds the viewers: local, ray or ray:ADDRESS")] = "local",
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="with --on ray: workers, each on a core")
    ] = 2,
) -> None:
    """Run a scenario and leave a folder of records and pictures."""
    with plain_errors():
        from sim.scenario.scenario import load

        scenario = load(file, overrides(sets, seed, days))
        every = whole_refreshes(length_ms(save_every), scenario.refresh_ms)
        from sim.execution import batch, ray_run, run

        batch.check_place(on)
        cold = greet()
        options: dict[str, Any] = {"audit": audit}
        with progress_of(scenario) as options["progress"]:
            if on == "local":
                folder = run.start(scenario, file.stem, out, threads=threads, save_every_ms=every, **options)
            else:
                options |= {"on": on, "workers": workers, "save_every_ms": every or ray_run.SAVED_EVERY_MS}
                folder = ray_run.start_on_ray(scenario, file.stem, out, **options)
        print_summary(folder, cold)


def print_summary(folder: Path, cold: bool) -> None:
    """Print what a run came to, and where its records are; `cold` if the time includes compiling."""
    from rich.console import Console
    from rich.table import Table

    from sim.results.run_folder import open_run

    finished = open_run(folder)
    table = Table(title=None, show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in summary_lines(finished):
        table.add_row(name, value)
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    m = finished.manifest
    print(f"{m['exposures']:,} exposures with the warm-up, {m['exposures_per_second']:,} a second, ", end="")
    print(f"{m['wall_seconds']:.1f} s{' with compiling' if cold else ''}, {m['peak_memory_mib']:,.0f} MiB")
    print(folder)


def sources(summary: dict[str, Any]) -> str:
    """Which share of the entries came by which entrance."""
    from sim.core.event_log import ROOM_SOURCES
    from sim.reporting.number_format import NOTHING

    came = {source: summary[f"entries_{source}"] for source in ROOM_SOURCES}
    shares = [f"{source} {entries / summary['entries']:.1%}" for source, entries in came.items() if entries]
    return ", ".join(shares) or NOTHING


def remembered(rate: Callable[[str, str], str]) -> str:
    """On how many goods a room's review rests."""
    mean, weighted, *quarters = (
        rate(f"goods_per_review{part}", ".1f") for part in ("", "_weighted", "_q25", "_q50", "_q75")
    )
    return f"mean {mean}, where things are sold {weighted}; quartiles {', '.join(quarters)}"


def summary_lines(finished: "Run") -> list[tuple[str, str]]:
    """A run's summary in words, with units."""
    from sim.reporting.number_format import NOTHING

    s = finished.summary()

    def rate(name: str, form: str) -> str:
        return NOTHING if s[name] is None else format(s[name], form)

    return [
        ("exposures", f"{s['exposures']:,} ({rate('live_share', '.1%')} live)"),
        ("minutes per viewer and day", f"{rate('minutes_per_viewer_day', '.1f')} min"),
        ("finish rate, like rate", f"{rate('finish_rate', '.1%')}, {rate('like_rate', '.2%')}"),
        ("room entries", f"{s['entries']:,} ({rate('enter_rate', '.1%')} of live exposures)"),
        ("entries by source", sources(s)),
        ("mean stay per entry", f"{rate('seconds_per_entry', '.0f')} s"),
        ("orders", f"{s['orders']:,} ({rate('orders_per_entry', '.2%')} of entries), {s['refused_orders']:,} refused"),
        ("GMV", f"{s['gmv_yuan']:,.0f} yuan, GPM {rate('gpm_yuan', ',.0f')} yuan per 1,000 entries"),
        ("GSV (paid and kept)", f"{s['gsv_yuan']:,.0f} yuan"),
        ("goods in a room's review", remembered(rate)),
        ("reviews with peers beyond class and level", rate("merged_review_share", ".0%")),
        ("tag precision", f"cosine {rate('tag_cosine', '.2f')}, top three right {rate('tag_hits', '.0%')}"),
        ("top 0.1 % of creators", f"{rate('top_creators_share', '.1%')} of video exposures"),
    ]
