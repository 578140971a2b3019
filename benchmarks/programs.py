"""The programs that are compared, each in a process of its own: `python -m benchmarks.programs NAME '{...}'`."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured

ROOT = Path(__file__).parent.parent


def midday(viewers: int, warm_up: float, hours: float, file: str, threads: int) -> dict[str, Any]:
    """Make the world from which others go on."""
    from benchmarks.midday import save_midday

    save_midday(viewers, warm_up, hours, Path(file), threads)
    return {}


def window(file: str, minutes: float, threads: int) -> dict[str, Any]:
    """wavepool over the same stretch as the obvious program, and what its exposures come to."""
    from benchmarks.midday import go_on

    measured, load = go_on(Path(file), minutes, threads)
    return measured._asdict() | load._asdict()


def obvious(file: str, minutes: float) -> dict[str, Any]:
    """The obvious program over a stretch of the day."""
    from benchmarks.obvious import go_on

    return go_on(Path(file), minutes)._asdict()


def floor(viewers: int, videos: int, load: list[float], exposures: int, threads: int) -> dict[str, Any]:
    """The least that must be done."""
    from benchmarks.floor import Load, run
    from benchmarks.midday import day_of

    return run(day_of(viewers), videos, Load(*load), exposures, threads)._asdict()


def bare(viewers: int, exposures: int) -> dict[str, Any]:
    """SimPy with nothing in it."""
    from benchmarks.bare import run

    return run(viewers, exposures)._asdict()


def ours(viewers: int, days: float, warm_up: float, threads: int) -> dict[str, Any]:
    """A whole run of wavepool."""
    from benchmarks.midday import day_of
    from benchmarks.ours import whole_run

    return whole_run(day_of(viewers, f"days={days}", f"warm_up={warm_up}"), threads)._asdict()


def scenario(file: str, threads: int, overrides: list[str]) -> dict[str, Any]:
    """A whole run of a scenario file."""
    from benchmarks.ours import whole_run
    from sim.scenario.scenario import load

    return whole_run(load(file, overrides), threads)._asdict()


def stretch(viewers: int, threads: int, before: float, minutes: float) -> dict[str, Any]:
    """A busy stretch for so many viewers."""
    from benchmarks.stretch import run

    return run(viewers, threads, before, minutes)._asdict()


PROGRAMS: Mapping[str, Callable[..., dict[str, Any]]] = {
    program.__name__: program for program in (midday, window, obvious, floor, bare, ours, scenario, stretch)
}


def told(name: str, **given: Any) -> dict[str, Any]:
    """What a program answers, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.programs", name, json.dumps(given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measured(name: str, **given: Any) -> Measured:
    """The same, as a measurement."""
    answer = told(name, **given)
    return Measured(*(answer[field] for field in Measured._fields))


if __name__ == "__main__":
    print(json.dumps(PROGRAMS[sys.argv[1]](**json.loads(sys.argv[2]))))
