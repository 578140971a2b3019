"""Workers on a Ray cluster: each runs one scenario after another in a folder of its own machine, and sends back what
came of it. So nothing needs to be shared but the network.
"""

import contextlib
import io
import shutil
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from sim.core.disk import put
from sim.execution.local_workers import Job, RunUpdate, carried_out
from sim.execution.run import OWNER, BusyError, claimed, clear, hand_over, is_finished, resume, run_id
from sim.results.run_folder import MANIFEST, PARTIAL, RunError

ASKED_EVERY_S = 1.0


class _DoneError(Exception):
    """Another command has just finished the same run."""


REFUSALS: dict[type[Exception], Literal["busy", "done"]] = {BusyError: "busy", _DoneError: "done"}


class RayWorker:
    """A worker in its own process, somewhere. One method runs while another answers how far it is."""

    def __init__(self) -> None:
        self.last: RunUpdate | None = None

    def do(self, job: Job) -> tuple[RunUpdate, bytes]:
        """Do a run; returns how it ended, and its folder in one piece."""
        with tempfile.TemporaryDirectory(prefix="wavepool-") as scratch:
            update = carried_out(job._replace(out=Path(scratch)), self._note)
            folder = Path(scratch) / job.name / run_id(job.scenario)
            folder = folder if folder.is_dir() else folder.with_name(folder.name + PARTIAL)
            return update, packed(folder)

    def progress(self) -> RunUpdate | None:
        """How far the run is."""
        return self.last

    def _note(self, update: RunUpdate) -> None:
        self.last = update


class RayWorkerPool:
    """Up to `size` workers of a Ray cluster that was joined."""

    def __init__(self, ray: Any, size: int, threads: int) -> None:
        self.ray, self.size = ray, size
        self.actor_class = ray.remote(num_cpus=threads, max_concurrency=2, max_restarts=0)(RayWorker)
        self.idle: list[Any] = []
        self.at_work: dict[Any, tuple[Any, Job, contextlib.ExitStack]] = {}  # by what it will return
        self.asked: dict[Any, str] = {}  # by what it will answer
        self.refused: list[RunUpdate] = []

    def is_free(self) -> bool:
        return len(self.at_work) < self.size

    def begin(self, job: Job) -> None:
        digest, held = job.scenario.digest(), contextlib.ExitStack()
        try:
            if (_partial(job) / MANIFEST).is_file():  # its records are whole
                resume(_partial(job), pictures=False)
            held.enter_context(claimed(_partial(job)))
            if is_finished(_final(job)):  # by another command, meanwhile
                shutil.rmtree(_partial(job))
                raise _DoneError
            clear(_partial(job))
        except (BusyError, _DoneError, RunError) as error:
            held.close()
            self.refused.append(RunUpdate(digest, REFUSALS.get(type(error), "failed"), why=str(error)))
            return
        worker = self.idle.pop() if self.idle else self.actor_class.remote()
        self.at_work[worker.do.remote(job)] = worker, job, held

    def updates(self, patience_s: float) -> list[RunUpdate]:
        told, self.refused = self.refused, []
        waited = min(patience_s, ASKED_EVERY_S) if not told else 0.0
        ready, _ = self.ray.wait(list(self.at_work), timeout=waited, num_returns=1) if self.at_work else ([], [])
        return [*told, *map(self._ended, ready), *self._on_the_way()]

    def _ended(self, answer: Any) -> RunUpdate:
        worker, job, held = self.at_work.pop(answer)
        with held:
            try:
                update, pack = self.ray.get(answer)
            except self.ray.exceptions.RayError as error:
                return RunUpdate(job.scenario.digest(), "lost", why=f"its worker ended: {type(error).__name__}")
            self.idle.append(worker)
            unpack(pack, _partial(job))
            if update.what == "done":
                hand_over(_partial(job), _final(job))
        return update

    def _on_the_way(self) -> list[RunUpdate]:
        """Ask every worker how far it is, and take the answers to the last time's questions."""
        ready, _ = self.ray.wait(list(self.asked), timeout=0, num_returns=len(self.asked)) if self.asked else ([], [])
        told = []
        for answer in ready:
            digest = self.asked.pop(answer)
            with contextlib.suppress(self.ray.exceptions.RayError):
                update = self.ray.get(answer)
                told += [update] if update is not None and update.digest == digest else []
        busy = {job.scenario.digest(): worker for worker, job, _ in self.at_work.values()}
        waiting = set(self.asked.values())
        self.asked |= {worker.progress.remote(): digest for digest, worker in busy.items() if digest not in waiting}
        return [update for update in told if update.digest in busy]

    def stop(self) -> None:
        for worker, _, held in self.at_work.values():
            self.ray.kill(worker)
            held.close()
        for worker in self.idle:
            self.ray.kill(worker)
        self.at_work.clear()
        self.idle.clear()


def _final(job: Job) -> Path:
    return job.out / job.name / run_id(job.scenario)


def _partial(job: Job) -> Path:
    return _final(job).with_name(_final(job).name + PARTIAL)


def packed(folder: Path) -> bytes:
    """A folder in one piece; nothing where there is none."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as pack:
        for file in sorted(folder.rglob("*"), key=lambda file: (file.name == MANIFEST, file)):
            if file.name != OWNER:
                pack.write(file, file.relative_to(folder))
    return whole.getvalue()


def unpack(pack: bytes, folder: Path) -> None:
    """Put what was packed into a folder, the manifest last: where it is, all is."""
    with zipfile.ZipFile(io.BytesIO(pack)) as whole:
        for one in whole.infolist():
            if one.is_dir():
                (folder / one.filename).mkdir(parents=True, exist_ok=True)
            else:
                put(folder / one.filename, partial(_write, whole, one))


def _write(whole: zipfile.ZipFile, one: zipfile.ZipInfo, stream: IO[bytes]) -> None:
    with whole.open(one) as packed:
        shutil.copyfileobj(packed, stream)
