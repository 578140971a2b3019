"""The door: what a person types. Whatever is wrong with the input is told in a line each, with exit status 2."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sim.experiment import Result
    from sim.results import Run
    from sim.scenario import Scenario
    from sim.world import World

app = typer.Typer(
    name="wavepool",
    help="Simulate how a short-video platform hands out traffic: viewers, creators and live rooms on one clock.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

OUT = Path("outputs")
CORES = os.cpu_count() or 1
UNITS_MS = {"s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}

File = Annotated[Path, typer.Argument(help="scenario file (YAML)", show_default=False)]
Folders = Annotated[list[Path], typer.Argument(help="folders of runs", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="folder that gets <scenario>/<id>/")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="K=V", help="override a field, e.g. platform.weights.conversion=0")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="everybody's luck")]
Days = Annotated[float | None, typer.Option("--days", help="simulated days to record")]
Threads = Annotated[int, typer.Option("--threads", min=1, max=256, help="threads; results do not depend on it")]
SaveEvery = Annotated[str, typer.Option("--save-every", metavar="6h", help="save the world so often, to resume")]


def say(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn a user's mistake into lines and exit status 2, and Ctrl-C into one line and status 130."""
    from sim.reading import ScenarioError
    from sim.results import RunError
    from sim.saving import SaveError

    try:
        yield
    except (ScenarioError, RunError, SaveError) as error:
        say(str(error))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        say("stopped")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def overrides(sets: list[str] | None, seed: int | None = None, days: float | None = None) -> list[str]:
    """All that the command line says about the scenario, as `path=value`."""
    own = [f"seed={seed}"] if seed is not None else []
    return [*(sets or []), *own, *([f"days={days}"] if days is not None else [])]


def length_ms(text: str) -> int:
    """`6h`, `30min`, `2d` in milliseconds; 0 for nothing."""
    from sim.results import RunError

    if not text:
        return 0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", text.strip())
    if not found or float(found[1]) <= 0:
        raise RunError(f"--save-every: must be a time such as 6h, 30min or 1d, found {text!r}")
    return int(float(found[1]) * UNITS_MS[found[2]])


@app.command()
def run(
    file: File,
    seed: Seed = None,
    out: Out = OUT,
    threads: Threads = CORES,
    days: Days = None,
    sets: Set = None,
    save_every: SaveEvery = "",
    audit: Annotated[bool, typer.Option("--audit", help="check the books at every refresh")] = False,
) -> None:
    """Run a scenario and leave a folder of records and pictures."""
    with told_plainly():
        from sim.scenario import load

        scenario = load(file, overrides(sets, seed, days))
        every = whole_refreshes(length_ms(save_every), scenario.refresh_ms)
        greet()
        from sim import runs

        with progress_of(scenario) as progress:
            folder = runs.start(
                scenario, file.stem, out, threads=threads, save_every_ms=every, audit=audit, progress=progress
            )
        tell(folder)


@app.command()
def resume(
    folder: Annotated[Path, typer.Argument(help="the .partial folder of a run that was stopped", show_default=False)],
    threads: Threads = CORES,
) -> None:
    """Go on with a run that was stopped, from its last save."""
    with told_plainly():
        from sim import runs, saving
        from sim.results import PARTIAL

        partial = folder if folder.name.endswith(PARTIAL) else folder.with_name(folder.name + PARTIAL)
        partial = partial if partial.is_dir() else folder
        scenario = saving.read(partial / runs.SAVED)[0] if (partial / runs.SAVED).is_file() else None
        greet()
        with progress_of(scenario) as progress:
            done = runs.resume(partial, threads=threads, progress=progress)
        tell(done)


@app.command()
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
    with told_plainly():
        from sim.plots import draw
        from sim.results import open_run

        runs = [open_run(folder) for folder in folders]
        for picture in draw(runs, writable(out or runs[0].folder), item=item, room=room, top=top):
            print(picture)


