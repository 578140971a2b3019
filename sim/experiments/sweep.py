"""Sweeps: one scenario at many points of its parameters, all with the same seeds, and one tidy table of what came out.

Points share seeds: at each of them the same people have the same random draws, so points are compared in exact pairs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import AfterValidator, Field

from sim.execution.batch import Done, Failure, run_many
from sim.execution.run import version
from sim.experiments.designs import Design, Factor, cell, factor, how_many, points
from sim.experiments.sensitivity import end_to_end, sobol_indices
from sim.reporting.comparison.outcomes import STANDARD, canonical, measures_of
from sim.results.measures.lookup import named
from sim.results.run_folder import RunError, open_run, write_json
from sim.scenario import paths
from sim.scenario.errors import Fault, Place, ScenarioError
from sim.scenario.parameters import Fields
from sim.scenario.paths import Keys, PathError
from sim.scenario.scenario import Scenario, load
from sim.scenario.yaml_reader import Assignment, Source, assign, read, validate

SHOWN = ("sales.gmv_yuan", "sales.orders", "feed.live_share", "viewers.minutes_per_day")
MOST_RUNS = 100_000


class Study(Fields):
    """A study file: a base scenario, the fields that are varied, and the design."""

    title: str = Field("", description="one line that says what is asked", max_length=200)
    base: str = Field(description="scenario file that all points share, beside this file")
    vary: Annotated[dict[str, str | list[Any]], Field(min_length=1)] = Field(
        description="fields by dotted path, each with low:high:step, low:high or listed values"
    )
    design: Design = Field("grid", description="grid, latin_hypercube or sobol")
    points: int = Field(
        64, description="points of a latin_hypercube; base points of a sobol design", ge=2, le=1_000_000
    )
    seeds: int = Field(3, description="seeds, each run at every point", ge=1, le=10_000)
    measures: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(canonical)] = Field(
        SHOWN, description="measures that are drawn and told; the table has the standard ones too"
    )


class Plan(NamedTuple):
    """A study, ready to be run: its factors, its points, and the scenario of every point and seed."""

    name: str
    study: Study
    factors: list[Factor]
    points: list[tuple[Any, ...]]
    scenarios: dict[tuple[int, int], Scenario]  # by point and seed


class Result(NamedTuple):
    """What a sweep found.

    Attributes
    ----------
    runs
        One row a run: point, seed, every varied field, folder, what it failed of, the standard measures, and
        those asked for.
    effects
        Of a grid: each factor's effect from its first value to its last, on every measure shown.
    indices
        Of a Sobol design: first-order and total indices.
    """

    plan: Plan
    runs: pd.DataFrame
    effects: pd.DataFrame
    indices: pd.DataFrame
    failures: dict[str, Failure]

    @property
    def whole_seeds(self) -> int:
        """How many seeds have no run that failed."""
        return int(whole_seeds(self.runs)["seed"].nunique())

    def missing(self) -> list[str]:
        """The measures shown that some finished run holds nothing of, and in how many runs."""
        finished = self.runs[self.runs["failure"] == ""]
        holes = {name: int(finished[name].isna().sum()) for name in self.plan.study.measures if name in finished}
        return [f"{named(name).words}: {n:,} of {len(finished):,} runs" for name, n in holes.items() if n]


# --- the plan


def read_study(path: Path, changes: Mapping[str, Any]) -> Plan:
    """The plan of a study file, with some of its fields given otherwise."""
    source = read(path)
    if "vary" not in source.data:
        raise RunError(f"{path}: says nothing of what to vary; a study file has `vary`, a scenario takes --vary")
    asked = validate(Study, source._replace(data=source.data | dict(changes), places=source.places | _options(changes)))
    return plan(path.stem, asked, path.parent / asked.base)


def varied(base: Path, vary: Sequence[str], changes: Mapping[str, Any]) -> Plan:
    """The plan of a scenario whose fields are varied: `platform.weights.review.conversion=0:2:0.25`."""
    split = [_split(text) for text in vary]
    fields = dict(split)
    if len(fields) < len(split):
        raise RunError(f"--vary: a field can be varied once, found {' and '.join(vary)}")
    short = "-".join(path.rpartition(".")[2] for path in fields)
    data = {"base": base.name, "vary": fields, **changes}
    return plan(
        f"{base.stem}-{short}",
        validate(Study, Source(data, {(): Place(str(base))} | _options(changes), [base], data)),
        base,
    )


def _options(changes: Mapping[str, Any]) -> dict[Keys, Place]:
    """Where fields stand that a person gave as options."""
    return {(name,): Place("--measure" if name == "measures" else f"--{name}") for name in changes}


def _split(text: str) -> tuple[str, str]:
    path, equals, over = text.partition("=")
    if not (path.strip() and equals and over.strip()):
        raise RunError(f"--vary: must read path=low:high:step or path=value,value..., found {text!r}")
    return path.strip(), over.strip()


def plan(name: str, study: Study, base: Path) -> Plan:
    """Every scenario of a study, checked."""
    if "seed" in study.vary:
        raise RunError("seed: every point has the same seeds; say how many with `seeds` or --seeds")
    scenario = load(base)
    factors = [factor(path, over, value_at(scenario, path)) for path, over in study.vary.items()]
    _check_ends(scenario, factors)
    number = how_many(study.design, factors, study.points)
    if number * study.seeds > MOST_RUNS:
        raise RunError(f"{number:,} points with {study.seeds:,} seeds each are more than {MOST_RUNS:,} runs")
    places = points(study.design, factors, study.points)
    scenarios = {}
    for number, place in enumerate(places):
        one = _at(scenario, dict(zip(study.vary, place, strict=True)))
        for seed in range(scenario.seed, scenario.seed + study.seeds):
            scenarios[number, seed] = one.model_copy(update={"seed": seed})
    return Plan(name, study, factors, places, scenarios)


def value_at(scenario: Scenario, path: str) -> Any:
    """What a scenario has at a dotted path; None where there is no such field."""
    try:
        return paths.value_at(scenario.model_dump(mode="json"), path)
    except PathError:
        return None


def _check_ends(scenario: Scenario, factors: Sequence[Factor]) -> None:
    """Try every factor's ends by itself, and tell all that is wrong with them."""
    faults: list[Fault] = []
    for one in factors:
        for value in one.ends:
            try:
                _at(scenario, {one.path: value})
            except ScenarioError as error:
                faults += error.faults
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))


