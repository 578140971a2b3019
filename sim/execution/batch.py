"""Many runs: each is kept by content, so what is finished is taken up and only the rest is run.

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
from sim.execution.local_workers import Crew, Job, LocalCrew, News
from sim.execution.run import is_finished, refuse_if_too_large, run_id
from sim.results.run_folder import RunError
from sim.scenario.scenario import Scenario

CORES = os.cpu_count() or 1
MOST_LOSSES = 3  # workers that one run may cost before it is given up: it may be what kills them
PATIENCE_S = 0.5
BUSY_S = 2.0  # after which a run that another command is at is asked for again


class Standing(NamedTuple):
    """How far many runs are."""

    total: int
    done: int
    running: int
    failed: int
    per_second: float  # exposures, all workers together
    left_s: float | None  # seconds; None while nobody can say


Done = Callable[[Standing], None]
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
    desk, tell = _Desk(missing, len(wanted)), done or (lambda _standing: None)
    tell(desk.standing())
    if missing:
        with hired(on, jobs, threads, missing) as crew:
            while desk.is_open():
                desk.hand_out(crew)
                for news in crew.news(PATIENCE_S):
                    desk.take(news)
                tell(desk.standing())
    whole = {digest: folder for digest, folder in folders.items() if digest not in desk.failures}
    return Ran(whole, desk.failures)


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
def hired(on: str, jobs: int | None, threads: int, todo: dict[str, Job]) -> Iterator[Crew]:
    """Workers for what is to be done, as long as this lasts."""
    if on == "local":
        for job in todo.values():
            refuse_if_too_large(job.scenario)
        with stopping(LocalCrew(min(jobs or CORES, len(todo), _fitting(todo)))) as crew:
            yield crew
        return
    from sim.execution.ray_workers import RayCrew

    with ray_cluster.joined(on, max(CORES, (jobs or 0) * threads)) as ray:
        held = max(int(ray.cluster_resources().get("CPU", 1)) // threads, 1)
        with stopping(RayCrew(ray, min(jobs or held, len(todo)), threads)) as crew:
            yield crew


@contextmanager
def stopping(crew: Crew) -> Iterator[Crew]:
    """A crew that is stopped in the end, whatever happens."""
    try:
        yield crew
    finally:
        crew.stop()


def _fitting(jobs: dict[str, Job]) -> int:
    """How many of the runs fit in memory side by side."""
    need = max((bytes_needed(job.scenario) for job in jobs.values()), default=1)
    return max(1, int(psutil.virtual_memory().available // need))


class _Desk:
    """Where runs are handed out and what is heard of them is noted."""

    def __init__(self, jobs: dict[str, Job], total: int) -> None:
        self.jobs, self.total, self.done = jobs, total, total - len(jobs)
        self.waiting = deque((0.0, digest) for digest in jobs)  # with the time before which it is not begun
        self.running: dict[str, News] = {}
        self.losses = dict.fromkeys(jobs, 0)
        self.failures: dict[str, Failure] = {}
        self.work = {digest: job.scenario.viewers.count * job.scenario.days for digest, job in jobs.items()}
        self.exposures, self.finished_work, self.began = 0, 0.0, time.monotonic()

    def is_open(self) -> bool:
        return bool(self.waiting or self.running)

    def hand_out(self, crew: Crew) -> None:
        """Give every free worker a run."""
        for _ in range(len(self.waiting)):
            if not crew.is_free():
                return
            when, digest = self.waiting.popleft()
            if when > time.monotonic():
                self.waiting.append((when, digest))
                continue
            self.running[digest] = News(digest, "goes")
            crew.begin(self.jobs[digest])

    def take(self, news: News) -> None:
        """Note what is heard of a run."""
        last = self.running.pop(news.digest)
        if news.what == "goes":
            self.running[news.digest] = news
        elif news.what == "busy":
            self.waiting.append((time.monotonic() + BUSY_S, news.digest))
        elif news.what == "done":
            self.done += 1
            self.exposures += news.exposures
            self.finished_work += self.work[news.digest]
        elif news.what == "lost" and self.losses[news.digest] < MOST_LOSSES - 1:
            self.losses[news.digest] += 1
            self.exposures += last.exposures
            self.waiting.appendleft((0.0, news.digest))
        else:
            why = f"{news.why}, {MOST_LOSSES} times" if news.what == "lost" else news.why
            self.failures[news.digest] = Failure(self.jobs[news.digest].scenario, why)
            self.finished_work += self.work[news.digest]

    def standing(self) -> Standing:
        """How far all is."""
        spent = max(time.monotonic() - self.began, 1e-9)
        shown = self.exposures + sum(news.exposures for news in self.running.values())
        worked = self.finished_work + sum(self.work[d] * news.share for d, news in self.running.items())
        left = spent * (sum(self.work.values()) - worked) / worked if worked else (None if self.jobs else 0.0)
        return Standing(self.total, self.done, len(self.running), len(self.failures), shown / spent, left)
