"""Comparisons: the same people and the same luck under different rules, and how sure the effects are.

Arms with the same seed share every viewer, creator, room and potential reaction. So the effect of a rule is read from
the differences within seeds, whose spread is what decides how sure it is.
"""

import multiprocessing
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field
from scipy import stats

from sim.fields import Part
from sim.reading import read, validate
from sim.results import Run, RunError, open_run, write_json
from sim.runs import refuse_if_too_large, run_id, start, version
from sim.scenario import Scenario, load

CONFIDENCE = 0.95
FRESH_LUCK = 1_000_003  # added to a seed, it gives the same people another luck

Arms = dict[str, dict[str, Any]]


class Comparison(Part):
    """A comparison file: a base scenario and arms, each a set of overrides by dotted path."""

    title: str = Field("", description="one line that says what is asked", max_length=200)
    base: str = Field(description="scenario file that all arms share, beside this file")
    arms: Annotated[Arms, Field(min_length=2)] = Field(description="overrides of each arm; the first is compared with")
    seeds: int = Field(10, description="seeds, each run in every arm", ge=2, le=10_000)


class Measure(NamedTuple):
    """One number of a run's summary: its unit, and what it says."""

    unit: str
    words: str


MEASURES = {
    "gmv_yuan": Measure("yuan", "GMV"),
    "orders": Measure("orders", "orders filled"),
    "refused_orders": Measure("orders", "orders that met no stock"),
    "gpm_yuan": Measure("yuan per 1,000 views", "GPM"),
    "orders_per_entry": Measure("share", "orders per room entry"),
    "entries": Measure("entries", "room entries"),
    "enter_rate": Measure("share", "entries per live exposure"),
    "seconds_per_entry": Measure("s", "mean stay"),
    "live_share": Measure("share", "live share of exposures"),
    "minutes_per_viewer_day": Measure("min", "minutes per viewer and day"),
    "sessions": Measure("sessions", "sessions"),
    "finish_rate": Measure("share", "finish rate of videos"),
    "like_rate": Measure("share", "like rate of videos"),
    "tag_cosine": Measure("-", "tag precision (cosine)"),
}


class Plan(NamedTuple):
    """What is to be run: the arms' scenarios for each seed, and the second arm again with fresh luck."""

    name: str
    title: str
    arms: dict[str, dict[int, Scenario]]
    fresh: dict[int, Scenario]


class Result(NamedTuple):
    """What a comparison found.

    Attributes
    ----------
    effects
        One row a measure and arm: mean of the paired differences from the first arm, absolute and relative, its 95 %
        interval (Student's t over seeds), how much larger the variance would be with unpaired worlds and with the same
        people but fresh luck, and whether it survives Holm's correction for many measures.
    values
        One row a run: arm, seed, folder, and every measure.
    """

    plan: Plan
    seeds: list[int]
    effects: pd.DataFrame
    values: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "title": self.plan.title,
            "arms": list(self.plan.arms),
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "confidence": CONFIDENCE,
            "interval": "Student t over seeds, paired differences from the first arm",
            "wavepool": version(),
            "scenario_sha256": {arm: runs[self.seeds[0]].digest() for arm, runs in self.plan.arms.items()},
            "effects": [{k: _plain(v) for k, v in row.items()} for row in self.effects.to_dict("records")],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return bool(value) if isinstance(value, np.bool_) else value


# --- the plan


def read_comparison(path: Path, seeds: int | None = None) -> Plan:
    """The plan of a comparison file."""
    asked = validate(Comparison, read(path))
    base = path.parent / asked.base
    return plan(path.stem, asked.title or path.stem, base, asked.arms, seeds or asked.seeds)


def plan(name: str, title: str, base: Path, arms: Mapping[str, Mapping[str, Any]], seeds: int) -> Plan:
    """The scenarios of all arms for the seeds from the base's own on."""
    files = {arm: (base, [f"{key}={_yaml(value)}" for key, value in sets.items()]) for arm, sets in arms.items()}
    return plan_of(name, title, files, seeds)


def plan_of(name: str, title: str, files: Mapping[str, tuple[Path, Sequence[str]]], seeds: int) -> Plan:
    """The same from a file and overrides for each arm."""
    loaded = {arm: load(file, sets) for arm, (file, sets) in files.items()}
    first = next(iter(loaded.values())).seed
    whole = {
        arm: {seed: one.model_copy(update={"seed": seed}) for seed in range(first, first + seeds)}
        for arm, one in loaded.items()
    }
    second = list(whole.values())[1]
    fresh = {seed: one.model_copy(update={"luck": seed + FRESH_LUCK}) for seed, one in second.items()}
    return Plan(name, title, whole, fresh)


def varied(base: Path, vary: str, seeds: int) -> Plan:
    """One arm for each value of a field: `platform.weights.conversion=0,0.5,1`."""
    key, equals, values = vary.partition("=")
    listed = [value.strip() for value in values.split(",") if value.strip()]
    if not (key.strip() and equals and len(listed) >= 2):
        raise RunError(f"--vary: must read path=value,value..., found {vary!r}")
    files = {f"{key.strip()}={value}": (base, [f"{key.strip()}={value}"]) for value in listed}
    return plan_of(f"{base.stem}-{key.strip().rpartition('.')[2]}", f"{base.stem}: {vary}", files, seeds)


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- the runs


