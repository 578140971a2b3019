"""One run from a scenario to a finished folder: progress, records, saves, and going on after a kill."""

import importlib.metadata
import json
import os
import platform as machine
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

import psutil
from ruamel.yaml import YAML

from sim.core import disk
from sim.core.clock import HOUR
from sim.core.garbage_collection import rare_collection
from sim.engine.memory_estimate import bytes_needed
from sim.engine.population import LocalPopulation, PopulationFactory
from sim.execution import interrupts
from sim.results.measures import summarise
from sim.results.run_folder import (
    MANIFEST,
    PARTIAL,
    PARTS,
    RunError,
    Writer,
    open_run,
    read_run,
    records_digest,
    write_json,
)
from sim.results.table_schemas import TABLES
from sim.scenario.scenario import Scenario
from sim.world import World

SAVED = "world.npz"
OWNER = "owner.pid"
REPLACED = ".replaced"  # ends the name of an older result while a newer one takes its place
SCENARIO = ("scenario.json", "scenario.yaml")
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
    reuse: bool = False,
    progress: Progress | None = None,
    population: PopulationFactory = LocalPopulation,
) -> Path:
    """Run a scenario from its beginning; returns the finished folder `<out>/<name>/<id>`.

    With `reuse`, a finished run of the same content is the answer, even one that somebody else has just finished, and
    one that was stopped goes on.
    """
    if population is LocalPopulation:  # else viewers are held elsewhere
        refuse_if_too_large(scenario)
    final = out / name / run_id(scenario)
    partial = final.with_name(final.name + PARTIAL)
    with claimed(partial), rare_collection(new_only=True), interrupts.noted():
        if reuse and is_finished(final):
            shutil.rmtree(partial)
            tidy(final)
            return final
        if reuse and can_go_on(partial):
            return _go_on(partial, final, threads, save_every_ms, progress, population, pictures)
        clear(partial)
        _write_scenario(partial, scenario)
        disk.sync(partial.parent)
        disk.sync(out)
        world = World(scenario, threads=threads, audit=audit, population=population)
        files = {name: disk.fingerprint(partial / name) for name in SCENARIO}
        world.observer.record = writer = Writer(partial, len(world.policy.ladder), files, start=scenario.start)
        return _finish(world, writer, partial, final, save_every_ms, progress, 0.0, pictures)


def resume(
    partial: Path,
    *,
    threads: int = 1,
    save_every_ms: int = 0,
    progress: Progress | None = None,
    population: PopulationFactory = LocalPopulation,
    pictures: bool = True,
) -> Path:
    """Go on with a run that was stopped, from its last save; its records end up the same to the byte.

    What was saved is checked first: a RunError tells what is missing or changed, and nothing is touched.
    """
    final = partial.with_name(partial.name.removesuffix(PARTIAL))
    if not partial.is_dir() and final.is_dir():
        partial = final
    if partial == final:
        open_run(final)
        tidy(final)
        raise RunError(f"{final}: this run is whole; there is nothing to resume")
    if not partial.is_dir():
        raise RunError(f"{partial}: is not there")
    with claimed(partial), rare_collection(new_only=True), interrupts.noted():
        return _go_on(partial, final, threads, save_every_ms, progress, population, pictures)


def can_go_on(partial: Path) -> bool:
    """Whether a run was stopped after it had been saved, or after its records were whole."""
    return (partial / SAVED).is_file() or (partial / MANIFEST).is_file()


def _go_on(
    partial: Path,
    final: Path,
    threads: int,
    save_every_ms: int,
    progress: Progress | None,
    population: PopulationFactory,
    pictures: bool,
) -> Path:
    if not can_go_on(partial):
        raise RunError(f"{partial}: was never saved; run it again, with --save-every 6h to be able to resume")
    if (partial / MANIFEST).is_file():
        return _end(partial, final, _whole(partial), pictures)
    world, extra = World.load(partial / SAVED, threads=threads, population=population)
    _refuse_if_damaged(partial, extra["files"])
    world.observer.record = writer = Writer(
        partial, len(world.policy.ladder), extra["files"], extra["part"], world.scenario.start
    )
    every = save_every_ms or extra["save_every_ms"]
    return _finish(world, writer, partial, final, every, progress, extra["wall_seconds"], pictures)