def _at(scenario: Scenario, fields: dict[str, Any]) -> Scenario:
    said = [Assignment(path, value, Place(f"--vary {path}={cell(value)}")) for path, value in fields.items()]
    return assign(scenario, said)


# --- what came out


def carry_out(
    todo: Plan, out: Path, jobs: int | None, done: Done | None = None, *, on: str = "local", threads: int = 1
) -> Result:
    """Run a plan; runs that fail are in the table with what they failed of."""
    ran = run_many(todo.scenarios.values(), todo.name, out, jobs, done, on=on, threads=threads)
    table = table_of(todo, ran.folders, ran.failures)
    shown, study, whole = list(todo.study.measures), todo.study, whole_seeds(table)
    effects, indices = pd.DataFrame(), pd.DataFrame()
    seeds = whole["seed"].nunique()
    if study.design == "grid" and seeds:
        effects = pd.DataFrame([end_to_end(whole, path, name) for path in study.vary for name in shown])
    if study.design == "sobol" and seeds:
        indices = sobol_indices(whole, todo.factors, shown)
    return Result(todo, table, effects, indices, ran.failures)


def measures_in(study: Study) -> tuple[str, ...]:
    """The measures that the table of a study has: the standard ones and those asked for."""
    return tuple(dict.fromkeys((*STANDARD, *study.measures)))


def table_of(todo: Plan, folders: Mapping[str, Path], failures: Mapping[str, Failure]) -> pd.DataFrame:
    """One row a run."""
    rows = []
    for (point, seed), one in todo.scenarios.items():
        digest, place = one.digest(), dict(zip(todo.study.vary, map(cell, todo.points[point]), strict=True))
        row: dict[str, Any] = {"point": point, "seed": seed, **place}
        if digest in folders:
            run = open_run(folders[digest])
            row |= {"run": str(run.folder), "failure": ""}
            row |= measures_of(run, measures_in(todo.study))
        else:
            row |= {"run": "", "failure": failures[digest].why}
        rows.append(row)
    table = pd.DataFrame(rows)
    mixed = [path for path in todo.study.vary if table[path].dtype == object]
    return table.astype(dict.fromkeys(mixed, str))


def whole_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The runs of those seeds of which no run failed: only they are in pairs throughout."""
    return table[~table["seed"].isin(table.loc[table["failure"] != "", "seed"])]


def keep(result: Result, folder: Path) -> Path:
    """Write `runs.parquet` and what follows from it below `<folder>/sweep-<id>/`; returns that folder."""
    plan, study = result.plan, result.plan.study
    digests = "".join(one.digest() for one in plan.scenarios.values())
    where = folder / f"sweep-{hashlib.sha256(digests.encode()).hexdigest()[:8]}"
    where.mkdir(parents=True, exist_ok=True)
    _write(result.runs, where / "runs.parquet", {name: named(name).unit for name in measures_in(study)})
    for name, table in (("effects", result.effects), ("indices", result.indices)):
        if len(table):
            _write(table, where / f"{name}.parquet", {})
    about = study.model_dump(mode="json") | {
        "wavepool": version(),
        "places": len(plan.points),
        "runs": len(plan.scenarios),
        "failed": [{"run": str(one), **fields_of(plan, one.scenario)} for one in result.failures.values()],
    }
    write_json(where / "study.json", about)
    return where


def fields_of(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """What was varied, in one of the scenarios, with its seed."""
    point = next(point for (point, _), one in plan.scenarios.items() if one.digest() == scenario.digest())
    return {"seed": scenario.seed} | dict(zip(plan.study.vary, map(cell, plan.points[point]), strict=True))


def _write(table: pd.DataFrame, file: Path, units: Mapping[str, str]) -> None:
    """Write a table so that it is there whole or not at all; measures carry their unit."""
    whole = pa.Table.from_pandas(table, preserve_index=False)
    fields = [field.with_metadata({"unit": units[field.name]} if field.name in units else {}) for field in whole.schema]
    aside = file.with_name(file.name + ".tmp")
    pq.write_table(whole.cast(pa.schema(fields)), aside)
    aside.replace(file)
