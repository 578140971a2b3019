"""`wavepool estimate`: what a scenario takes, here and beyond one machine."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import CORES, File, Set, Threads, overrides
from sim.cli.progress import greet, plain_errors, say

if TYPE_CHECKING:
    from sim.execution.cost_estimate import Beyond, Estimate, Machine


def estimate(
    file: File,
    sets: Set = None,
    threads: Threads = CORES,
    as_json: Annotated[bool, typer.Option("--json", help="numbers for programs")] = False,
    daily: Annotated[float, typer.Option("--daily", min=1, help="daily viewers of the whole platform")] = 600e6,
    cores: Annotated[int, typer.Option("--cores", min=1, help="cores of each of many machines")] = 16,
    memory: Annotated[float, typer.Option("--memory", min=1, help="GiB of memory of each of many machines")] = 128,
    viewers: Annotated[int, typer.Option("--sample", min=100, help="viewers of the run that is measured")] = 50_000,
) -> None:
    """Measure short runs of a scenario with few viewers, and say what it takes in memory, time and records, and how
    many machines a whole platform's viewers would take.
    """
    with plain_errors():
        from sim.execution import cost_estimate as estimating
        from sim.scenario.scenario import load

        scenario = load(file, overrides(sets))
        greet()
        say("measuring: up to a day and a half of few viewers, and of more")
        small, large = estimating.samples(scenario, threads, viewers)
        here, machine = estimating.estimate(scenario, small, large), estimating.Machine(cores, memory * 2**30)
        far = estimating.beyond(scenario, small, large, machine, daily)
        if as_json:
            print(json.dumps(plain(here, far, machine, daily), indent=2))
        else:
            print("\n".join([*of_this_machine(here, threads), "", *of_many(far, here, machine, daily)]))


def of_this_machine(e: "Estimate", threads: int) -> list[str]:
    """What the run takes here, in words."""
    from sim.reporting.number_format import count, lasting, size_of

    fits = "" if e.memory_bytes <= e.free_bytes else "; it does not fit"
    exposure, refresh = e.acting.exposure + e.platform.exposure, e.acting.refresh + e.platform.refresh
    memory = f"{size_of(e.memory_bytes)}, {e.bytes_per_viewer} bytes of it for each viewer"
    work = f"{count(e.exposures)} exposures at {exposure * 1e9:,.0f} ns, {e.refreshes:,} refreshes at "
    return [
        f"On this machine with {threads} threads, as measured with {e.sampled:,} viewers:",
        f"  memory   {memory}; {size_of(e.free_bytes)} are free{fits}",
        f"  time     {lasting(e.seconds)}: {work}{refresh * 1e3:.2f} ms; pictures come on top",
        f"  records  {size_of(e.record_bytes)}",
    ]


def of_many(far: "Beyond", e: "Estimate", machine: "Machine", daily: float) -> list[str]:
    """What a whole platform takes, in words, with what is assumed."""
    from sim.reporting.number_format import count, lasting, size_of

    kind = f"machines of {machine.cores} cores and {size_of(machine.memory)}"
    many = f"{far.machines:,} {kind} as workers, {far.shards:,} shards" if far.machines else f"no number of {kind}"
    day = f"viewers {lasting(far.acting_seconds)}, the platform {lasting(far.platform_seconds)}"
    network = f"network {lasting(far.network_seconds)}, {size_of(far.sent_bytes)} to each worker at a refresh"
    videos = size_of(far.catalogue_bytes)
    shared = f"shared out over at least {far.by_memory:,} machines" if far.by_memory else "shared out"
    return [
        f"{count(daily)} daily viewers: {many}",
        f"  memory   {size_of(far.viewer_bytes)} of viewers, {shared}; on each a day's videos, {videos}",
        f"  time     {lasting(far.day_seconds)} for a simulated day: {day}, {network}",
        f"           the viewers act as fast as the platform works on so many machines: {far.by_time:,}",
        "",
        "Assumed:",
        *(f"  - {one}" for one in assumptions(far, e, daily)),
    ]


def assumptions(far: "Beyond", e: "Estimate", daily: float) -> list[str]:
    """What the figures rest on."""
    from sim.reporting.number_format import count
    from sim.scenario.policy import Platform

    most = next(rule.le for rule in Platform.model_fields["shards"].metadata if hasattr(rule, "le"))
    of_shards = f"; a scenario takes up to {most} now" if far.shards > most else ""
    cached = f"an exposure costs what it costs with {e.sampled:,} viewers; "
    return [
        cached + "what it costs with rows far beyond the caches is in docs/scale.md",
        "creators, videos and rooms go with the viewers; paid waves and changes of rules are left out",
        "the first day is as measured, and later ones are as the last 24 hours that were",
        f"{count(daily)} of {count(far.viewers)} viewers come on a day, the share on the first",
        "cores are as fast as here and add up; each works on a shard of its own" + of_shards,
        "one process is the platform: its work is not spread, and each worker keeps a copy of the catalogue",
        "the network brings 1.25 GB a second to all workers at once; what comes back is less than what goes out",
    ]


def plain(here: "Estimate", far: "Beyond", machine: "Machine", daily: float) -> dict[str, object]:
    """The same as numbers; seconds and bytes."""
    of_costs = {name: getattr(here, name)._asdict() for name in ("acting", "platform")}
    return {
        "here": here._asdict() | of_costs,
        "machine": machine._asdict(),
        "daily_viewers": daily,
        "beyond": far._asdict() | {"day_seconds": far.day_seconds},
        "assumptions": assumptions(far, here, daily),
    }
