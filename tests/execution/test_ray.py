"""Runs on Ray, which is started and stopped here. Needs the extra `cluster`."""

import contextlib
import importlib.util
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import benchmarks.far
from sim.core.clock import MINUTE
from sim.engine.population import LocalPopulation
from sim.execution import ray_cluster, run
from sim.execution.batch import run_many
from sim.execution.ray_run import RayPopulations, start_on_ray
from sim.execution.ray_workers import packed, unpack
from sim.results.run_folder import RunError, open_run
from sim.scenario.scenario import Scenario, load
from sim.world import World
from tests.execution.test_batch import in_the_background, tiny

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: uv sync --extra cluster"
)


@pytest.fixture(scope="module")
def in_ray() -> Iterator[Any]:
    """A Ray on this machine with room for four workers; whatever asks for Ray meanwhile gets it."""
    with ray_cluster.joined("ray", 4) as ray:
        yield ray


def test_a_place_is_checked_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for on in ("moon", "ray:", "rays", "ray: "):
        with pytest.raises(RunError, match="must be local, ray or ray:ADDRESS"):
            ray_cluster.check(on)
    monkeypatch.setattr(ray_cluster.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RunError, match="uv run --extra cluster wavepool"):
        ray_cluster.check("ray")


def test_a_ray_started_here_is_for_this_machine_and_who_joins_shows_a_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    here = ray_cluster.settings("")
    assert here["RAY_AUTH_MODE"] == "token"
    assert here["RAY_USAGE_STATS_ENABLED"] == ray_cluster.settings("head:6379")["RAY_USAGE_STATS_ENABLED"] == "0"
    assert "RAY_AUTH_MODE" not in ray_cluster.settings("head:6379")
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("0" * 64)
    assert ray_cluster.settings("head:6379")["RAY_AUTH_MODE"] == "token"


@needs_ray
def test_a_ray_started_here_listens_to_this_machine_only(in_ray: Any) -> None:
    ours = {one.pid for one in psutil.Process().children(recursive=True)}
    listening = [one.laddr for one in psutil.net_connections("tcp") if one.pid in ours and one.status == "LISTEN"]
    assert listening
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    assert 8265 not in {address.port for address in listening}


def test_a_folder_goes_in_one_piece_without_its_owner(tmp_path: Path) -> None:
    (tmp_path / "a" / "parts").mkdir(parents=True)
    (tmp_path / "a" / "parts" / "x").write_bytes(b"1")
    (tmp_path / "a" / run.OWNER).write_text("7")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / run.OWNER).write_text("8")
    unpack(packed(tmp_path / "a"), tmp_path / "b")
    assert (tmp_path / "b" / "parts" / "x").read_bytes() == b"1"
    assert (tmp_path / "b" / run.OWNER).read_text() == "8"
    assert packed(tmp_path / "nowhere")


