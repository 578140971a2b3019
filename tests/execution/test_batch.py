"""Many runs at once: what is kept, and what becomes of the rest when workers die, runs fail and commands meet."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from sim.execution import batch, local_workers, run
from sim.execution.batch import BatchProgress, Failure, Ran, run_many
from sim.execution.local_workers import Job, RunUpdate
from sim.results.run_folder import RunError, open_run
from sim.scenario.scenario import Scenario, load

BRIEF = ("days=0.02", "warm_up=0.01")


def tiny(seed: int, *overrides: str) -> Scenario:
    return load("scenarios/tiny.yaml", [f"seed={seed}", *BRIEF, *overrides])


class Staged:
    """A pool of one worker that answers each job with what was set down for it."""

    def __init__(self, answers: list[str]) -> None:
        self.answers, self.begun, self.said = answers, [], []

    def __call__(self, size: int) -> "Staged":
        return self

    def is_free(self) -> bool:
        return not self.said

    def begin(self, job: Job) -> None:
        digest = job.scenario.digest()
        self.begun.append(job.scenario.seed)
        answer: Any = self.answers.pop(0)
        self.said += [
            RunUpdate(digest, "goes", 1000, 0.5),
            RunUpdate(digest, answer, 2000 * (answer == "done"), why="oh"),
        ]

    def updates(self, patience_s: float) -> list[RunUpdate]:
        said, self.said = self.said, []
        return said

    def stop(self) -> None:
        self.begun.append(-1)


def staged(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Staged:
    pool = Staged(list(answers))
    monkeypatch.setattr(batch, "LocalWorkerPool", pool)
    monkeypatch.setattr(batch, "BUSY_S", 0.0)
    return pool


# --- what is done with what is heard


def test_a_lost_run_is_begun_anew_and_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pool = staged(monkeypatch, "lost", "done", "done")
    ran = run_many([tiny(1), tiny(2)], "x", tmp_path, 1)
    assert pool.begun == [1, 1, 2, -1]
    assert len(ran.folders) == 2
    assert not ran.failures


def test_a_run_that_costs_three_workers_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pool = staged(monkeypatch, "lost", "lost", "lost", "done")
    ran = run_many([tiny(1), tiny(2)], "x", tmp_path, 1)
    assert pool.begun == [1, 1, 1, 2, -1]
    assert [str(failure) for failure in ran.failures.values()] == [f"{run.run_id(tiny(1))}: oh, 3 times"]
    assert list(ran.folders) == [tiny(2).digest()]


def test_a_run_that_another_command_is_at_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pool = staged(monkeypatch, "busy", "done", "busy", "done")
    assert len(run_many([tiny(1), tiny(2)], "x", tmp_path, 1).folders) == 2
    assert pool.begun == [1, 2, 1, 1, -1]


def test_what_is_told_on_the_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    staged(monkeypatch, "done", "failed")
    seen: list[BatchProgress] = []
    run_many([tiny(1), tiny(2), tiny(1)], "x", tmp_path, 1, seen.append)
    assert [(one.total, one.done, one.running, one.failed) for one in seen] == [
        (2, 0, 0, 0),
        (2, 1, 0, 0),
        (2, 1, 0, 1),
    ]
    assert seen[0].left_s is None
    assert seen[-1].left_s == 0
    assert seen[1].per_second > 0


def test_failures_are_an_error_where_all_are_needed(tmp_path: Path) -> None:
    failure = Failure(tiny(1), "ValueError: no")
    assert Ran({"a": tmp_path}, {}).whole() == {"a": tmp_path}
    with pytest.raises(RunError, match=r"1 of 2 runs failed:\n  seed1-.*: ValueError: no"):
        Ran({"a": tmp_path}, {"b": failure}).whole()


def test_nothing_to_do_starts_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert staged(monkeypatch).begun == []
    assert run_many([], "x", tmp_path, 4) == Ran({}, {})


def test_no_more_at_once_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {"a": Job(tiny(1), "x", Path(), 1)}
    monkeypatch.setattr(batch, "bytes_needed", lambda _scenario: 10)
    for free, fitting in ((9, 1), (10, 1), (35, 3)):
        monkeypatch.setattr(psutil, "virtual_memory", lambda free=free: type("", (), {"available": free}))
        assert batch._fitting(jobs) == fitting


# --- one run in a worker


def test_a_failing_run_says_why_and_leaves_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no  such\nnumber")

    monkeypatch.setattr(run, "World", broken)
    update = local_workers.carried_out(Job(tiny(1), "x", tmp_path, 1), lambda _update: None)
    assert update == RunUpdate(tiny(1).digest(), "failed", why="ZeroDivisionError: no such number")
    (left,) = tmp_path.glob("x/*.partial/failure.txt")
    assert "raise ZeroDivisionError" in left.read_text()


def test_a_run_that_somebody_writes_is_busy_and_one_that_is_there_is_taken(tmp_path: Path) -> None:
    job = Job(tiny(1), "x", tmp_path, 1)
    final = tmp_path / "x" / run.run_id(tiny(1))
    with run.claimed(final.with_name(final.name + ".partial")):
        assert local_workers.carried_out(job, lambda _update: None).what == "busy"
    assert local_workers.carried_out(job, lambda _update: None).what == "done"
    written = (final / "manifest.json").stat().st_mtime_ns
    assert local_workers.carried_out(job, lambda _update: None) == RunUpdate(tiny(1).digest(), "done")
    assert (final / "manifest.json").stat().st_mtime_ns == written
    assert [one.name for one in final.parent.iterdir()] == [final.name]


def test_a_run_that_was_saved_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    final = tmp_path / "x" / run.run_id(tiny(1))

    def stop(world: Any, _exposures: int) -> None:
        if world.clock.now_ms == world.scenario.end_ms // 2 // 60_000 * 60_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.start(tiny(1), "x", tmp_path, save_every_ms=60_000, progress=stop)
    told: list[RunUpdate] = []
    monkeypatch.setattr(local_workers, "UPDATE_EVERY_S", -1.0)
    assert local_workers.carried_out(Job(tiny(1), "x", tmp_path, 1), told.append).what == "done"
    assert told[0].share > 0.5
    assert told[-1].share == 1.0
    assert final.is_dir()


# --- processes


def in_the_background(job: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=job)
    thread.start()
    return thread


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    found = []
    for one in process.children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [one] if "sim.execution.local_workers" in " ".join(one.cmdline()) else []
    return found


@pytest.mark.slow
def test_killed_workers_cost_time_and_nothing_else(tmp_path: Path) -> None:
    scenarios, came = [tiny(seed, "viewers.count=1500") for seed in (1, 2, 3)], []
    thread = in_the_background(lambda: came.append(run_many(scenarios, "x", tmp_path, 2)))
    killed: set[int] = set()
    while thread.is_alive():
        for worker in workers_of(psutil.Process()):
            started = list(tmp_path.glob("x/*.partial/scenario.yaml"))
            if len(killed) < 2 and started and worker.pid not in killed:
                killed.add(worker.pid)
                worker.send_signal(signal.SIGKILL)
        time.sleep(0.05)
    (ran,) = came
    assert len(killed) == 2
    assert not ran.failures
    for scenario in scenarios:
        done = open_run(ran.folders[scenario.digest()])
        again = open_run(run.start(scenario, "alone", tmp_path, pictures=False))
        assert done.manifest["records_sha256"] == again.manifest["records_sha256"]
    assert len(list((tmp_path / "x").iterdir())) == 3
    assert not workers_of(psutil.Process())


COMMAND = """
from pathlib import Path
from sim.execution.batch import run_many
from sim.scenario.scenario import load
scenarios = [load("scenarios/tiny.yaml", [f"seed={seed}", "days=0.02", "warm_up=0.01"]) for seed in (1, 2, 3)]
print(len(run_many(scenarios, "x", Path(%r), 1, print).folders))
"""


@pytest.mark.slow
def test_two_commands_share_a_folder(tmp_path: Path) -> None:
    """Scripts need no guard around their main part, and no run is done twice."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND % str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for command in both:
        stdout, stderr = command.communicate()
        assert stderr == ""
        assert stdout.splitlines()[-1] == "3"
    assert sorted(one.name for one in (tmp_path / "x").iterdir()) == sorted(run.run_id(tiny(n)) for n in (1, 2, 3))


@pytest.mark.slow
def test_ctrl_c_ends_the_workers(tmp_path: Path) -> None:
    code = COMMAND.replace('"days=0.02"', '"days=3"') % str(tmp_path)
    command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("x/*.partial/parts")) and command.poll() is None:
        time.sleep(0.05)
    pool = workers_of(psutil.Process(command.pid))
    assert pool
    os.kill(command.pid, signal.SIGINT)
    assert "KeyboardInterrupt" in command.communicate()[1]
    assert not any(psutil.pid_exists(worker.pid) for worker in pool)


@pytest.mark.slow
def test_workers_of_a_killed_command_end(tmp_path: Path) -> None:
    code = COMMAND.replace('"days=0.02"', '"days=3"') % str(tmp_path)
    command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(tmp_path.glob("x/*.partial/parts")) and command.poll() is None:
        time.sleep(0.05)
    pool = workers_of(psutil.Process(command.pid))
    command.kill()
    command.wait()
    assert pool
    assert psutil.wait_procs(pool, timeout=30)[1] == []
