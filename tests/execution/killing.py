"""A run that is killed, in a process of its own: what a kill leaves at its steps, and kills at steps drawn by a seed.

`python -m tests.execution.killing FOLDER ending|all SEEDS` prints JSON: a line for the whole run, then one for each.
"""

import json
import os
import random
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.core import disk
from sim.core.clock import MINUTE
from sim.execution import run
from sim.reporting import figures
from sim.results.run_folder import MANIFEST, PARTIAL, RunError, open_run
from sim.scenario.scenario import load

SCENARIO = load("scenarios/tiny.yaml", ["days=0.012", "warm_up=0.004", "viewers.count=100"])
EVERY_MS = 5 * MINUTE
ID = run.run_id(SCENARIO)
OLDER = "older.txt"  # marks the result of an earlier time, which is replaced

Act = Callable[[str, Any], None]


class Steps:
    """Calls `act` before every change to files below a folder, with what is about to be done and to what."""

    def __init__(self) -> None:
        self.folder, self.act = "", None
        sys.addaudithook(self._heard)
        fsync = os.fsync

        def told_fsync(descriptor: int) -> None:
            sys.audit("fsync", descriptor)
            fsync(descriptor)

        os.fsync = told_fsync

    @contextmanager
    def told(self, folder: Path, act: Act) -> Iterator[None]:
        self.folder, self.act = str(folder), act
        yield
        self.act = None

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        act = self.act
        if act is None or event not in ("open", "fsync", "os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            return
        if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR):
            return
        path = str(Path(f"/proc/self/fd/{args[0]}").readlink()) if event == "fsync" else os.fspath(args[0])
        if isinstance(path, str) and (path.startswith(self.folder) or not path.startswith("/")):  # or by its folder
            self.act = None
            act(event, path)
            self.act = act


def few_pictures(_runs: Any, folder: Path, formats: Any) -> None:
    """In place of the pictures of a run, which take longer than all the rest."""
    for name in ("traffic.png", "waves.png"):
        disk.put(folder / name, lambda stream: stream.write(b"picture"))


def begin(out: Path) -> None:
    run.start(SCENARIO, "x", out, save_every_ms=EVERY_MS)


def go_on(out: Path) -> None:
    """What a person does who finds a folder as a kill has left it."""
    final = out / "x" / ID
    partial = final.with_name(ID + PARTIAL)
    if run.can_go_on(partial):
        run.resume(partial)
    elif not run.is_finished(final) or (final / OLDER).exists():
        begin(out)
    else:
        with suppress(RunError):  # it is whole
            run.resume(partial)


def outcome(out: Path) -> dict[str, Any]:
    """What is there in the end."""
    final = out / "x" / ID
    return {
        "records": open_run(final).manifest["records_sha256"],
        "files": sorted(one.name for one in final.iterdir()),
        "beside": sorted(one.name for one in (out / "x").iterdir()),
    }


def keeps_a_result(out: Path) -> bool:
    """Whether the older result is still there, under a name or another, or the newer one in its place."""
    final = out / "x" / ID
    return any((one / OLDER).exists() for one in (out / "x").glob("*")) or run.is_finished(final)


def older(out: Path, whole: Path) -> None:
    """Put an earlier result where a new one will be."""
    shutil.copytree(whole / "x" / ID, out / "x" / ID)
    (out / "x" / ID / OLDER).touch()


def states(folder: Path, steps: Steps, is_wanted: Callable[[str, Path], bool]) -> Iterator[dict[str, Any]]:
    """Go on from what a kill would leave at the steps of a run that replaces an older one."""
    out, all_steps = folder / "run", []
    older(out, folder / "whole")
    taken: list[tuple[str, Path]] = []

    def take(event: str, path: str) -> None:
        all_steps.append(f"{event} {path.removeprefix(str(out / 'x'))}")
        if is_wanted(path, out):
            taken.append((all_steps[-1], folder / f"state-{len(taken)}"))
            shutil.copytree(out, taken[-1][1])

    with steps.told(out, take):
        begin(out)
    yield {"at": "whole", "steps": all_steps, **outcome(out)}
    for name, state in taken:
        kept, resumable = keeps_a_result(state), run.can_go_on(state / "x" / f"{ID}{PARTIAL}")
        go_on(state)
        yield {"at": name, "kept": kept, "resumable": resumable, **outcome(state)}
        shutil.rmtree(state)


def is_ending(path: str, out: Path) -> bool:
    """Whether a run ends: it writes the first or last of its tables, or has the manifest in hand; of the many files
    that are removed at once, a few.
    """
    if not path.startswith("/"):
        return path.startswith("series.")
    ended = any(out.glob(f"x/{ID}{PARTIAL}/{MANIFEST}*")) or not any(out.glob("x/*.partial"))
    return ended or path.endswith(("partial/series.parquet.tmp", "partial/exposures.parquet.tmp", MANIFEST + ".tmp"))


def kills(folder: Path, steps: Steps, count: int, seeds: range) -> Iterator[dict[str, Any]]:
    """Kill a run of so many steps, and often what goes on with it too, each at a step that a seed draws."""
    for seed in seeds:
        luck, out = random.Random(seed), folder / f"seed-{seed}"
        if luck.random() < 0.5:
            older(out, folder / "whole")
        ended = [killed(steps, begin, out, luck.randrange(count), luck.random() < 0.5)]
        while luck.random() < 0.5:
            ended.append(killed(steps, go_on, out, luck.randrange(count), luck.random() < 0.5))
        ended.append(killed(steps, go_on, out))
        yield {"at": f"seed {seed}", "ended": ended, **outcome(out)}
        shutil.rmtree(out)


def killed(steps: Steps, what: Callable[[Path], None], out: Path, at: int = -1, torn: bool = False) -> int:
    """Do something in a child that ends itself at a step, if it gets there; returns how the child ended.

    With `torn`, only half of a file that is about to be flushed has come to the disk.
    """
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = at

    def kill(event: str, path: str) -> None:
        nonlocal left
        if left == 0:
            if torn and event == "fsync" and Path(path).is_file():
                os.truncate(path, Path(path).stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    try:
        with steps.told(out, kill):
            what(out)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(folder: Path, which: str, seeds: int) -> None:
    figures.draw = few_pictures  # type: ignore[assignment]
    steps = Steps()
    begin(folder / "whole")
    count = 0
    for one in states(folder, steps, is_ending if which == "ending" else lambda *_: True):
        count = count or len(one["steps"])
        print(json.dumps(one))
    for one in kills(folder, steps, count, range(seeds)):
        print(json.dumps(one))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