def hands() -> list[psutil.Process]:
    """Workers of a Ray that this process has started, at work."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [one] if "ray::RayWorker" in " ".join(one.cmdline()) else []
    return found


@needs_ray
@pytest.mark.slow
def test_runs_on_ray_are_the_same_and_outlive_a_killed_worker(tmp_path: Path, in_ray: Any) -> None:
    scenarios = [tiny(1, "viewers.count=1500"), tiny(2), tiny(3), tiny(3, "viewers.count=1")]
    came: list[Any] = []
    seen: list[Any] = []
    # one is being written by somebody else, for a while; another is finished
    held = run.claimed(tmp_path / "x" / f"{run.run_id(scenarios[1])}.partial")
    held.__enter__()
    run.start(scenarios[2], "x", tmp_path, pictures=False)
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
        done = open_run(ran.folders[scenario.digest()])
        again = open_run(run.start(scenario, "alone", tmp_path, pictures=False))
        assert done.manifest["records_sha256"] == again.manifest["records_sha256"]
    assert len(list((tmp_path / "x").iterdir())) == 4
    assert not psutil.wait_procs(hands(), timeout=60)[1]  # Ray lets its processes go in its own time


# --- one population on many workers

BUSY = (
    "viewers.count=900",
    "days=0.06",
    "rooms.stock={kind: constant, value: 2}",
    "viewers.in_room.order=0.9",
    "viewers.in_room.click=200",
    "viewers.in_room.share=5",
    "records={exposures: 0.5, viewers: 0.5, expected_sales: true}",
    "platform.shards=5",
    "changes=[{at: day 0 00:30, set: {platform.tags.short_half_life: 1.0, platform.weights.review.conversion: 3}}]",
)
PAID = """campaigns=[
  {boosts: {kind: post, creator: 1}, at: day 0 00:00, budget_yuan: 2, hours: 2, target: {kind: likers}},
  {boosts: {kind: room, room: 1}, at: day 0 00:20, budget_yuan: 2, hours: 2, target: {kind: lookalikes}}]"""


def busy(*overrides: str) -> Scenario:
    return load("scenarios/tiny.yaml", [*BUSY, *overrides])


def digest(folder: Path) -> str:
    return str(open_run(folder).manifest["records_sha256"])


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_records_are_the_same_wherever_viewers_are(tmp_path: Path, in_ray: Any, workers: int) -> None:
    scenario = busy() if workers < 3 else busy(PAID)
    near = run.start(scenario, "near", tmp_path, pictures=False, audit=True)
    far = start_on_ray(scenario, "far", tmp_path, on="ray", workers=workers, audit=True)
    assert digest(far) == digest(near)
    orders = open_run(near).table("orders")
    assert 0 < orders["filled"].sum() < len(orders)
    assert open_run(near).table("series")["entered_share"].sum() > 5  # invitations went from one worker to another


@needs_ray
@pytest.mark.slow
def test_a_lost_worker_costs_the_time_since_the_last_save(tmp_path: Path, in_ray: Any) -> None:
    scenario = busy()
    killed: list[int] = []
    seen: list[int] = []

    def kill(world: Any, _exposures: int) -> None:
        seen.append(world.clock.now_ms)
        if len(killed) < 2 and world.clock.now_ms == (40 + 30 * len(killed)) * MINUTE:
            in_ray.kill(world.population.actors[1])
            killed.append(world.clock.now_ms)

    far = start_on_ray(scenario, "far", tmp_path, on="ray", workers=4, save_every_ms=30 * MINUTE, progress=kill)
    assert killed == [40 * MINUTE, 70 * MINUTE]
    backwards = [now for before, now in pairwise(seen) if now < before]
    assert backwards == [31 * MINUTE, 61 * MINUTE]  # after the saves at half past and at one
    assert digest(far) == digest(run.start(scenario, "near", tmp_path, pictures=False))


@needs_ray
def test_far_viewers_can_be_read(in_ray: Any) -> None:
    scenario = busy()
    with contextlib.closing(RayPopulations(in_ray, 2)) as populations:
        near, far = (World(scenario, population=population) for population in (LocalPopulation, populations))
        for _ in range(20):
            near.step()
            far.step()
        assert far.viewers[700] == near.viewers[700]
        assert far.viewers[0] == near.viewers[0]
        assert np.array_equal(far.viewers["satisfaction"], near.viewers["satisfaction"])


@needs_ray
def test_more_workers_than_processors_are_refused(tmp_path: Path, in_ray: Any) -> None:
    with pytest.raises(RunError, match=r"5 with 1 threads each need more than Ray's 4 processors"):
        start_on_ray(busy(), "far", tmp_path, on="ray", workers=7)
    assert not list(tmp_path.iterdir())


@needs_ray
def test_more_viewers_than_rays_memory_holds_are_refused(tmp_path: Path, in_ray: Any) -> None:
    with pytest.raises(RunError, match=r"GiB of memory and Ray has .* or add machines"):
        start_on_ray(busy("viewers.count=1000000000"), "far", tmp_path, on="ray", workers=2)
    assert not list(tmp_path.iterdir())


@needs_ray
def test_near_and_far_are_timed_by_turns(in_ray: Any, capsys: pytest.CaptureFixture[str]) -> None:
    benchmarks.far.main(Path("scenarios/tiny.yaml"), viewers=300, workers=2, hours=0.2, refreshes=20)
    told = capsys.readouterr().out
    assert "| 300 viewers, 2 workers | |" in told
    assert "| out to each worker at a refresh |" in told
    assert benchmarks.far.BEGIN in benchmarks.far.PAGE.read_text(encoding="utf-8")
