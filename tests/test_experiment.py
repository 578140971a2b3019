"""Comparisons: exact pairs, effects against numbers worked by hand, and what a repeated command does."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import experiment, many
from sim.experiment import MEASURES, effects_of, plan, read_comparison, varied
from sim.ledger import VIDEO, VISIT
from sim.reading import ScenarioError
from sim.results import RunError, open_run
from sim.world import World
from tests.worlds import facts, finished, same, small, told


def test_effects_are_against_the_first_arm() -> None:
    rows = [
        {"arm": arm, "seed": seed, "folder": ""} | dict.fromkeys(MEASURES, base + seed)
        for arm, base in (("a", 10.0), ("b", 11.0), ("c", 13.0), (None, 12.0))
        for seed in (1, 2, 3)
    ]
    found = effects_of(pd.DataFrame(rows), ["a", "b", "c"]).set_index(["arm", "measure"])
    assert found.loc[("b", "orders"), "absolute"] == 1.0
    assert found.loc[("c", "orders"), "absolute"] == 3.0
    assert found["holm"].all()


# --- exact pairs


def test_an_override_that_changes_nothing_changes_nothing() -> None:
    plain, again = told(small()), told(small("platform.weights.conversion=1.0", "viewers.count=600"))
    for table in plain:
        for a, b in zip(plain[table], again[table], strict=True):
            assert all(same(a[column], b[column]) for column in a), table


def reactions(world: World, steps: int) -> dict[tuple[int, int], tuple[int, int]]:
    """What each viewer did with each video, the first time."""
    met: dict[tuple[int, int], tuple[int, int]] = {}
    for _ in range(steps):
        world.step()
        for _at, viewer, item, ms, did, kind, _mark in facts(world):
            if kind == VIDEO:
                met.setdefault((viewer, item), (ms, did))
    return met


def test_arms_differ_in_no_reaction_of_the_same_viewer_to_the_same_video() -> None:
    without, with_it = (
        reactions(World(small(f"platform.weights.{name}=5", "platform.weights.conversion=0")), 500)
        for name in ("dwell", "interaction")
    )
    both = without.keys() & with_it.keys()
    assert len(both) > 500
    assert without.keys() != with_it.keys()
    assert all(without[pair] == with_it[pair] for pair in both)


def test_due_sessions_do_not_depend_on_the_rules() -> None:
    def due(*rules: str) -> list[tuple[int, int]]:
        world, out = World(small(*rules)), []
        while world.running:
            world.step()
            out += [(fact[0], fact[1]) for fact in facts(world) if fact[5] == VISIT]
        return sorted(out)

    a, b = due(), due("platform.feed.use_tags=false", "platform.feed.live_share=0.3")
    # a session still going on at the end has not told yet which due ones it took in
    assert len(set(a) ^ set(b)) < 0.05 * len(a)
    assert len(a) > 300


def test_fresh_luck_keeps_the_people() -> None:
    plain, fresh = finished(small()), finished(small("luck=99"))
    for name in ("taste", "liking", "activity", "like", "buy", "price_cents"):
        assert np.array_equal(plain.viewers[name], fresh.viewers[name])
    assert np.array_equal(plain.pull[:50], fresh.pull[:50])
    assert plain.exposures != fresh.exposures
    assert finished(small("luck=1")).exposures == plain.exposures  # the seed's own


# --- plans and runs


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture
def question(tmp_path: Path) -> Path:
    write(tmp_path, "base.yaml", f"extends: {Path('scenarios/tiny.yaml').resolve()}\ndays: 0.03\nseed: 5\n")
    text = "title: What of it?\nbase: base.yaml\narms:\n  a: {platform.weights.dwell: 0}\n  b: {}\nseeds: 2\n"
    return write(tmp_path, "question.yaml", text)


def test_a_plan_shares_seeds(question: Path) -> None:
    todo = read_comparison(question)
    assert list(todo.arms) == ["a", "b"]
    assert [one.seed for one in todo.arms["a"].values()] == [5, 6]
    assert todo.arms["a"][5].platform.weights.dwell == 0
    assert todo.arms["b"][5].platform.weights.dwell == 1
    assert todo.fresh[5].luck not in (None, 5)
    assert read_comparison(question, 3).arms["b"].keys() == {5, 6, 7}


def test_varied_makes_an_arm_of_each_value(question: Path) -> None:
    todo = varied(question.parent / "base.yaml", "platform.weights.conversion=0,0.5,1", 2)
    assert [runs[5].platform.weights.conversion for runs in todo.arms.values()] == [0, 0.5, 1]
    with pytest.raises(RunError, match="path=value"):
        varied(question.parent / "base.yaml", "platform.weights.conversion", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base: base.yaml\narms: {a: {}}\n", "at least 2"),
        ("base: base.yaml\n", "arms: required"),
        ("base: base.yaml\narms: {a: {}, b: {platform.weights.dwel: 1}}\n", "did you mean 'dwell'"),
        ("base: no.yaml\narms: {a: {}, b: {}}\n", "cannot read"),
        ("base: base.yaml\narms: {a: {}, b: {}}\nseeds: 1\n", "greater than or equal to 2"),
    ],
)
def test_bad_comparisons_are_refused(question: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        read_comparison(write(question.parent, "bad.yaml", text))


@pytest.mark.slow
def test_a_comparison_end_to_end(question: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, seen = question.parent / "out", []
    result = experiment.compare(question, out=out, jobs=2, done=lambda now: seen.append((now.done, now.total)))
    assert seen[0] == (0, 6)
    assert seen[-1] == (6, 6)
    assert set(result.values["arm"].dropna()) == {"a", "b"}
    row = result.values.iloc[0]
    assert row["orders"] == open_run(row["folder"]).summary()["orders"]

    def never(*_: Any) -> None:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr(many.LocalCrew, "begin", never)
    again = experiment.compare(question, out=out)
    pd.testing.assert_frame_equal(result.effects, again.effects)
    kept = json.loads((experiment.keep(result, out / "question") / "comparison.json").read_text())
    assert kept["arms"] == ["a", "b"]
    assert kept["seeds"] == 2
    assert {"measure", "arm", "absolute", "relative", "low", "high", "variance_ratio_unpaired"} <= kept["effects"][
        0
    ].keys()
    assert {"variance_ratio_fresh_luck", "holm"} <= kept["effects"][0].keys()


def test_plan_takes_overrides_as_yaml() -> None:
    arms = {"on": {"platform.feed.use_tags": True}, "off": {"platform.feed.use_tags": False}}
    todo = plan("p", "P", Path("scenarios/tiny.yaml"), arms, 2)
    assert [runs[1].platform.feed.use_tags for runs in todo.arms.values()] == [True, False]
