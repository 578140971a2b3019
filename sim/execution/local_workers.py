"""Workers on this machine: processes that run one scenario after another, and may die without harm to anybody else."""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from sim.core.garbage_collection import rare_collection
from sim.execution.run import BusyError, run_id, start
from sim.results.run_folder import PARTIAL
from sim.scenario.scenario import Scenario
from sim.world import World

UPDATE_EVERY_S = 0.5  # how often a worker says how far it is
FAILURE = "failure.txt"  # in the folder of a run that failed: where it failed


class Job(NamedTuple):
    """A run to be done."""

    scenario: Scenario
    name: str
    out: Path
    threads: int


class RunUpdate(NamedTuple):
    """What is heard of a run: how far it is, or how it ended."""

    digest: str
    what: Literal["goes", "done", "failed", "busy", "lost"]
    exposures: int = 0
    share: float = 0.0  # of the simulated time
    why: str = ""


class WorkerPool(Protocol):
    """Workers, wherever they are."""

    def is_free(self) -> bool:
        """Whether a job can be given."""

    def begin(self, job: Job) -> None:
        """Give a job to a free worker."""

    def updates(self, patience_s: float) -> list[RunUpdate]:
        """What is new, waiting no longer than so many seconds."""

    def stop(self) -> None:
        """End all workers, whatever they are at."""


def carried_out(job: Job, report: Callable[[RunUpdate], None]) -> RunUpdate:
    """Do one run, or go on with one that was saved; says how it ended, whatever happens."""
    digest, last, shown = job.scenario.digest(), time.monotonic(), 0

    def progress(world: World, exposures: int) -> None:
        nonlocal last, shown
        shown = exposures
        if time.monotonic() - last > UPDATE_EVERY_S:
            last, s = time.monotonic(), world.scenario
            report(RunUpdate(digest, "goes", exposures, (world.clock.now_ms - s.start_ms) / (s.end_ms - s.start_ms)))

    final = job.out / job.name / run_id(job.scenario)
    partial = final.with_name(final.name + PARTIAL)
    try:
        start(job.scenario, job.name, job.out, threads=job.threads, pictures=False, reuse=True, progress=progress)
    except BusyError:
        return RunUpdate(digest, "busy")
    except Exception as error:
        if partial.is_dir():
            (partial / FAILURE).write_text(traceback.format_exc(), encoding="utf-8")
        return RunUpdate(digest, "failed", why=f"{type(error).__name__}: {' '.join(str(error).split())}")
    return RunUpdate(digest, "done", shown)


# --- in the worker


def serve(descriptor: int) -> None:
    """Take jobs from a connection and do them, until nobody is at its other end."""
    line = Connection(descriptor)
    try:
        while True:
            job = line.recv()
            with rare_collection(at_the_end=True):
                line.send(carried_out(job, line.send))
    except (EOFError, OSError):
        return


# --- in the command


class _Worker(NamedTuple):
    process: "subprocess.Popen[bytes]"
    line: Connection


def _hire() -> _Worker:
    """Start a process. It imports nothing of the caller's program, so scripts need no guard around their main part."""
    ours, theirs = Pipe()
    home = str(Path(__file__).resolve().parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-c", f"from sim.execution.local_workers import serve; serve({theirs.fileno()})"],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])},
        start_new_session=True,  # Ctrl-C is for the command, which ends its workers itself
    )
    theirs.close()
    return _Worker(process, ours)


class LocalWorkerPool:
    """Up to `size` processes on this machine."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.idle: list[_Worker] = []
        self.at_work: dict[Connection, tuple[_Worker, str]] = {}

    def is_free(self) -> bool:
        return len(self.at_work) < self.size

    def begin(self, job: Job) -> None:
        worker = self.idle.pop() if self.idle else _hire()
        self.at_work[worker.line] = worker, job.scenario.digest()
        try:
            worker.line.send(job)
        except OSError:  # it died while it was idle; `updates` finds out
            return

    def updates(self, patience_s: float) -> list[RunUpdate]:
        return [self._heard(line) for line in wait(list(self.at_work), patience_s) if isinstance(line, Connection)]

    def _heard(self, line: Connection) -> RunUpdate:
        worker, digest = self.at_work[line]
        try:
            update: RunUpdate = line.recv()
        except (EOFError, OSError):
            del self.at_work[line]
            _dismiss(worker)
            return RunUpdate(digest, "lost", why=f"its worker ended with status {worker.process.returncode}")
        if update.what != "goes":
            del self.at_work[line]
            self.idle.append(worker)
        return update

    def stop(self) -> None:
        for worker in [*self.idle, *(worker for worker, _ in self.at_work.values())]:
            _dismiss(worker)
        self.idle.clear()
        self.at_work.clear()


def _dismiss(worker: _Worker) -> None:
    worker.line.close()
    worker.process.kill()
    worker.process.wait()
