"""Many runs: each is kept by content, so what is finished is taken up and only the rest is run."""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from sim.results import RunError, open_run
from sim.runs import refuse_if_too_large, run_id, start, version
from sim.scenario import Scenario

Done = Callable[[int, int], None]
"""Called whenever a run is done, with the runs done and the runs in all."""


def run_many(
    scenarios: Iterable[Scenario], name: str, out: Path, jobs: int, done: Done | None = None
) -> dict[str, Path]:
    """Run what has not been run yet, `jobs` at a time; returns the folder of each scenario by its digest.

    A run's folder is named by its content, so a repeated command takes up what is finished.
    """
    wanted = {one.digest(): one for one in scenarios}
    for one in wanted.values():
        refuse_if_too_large(one)
    folders = {digest: out / name / run_id(one) for digest, one in wanted.items()}
    missing = [digest for digest, folder in folders.items() if not is_finished(folder)]
    if done:
        done(len(wanted) - len(missing), len(wanted))
    if not missing:
        return folders
    pool = ProcessPoolExecutor(min(jobs, len(missing)), mp_context=multiprocessing.get_context("spawn"))
    try:
        running = [pool.submit(_run_one, wanted[digest], name, out) for digest in missing]
        for n, finished in enumerate(as_completed(running), 1):
            finished.result()
            if done:
                done(len(wanted) - len(missing) + n, len(wanted))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return folders


def _run_one(scenario: Scenario, name: str, out: Path) -> None:
    start(scenario, name, out, pictures=False)


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a whole run of this version."""
    try:
        return bool(open_run(folder).manifest["wavepool"] == version())
    except RunError:
        return False
