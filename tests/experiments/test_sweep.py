"""Sweeps: plans that are checked before anything runs, tables, pictures, and what becomes of runs that fail."""

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.cli.sweep import print_effects
from sim.execution import batch
from sim.execution.batch import Failure, Ran
from sim.experiments import sweep, sweep_figures
from sim.experiments.sweep import Plan, Result, carry_out, keep, read_study, varied
from sim.results.run_folder import RunError, write_json
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from tests.end_to_end.test_commands import refused, typed

TINY = Path("scenarios/tiny.yaml")
TWO = ["platform.weights.review.conversion=0:2:1", "rooms.script=plain,hold_and_release"]


def study(folder: Path, text: str) -> Path:
    (folder / "base.yaml").write_text(f"extends: {TINY.resolve()}\ndays: 0.02\nwarm_up: 0.01\nseed: 5\n")
    (folder / "study.yaml").write_text(text)
    return folder / "study.yaml"


# --- plans


def test_every_point_has_the_same_seeds() -> None:
    plan = varied(TINY, TWO, {"seeds": 2})
    assert plan.name == "tiny-conversion-script"
    assert plan.points == [(c, s) for c in (0, 1, 2) for s in ("plain", "hold_and_release")]
    assert list(plan.scenarios)[:3] == [(0, 1), (0, 2), (1, 1)]
    one = plan.scenarios[5, 2]
    assert (one.platform.weights.review.conversion, one.rooms.script_shares, one.seed) == (
        2,
        {"hold_and_release": 1},
        2,
    )
    assert len({scenario.digest() for scenario in plan.scenarios.values()}) == 12


def test_a_study_file(tmp_path: Path) -> None:
    text = """
title: What of depth?
base: base.yaml
vary:
  platform.feed.depth: 2:8
  platform.waves.ladder: [[15, 45, 120], [15, 60, 120]]
  rooms.script_shares.plain: 0.5:1.5
design: latin_hypercube
points: 6
seeds: 1
measures: [sales.orders]
"""
    plan = read_study(study(tmp_path, text), {"points": 8})
    assert (plan.name, len(plan.points), plan.study.measures) == ("study", 8, ("sales.orders",))
    depths = [one.platform.feed.depth for one in plan.scenarios.values()]
    assert set(depths) <= set(range(2, 9))
    assert {one.platform.waves.ladder for one in plan.scenarios.values()} == {(15, 45, 120), (15, 60, 120)}
    assert {seed for _, seed in plan.scenarios} == {5}
    assert all(0.5 <= one.rooms.script_shares["plain"] <= 1.5 for one in plan.scenarios.values())


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("base: base.yaml\n", RunError, "says nothing of what to vary"),
        ("base: base.yaml\nvary: {}\n", ScenarioError, "at least 1"),
        ("base: base.yaml\nvary: {platform.weights.review.dwel: '0:1:1'}\n", ScenarioError, "did you mean 'dwell'"),
        (
            "base: base.yaml\nvary: {platform.weights.review.dwell: '-1:1:1'}\n",
            ScenarioError,
            "greater than or equal to 0",
        ),
        ("base: base.yaml\nvary: {rooms.script: [plain, magic]}\n", ScenarioError, "unknown script 'magic'"),
        ("base: base.yaml\nvary: {platform.feed.depth: 2:8}\n", RunError, "a grid needs steps"),
        (
            "base: base.yaml\nvary: {platform.feed.depth: 2:8:1}\ndesign: cube\n",
            ScenarioError,
            "study.yaml:3:9: design",
        ),
        (
            "base: base.yaml\nvary: {platform.feed.depth: 2:8:1}\nmeasures: [fun]\n",
            ScenarioError,
            "there is no measure 'fun'",
        ),
        (
            "base: base.yaml\nvary: {reaction_seed: 1:1000:1, days: 0.1:1:0.0001}\nseeds: 10\n",
            RunError,
            "9,001,000 points with 10 seeds each are more than 100,000",
        ),
        # each end is allowed, but not every combination
        (
            "base: base.yaml\nvary: {viewers.fewest_tastes: [1, 4], viewers.most_tastes: [2, 6]}\n",
            ScenarioError,
            "fewest_tastes must not exceed",
        ),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(tmp_path: Path, text: str, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        read_study(study(tmp_path, text), {})


def test_all_that_is_wrong_with_the_ends_is_told_at_once() -> None:
    with pytest.raises(ScenarioError) as told:
        varied(
            TINY, ["platform.weights.review.dwell=-1:2000", "platform.feed.depth=0,4"], {"design": "latin_hypercube"}
        )
    assert [fault.path for fault in told.value.faults] == ["platform.weights.review.dwell"] * 2 + [
        "platform.feed.depth"
    ]


def test_a_study_takes_listed_values_as_they_stand(tmp_path: Path) -> None:
    text = "base: base.yaml\nseeds: 1\nvary:\n  title: ['a: b, #c', '5']\n  reaction_seed: [null, 3]\n"
    plan = read_study(study(tmp_path, text), {})
    assert [(one.title, one.reaction_seed) for one in plan.scenarios.values()] == [
        (title, luck) for title in ("a: b, #c", "5") for luck in (None, 3)
    ]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (["platform.weights.review.conversion=0,0"], "the values to vary it over must differ"),
        (["platform.weights.review.conversion=1,1.0"], "the values to vary it over must differ"),
        (["platform.feed.depth=1:3:1", "platform.feed.depth=1:5:2"], "--vary: a field can be varied once"),
        (["seed=1:3:1"], "seed: every point has the same seeds; say how many"),
    ],
)
def test_doubled_values_and_the_seed_are_refused(vary: list[str], said: str) -> None:
    with pytest.raises(RunError, match=said):
        varied(TINY, vary, {"seeds": 2})


