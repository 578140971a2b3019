"""Many runs: each is kept by content, so what is finished is reused and only the rest is run.

A worker that is killed costs its run's time and nothing else: the run begins anew on another worker. A run that fails
for its own reasons is told, and the others go on. Commands may share a folder: whoever meets a run that another command
is at takes its result when it is there.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from sim.engine.memory_estimate import bytes_needed
from sim.execution import ray_cluster
from sim.execution.local_workers import Job, LocalWorkerPool, RunUpdate, WorkerPool
from sim.execution.run import is_finished, refuse_if_too_large, run_id
from sim.results.run_folder import RunError
from sim.scenario.scenario import Scenario

CORES = os.cpu_count() or 1
MOST_LOSSES = 3  # workers that one run may cost before it is given up: it may be what kills them
PATIENCE_S = 0.5
BUSY_S = 2.0  # after which a run that another command is at is asked for again


class BatchProgress(NamedTuple):
    """How far many runs are."""

    total: int
    done: int
    running: int
    failed: int
    per_second: float  # exposures, all workers together
    left_s: float | None  # seconds; None while nobody can say


Done = Callable[[BatchProgress], None]
"""Called at the beginning, once or twice a second, and at the end."""


class Failure(NamedTuple):
    """A run that failed for its own reasons."""

    scenario: Scenario
    why: str

    def __str__(self) -> str:
        return f"{run_id(self.scenario)}: {self.why}"


class Ran(NamedTuple):
    """What came of many runs: the folders of those that are whole, and those that failed, by scenarios' digests."""

    folders: dict[str, Path]
    failures: dict[str, Failure]

    def whole(self) -> dict[str, Path]:
        """All folders; a RunError if a run failed."""
        if self.failures:
            said = "\n".join(f"  {failure}" for failure in self.failures.values())
            raise RunError(f"{len(self.failures)} of {len(self.folders) + len(self.failures)} runs failed:\n{said}")
        return self.folders


def run_many(
    scenarios: Iterable[Scenario],
    name: str,
    out: Path,
    jobs: int | None = None,
    done: Done | None = None,
    *,
    on: str = "local",
    threads: int = 1,
) -> Ran:
    """Run what has not been run yet, `jobs` at a time, and say what came of all.

    Parameters
    ----------
    scenarios
        Those with the same digest are run once.
    name, out
        A run's folder is `<out>/<name>/<id>`, the id being its content's.
    jobs
        Runs at a time, one for each core if not given; fewer where memory holds fewer.
    on
        `local` for processes of this machine, `ray` for a Ray of its own, `ray:ADDRESS` for a cluster.
    threads
        Threads of each run.
    """
    wanted = {one.digest(): one for one in scenarios}
    folders = {digest: out / name / run_id(one) for digest, one in wanted.items()}
    missing = {
        digest: Job(one, name, out, threads) for digest, one in wanted.items() if not is_finished(folders[digest])
    }
    check_place(on)
    queue, report = _Queue(missing, len(wanted)), done or (lambda _progress: None)
    report(queue.progress())
    if missing:
        with worker_pool(on, jobs, threads, missing) as pool:
            while queue.is_open():
                queue.assign(pool)
                for update in pool.updates(PATIENCE_S):
                    queue.record(update)
                report(queue.progress())
    whole = {digest: folder for digest, folder in folders.items() if digest not in queue.failures}
    return Ran(whole, queue.failures)


def check_place(on: str) -> None:
    """Refuse a place that runs cannot go to."""
    if on != "local":
        ray_cluster.check(on)


@contextmanager
def staying(on: str, jobs: int | None) -> Iterator[None]:
    """Keep one Ray for all that is run meanwhile; else each `run_many` starts or joins its own."""
    if on == "local":
        yield
        return
    with ray_cluster.joined(on, max(CORES, jobs or 0)):
        yield


@contextmanager
def worker_pool(on: str, jobs: int | None, threads: int, todo: dict[str, Job]) -> Iterator[WorkerPool]:
    """Workers for what is to be done, as long as this lasts."""
    if on == "local":
        for job in todo.values():
            refuse_if_too_large(job.scenario)
        with stopping(LocalWorkerPool(min(jobs or CORES, len(todo), _fitting(todo)))) as pool:
            yield pool
        return
    from sim.execution.ray_workers import RayWorkerPool

    with ray_cluster.joined(on, max(CORES, (jobs or 0) * threads)) as ray:
        held = max(int(ray.cluster_resources().get("CPU", 1)) // threads, 1)
        with stopping(RayWorkerPool(ray, min(jobs or held, len(todo)), threads)) as pool:
            yield pool


@contextmanager
def stopping(pool: WorkerPool) -> Iterator[WorkerPool]:
    """A pool that is stopped in the end, whatever happens."""
    try:
        yield pool
    finally:
        pool.stop()


def _fitting(jobs: dict[str, Job]) -> int:
    """How many of the runs fit in memory side by side."""
    need = max((bytes_needed(job.scenario) for job in jobs.values()), default=1)
    return max(1, int(psutil.virtual_memory().available // need))


class _Queue:
    """Where runs are handed out and what is heard of them is noted."""

    def __init__(self, jobs: dict[str, Job], total: int) -> None:
        self.jobs, self.total, self.done = jobs, total, total - len(jobs)
        self.waiting = deque((0.0, digest) for digest in jobs)  # with the time before which it is not begun
        self.running: dict[str, RunUpdate] = {}
        self.losses = dict.fromkeys(jobs, 0)
        self.failures: dict[str, Failure] = {}
        self.work = {digest: job.scenario.viewers.count * job.scenario.days for digest, job in jobs.items()}
        self.exposures, self.finished_work, self.began = 0, 0.0, time.monotonic()

    def is_open(self) -> bool:
        return bool(self.waiting or self.running)

    def assign(self, pool: WorkerPool) -> None:
        """Give every free worker a run."""
        for _ in range(len(self.waiting)):
            if not pool.is_free():
                return
            when, digest = self.waiting.popleft()
            if when > time.monotonic():
                self.waiting.append((when, digest))
                continue
            self.running[digest] = RunUpdate(digest, "goes")
            pool.begin(self.jobs[digest])

    def record(self, update: RunUpdate) -> None:
        """Note what is heard of a run."""
        last = self.running.pop(update.digest)
        if update.what == "goes":
            self.running[update.digest] = update
        elif update.what == "busy":
            self.waiting.append((time.monotonic() + BUSY_S, update.digest))
        elif update.what == "done":
            self.done += 1
            self.exposures += update.exposures
            self.finished_work += self.work[update.digest]
        elif update.what == "lost" and self.losses[update.digest] < MOST_LOSSES - 1:
            self.losses[update.digest] += 1
            self.exposures += last.exposures
            self.waiting.appendleft((0.0, update.digest))
        else:
            why = f"{update.why}, {MOST_LOSSES} times" if update.what == "lost" else update.why
            self.failures[update.digest] = Failure(self.jobs[update.digest].scenario, why)
            self.finished_work += self.work[update.digest]

    def progress(self) -> BatchProgress:
        """How far all is."""
        spent = max(time.monotonic() - self.began, 1e-9)
        shown = self.exposures + sum(update.exposures for update in self.running.values())
        worked = self.finished_work + sum(self.work[d] * update.share for d, update in self.running.items())
        left = spent * (sum(self.work.values()) - worked) / worked if worked else (None if self.jobs else 0.0)
        return BatchProgress(self.total, self.done, len(self.running), len(self.failures), shown / spent, left)
