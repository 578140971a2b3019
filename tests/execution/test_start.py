"""Runs with the date of day 0, and without."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.core.clock import MINUTE
from sim.execution.run import resume, start
from sim.results.run_folder import open_run
from sim.results.table_schemas import DATED, TABLES
from sim.scenario.scenario import Scenario, load

SWITCH = "set: {platform.weights.review.conversion: 0}"


def tiny(*sets: str) -> Scenario:
    return load("scenarios/tiny.yaml", ["days=0.05", "warm_up=0.02", *sets])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    out = tmp_path_factory.mktemp("start")
    days = tiny(f"changes=[{{at: day 0 00:30, {SWITCH}}}]")
    dates = tiny(f"changes=[{{at: 2021-04-01 00:30, {SWITCH}}}]", "start=2021-04-01")
    return tuple(start(one, "tiny", out, pictures=False) for one in (days, dates))


def test_the_world_is_the_same_with_and_without_a_start(folders: tuple[Path, Path]) -> None:
    days, dates = map(open_run, folders)
    assert days.summary() == dates.summary()
    for table in TABLES:
        told, more = days.table(table), dates.table(table)
        assert len(told.columns) + (table in DATED) == len(more.columns)
        pd.testing.assert_frame_equal(told, more[told.columns])
        if table not in DATED:
            assert (days.folder / f"{table}.parquet").read_bytes() == (dates.folder / f"{table}.parquet").read_bytes()


def test_rooms_and_sessions_tell_dates(folders: tuple[Path, Path]) -> None:
    dates = open_run(folders[1])
    assert dates.scenario["start"] == "2021-04-01"
    for table, (seconds, name) in DATED.items():
        rows = dates.table(table)
        assert len(rows) > 0
        assert (rows[name] == datetime(2021, 4, 1) + pd.to_timedelta(rows[seconds], "s")).all()


def test_rules_change_at_a_date(folders: tuple[Path, Path]) -> None:
    for one in map(open_run, folders):
        weights = [one.rules(at_s)["weights"]["review"]["conversion"] for at_s in (1800, 1801)]
        assert weights == [1, 0]


def test_a_stopped_run_with_a_start_ends_in_the_same_bytes(folders: tuple[Path, Path], tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(world: Any, _: int) -> None:
        if world.clock.now_ms >= 40 * MINUTE:
            raise StopError

    dates = open_run(folders[1])
    scenario = Scenario.model_validate(dates.scenario)
    with pytest.raises(StopError):
        start(scenario, "tiny", tmp_path, save_every_ms=20 * MINUTE, progress=stop, pictures=False)
    (partial,) = (tmp_path / "tiny").glob("*.partial")
    again = open_run(resume(partial, pictures=False))
    assert again.manifest["records_sha256"] == dates.manifest["records_sha256"]
