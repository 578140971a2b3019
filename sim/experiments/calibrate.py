"""Calibration: parameters within ranges, so that a world agrees with published figures.

The mean figures of several runs are compared with the published ones (simulated moments), in bands; Optuna's tree of
Parzen estimators proposes the parameters. All trials run the same seeds, so they differ in their parameters only.
Trials are asked for in batches, each with a sampler seeded by its number that knows the batches before; so the search
does not depend on which run of a batch ends first, on the number of processes, or on being interrupted.
"""

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML

from sim.execution.batch import Done, run_many
from sim.experiments.identifiability import Identifiability, identifiability, steps
from sim.results.measures.run_data import Evidence
from sim.results.run_folder import RunError, open_run
from sim.results.stylised_facts import Fact, Finding, find
from sim.scenario.ranges import Range, Values, as_layer, value_of, values_of
from sim.scenario.scenario import Scenario, with_fields

if TYPE_CHECKING:
    from optuna import Study

FARTHEST = 5.0  # bands beyond which a figure counts as far off as this
RANDOM = 10  # trials before the estimators take over


class CalibrationPlan(NamedTuple):
    """What is to be calibrated: a scenario, on facts, over ranges, with so many seeds a trial."""

    scenario: Scenario
    facts: tuple[Fact, ...]
    ranges: dict[str, Range]
    seeds: int
    trials: int
    batch: int
    seed: int

    @property
    def name(self) -> str:
        """A name by content, except for how long the search goes on."""
        said = [
            self.scenario.digest(),
            [fact.model_dump(mode="json") for fact in self.facts],
            {name: one.model_dump(include={"low", "high", "log"}) for name, one in self.ranges.items()},
            [self.seeds, self.batch, self.seed],
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


class Calibrated(NamedTuple):
    """What a calibration came to.

    Attributes
    ----------
    values
        The best parameters.
    before, after
        Findings with the scenario's own and with the best parameters.
    identifiability
        How far the facts pin each parameter down.
    losses
        The loss of each trial: mean squared distance from the published figures, in bands.
    """

    plan: CalibrationPlan
    values: Values
    before: list[Finding]
    after: list[Finding]
    identifiability: list[Identifiability]
    losses: list[float]

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "seeds": self.plan.seeds,
            "trials": len(self.losses),
            "losses": self.losses,
            "parameters": [one.to_json() for one in self.identifiability],
            "before": [one.to_json() for one in self.before],
            "after": [one.to_json() for one in self.after],
        }


Evaluate = Callable[[Sequence[Mapping[str, float]]], list[list[Finding]]]
"""Gives for each set of parameters what worlds that have them say to the facts, in the order of the facts."""

Told = Callable[[int, float], None]
"""Called after every batch with the trials done and the least loss."""


class TrialRunner(NamedTuple):
    """Where trials are run, and how many runs at a time."""

    plan: CalibrationPlan
    folder: Path
    jobs: int | None
    done: Done | None = None
    on: str = "local"

    def findings(self, trials: Sequence[Mapping[str, float]]) -> list[list[Finding]]:
        """Run worlds with each of these parameters, and hold them against the facts; a run that fails is left out."""
        first, seeds = self.plan.scenario.seed, range(self.plan.seeds)
        wanted = [
            [with_fields(self.plan.scenario, one).model_copy(update={"seed": first + n}) for n in seeds]
            for one in trials
        ]
        every = [run for runs in wanted for run in runs]
        folders = run_many(every, "runs", self.folder, self.jobs, self.done, on=self.on).folders
        found = []
        for runs in wanted:
            seen = [Evidence.of(open_run(folders[run.digest()])) for run in runs if run.digest() in folders]
            found.append([find(fact, seen) for fact in self.plan.facts])
        shutil.rmtree(self.folder / "runs", ignore_errors=True)  # their figures are known
        return found


def loss(findings: Sequence[Finding]) -> float:
    """Mean squared distance from the published figures, in bands."""
    return sum(min(one.off, FARTHEST) ** 2 for one in findings) / len(findings)


def calibrate(
    plan: CalibrationPlan, folder: Path, evaluate: Evaluate, told: Told = lambda _trials, _least: None
) -> Calibrated:
    """Search for the parameters with the least loss, and say how far the facts pin them down.

    A search that was interrupted goes on where it stopped, and one that is asked for more trials is continued.
    """
    study = _study(plan, folder)
    while _finished(study) < plan.trials:
        _run_batch(study, plan, evaluate)
        told(_finished(study), study.best_value)
    losses = [float(trial.value or 0.0) for trial in study.trials]
    best = dict(study.best_trial.params)
    moves = steps(best, plan.ranges)
    before, after, *moved = evaluate([{}, best, *(values for move in moves for values in (move.down, move.up))])
    own = {name: float(value_of(plan.scenario, name)) for name in plan.ranges}
    return Calibrated(plan, best, before, after, identifiability(plan.ranges, own, best, moves, moved), losses)


def _study(plan: CalibrationPlan, folder: Path) -> "Study":
    """The search as far as it has come."""
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise RunError("calibrating needs Optuna: uv sync --extra calibration, or pip install optuna") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(folder / "search.journal")))
    return optuna.create_study(study_name=plan.name, storage=storage, load_if_exists=True)


def _finished(study: "Study") -> int:
    return sum(trial.value is not None for trial in study.trials)


def _run_batch(study: "Study", plan: CalibrationPlan, evaluate: Evaluate) -> None:
    """Ask for what is missing of a batch, run it, and tell the results in the order of numbers."""
    while len(study.trials) < (_finished(study) // plan.batch + 1) * plan.batch:
        _ask(study, plan)
    open_now = [trial for trial in study.trials if trial.value is None]
    for trial, found in zip(open_now, evaluate([trial.params for trial in open_now]), strict=True):
        study.tell(trial.number, loss(found))


def _ask(study: "Study", plan: CalibrationPlan) -> None:
    """Let the study propose parameters; the first ones are the scenario's own."""
    from optuna.distributions import FloatDistribution, IntDistribution
    from optuna.samplers import TPESampler

    own, number = values_of(plan.scenario, plan.ranges), len(study.trials)
    if not number:
        study.enqueue_trial(own)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna calls estimators of several parameters at once an experiment
        study.sampler = TPESampler(seed=plan.seed * 100_003 + number, multivariate=True, n_startup_trials=RANDOM)
        study.ask(
            {
                name: IntDistribution(round(one.low), round(one.high), log=one.log)
                if isinstance(own[name], int)
                else FloatDistribution(one.low, one.high, log=one.log)
                for name, one in plan.ranges.items()
            }
        )


def write_scenario(result: Calibrated, original: Path, file: Path) -> None:
    """Write a scenario that extends the original by the calibrated parameters; the file is there whole or not at
    all.
    """
    layer: dict[str, Any] = {
        "extends": os.path.relpath(original.resolve(), file.resolve().parent),
        "title": f"{result.plan.scenario.title or original.stem}, calibrated"[:200],
    }
    layer |= as_layer(result.plan.scenario, result.values)
    inside = sum(one.inside for one in result.after)
    aside = file.with_name(file.name + ".tmp")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(f"# Calibrated on {len(result.after)} published figures, {inside} of them inside their bands.\n")
        stream.writelines(f"#   {one}\n" for one in result.identifiability)
        yaml = YAML()
        yaml.allow_unicode = True
        yaml.dump(layer, stream)
    aside.replace(file)