def test_commands_refuse_in_a_line(tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    assert "--vary: must read path" in refused("sweep", TINY, "--vary", "nonsense", *out)
    assert "--design: design: must" in refused("sweep", TINY, "--vary", TWO[0], "--design", "cube", *out)
    assert "says nothing of what to vary" in refused("sweep", TINY, *out)
    assert "--on: must be" in refused("sweep", TINY, "--vary", TWO[0], "--on", "the moon", *out)
    assert not (tmp_path / "out").exists()


# --- results, of runs that are made up


def made_up(plan: Plan, folder: Path, failing: int = -1) -> Ran:
    """Runs whose orders are 10 by weight, 5 for holding back, and 100 by seed."""
    ran = Ran({}, {})
    for (point, seed), one in plan.scenarios.items():
        if point == failing:
            ran.failures[one.digest()] = Failure(one, "ValueError: no")
            continue
        where = folder / f"{point}-{seed}"
        where.mkdir(parents=True, exist_ok=True)
        held = "hold_and_release" in one.rooms.script_shares
        orders = 10 * one.platform.weights.review.conversion + 5 * held + 100 * seed
        write_json(where / "summary.json", {"sales.orders": orders})
        ran.folders[one.digest()] = where
    return ran


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    empty: set[str] = set()

    class Summary:
        def __init__(self, folder: Path) -> None:
            self.folder = folder

        def summary(self) -> dict[str, Any]:
            return dict(pd.read_json(self.folder / "summary.json", typ="series"))

    def carried(plan: Plan, failing: int = -1, nothing: Collection[tuple[int, int]] = ()) -> Result:
        ran = made_up(plan, tmp_path / "made", failing)
        empty.clear()
        empty.update(f"{point}-{seed}" for point, seed in nothing)
        monkeypatch.setattr(sweep, "run_many", lambda *_args, **_options: ran)
        return carry_out(plan, tmp_path, 1)

    monkeypatch.setattr(sweep, "open_run", Summary)

    def measures(run: Summary, names: Sequence[str]) -> dict[str, float]:
        found, rate = run.summary(), math.nan if run.folder.name in empty else 1.0
        return (
            dict.fromkeys(names, 1.0) | {"live.enter_rate": rate} | found | {"sales.buyers": found["sales.orders"] / 2}
        )

    monkeypatch.setattr(sweep, "measures_of", measures)
    return carried


def test_the_table_has_a_row_for_every_run(told: Any, tmp_path: Path) -> None:
    result: Result = told(varied(TINY, TWO, {"seeds": 3, "measures": ["sales.orders"]}))
    assert len(result.runs) == 18
    assert list(result.runs.columns[:6]) == ["point", "seed", *(one.split("=")[0] for one in TWO), "run", "failure"]
    assert result.runs["sales.buyers"].tolist() == (result.runs["sales.orders"] / 2).tolist()
    effects = result.effects.set_index("factor")["effect"].to_dict()
    assert effects == pytest.approx({"platform.weights.review.conversion": 20, "rooms.script": 5})
    where = keep(result, tmp_path / "kept")
    assert pq.read_schema(where / "runs.parquet").field("sales.orders").metadata[b"unit"] == b"orders"
    pd.testing.assert_frame_equal(pd.read_parquet(where / "runs.parquet"), result.runs, check_dtype=False)
    drawn = {file.stem for file in sweep_figures.draw(result, where)}
    assert drawn == {"main_effects", "interactions-sales.orders"}
    assert keep(result, tmp_path / "kept") == where
    assert keep(told(varied(TINY, TWO, {"seeds": 2})), tmp_path / "kept") != where


def test_runs_that_fail_are_in_the_table_and_the_rest_is_told(told: Any, tmp_path: Path) -> None:
    plan = varied(TINY, ["platform.weights.review.conversion=0:2:1"], {"seeds": 2})
    result: Result = told(plan, failing=1)
    assert result.runs["failure"].tolist() == ["", "", "ValueError: no", "ValueError: no", "", ""]
    assert result.runs["sales.orders"].isna().sum() == 2
    assert result.effects.empty  # no seed is whole
    assert sweep_figures.draw(result, tmp_path) == []
    where = keep(result, tmp_path)
    assert '"platform.weights.review.conversion": 1' in (where / "study.json").read_text()


def test_a_sobol_design_gives_indices_and_pictures(told: Any, tmp_path: Path) -> None:
    changes = {"design": "sobol", "points": 32, "seeds": 1, "measures": ["sales.orders", "sales.gmv_yuan"]}
    result: Result = told(varied(TINY, ["platform.weights.review.conversion=0:2", TWO[1]], changes))
    assert set(result.indices["measure"]) == {"sales.orders"}  # GMV never varies
    first = result.indices.query("order == 'first'").set_index("factor")["index"]
    # variances: (10 * 2)^2 / 12 and 5^2 / 4
    assert first["platform.weights.review.conversion"] == pytest.approx(33.33 / 39.58, abs=0.1)
    assert {file.stem for file in sweep_figures.draw(result, tmp_path)} >= {"main_effects", "indices"}
    assert keep(result, tmp_path).joinpath("indices.parquet").is_file()


def test_a_rate_of_nothing_is_missing_in_means_and_effects(told: Any, tmp_path: Path, capsys: Any) -> None:
    changes = {"seeds": 3, "measures": ["live.enter_rate"]}
    plan = varied(TINY, ["platform.weights.review.conversion=0:1:1"], changes)
    result: Result = told(plan, nothing={(0, 1), (0, 2), (0, 3)})
    (row,) = result.effects.to_dict("records")
    assert row["seeds"] == 0
    assert all(math.isnan(row[name]) for name in ("before", "effect", "low", "high"))
    assert result.missing() == ["entries per live exposure: 3 of 6 runs"]
    print_effects(result)
    assert "(0 of 3 seeds)" in capsys.readouterr().out
    assert sweep_figures.draw(result, tmp_path)
    some: Result = told(plan._replace(name="other"), nothing={(1, 3)})
    assert [some.effects[name].tolist() for name in ("seeds", "before", "effect")] == [[2], [1.0], [0.0]]


# --- whole commands


@pytest.mark.slow
def test_a_sweep_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = study(tmp_path, "base: base.yaml\nvary: {rooms.script: [plain, hold_and_release]}\nseeds: 2\n")
    done = typed("sweep", file, "--out", tmp_path / "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "2 points with 2 seeds each: 4 runs"
    assert done.stderr.splitlines()[-1] == "4 of 4 runs done, 0 failed"
    where = Path(done.stdout.splitlines()[-1])
    table = pd.read_parquet(where / "runs.parquet")
    assert table["live.exposures"].min() > 0
    assert table["rooms.script"].tolist() == ["plain", "plain", "hold_and_release", "hold_and_release"]
    again = typed("sweep", file, "--out", tmp_path / "out")
    assert again.stdout == done.stdout

    def failing(scenarios: Any, *_args: Any, **_options: Any) -> Ran:
        made: list[Scenario] = list(scenarios)
        return Ran({}, {one.digest(): Failure(one, "ValueError: no") for one in made})

    monkeypatch.setattr(sweep, "run_many", failing)
    failed = typed("sweep", file, "--out", tmp_path / "out")
    assert failed.returncode == 1
    assert "failed at seed=5, rooms.script=plain: ValueError: no" in failed.stderr


def test_there_is_nothing_of_local_processes_in_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LocalWorkerPool", None)
    assert len(varied(TINY, TWO, {"seeds": 1}).scenarios) == 6
