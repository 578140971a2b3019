"""Every scenario file that is handed out can be read, explained and, where it is small, run."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from sim.experiments.compare import read_comparison
from sim.experiments.sweep import read_study
from sim.reporting.explain import explain
from sim.scenario.scenario import CATEGORIES, Scenario, load, source_of
from sim.scenario.template import schema_text
from sim.scenario.yaml_reader import validate
from sim.world import World

FOLDER = Path(__file__).parents[2] / "scenarios"
COMPARISONS = [path for path in sorted(FOLDER.glob("*.yaml")) if "\narms:" in path.read_text(encoding="utf-8")]
STUDIES = [path for path in sorted(FOLDER.glob("*.yaml")) if "\nvary:" in path.read_text(encoding="utf-8")]
FILES = [path for path in sorted(FOLDER.glob("*.yaml")) if path not in (*COMPARISONS, *STUDIES)]


@pytest.mark.parametrize("path", COMPARISONS, ids=lambda path: path.stem)
def test_a_comparison_is_valid(path: Path) -> None:
    todo = read_comparison(path)
    assert todo.title
    runs = [one.digest() for _, _, one in todo.runs()]
    assert len(set(runs)) == len(runs)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_is_valid(path: Path) -> None:
    todo = read_study(path, {})
    assert todo.study.title
    assert len({one.digest() for one in todo.scenarios.values()}) == len(todo.scenarios)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_is_valid_and_explained(path: Path, tmp_path: Path) -> None:
    source = source_of(path)
    scenario = validate(Scenario, source)
    with (tmp_path / "told.txt").open("w", encoding="utf-8") as file:
        Console(width=100, file=file).print(explain(scenario, source))
    assert scenario.title in (tmp_path / "told.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_points_to_the_schema_beside_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n")


def test_the_schema_is_current() -> None:
    written = (FOLDER / "schema.json").read_text(encoding="utf-8")
    # as data, for versions of pydantic write 0 and 0.0
    assert json.loads(written) == json.loads(schema_text()), "run `wavepool schema > scenarios/schema.json`"


def test_the_baseline_names_its_world() -> None:
    base = load(FOLDER / "baseline.yaml")
    assert (base.viewers.count, base.rooms.count, base.days, base.warm_up) == (100_000, 65, 1.0, 1.0)
    assert base.categories == CATEGORIES
    assert all(category.zh for category in base.categories)


@pytest.mark.slow
def test_the_tiny_world_runs_and_sells() -> None:
    world = World(FOLDER / "tiny.yaml", audit=True)
    orders = 0
    while world.running:
        world.step()
        orders += world.observer.row["orders"]
    assert orders > 0
    assert world.platform.best_tier[: world.catalogue.published].max() == len(world.policy.ladder) - 1