def run_all(todo: Plan, out: Path, jobs: int, done: Callable[[int, int], None] | None = None) -> dict[str, Path]:
    """Run what has not been run yet, `jobs` at a time; returns the folder of each scenario by its digest.

    A run's folder is named by its content, so a repeated command takes up what is finished.
    """
    scenarios = {one.digest(): one for one in every(todo)}
    for one in scenarios.values():
        refuse_if_too_large(one)
    folders = {digest: out / todo.name / run_id(one) for digest, one in scenarios.items()}
    missing = [digest for digest, folder in folders.items() if not _is_finished(folder)]
    if done:
        done(len(scenarios) - len(missing), len(scenarios))
    if not missing:
        return folders
    pool = ProcessPoolExecutor(min(jobs, len(missing)), mp_context=multiprocessing.get_context("spawn"))
    try:
        running = [pool.submit(_run_one, scenarios[digest], todo.name, out) for digest in missing]
        for n, finished in enumerate(as_completed(running), 1):
            finished.result()
            if done:
                done(len(scenarios) - len(missing) + n, len(scenarios))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return folders


def every(todo: Plan) -> Iterator[Scenario]:
    """All scenarios of a plan, seed by seed."""
    for seed in next(iter(todo.arms.values())):
        yield from (runs[seed] for runs in todo.arms.values())
        yield todo.fresh[seed]


def _run_one(scenario: Scenario, name: str, out: Path) -> None:
    start(scenario, name, out, pictures=False)


def _is_finished(folder: Path) -> bool:
    try:
        return bool(open_run(folder).manifest["wavepool"] == version())
    except RunError:
        return False


# --- the effects


def values_of(todo: Plan, folders: Mapping[str, Path]) -> pd.DataFrame:
    """One row a run: arm (None for fresh luck), seed, folder and measures."""
    rows = []
    for arm, runs in (*todo.arms.items(), (None, todo.fresh)):
        for seed, one in runs.items():
            run: Run = open_run(folders[one.digest()])
            summary = run.summary()
            rows.append(
                {"arm": arm, "seed": seed, "folder": str(run.folder)}
                | {name: float(summary[name]) for name in MEASURES}
            )
    return pd.DataFrame(rows)


def effects_of(values: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """The effects of all arms against the first; see `Result`."""
    by_arm = {arm: values[values["arm"] == arm].set_index("seed") for arm in arms}
    fresh = values[values["arm"].isna()].set_index("seed")
    base, rows = by_arm[arms[0]], []
    for arm in arms[1:]:
        for name, measure in MEASURES.items():
            row = effect(base[name].to_numpy(), by_arm[arm][name].to_numpy())
            again = fresh[name].to_numpy() if arm == arms[1] else None
            row |= ratios(base[name].to_numpy(), by_arm[arm][name].to_numpy(), again)
            rows.append({"measure": name, "arm": arm, "unit": measure.unit, **row})
    table = pd.DataFrame(rows)
    table["holm"] = holm(table["p"].to_numpy(), 1.0 - CONFIDENCE)
    return table


def effect(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Mean of paired differences with its Student interval; relative to the mean of the first arm.

    `low` and `high` bound the absolute effect, `relative_low` and `relative_high` the relative one.
    """
    gaps = after - before
    n, mean = len(gaps), float(gaps.mean())
    error = float(gaps.std(ddof=1) / n**0.5)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)) * error
    base = float(before.mean())
    scale = 1.0 / base if base else float("nan")
    p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error > 0 else float(mean == 0)
    return {
        "before": base,
        "after": float(after.mean()),
        "absolute": mean,
        "low": mean - half,
        "high": mean + half,
        "relative": mean * scale,
        "relative_low": (mean - half) * scale,
        "relative_high": (mean + half) * scale,
        "seeds": n,
        "p": p,
    }


def ratios(before: np.ndarray, after: np.ndarray, fresh: np.ndarray | None) -> dict[str, float]:
    """What pairing bought: variance of the difference with unpaired worlds, and with fresh luck, over exact pairs'."""
    paired = statistics.variance(after - before)
    unpaired = statistics.variance(before) + statistics.variance(after)
    luck = statistics.variance(fresh - before) if fresh is not None else float("nan")
    nothing = float("nan")
    return {
        "variance_ratio_unpaired": unpaired / paired if paired else nothing,
        "variance_ratio_fresh_luck": luck / paired if paired else nothing,
    }


def holm(p: np.ndarray, level: float) -> np.ndarray:
    """Which of many tests survive Holm's step-down correction (Holm, 1979)."""
    order = np.argsort(p, kind="stable")
    passes = p[order] <= level / (len(p) - np.arange(len(p)))
    survives = np.zeros(len(p), bool)
    survives[order] = np.logical_and.accumulate(passes)
    return survives


def compare(
    path: str | Path,
    *,
    seeds: int | None = None,
    out: str | Path = "outputs",
    jobs: int = 2,
    done: Callable[[int, int], None] | None = None,
) -> Result:
    """Run a comparison file and say what the arms' effects are.

    Parameters
    ----------
    path
        A comparison file: `base`, `arms` and `seeds`.
    seeds
        How many seeds, if not as the file says.
    jobs
        Runs at a time, each on one thread.
    """
    return carry_out(read_comparison(Path(path), seeds), Path(out), jobs, done)


def carry_out(todo: Plan, out: Path, jobs: int, done: Callable[[int, int], None] | None = None) -> Result:
    """Run a plan and find its effects."""
    values = values_of(todo, run_all(todo, out, jobs, done))
    seeds = list(next(iter(todo.arms.values())))
    return Result(todo, seeds, effects_of(values, list(todo.arms)), values)


def keep(result: Result, folder: Path) -> Path:
    """Write `comparison.json`, and effects and values as Parquet; returns the folder."""
    where = folder / "comparison"
    where.mkdir(parents=True, exist_ok=True)
    result.effects.to_parquet(where / "effects.parquet")
    result.values.to_parquet(where / "values.parquet")
    write_json(where / "comparison.json", result.to_json())
    return where
