"""Comparisons: the same people and the same random draws under different rules, and how sure the effects are.

Arms with the same seed share every viewer, creator, room and potential reaction. So the effect of a rule is read from
the differences within seeds, whose spread is what decides how sure it is.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from pydantic import AfterValidator, Field

from sim.execution.batch import Done, run_many
from sim.reporting.comparison import figures, page
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import (
    EXPECTED,
    STANDARD,
    canonical,
    curves_of,
    expectations_hold,
    groups_of,
    measures_of,
    provenance,
    rooms_of,
    traits_of,
)
from sim.reporting.html_page import write_page
from sim.results.measures.lookup import UnknownMeasureError, named
from sim.results.paired_statistics import CONFIDENCE, both_known, effect, holm, ratios, seeds_needed
from sim.results.run_folder import PARTIAL, RunError, open_run, write_json
from sim.scenario.diff import changes
from sim.scenario.errors import Place
from sim.scenario.parameters import Fields
from sim.scenario.scenario import Scenario, load
from sim.scenario.yaml_reader import Assignment, read, validate

REACTIONS_APART = 1_000_003  # added to a seed, it gives the same people other reactions
FRESH_SEEDS = 4  # by default; what pairing bought needs less precision than the effects
MOST_SEEDS = 100


class Comparison(Fields):
    """A comparison file: a base scenario and arms, each a set of overrides by dotted path."""

    title: str = Field("", description="one line that says what is asked", max_length=200)
    base: str = Field(description="scenario file that all arms share, beside this file")
    arms: Annotated[dict[str, dict[str, Any]], Field(min_length=2)] = Field(
        description="overrides of each arm; the first is compared with"
    )
    seeds: int = Field(10, description="seeds, each run in every arm", ge=2, le=10_000)
    independent_reactions: int = Field(
        FRESH_SEEDS,
        description="seeds whose second arm is run again with independent reactions, to see what pairing buys",
        ge=0,
    )
    measures: Annotated[tuple[str, ...], AfterValidator(canonical)] = Field(
        (), description="measures that are told beside the standard ones"
    )
    claim: Any = Field(None, description="what `wavepool claims` holds the arms against")


class ComparisonPlan(NamedTuple):
    """What is to be run.

    Attributes
    ----------
    arms
        The scenario of each arm, with the first seed.
    fresh
        How many of the seeds are run again, in the second arm, with independent reactions.
    command
        What a person types to have it.
    measures
        The measures that are told.
    """

    name: str
    title: str
    arms: dict[str, Scenario]
    seeds: int
    fresh: int
    command: str
    measures: tuple[str, ...] = STANDARD

    def with_measures(self, names: Iterable[str]) -> "ComparisonPlan":
        """The same plan with further measures; an UnknownMeasureError for one that there is not."""
        return self._replace(measures=tuple(dict.fromkeys((*self.measures, *canonical(names)))))

    def seed_list(self) -> list[int]:
        """The seeds, from the scenario's own on."""
        first = next(iter(self.arms.values())).seed
        return list(range(first, first + self.seeds))

    def runs(self) -> Iterator[tuple[str | None, int, Scenario]]:
        """Arm, seed and scenario of every run, seed by seed; None is the second arm with independent reactions."""
        second = list(self.arms.values())[1]
        for n, seed in enumerate(self.seed_list()):
            yield from ((arm, seed, one.model_copy(update={"seed": seed})) for arm, one in self.arms.items())
            if n < self.fresh:
                yield None, seed, second.model_copy(update={"seed": seed, "reaction_seed": seed + REACTIONS_APART})


class Goal(NamedTuple):
    """How sure a measure's relative effect is to be: half-width of its 95 % interval, and the most seeds for it."""

    measure: str
    half_width: float
    most: int


class Result(Findings):
    """What a comparison found; tables are pandas DataFrames."""

    __slots__ = ()

    def plot(self, name: str = "main") -> Figure:
        """One of the pictures: `main`, `effects`, `curves`, `trade_offs`, `groups` or `lorenz`."""
        return figures.draw_one(self, name)

    def keep(self, folder: Path) -> Path:
        """Write `comparison.json`, tables as Parquet, pictures as PNG and SVG, and `report.html`, all or nothing;
        returns their folder, which other arms do not share.
        """
        arms = json.dumps(self.about["scenario_sha256"]).encode()
        final = folder / f"comparison-{hashlib.sha256(arms).hexdigest()[:10]}"
        partial = final.with_name(final.name + PARTIAL)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name in ("effects", "values", "curves", "groups", "rooms"):
            getattr(self, name).to_parquet(partial / f"{name}.parquet")
        figures.draw(self, partial)
        write_json(partial / "comparison.json", self.to_json())
        write_page(partial / "report.html", page.comparison_page(self))
        shutil.rmtree(final, ignore_errors=True)
        return partial.replace(final)


# --- the plan


