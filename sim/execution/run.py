"""One run from a scenario to a finished folder: progress, records, saves, and going on after a kill."""

import gc
import importlib.metadata
import os
import platform as machine
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil
from ruamel.yaml import YAML

from sim.core.clock import HOUR
from sim.engine.memory_estimate import bytes_needed
from sim.engine.population import Crowd, Crowds
from sim.results.measures import summarise
from sim.results.run_folder import PARTIAL, RunError, Writer, open_run, read_run, records_digest, write_json
from sim.scenario.scenario import Scenario
from sim.world import World

SAVED = "world.npz"
OWNER = "owner.pid"
OFTEN_S = 10.0  # seconds of work between two parts of the records, which bounds the memory that they take
PACKAGES = ("mesa", "simpy", "numpy", "numba", "pandas", "pyarrow", "pydantic")

Progress = Callable[[World, int], None]
"""Called after every refresh with the world and the exposures so far."""


def version() -> str:
    """The version of wavepool."""
    return importlib.metadata.version("wavepool")


class BusyError(RunError):
    """Another process is writing the same run."""


def run_id(scenario: Scenario) -> str:
    """A name by content: the same scenario, seed and version give the same one."""
    return f"seed{scenario.seed}-{scenario.digest()[:10]}"


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a whole run of this version."""
    try:
        return bool(open_run(folder).manifest["wavepool"] == version())
    except RunError:
        return False


def refuse_if_too_large(scenario: Scenario) -> None:
    """Raise a RunError with the estimate if the world would not fit in memory, before anything is allocated."""
    need, have = bytes_needed(scenario), psutil.virtual_memory().available
    if need > have:
        raise RunError(
            f"this world needs about {need / 2**30:,.1f} GiB of memory and {have / 2**30:,.1f} GiB are free; "
            f"lower viewers.count ({scenario.viewers.count:,})"
        )


def start(
    scenario: Scenario,
    name: str,
    out: Path,
    *,
    threads: int = 1,
    save_every_ms: int = 0,
    audit: bool = False,
    pictures: bool = True,
    take_up: bool = False,
    progress: Progress | None = None,
    crowd: Crowds = Crowd,
) -> Path:
    """Run a scenario from its beginning; returns the finished folder `<out>/<name>/<id>`.

    With `take_up`, a finished run of the same content is the answer, even one that somebody else has just finished.
    """
    if crowd is Crowd:  # else viewers are held elsewhere
        refuse_if_too_large(scenario)
    final = out / name / run_id(scenario)
    partial = final.with_name(final.name + PARTIAL)
    with claimed(partial), young_garbage_only():
        if take_up and is_finished(final):
            shutil.rmtree(partial)
            return final
        clear(partial)
        _write_scenario(partial, scenario)
        world = World(scenario, threads=threads, audit=audit, crowd=crowd)
        world.record = writer = Writer(partial, len(world.ladder))
        return _finish(world, writer, partial, final, save_every_ms, progress, 0.0, pictures)


def resume(
    partial: Path,
    *,
    threads: int = 1,
    save_every_ms: int = 0,
    progress: Progress | None = None,
    crowd: Crowds = Crowd,
) -> Path:
    """Go on with a run that was stopped, from its last save; its records end up the same to the byte."""
    if not partial.name.endswith(PARTIAL):
        open_run(partial)
        raise RunError(f"{partial}: this run is whole; there is nothing to resume")
    if not (partial / SAVED).is_file():
        why = (
            "was never saved; run it again, with --save-every 6h to be able to resume"
            if partial.is_dir()
            else "is not there"
        )
        raise RunError(f"{partial}: {why}")
    final = partial.with_name(partial.name.removesuffix(PARTIAL))
    with claimed(partial), young_garbage_only():
        world, extra = World.load(partial / SAVED, threads=threads, crowd=crowd)
        world.record = writer = Writer(partial, len(world.ladder), int(extra["part"]))
        every = save_every_ms or int(extra["save_every_ms"])
        return _finish(world, writer, partial, final, every, progress, extra["wall_seconds"])


@contextmanager
def young_garbage_only() -> Iterator[None]:
    """Let Python look for garbage among new objects only: a world's lives are many, and stay to its end."""
    usual = gc.get_threshold()
    gc.set_threshold(*usual[:2], 2**30)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _finish(
    world: World,
    writer: Writer,
    partial: Path,
    final: Path,
    save_every_ms: int,
    progress: Progress | None,
    spent: float,
    pictures: bool = True,
) -> Path:
    began, shown = time.perf_counter(), int(world.exposures)
    written = began
    while world.running:
        world.step()
        now = world.clock.now_ms
        if progress:
            progress(world, int(world.exposures))
        if save_every_ms and now % save_every_ms == 0 and world.running:
            writer.flush().result()
            state = {
                "part": writer.part,
                "save_every_ms": save_every_ms,
                "wall_seconds": spent + time.perf_counter() - began,
            }
            world.save(partial / SAVED, **state)
        elif now % HOUR == 0 and time.perf_counter() - written > OFTEN_S:
            writer.flush()
            written = time.perf_counter()
    world.tell_end()
    writer.finish(partial)
    wall = time.perf_counter() - began
    _write_manifest(world, partial, spent + wall, (world.exposures - shown) / max(wall, 1e-9))
    write_json(partial / "summary.json", summarise(partial, world.scenario))
    if pictures:
        from sim.reporting.figures import draw  # late: matplotlib takes longer to load than the first simulated minute

        draw([read_run(partial)], partial, formats=("png",))
    (partial / SAVED).unlink(missing_ok=True)
    hand_over(partial, final)
    return final


