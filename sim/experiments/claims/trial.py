"""A claim on trial: every arm with every seed, and again with every draw of the uncertain parameters."""

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Array
from sim.execution.batch import CORES, Done, run_many
from sim.experiments.claims.definitions import Claim
from sim.experiments.claims.expectations import Expectation, listed
from sim.experiments.claims.verdicts import Interval, interval, judged, together
from sim.experiments.compare import assigned
from sim.results.measures.lookup import numbers
from sim.results.measures.run_data import Evidence
from sim.results.run_folder import Run, RunError, open_run
from sim.scenario.errors import ScenarioError
from sim.scenario.paths import PathError, value_at
from sim.scenario.ranges import Ranges, drawn
from sim.scenario.scenario import Scenario, load, with_fields

NAME = "claims"


class Effort(NamedTuple):
    """How much is run: seeds (None for as many as each file says), draws, and seeds of each draw."""

    seeds: int | None
    draws: int
    draw_seeds: int


FULL, QUICK = Effort(None, 30, 2), Effort(3, 4, 1)

Worlds = dict[str, dict[int, Scenario]]
"""Scenarios by arm and seed."""


class Trial(NamedTuple):
    """What is run for a claim: its worlds as they are, and in every draw."""

    claim: Claim
    worlds: Worlds
    draws: list[Worlds]

    def every(self) -> Iterator[Scenario]:
        """All scenarios."""
        for worlds in (self.worlds, *self.draws):
            for runs in worlds.values():
                yield from runs.values()


class ClaimResult(NamedTuple):
    """What came out of an expectation."""

    asked: Expectation
    values: Array  # of each seed
    found: Interval
    verdict: str
    drawn: Array  # of each draw, the mean over its seeds; of none if it does not decide

    @property
    def held(self) -> Array:
        """In which draws it came out."""
        return np.array([self.asked.bound.beyond(value) for value in self.drawn], bool)


class ClaimFinding(NamedTuple):
    """What came out of a claim."""

    claim: Claim
    answers: list[ClaimResult]
    runs: dict[str, list[Run]]  # of each arm, as it is
    verdict: str

    @property
    def deciding(self) -> list[ClaimResult]:
        return [answer for answer in self.answers if answer.asked.decides]

    @property
    def held(self) -> Array:
        """In which draws all that decides came out."""
        return np.logical_and.reduce([answer.held for answer in self.deciding])


# --- the plan


def planned(claim: Claim, ranges: Ranges, effort: Effort) -> Trial:
    """The worlds of a claim. Only what decides is run in draws; what an arm sets itself is not drawn."""
    seeds = effort.seeds or claim.file.seeds
    arms = {arm: load(claim.base, assigned(claim.path, arm, sets)) for arm, sets in claim.file.arms.items()}
    deciding = {arm for one in claim.words.expects if one.decides for arm in one.arms}
    draws = []
    for number in range(effort.draws):
        values_drawn = drawn(ranges, number)
        worlds = {
            arm: changed(one, _free(values_drawn, claim.file.arms[arm])) for arm, one in arms.items() if arm in deciding
        }
        draws.append(_seeded(worlds, effort.draw_seeds))
    return Trial(claim, _seeded(arms, seeds), draws)


def changed(scenario: Scenario, sets: Mapping[str, Any]) -> Scenario:
    """A scenario with fields set by dotted path."""
    data = scenario.model_dump(mode="json")
    try:
        for path in sets:
            value_at(data, path)
        return with_fields(scenario, sets)
    except (PathError, ScenarioError) as error:
        raise RunError(f"ranges: {error}") from None


def _free(values_drawn: Mapping[str, Any], sets: Iterable[str]) -> dict[str, Any]:
    set_by_arm = {*sets}
    return {path: value for path, value in values_drawn.items() if not set_by_arm & {path, *_groups(path)}}


def _groups(path: str) -> Iterator[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _seeded(worlds: Mapping[str, Scenario], seeds: int) -> Worlds:
    return {
        arm: {seed: one.model_copy(update={"seed": seed}) for seed in range(one.seed, one.seed + seeds)}
        for arm, one in worlds.items()
    }


# --- the trial


def run_claims(
    claims: Sequence[Claim],
    ranges: Ranges,
    effort: Effort,
    out: Path,
    jobs: int | None = None,
    done: Done | None = None,
    *,
    on: str = "local",
) -> list[ClaimFinding]:
    """Run all that is needed and has not been run, and find what comes of it."""
    trials = [planned(claim, ranges, effort) for claim in claims]
    folders = run_many((one for trial in trials for one in trial.every()), NAME, out, jobs, done, on=on).whole()
    read = Reading(folders, numbers_of_all(trials, folders, jobs or CORES))
    return [found(trial, read) for trial in trials]


class Reading(NamedTuple):
    """Where every run is, by the digest of its scenario, and every number asked of it."""

    folders: Mapping[str, Path]
    numbers: Mapping[str, Mapping[str, float]]

    def run(self, scenario: Scenario) -> Run:
        return open_run(self.folders[scenario.digest()])

    def means(self, name: str, arms: Sequence[dict[int, Scenario]]) -> Array:
        """A measure of each seed, its mean over arms."""
        return np.mean([[self.numbers[one.digest()][name] for one in runs.values()] for runs in arms], axis=0)


def numbers_of_all(trials: Sequence[Trial], folders: Mapping[str, Path], jobs: int) -> dict[str, dict[str, float]]:
    """Every number that is asked of every run, by digest and measure."""
    asked: dict[str, set[str]] = {}
    for trial in trials:
        names = {name for one in trial.claim.words.expects for name in one.measures}
        for scenario in trial.every():
            asked.setdefault(scenario.digest(), set()).update(names)
    todo = [(folders[digest], sorted(names)) for digest, names in asked.items()]
    with ProcessPoolExecutor(max(1, min(jobs, len(todo))), multiprocessing.get_context("spawn")) as pool:
        return dict(zip(asked, pool.map(numbers_of, todo, chunksize=4), strict=True))


def numbers_of(asked: tuple[Path, Sequence[str]]) -> dict[str, float]:
    """The measures of one run; NaN where it holds nothing of the kind."""
    return numbers(Evidence.of(open_run(asked[0])), asked[1])


def found(trial: Trial, read: Reading) -> ClaimFinding:
    """What came out of a claim."""
    answers = [answered(asked, trial, read) for asked in trial.claim.words.expects]
    runs = {arm: [read.run(one) for one in seeds.values()] for arm, seeds in trial.worlds.items()}
    return ClaimFinding(trial.claim, answers, runs, together(one.verdict for one in answers if one.asked.decides))


def answered(asked: Expectation, trial: Trial, read: Reading) -> ClaimResult:
    """What came out of one expectation."""
    values, draws = values_of(asked, trial.worlds, read), trial.draws if asked.decides else []
    means = [interval(values_of(asked, worlds, read)).mean for worlds in draws]
    over = interval(values)
    return ClaimResult(asked, values, over, judged(over, asked.bound), np.array(means))


def values_of(asked: Expectation, worlds: Worlds, read: Reading) -> Array:
    """The number that an expectation is about, of each seed."""
    own = read.means(asked.measure, [worlds[arm] for arm in listed(asked.arm)])
    if asked.against is None and asked.than is None:
        return own
    other = read.means(asked.than or asked.measure, [worlds[arm] for arm in listed(asked.against or asked.arm)])
    return (own - other) / np.where(other == 0, np.nan, other) if asked.relative else own - other
