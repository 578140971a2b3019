"""Runs that are killed, and folders of stopped runs that are damaged: the same bytes in the end, or a refusal."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.core.clock import MINUTE
from sim.engine import checkpoint
from sim.execution import run
from sim.reporting import figures
from sim.results.run_folder import MANIFEST, PARTIAL, RunError, open_run
from tests.end_to_end.test_commands import refused, typed
from tests.execution.killing import ID, SCENARIO, few_pictures

# --- kills


def killing(folder: Path, which: str, seeds: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.execution.killing", str(folder), which, str(seeds)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return killing(tmp_path_factory.mktemp("killed"), "ending", 10)


def all_end_alike(told: list[dict[str, Any]]) -> None:
    whole = told[0]
    for one in told[1:]:
        assert (one["records"], one["files"], one["beside"]) == (whole["records"], whole["files"], [ID]), one["at"]
        assert one.get("kept", True), f"a kill at {one['at']} loses a result"


def test_a_kill_at_any_step_of_the_ending_costs_nothing(told: list[dict[str, Any]]) -> None:
    ending = [one for one in told if "resumable" in one and "mkdir" not in one["at"]]
    assert len(ending) > 30
    all_end_alike([told[0], *ending])
    named = [one["at"].split("/")[-1] for one in ending if one["resumable"]]
    assert {"exposures.parquet.tmp", "manifest.json.tmp", "world.npz", "summary.json.tmp", "waves.png.tmp"} <= {*named}
    renamed = [one["at"] for one in ending].index(f"os.rename /{ID}{PARTIAL}")
    assert all(one["resumable"] for one in ending[: renamed + 1])
    assert not any(one["resumable"] for one in ending[renamed + 1 :])


def test_random_kills_end_in_the_same_bytes(told: list[dict[str, Any]]) -> None:
    drawn = [one for one in told if "ended" in one]
    assert len(drawn) == 10
    assert sum(-9 in one["ended"] for one in drawn) >= 8
    assert all({*one["ended"]} <= {0, -9} and one["ended"][-1] == 0 for one in drawn)
    all_end_alike([told[0], *drawn])


@pytest.mark.campaign
def test_two_hundred_kills_and_one_at_every_step(tmp_path: Path) -> None:
    told = killing(tmp_path, "all", 200)
    assert len(told) == 1 + len(told[0]["steps"]) + 200
    assert all(one["ended"][-1] == 0 for one in told if "ended" in one)
    all_end_alike(told)


def test_what_is_written_is_on_the_disk_before_what_depends_on_it(told: list[dict[str, Any]]) -> None:
    steps = told[0]["steps"]
    written = [n for n, step in enumerate(steps) if step.startswith("os.rename") and step.endswith(".tmp")]
    assert len(written) > 20
    for n in written:
        file = steps[n].split(" ")[1]
        assert steps[n - 1] == f"fsync {file}"
        assert steps[n + 1] == f"fsync {file.rpartition('/')[0]}"
    handed_over = steps.index(f"os.rename /{ID}{PARTIAL}")
    assert steps[handed_over + 1] == "fsync "
    removed = [n for n, step in enumerate(steps) if step.startswith(("os.remove", "os.rmdir"))]
    assert min(removed) > steps.index(f"os.rename /{ID}{PARTIAL}/{MANIFEST}.tmp") + 1


# --- folders of stopped runs


class StoppedError(Exception):
    """Somebody stops the run."""


def half_way(out: Path) -> None:
    def stop(world: Any, _exposures: int) -> None:
        if world.clock.now_ms >= 12 * MINUTE:
            raise StoppedError

    run.start(SCENARIO, "x", out, save_every_ms=5 * MINUTE, progress=stop)


def before_the_summary(out: Path) -> None:
    def stop(*_: Any) -> None:
        raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "summarise", stop)
        run.start(SCENARIO, "x", out)


STOPS = {"under way": half_way, "ended": before_the_summary}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of runs that were stopped, by how, and of the run that nobody stopped."""
    folder = tmp_path_factory.mktemp("stopped")
    for name, stop in STOPS.items():
        with pytest.raises(StoppedError):
            stop(folder / name)
    run.start(SCENARIO, "x", folder / "whole", pictures=False)
    return folder


@pytest.fixture
def stopped(kept: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: shutil.copytree(kept / name, tmp_path / name) / "x" / f"{ID}{PARTIAL}"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != run.OWNER
    }