def read_comparison(path: Path, seeds: int | None = None) -> ComparisonPlan:
    """The plan of a comparison file."""
    source = read(path)
    if not {"arms", "base"} & source.data.keys():
        raise RunError(
            f"{path}: no arms to compare; a comparison file has some, a scenario takes --vary, or another scenario"
        )
    asked = validate(Comparison, source)
    base = path.parent / asked.base
    files = {arm: (base, assigned(path, arm, sets)) for arm, sets in asked.arms.items()}
    n = seeds or asked.seeds
    plan = plan_of(path.stem, asked.title or path.stem, files, n, f"{path} --seeds {n}", asked.independent_reactions)
    return plan.with_measures(asked.measures)


def against(files: Sequence[Path], seeds: int) -> ComparisonPlan:
    """One arm for each scenario file."""
    arms: dict[str, tuple[Path, Sequence[str | Assignment]]] = {file.stem: (file, []) for file in files}
    if len(arms) < len(files):
        raise RunError("the scenarios to compare must have different names")
    words = f"{' '.join(map(str, files))} --seeds {seeds}"
    return plan_of("-".join(arms), " against ".join(arms), arms, seeds, words)


def varied(base: Path, vary: str, seeds: int) -> ComparisonPlan:
    """One arm for each value of a field: `platform.weights.review.conversion=0,0.5,1`."""
    key, equals, values = vary.partition("=")
    listed = [value.strip() for value in values.split(",") if value.strip()]
    if not (key.strip() and equals and len(listed) >= 2):
        raise RunError(f"--vary: must read path=value,value..., found {vary!r}")
    if key.strip() == "seed":
        raise RunError("--vary: arms share their seeds; say how many with --seeds")
    field = key.strip().rpartition(".")[2]
    arms: dict[str, tuple[Path, Sequence[str | Assignment]]] = {
        f"{field}={value}": (base, [f"{key.strip()}={value}"]) for value in listed
    }
    words = f"{base} --vary {vary} --seeds {seeds}"
    made = plan_of(f"{base.stem}-{field}", f"{base.stem}: {vary}", arms, seeds, words)
    if len({one.digest() for one in made.arms.values()}) < len(listed):
        raise RunError(f"--vary: every value must make another world, found {vary!r}")
    return made


def plan_of(
    name: str,
    title: str,
    files: Mapping[str, tuple[Path, Sequence[str | Assignment]]],
    seeds: int,
    words: str = "",
    fresh: int = FRESH_SEEDS,
) -> ComparisonPlan:
    """The plan of arms, each a scenario file and overrides; `words` are what follows `wavepool compare`."""
    arms = {arm: load(file, [*sets, "records.expected_sales=true"]) for arm, (file, sets) in files.items()}
    first = next(iter(arms.values())).seed
    same = {arm: one.model_copy(update={"seed": first}) for arm, one in arms.items()}
    must_agree(same)
    return ComparisonPlan(name, title, same, seeds, min(fresh, seeds), f"wavepool compare {words}".strip())


def must_agree(arms: Mapping[str, Scenario]) -> None:
    """Refuse arms that cannot be compared moment by moment and room by room."""
    first, *others = arms
    for arm in others:
        for field in ("start", "days", "platform.refresh", "rooms.count"):
            mine, theirs = (attrgetter(field)(arms[one]) for one in (first, arm))
            if mine != theirs:
                raise RunError(
                    f"arms {first} and {arm}: {field} must be the same to be compared, found {mine} and {theirs}; "
                    "`wavepool sweep` takes any fields"
                )


def goal(text: str, most: int | None) -> Goal:
    """`sales.gmv_yuan:2%` as a goal."""
    name, colon, width = text.partition(":")
    try:
        (found,) = canonical([name])
    except UnknownMeasureError as error:
        raise RunError(f"--until: {error}") from None
    try:
        share = float(width.strip().removesuffix("%")) / 100.0
    except ValueError:
        share = 0.0
    if not (colon and width.strip().endswith("%") and 0 < share < 10):
        raise RunError(f"--until: must read measure:percent such as sales.gmv_yuan:2%, found {text!r}")
    return Goal(found, share, most or MOST_SEEDS)


def assigned(file: Path, arm: str, sets: Mapping[str, Any]) -> list[Assignment]:
    """What an arm of a file sets, each value as it stood there."""
    if "seed" in sets:
        raise RunError(f"{file}: arms.{arm}: arms share their seeds; say how many with `seeds` or --seeds")
    return [Assignment(path, value, Place(f"{file}: arms.{arm}")) for path, value in sets.items()]


# --- running