def _refuse_if_damaged(partial: Path, files: dict[str, disk.Fingerprint]) -> None:
    if damage := disk.damage(partial, files):
        _refuse(partial, damage)


def _refuse(partial: Path, why: str) -> NoReturn:
    raise RunError(f"{partial}: {why}, so this run cannot go on; delete the folder to start over")


def _finished_files() -> list[str]:
    return [*SCENARIO, *(f"{table}.parquet" for table in TABLES)]


def _whole(partial: Path) -> Scenario:
    """The scenario of a stopped run whose records are whole; a RunError if one of its files is not what it was."""
    try:
        manifest = json.loads((partial / MANIFEST).read_text(encoding="utf-8"))
        files, records = {name: manifest["files"][name] for name in _finished_files()}, manifest["records_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        files, records = {}, None
    _refuse_if_damaged(partial, files)
    if not files or records_digest(partial) != records:
        _refuse(partial, f"{MANIFEST} is not as it was written")
    return Scenario.model_validate_json((partial / SCENARIO[0]).read_bytes())


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
    began, shown = time.perf_counter(), int(world.totals.exposures)
    written = began
    while world.running:
        world.step()
        interrupts.raise_if_noted()
        now = world.clock.now_ms
        if progress:
            progress(world, int(world.totals.exposures))
        if save_every_ms and now % save_every_ms == 0 and world.running:
            writer.flush().result()
            state = {
                "files": writer.files,
                "part": writer.part,
                "save_every_ms": save_every_ms,
                "wall_seconds": spent + time.perf_counter() - began,
            }
            world.save(partial / SAVED, **state)
        elif now % HOUR == 0 and time.perf_counter() - written > OFTEN_S:
            writer.flush()
            written = time.perf_counter()
    world.end()
    writer.finish(partial)
    wall = time.perf_counter() - began
    _write_manifest(world, partial, spent + wall, (world.totals.exposures - shown) / max(wall, 1e-9))
    return _end(partial, final, world.scenario, pictures)


def _end(partial: Path, final: Path, scenario: Scenario, pictures: bool) -> Path:
    """What follows once the manifest says that the records are whole; if it is cut short, it can be done again."""
    disk.remove(partial / SAVED)
    disk.remove(partial / PARTS)
    write_json(partial / "summary.json", summarise(partial, scenario))
    if pictures:
        from sim.reporting.figures import draw  # late: matplotlib takes longer to load than the first simulated minute

        draw([read_run(partial)], partial, formats=("png",))
    for unfinished in partial.glob(f"*{disk.ASIDE}"):
        disk.remove(unfinished)
    hand_over(partial, final)
    return final


def hand_over(partial: Path, final: Path) -> None:
    """Give a finished folder its final name; whoever has claimed it may do so.

    An older result goes only when the newer one is in its place.
    """
    if os.path.lexists(final):
        disk.remove(_replaced(final))
        final.rename(_replaced(final))
    partial.rename(final)
    disk.sync(final.parent)
    tidy(final)


def tidy(final: Path) -> None:
    """Remove what a kill can leave of the hand-over."""
    (final / OWNER).unlink(missing_ok=True)
    disk.remove(_replaced(final))


def _replaced(final: Path) -> Path:
    return final.with_name(final.name + REPLACED)


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
    if can_go_on(partial):
        raise RunError(
            f"{partial}: a run of this scenario was stopped and can go on: `wavepool resume {partial}`; "
            "delete the folder to start over"
        )
    for one in partial.iterdir():
        if one.name != OWNER:
            disk.remove(one)


def _write_scenario(folder: Path, scenario: Scenario) -> None:
    data = scenario.model_dump(mode="json")
    write_json(folder / "scenario.json", data)
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    disk.put(folder / "scenario.yaml", lambda stream: yaml.dump(data, stream))


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
        "threads": world.population.threads,
        "wall_seconds": round(wall, 3),
        "exposures": int(world.totals.exposures),
        "exposures_per_second": round(per_second),
        "peak_memory_mib": round(peak / 2**20, 1),
        "cpu": _cpu(),
        "files": {name: disk.fingerprint(folder / name) for name in _finished_files()},
    }
    write_json(folder / MANIFEST, manifest)


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
