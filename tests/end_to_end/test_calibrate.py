"""`wavepool calibrate` as a person types it, with the example files."""

import json
from pathlib import Path

import pytest

from sim.results.stylised_facts import read_facts
from sim.scenario.ranges import read_ranges
from sim.scenario.scenario import load
from tests.end_to_end.test_commands import refused, typed

FACTS, OVER = (Path("scenarios/calibration") / f"own_room.{name}.yaml" for name in ("facts", "ranges"))


@pytest.fixture
def short(tmp_path: Path) -> Path:
    file = tmp_path / "short.yaml"
    base = Path("scenarios/tiny.yaml").resolve()
    file.write_text(f"extends: {base}\ntitle: Short\ndays: 0.02\nwarm_up: 0.01\nrecords: {{exposures: 0.5}}\n")
    return file


def test_the_example_is_one() -> None:
    assert len(read_facts(FACTS)) == 3
    assert len(read_ranges(OVER, load("scenarios/small_market.yaml"))) == 3


def test_calibrate_writes_a_scenario(short: Path, tmp_path: Path) -> None:
    over = tmp_path / "ranges.yaml"
    over.write_text("ranges:\n  viewers.in_room.enter: {low: 0.02, high: 0.6}\n")
    asked = ("calibrate", short, "--facts", FACTS, "--over", over, "--trials", "2", "--batch", "2", "--seeds", "1")
    done = typed(*asked, "--out", tmp_path / "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 trials, least loss" in done.stderr
    file = Path(done.stdout.splitlines()[-1])
    made, told = load(file), json.loads((file.parent / "calibration.json").read_text())
    (held,) = told["parameters"]
    assert made.viewers.in_room.enter == held["value"]
    assert made.viewers.count == 200
    assert len(told["losses"]) == 2
    assert {one["measure"] for one in told["after"]} == {one.name for one in read_facts(FACTS)}
    assert not (file.parent / "runs").exists()


def test_calibrate_refuses_what_it_cannot_use(short: Path, tmp_path: Path) -> None:
    over = tmp_path / "ranges.yaml"
    over.write_text("ranges:\n  viewers.in_room.entre: {low: 0.02, high: 0.6}\n")
    assert f"{over}:2:3: ranges.viewers.in_room.entre: the scenario has no such number" in refused(
        "calibrate", short, "--over", over
    )
    assert "--on: must be local, ray or ray:ADDRESS" in refused("calibrate", short, "--over", OVER, "--on", "moon")
    assert "cannot read" in refused("calibrate", short, "--over", tmp_path / "none.yaml")
    assert "cannot read" in refused("calibrate", tmp_path / "none.yaml", "--over", OVER)