def compare(
    path: str | Path,
    *,
    seeds: int | None = None,
    out: str | Path = "outputs",
    jobs: int | None = None,
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
        Runs at a time, each on one thread; one for each core if not given.
    on
        Where they run; see `sim.execution.batch.run_many`.
    """
    return run_comparison(read_comparison(Path(path), seeds), Path(out), jobs, done, on=on)


def run_comparison(
    todo: ComparisonPlan,
    out: Path,
    jobs: int | None = None,
    done: Done | None = None,
    *,
    on: str = "local",
    until: Goal | None = None,
) -> Result:
    """Run a plan, with more seeds until a goal is met if there is one, and find its effects."""
    todo = todo.with_measures([until.measure]) if until else todo
    while True:
        folders = run_many([one for _, _, one in todo.runs()], todo.name, out, jobs, done, on=on).whole()
        values = values_of(todo, folders)
        more = _more_seeds(values, todo, until) if until else todo.seeds
        if more <= todo.seeds:
            return found(todo, folders, values, until)
        todo = todo._replace(seeds=more)


def _more_seeds(values: pd.DataFrame, todo: ComparisonPlan, until: Goal) -> int:
    """How many seeds to go on with: as many as the spread so far asks for, at most twice as many as there are."""
    first, *others = todo.arms
    needed = 0
    for arm in others:
        before, after = (_column(values, one, until.measure) for one in (first, arm))
        needed = max(needed, seeds_needed(before, after, until.half_width))
    return min(needed, 2 * todo.seeds, until.most)


# --- the effects


def values_of(todo: ComparisonPlan, folders: Mapping[str, Path]) -> pd.DataFrame:
    """One row a run: arm (None for independent reactions), seed, folder and measures."""
    rows = []
    for arm, seed, one in todo.runs():
        run = open_run(folders[one.digest()])
        told = {"arm": arm, "seed": seed, "folder": str(run.folder)}
        rows.append(told | measures_of(run, todo.measures))
    return pd.DataFrame(rows)


def found(todo: ComparisonPlan, folders: Mapping[str, Path], values: pd.DataFrame, until: Goal | None = None) -> Result:
    """All that the runs of a plan say."""
    curves, groups, rooms = [], [], []
    for arm, seed, one in todo.runs():
        if arm is not None:
            run = open_run(folders[one.digest()])
            curves.append(curves_of(run).assign(arm=arm, seed=seed))
            groups.append(groups_of(run, traits_of(one)).assign(arm=arm, seed=seed))
            rooms.append(rooms_of(run).assign(arm=arm, seed=seed))
    return Result(
        title=todo.title,
        arms=differences(todo.arms),
        seeds=todo.seed_list(),
        effects=effects_of(values, list(todo.arms)),
        values=values,
        curves=pd.concat(curves, ignore_index=True),
        groups=pd.concat(groups, ignore_index=True),
        rooms=pd.concat(rooms, ignore_index=True),
        about=about(todo, folders, until),
    )


def effects_of(values: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """The effects of all arms against the first; see `Findings`."""
    rows, names = [], [str(name) for name in values if name not in ("arm", "seed", "folder")]
    names = [name for name in names if name not in EXPECTED or expectations_hold(values, name)]
    for arm in arms[1:]:
        for name in names:
            before, after = _column(values, arms[0], name), _column(values, arm, name)
            if both_known(before, after).sum() < 2:
                continue
            fresh = _column(values, None, name) if arm == arms[1] else None
            told = {"measure": name, "arm": arm, "unit": named(name).unit}
            rows.append({**told, **effect(before, after), **ratios(before, after, fresh)})
    table = pd.DataFrame(rows)
    table["holm"] = holm(table["p"].to_numpy(), 1.0 - CONFIDENCE)
    return table


def _column(values: pd.DataFrame, arm: str | None, measure: str) -> Any:
    mine = values[values["arm"].isna() if arm is None else values["arm"] == arm]
    return mine.sort_values("seed")[measure].to_numpy(float)


# --- what it takes to run again


def differences(arms: Mapping[str, Scenario]) -> dict[str, dict[str, str]]:
    """Every field in which an arm differs from the first, by dotted path, as each arm has it."""
    first, *others = arms.values()
    told = [list(changes(one, first)) for one in others]
    usual = {change.field: change.parent for one in told for change in one if change.field != "seed"}
    own = [{change.field: change.here for change in one if change.field in usual} for one in told]
    return dict(zip(arms, [usual, *({**usual, **one} for one in own)], strict=True))


def about(todo: ComparisonPlan, folders: Mapping[str, Path], until: Goal | None) -> dict[str, Any]:
    """How to repeat a comparison: command, versions, the size of the world, and hashes of scenarios and records."""
    every = [open_run(folders[one.digest()]) for _, _, one in todo.runs()]
    records = hashlib.sha256("".join(sorted(run.manifest["records_sha256"] for run in every)).encode())
    asked = {"measure": until.measure, "half_width": until.half_width, "most_seeds": until.most} if until else None
    return {
        "command": todo.command,
        "until": asked,
        **provenance(every[0]),
        "switches": [switch.model_dump(mode="json") for one in todo.arms.values() for switch in one.changes],
        "scenario_sha256": {arm: one.digest() for arm, one in todo.arms.items()},
        "records_sha256": records.hexdigest(),
    }