@app.command()
def why(
    folder: Annotated[Path, typer.Argument(help="folder of a run", show_default=False)],
    item: Annotated[str, typer.Argument(help="a video by its number, or a room such as room:3", show_default=False)],
) -> None:
    """Say why a video or a room got the waves that it got: every review with every term."""
    with told_plainly():
        from rich.console import Console

        from sim.results import RunError, open_run
        from sim.why import parse_item
        from sim.why import why as reasons

        try:
            kind, number = parse_item(item)
        except ValueError as error:
            raise RunError(str(error)) from None
        console = Console(width=max(Console().width, 115))
        for part in reasons(open_run(folder), number, kind):
            console.print(part)


@app.command()
def compare(
    files: Annotated[list[Path], typer.Argument(help="a comparison file, or scenarios to compare", show_default=False)],
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, max=10_000, help="seeds, each run in every arm")
    ] = None,
    vary: Annotated[str, typer.Option("--vary", metavar="K=V,V", help="one arm for each value of a field")] = "",
    out: Out = OUT,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="runs at a time, each on one thread")] = CORES,
) -> None:
    """Run the same people and the same luck under different rules, and tell the effects with their intervals."""
    with told_plainly():
        from sim import experiment
        from sim.results import RunError

        if vary and len(files) == 1:
            todo = experiment.varied(files[0], vary, seeds or 10)
        elif vary:
            raise RunError("--vary: goes with one scenario")
        elif len(files) == 1:
            todo = experiment.read_comparison(files[0], seeds)
        else:
            arms: dict[str, tuple[Path, list[str]]] = {file.stem: (file, []) for file in files}
            if len(arms) < len(files):
                raise RunError("the scenarios to compare must have different names")
            todo = experiment.plan_of("-".join(arms), " against ".join(arms), arms, seeds or 10)
        greet()
        with runs_done() as done:
            result = experiment.carry_out(todo, out, jobs, done)
        tell_effects(result)
        print(experiment.keep(result, out / todo.name))


@app.command()
def explain(file: File, sets: Set = None) -> None:
    """Tell the resolved world before it runs: people, ladder, weights, a room's show, a viewer's day, memory and
    time.
    """
    with told_plainly():
        from rich.console import Console

        from sim.explain import explain as explained
        from sim.scenario import load, source_of

        scenario, source = load(file, overrides(sets)), source_of(file, overrides(sets))
        Console(width=None if sys.stdout.isatty() else 100).print(explained(scenario, source))


@app.command()
def validate(files: Annotated[list[Path], typer.Argument(help="scenario files", show_default=False)]) -> None:
    """Check scenario files; every mistake of every file is told."""
    from sim.reading import ScenarioError
    from sim.scenario import load

    wrong = False
    for file in files:
        try:
            load(file)
            print(f"{file}: ok")
        except ScenarioError as error:
            say(str(error))
            wrong = True
    if wrong:
        raise typer.Exit(2)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from sim.starter import schema as described

    print(json.dumps(described(), indent=2, ensure_ascii=False))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="name of the scenario; the file gets .yaml", show_default=False)],
) -> None:
    """Write a commented starter scenario into this folder."""
    with told_plainly():
        from sim.results import RunError
        from sim.starter import starter

        file = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
        if file.exists():
            raise RunError(f"{file}: is there already")
        try:
            file.write_text(starter(file.stem), encoding="utf-8")
        except OSError as error:
            raise RunError(f"cannot write {file}: {(error.strerror or str(error)).lower()}") from None
        print(f"{file}: written; try `wavepool explain {file}`")


# --- what the commands share


def whole_refreshes(time_ms: int, refresh_ms: int) -> int:
    """A time as a whole number of refreshes, at least one; 0 for none."""
    return max(1, round(time_ms / refresh_ms)) * refresh_ms if time_ms else 0


def writable(folder: Path) -> Path:
    """The folder, made if need be; a RunError if that cannot be."""
    from sim.results import RunError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {(error.strerror or str(error)).lower()}") from None
    return folder


def greet() -> None:
    """Say that the first start takes longer, if it does."""
    from sim.jit import is_warm

    if not is_warm():
        say("compiling the viewers' loop: once on this machine, about 20 s; later starts load it")