def gone(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def edited(file: Path) -> None:
    text = file.read_text()
    assert "conversion" in text
    file.write_text(text.replace("conversion", "conversion ", 1))


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def table_missing(file: Path) -> None:
    with np.load(file) as saved:
        arrays = {name: saved[name] for name in saved.files if name != "platform.levels"}
    np.savez(file, **arrays)


def table_short(file: Path) -> None:
    with np.load(file) as saved:
        arrays = {name: saved[name] for name in saved.files}
    np.savez(file, **arrays | {"platform.levels": arrays["platform.levels"][:1]})


ANY = (gone, cut, flipped, empty)
DAMAGE = [
    *(("under way", "parts/series.00002.parquet", how) for how in (*ANY, a_folder)),
    *(("under way", "parts/reviews.00003.parquet", how) for how in ANY),
    *(("under way", name, how) for name in run.SCENARIO for how in (*ANY, edited)),
    *(("under way", "world.npz", how) for how in (cut, flipped, empty, table_missing, table_short)),
    *(("ended", name, how) for name in run.SCENARIO for how in (*ANY, edited)),
    *(("ended", "series.parquet", how) for how in (*ANY, a_folder)),
    *(("ended", MANIFEST, how) for how in (cut, empty)),
]


@pytest.mark.parametrize(("stop", "name", "how"), DAMAGE, ids=[f"{s} {n} {h.__name__}" for s, n, h in DAMAGE])
def test_what_is_damaged_is_refused_and_stays(
    stopped: Callable[[str], Path], stop: str, name: str, how: Callable[[Path], None]
) -> None:
    partial = stopped(stop)
    before = contents(partial)
    how(partial / name)
    damaged = contents(partial)
    assert damaged != before
    assert Path(name).name in refused("resume", partial)
    with pytest.raises(RunError, match="can go on"):
        run.start(SCENARIO, "x", partial.parent.parent)
    assert contents(partial) == damaged
    assert [one.name for one in partial.parent.iterdir()] == [partial.name]


def test_a_manifest_of_other_records_is_refused(stopped: Callable[[str], Path]) -> None:
    partial = stopped("ended")
    manifest = json.loads((partial / MANIFEST).read_text())
    wrong = ({"records_sha256": "0" * 64}, {"files": {}}, {"files": manifest["files"] | {"items.parquet": 7}})
    for change in wrong:
        (partial / MANIFEST).write_text(json.dumps(manifest | change))
        assert "not as it was written" in refused("resume", partial)
    for nonsense in ("[]", "null", "{}", '{"files": []}'):
        (partial / MANIFEST).write_text(nonsense)
        assert "not as it was written" in refused("resume", partial)


def digest(folder: Path) -> str:
    return str(open_run(folder).manifest["records_sha256"])


@pytest.mark.parametrize("stop", STOPS)
def test_a_stopped_run_goes_on_whatever_strays_into_its_folder(
    kept: Path, stopped: Callable[[str], Path], stop: str
) -> None:
    partial = stopped(stop)
    parts = partial / "parts"
    parts.mkdir(exist_ok=True)
    for name in ("series.x.parquet", "series.parquet", "series.00007.parquet", "notes.txt", "series.00001.parquet.tmp"):
        (parts / name).write_bytes(b"stray")
    (parts / "folder.00001.parquet").mkdir()
    (partial / "traffic.png.tmp").write_bytes(b"half a picture")
    run.resume(partial, pictures=False)
    whole = kept / "whole" / "x" / ID
    assert digest(partial.with_name(ID)) == digest(whole)
    assert {file.name for file in partial.with_name(ID).iterdir()} == {file.name for file in whole.iterdir()}


def test_a_link_to_an_older_result_is_replaced_and_its_result_stays(kept: Path, stopped: Callable[[str], Path]) -> None:
    partial = stopped("ended")
    final = partial.with_name(ID)
    shutil.copytree(kept / "whole" / "x" / ID, final)
    (final / "older.txt").touch()
    elsewhere = shutil.move(final, final.with_name("moved away"))
    final.symlink_to(elsewhere)
    run.resume(partial, pictures=False)
    assert sorted(one.name for one in final.parent.iterdir()) == ["moved away", ID]
    assert not final.is_symlink()
    assert (elsewhere / "older.txt").is_file()


def test_leftovers_of_the_last_step_go_with_the_next_command(kept: Path, tmp_path: Path) -> None:
    final = shutil.copytree(kept / "whole", tmp_path / "whole") / "x" / ID
    for again, said in (
        (lambda: refused("resume", final), "nothing to resume"),
        (lambda: refused("resume", f"{final}{PARTIAL}"), "nothing to resume"),
        (lambda: str(run.start(SCENARIO, "x", tmp_path / "whole", reuse=True)), str(final)),
    ):
        (final / run.OWNER).touch()
        shutil.copytree(final, final.with_name(ID + run.REPLACED))
        assert run.is_finished(final)
        assert said in again()
        assert [one.name for one in final.parent.iterdir()] == [ID]
        assert not (final / run.OWNER).exists()


@pytest.mark.parametrize("stop", STOPS)
def test_many_runs_take_up_what_was_stopped(kept: Path, stopped: Callable[[str], Path], stop: str) -> None:
    partial = stopped(stop)
    began: list[int] = []
    final = run.start(
        SCENARIO, "x", partial.parent.parent, reuse=True, pictures=False,
        progress=lambda world, _: began.append(world.clock.now_ms),
    )  # fmt: skip
    assert digest(final) == digest(kept / "whole" / "x" / ID)
    assert all(now > 10 * MINUTE for now in began)
    assert bool(began) == (stop == "under way")


def test_the_command_goes_on_from_the_very_end(
    monkeypatch: pytest.MonkeyPatch, kept: Path, stopped: Callable[[str], Path]
) -> None:
    monkeypatch.setattr(figures, "draw", few_pictures)
    partial = stopped("ended")
    done = typed("resume", partial, "--threads", "1")
    assert done.returncode == 0, done
    assert Path(done.stdout.splitlines()[-1]) == partial.with_name(ID)
    assert digest(partial.with_name(ID)) == digest(kept / "whole" / "x" / ID)
    assert (partial.with_name(ID) / "traffic.png").is_file()


def test_a_saved_world_is_sealed(tmp_path: Path) -> None:
    world = run.World(SCENARIO)
    world.step()
    world.save(tmp_path / "world.npz")
    with np.load(tmp_path / "world.npz") as file:
        arrays = {name: file[name] for name in file.files}
    for name in set(arrays) - {"seal"}:
        one = arrays[name].copy()
        if one.nbytes and not one.dtype.names:
            one.reshape(-1).view(np.uint8)[-1] ^= 1
            np.savez(tmp_path / "changed.npz", **arrays | {name: one})
            with pytest.raises(checkpoint.SaveError, match=r"changed\.npz"):
                checkpoint.read(tmp_path / "changed.npz")
    assert checkpoint.read(tmp_path / "world.npz")
