"""Runs on Ray, which is started and stopped here. Needs the extra `cluster`."""

import contextlib
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from sim import cluster, runs
from sim.far_workers import packed, unpack
from sim.many import run_many
from sim.results import RunError, open_run
from tests.conftest import needs_ray
from tests.test_many import in_the_background, tiny


def test_a_place_is_checked_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for on in ("moon", "ray:", "rays", "ray: "):
        with pytest.raises(RunError, match="must be local, ray or ray:ADDRESS"):
            cluster.check(on)
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RunError, match="uv run --extra cluster wavepool"):
        cluster.check("ray")


def test_a_folder_goes_in_one_piece_without_its_owner(tmp_path: Path) -> None:
    (tmp_path / "a" / "parts").mkdir(parents=True)
    (tmp_path / "a" / "parts" / "x").write_bytes(b"1")
    (tmp_path / "a" / runs.OWNER).write_text("7")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / runs.OWNER).write_text("8")
    unpack(packed(tmp_path / "a"), tmp_path / "b")
    assert (tmp_path / "b" / "parts" / "x").read_bytes() == b"1"
    assert (tmp_path / "b" / runs.OWNER).read_text() == "8"
    assert packed(tmp_path / "nowhere")


def hands() -> list[psutil.Process]:
    """Workers of a Ray that this process has started, at work."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [one] if "ray::Hand" in " ".join(one.cmdline()) else []
    return found


@needs_ray
@pytest.mark.slow
def test_runs_on_ray_are_the_same_and_outlive_a_killed_worker(tmp_path: Path, in_ray: Any) -> None:
    scenarios = [tiny(1, "viewers.count=1500"), tiny(2), tiny(3), tiny(3, "viewers.count=1")]
    came: list[Any] = []
    seen: list[Any] = []
    # one is being written by somebody else, for a while; another is finished
    held = runs.claimed(tmp_path / "x" / f"{runs.run_id(scenarios[1])}.partial")
    held.__enter__()
    runs.start(scenarios[2], "x", tmp_path, pictures=False)
    thread = in_the_background(lambda: came.append(run_many(scenarios, "x", tmp_path, 2, seen.append, on="ray")))
    killed: list[int] = []
    while thread.is_alive():
        for worker in hands():
            if not killed:
                time.sleep(0.2)
                killed.append(worker.pid)
                worker.send_signal(signal.SIGKILL)
        if held is not None and seen and seen[-1].done == 3:
            held.__exit__(None, None, None)
            held = None
        time.sleep(0.05)
    (ran,) = came
    assert killed
    assert not ran.failures
    assert len(ran.folders) == 4
    assert seen[0].done == 1
    for scenario in scenarios[:2]:
        run = open_run(ran.folders[scenario.digest()])
        again = open_run(runs.start(scenario, "alone", tmp_path, pictures=False))
        assert run.manifest["records_sha256"] == again.manifest["records_sha256"]
    assert len(list((tmp_path / "x").iterdir())) == 4
    assert not hands()
