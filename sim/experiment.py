"""Comparisons: the same people and the same luck under different rules, and how sure the effects are.

Arms with the same seed share every viewer, creator, room and potential reaction. So the effect of a rule is read from
the differences within seeds, whose spread is what decides how sure it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from sim.effects import CONFIDENCE, effect, holm, ratios
from sim.fields import Part
from sim.many import Done, run_many
from sim.reading import read, validate
from sim.results import Run, RunError, open_run, write_json
from sim.runs import version
from sim.scenario import Scenario, load

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


def every(todo: Plan) -> Iterator[Scenario]:
    """All scenarios of a plan, seed by seed."""
    for seed in next(iter(todo.arms.values())):
        yield from (runs[seed] for runs in todo.arms.values())
        yield todo.fresh[seed]


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


def compare(
    path: str | Path,
    *,
    seeds: int | None = None,
    out: str | Path = "outputs",
    jobs: int = 2,
    done: Done | None = None,
    on: str = "local",
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
    on
        Where they run; see `sim.many.run_many`.
    """
    return carry_out(read_comparison(Path(path), seeds), Path(out), jobs, done, on=on)


def carry_out(todo: Plan, out: Path, jobs: int, done: Done | None = None, *, on: str = "local") -> Result:
    """Run a plan and find its effects."""
    values = values_of(todo, run_many(every(todo), todo.name, out, jobs, done, on=on).whole())
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