@contextmanager
def progress_of(scenario: "Scenario | None") -> Iterator[Any]:
    """A progress bar: simulated time, exposures so far and per second, time left; plain lines where there is no
    terminal.
    """
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from sim.clock import told

    console, began = Console(stderr=True), time.perf_counter()
    total = scenario.end_ms - scenario.start_ms if scenario else None
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[seen]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, refresh_per_second=5) as bar:
        task = bar.add_task("starting", total=total, seen="")
        first: list[int] = []

        def show(world: "World", exposures: int) -> None:
            if not first:
                first.append(exposures)
            if world.turn % 20 == 0:
                rate = (exposures - first[0]) / max(time.perf_counter() - began, 1e-9)
                bar.update(
                    task,
                    completed=world.clock.now_ms - world.scenario.start_ms,
                    description=told(world.clock.now_ms)[:-3],
                    seen=f"{exposures / 1e6:,.1f} M exposures, {rate / 1e6:.2f} M/s",
                )

        yield show


@contextmanager
def runs_done() -> Iterator[Any]:
    """A progress bar over runs; plain lines where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: say(f"{done} of {total} runs done")
        return
    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("runs", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def tell_effects(result: "Result") -> None:
    """Print every measure's effect, relative, with its interval."""
    from rich.console import Console
    from rich.table import Table

    from sim.experiment import MEASURES

    arms = list(result.plan.arms)
    table = Table(title=f"{result.plan.title}\nagainst {arms[0]}, {len(result.seeds)} seeds", title_justify="left")
    for name in ("measure", "arm", arms[0], "effect", "95 % interval", "unpaired", "fresh luck", "Holm"):
        table.add_column(name, justify="left" if name in ("measure", "arm") else "right")
    for row in result.effects.to_dict("records"):
        table.add_row(
            MEASURES[row["measure"]].words,
            row["arm"],
            f"{row['before']:,.4g} {row['unit']}",
            f"{row['relative']:+.1%}",
            f"{row['relative_low']:+.1%} to {row['relative_high']:+.1%}",
            f"x {row['variance_ratio_unpaired']:.1f}",
            f"x {row['variance_ratio_fresh_luck']:.1f}",
            "yes" if row["holm"] else "no",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(
        "Intervals: Student's t over seeds, of paired differences. unpaired, fresh luck: how many times the variance "
        "would be without exact pairs. Holm: whether it survives the correction for so many measures. One ranking "
        "change on a real platform moves such measures by some 0.1 to 3 %."
    )


def tell(folder: Path) -> None:
    """Print what a run came to, and where its records are."""
    from rich.console import Console
    from rich.table import Table

    from sim.results import open_run

    finished = open_run(folder)
    table = Table(title=None, show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in summary_lines(finished):
        table.add_row(name, value)
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    m = finished.manifest
    print(
        f"{m['exposures'] / 1e6:,.2f} M exposures with the warm-up, {m['exposures_per_second'] / 1e6:,.2f} M/s, ",
        end="",
    )
    print(f"{m['wall_seconds']:.1f} s, {m['peak_memory_mib']:,.0f} MiB")
    print(folder)


def summary_lines(finished: "Run") -> list[tuple[str, str]]:
    """A run's summary in words, with units."""
    s = finished.summary()
    return [
        ("exposures", f"{s['exposures']:,} ({s['live_share']:.1%} live)"),
        ("minutes per viewer and day", f"{s['minutes_per_viewer_day']:.1f} min"),
        ("finish rate, like rate", f"{s['finish_rate']:.1%}, {s['like_rate']:.2%}"),
        ("room entries", f"{s['entries']:,} ({s['enter_rate']:.1%} of live exposures)"),
        ("mean stay per entry", f"{s['seconds_per_entry']:.0f} s"),
        ("orders", f"{s['orders']:,} ({s['orders_per_entry']:.2%} of entries), {s['refused_orders']:,} refused"),
        ("GMV", f"{s['gmv_yuan']:,.0f} yuan, GPM {s['gpm_yuan']:,.0f} yuan per 1,000 views"),
        ("tag precision", f"cosine {s['tag_cosine']:.2f}, top three right {s['tag_hits']:.0%}"),
        ("top 0.1 % of creators", f"{s['top_creators_share']:.1%} of video exposures"),
    ]


def main() -> None:
    """Entry point of the command `wavepool`."""
    app()