def hand_over(partial: Path, final: Path) -> None:
    """Give a finished folder its final name; whoever has claimed it may do so."""
    if final.exists():
        shutil.rmtree(final)
    partial.replace(final)
    (final / OWNER).unlink(missing_ok=True)


@contextmanager
def claimed(partial: Path) -> Iterator[None]:
    """Keep everybody else from the partial folder, for as long as this process lives at most."""
    with _owned(partial / OWNER) as owner:
        owner.truncate(0)
        owner.write(str(os.getpid()))
        owner.flush()
        yield


def _owned(path: Path) -> IO[str]:
    """The owner's file, locked; BusyError if another process has it."""
    try:
        while True:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                owner = path.open("a+", encoding="utf-8")
                _lock(owner, path)
                if os.path.samestat(os.fstat(owner.fileno()), path.stat()):
                    return owner
            except FileNotFoundError:  # the folder got its final name meanwhile
                continue
    except OSError as error:
        where = path.parent.parent
        raise RunError(f"cannot write to {where}: {(error.strerror or str(error)).lower()}") from None


def _lock(owner: IO[str], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner.seek(0)
        raise BusyError(f"{path.parent}: process {owner.read() or '?'} is writing this run") from None


def clear(partial: Path) -> None:
    """Empty the folder for a run from the beginning; what was saved is not thrown away."""
    if (partial / SAVED).is_file():
        raise RunError(
            f"{partial}: a run of this scenario was stopped and can go on: `wavepool resume {partial}`; "
            "delete the folder to start over"
        )
    for one in partial.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
        elif one.name != OWNER:
            one.unlink()


def _write_scenario(folder: Path, scenario: Scenario) -> None:
    data = scenario.model_dump(mode="json")
    write_json(folder / "scenario.json", data)
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as stream:
        yaml = YAML()
        yaml.default_flow_style = None
        yaml.allow_unicode = True
        yaml.dump(data, stream)


def _write_manifest(world: World, folder: Path, wall: float, per_second: float) -> None:
    memory = psutil.Process().memory_info()
    peak = _peak_bytes() or memory.rss
    manifest: dict[str, Any] = {
        "wavepool": version(),
        "python": sys.version.split()[0],
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "seed": world.scenario.seed,
        "title": world.scenario.title,
        "scenario_sha256": world.scenario.digest(),
        "records_sha256": records_digest(folder),
        "viewers": world.scenario.viewers.count,
        "days": world.scenario.days,
        "threads": world.crowd.threads,
        "wall_seconds": round(wall, 3),
        "exposures": int(world.exposures),
        "exposures_per_second": round(per_second),
        "peak_memory_mib": round(peak / 2**20, 1),
        "cpu": _cpu(),
    }
    write_json(folder / "manifest.json", manifest)


def _peak_bytes() -> int:
    try:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    except ImportError:  # Windows
        return 0


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} cores"
    except OSError:
        pass
    return f"{machine.processor() or machine.machine()}, {os.cpu_count()} cores"
