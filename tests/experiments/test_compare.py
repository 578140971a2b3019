"""Comparisons: exact pairs, effects against numbers worked by hand, and what a repeated command does."""

import json
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.core.event_log import FOLLOWED, VIDEO, VISIT
from sim.execution import batch
from sim.experiments import compare
from sim.experiments.compare import ComparisonPlan, Goal, against, effects_of, goal, plan_of, read_comparison, varied
from sim.reporting.comparison.outcomes import STANDARD
from sim.results.run_folder import RunError, open_run
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.world import World
from tests.reporting.comparisons import findings
from tests.worlds import events, finished, same, small, told


def test_effects_are_against_the_first_arm() -> None:
    rows = [
        {"arm": arm, "seed": seed, "folder": ""} | dict.fromkeys(STANDARD, base + seed)
        for arm, base in (("a", 10.0), ("b", 11.0), ("c", 13.0), (None, 12.0))
        for seed in (1, 2, 3)
    ]
    found = effects_of(pd.DataFrame(rows), ["a", "b", "c"]).set_index(["arm", "measure"])
    assert found.loc[("b", "sales.orders"), "absolute"] == 1.0
    assert found.loc[("c", "sales.orders"), "absolute"] == 3.0
    assert found["holm"].all()


def test_a_measure_that_some_runs_hold_nothing_of_is_told_of_the_others() -> None:
    made = findings(seeds=4)
    values = made.values.copy()
    values.loc[(values["arm"] == "with") & (values["seed"] == 2), "live.enter_rate"] = np.nan
    values.loc[values["seed"] > 1, "traffic.seconds_per_entry"] = np.nan
    some = made._replace(values=values, effects=effects_of(values, list(made.arms)))
    row = some.effect("live.enter_rate", "with")
    known = [made.by_seed("live.enter_rate", arm)[[0, 2, 3]] for arm in made.arms]
    assert (row["seeds"], row["absolute"]) == (3, pytest.approx((known[1] - known[0]).mean()))
    assert some.words(row) == "entries per live exposure (3 of 4 seeds)"
    assert some.words(some.effect("sales.orders", "with")) == "orders filled"
    assert "mean stay" in some.without_effect
    assert "entries per live exposure" not in some.without_effect


def test_further_measures_are_told_by_the_names_of_the_registry(question: Path) -> None:
    asked = question.read_text() + "measures: [live.comment_rate, live.enter_rate]\n"
    todo = read_comparison(write(question.parent, "more.yaml", asked))
    assert todo.measures == (*STANDARD, "live.comment_rate")
    assert todo.with_measures(["live.dwell_seconds.median"]).measures[-1] == "live.dwell_seconds.median"
    with pytest.raises(RunError, match=r"^the measure enter_rate is now called live\.enter_rate$"):
        todo.with_measures(["enter_rate"])
    with pytest.raises(RunError, match=r"^--until: the measure gmv is now called sales\.expected_gmv_yuan$"):
        goal("gmv:2%", None)


# --- exact pairs


def test_an_override_that_changes_nothing_changes_nothing() -> None:
    plain, again = told(small()), told(small("platform.weights.review.conversion=1.0", "viewers.count=600"))
    for table in plain:
        for a, b in zip(plain[table], again[table], strict=True):
            assert all(same(a[column], b[column]) for column in a), table


def reactions(world: World, steps: int) -> dict[tuple[int, int], tuple[int, int]]:
    """What each viewer did with each video, the first time."""
    met: dict[tuple[int, int], tuple[int, int]] = {}
    for _ in range(steps):
        world.step()
        for _at, viewer, item, ms, did, kind, _mark in events(world):
            if kind == VIDEO:
                met.setdefault((viewer, item), (ms, did))
    return met


def test_arms_differ_in_no_reaction_of_the_same_viewer_to_the_same_video() -> None:
    without, with_it = (
        reactions(World(small(f"platform.weights.rank.{name}=5", "platform.weights.review.conversion=0")), 500)
        for name in ("dwell", "interaction")
    )
    both = without.keys() & with_it.keys()
    assert len(both) > 500
    assert without.keys() != with_it.keys()

    def deeds(met: dict[tuple[int, int], tuple[int, int]], pair: tuple[int, int]) -> tuple[int, int]:
        return met[pair][0], met[pair][1] & ~FOLLOWED  # who follows a creator already does not follow them again

    assert all(deeds(without, pair) == deeds(with_it, pair) for pair in both)


def test_due_sessions_do_not_depend_on_the_rules() -> None:
    def due(*rules: str) -> list[tuple[int, int]]:
        world, out = World(small(*rules)), []
        while world.running:
            world.step()
            out += [(fact[0], fact[1]) for fact in events(world) if fact[5] == VISIT]
        return sorted(out)

    a, b = due(), due("platform.feed.use_tags=false", "platform.feed.live_share=0.3")
    # a session still going on at the end has not told yet which due ones it took in
    assert len(set(a) ^ set(b)) < 0.05 * len(a)
    assert len(a) > 300


def test_independent_reactions_keep_the_people() -> None:
    plain, fresh = finished(small()), finished(small("reaction_seed=99"))
    for name in ("taste", "affinity", "activity", "like", "buy", "price_cents"):
        assert np.array_equal(plain.viewers[name], fresh.viewers[name])
    assert np.array_equal(plain.truth.quality[:50], fresh.truth.quality[:50])
    assert plain.totals.exposures != fresh.totals.exposures
    assert finished(small("reaction_seed=1")).totals.exposures == plain.totals.exposures  # the seed's own


# --- plans and runs


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture
def question(tmp_path: Path) -> Path:
    write(tmp_path, "base.yaml", f"extends: {Path('scenarios/tiny.yaml').resolve()}\ndays: 0.03\nseed: 5\n")
    text = "title: What of it?\nbase: base.yaml\narms:\n  a: {platform.weights.review.dwell: 0}\n  b: {}\nseeds: 2\n"
    return write(tmp_path, "question.yaml", text + "independent_reactions: 1\n")


def runs(todo: ComparisonPlan) -> dict[tuple[str | None, int], Scenario]:
    return {(arm, seed): one for arm, seed, one in todo.runs()}


def test_a_plan_shares_seeds(question: Path) -> None:
    todo = read_comparison(question)
    found = runs(todo)
    assert list(found) == [("a", 5), ("b", 5), (None, 5), ("a", 6), ("b", 6)]
    assert all(one.seed == seed for (_, seed), one in found.items())
    assert found[("a", 5)].platform.weights.review.dwell == 0
    assert found[("b", 5)].platform.weights.review.dwell == 1
    assert found[(None, 5)].reaction_seed not in (None, 5)
    assert found[(None, 5)].platform.weights.review.dwell == 1
    assert read_comparison(question, 3).seed_list() == [5, 6, 7]
    assert todo.command == f"wavepool compare {question} --seeds 2"


def test_varied_makes_an_arm_of_each_value(question: Path) -> None:
    todo = varied(question.parent / "base.yaml", "platform.weights.review.conversion=0,0.5,1", 2)
    assert list(todo.arms) == ["conversion=0", "conversion=0.5", "conversion=1"]
    assert [one.platform.weights.review.conversion for one in todo.arms.values()] == [0, 0.5, 1]
    with pytest.raises(RunError, match="path=value"):
        varied(question.parent / "base.yaml", "platform.weights.review.conversion", 2)


def test_files_are_arms(question: Path) -> None:
    other = write(
        question.parent, "other.yaml", "extends: base.yaml\nseed: 99\nplatform: {weights: {review: {dwell: 3}}}\n"
    )
    todo = against([question.parent / "base.yaml", other], 2)
    assert {one.seed for one in todo.arms.values()} == {5}
    told = compare.differences(todo.arms)
    assert told == {"base": {"platform.weights.review.dwell": "1.0"}, "other": {"platform.weights.review.dwell": "3.0"}}
    with pytest.raises(RunError, match="different names"):
        against([other, other], 2)


@pytest.mark.parametrize("field", ["rooms.count", "days", "platform.refresh"])
def test_arms_that_cannot_be_held_against_each_other_are_refused(question: Path, field: str) -> None:
    values = {"rooms.count": (4, 6), "days": (0.03, 0.04), "platform.refresh": (30, 60)}[field]
    with pytest.raises(RunError, match=rf"{field} must be the same to be compared, found {values[0]} and {values[1]}"):
        varied(question.parent / "base.yaml", f"{field}={values[0]},{values[1]}", 2)


def test_an_arm_tells_the_fields_in_which_any_arm_differs(question: Path) -> None:
    base = question.parent / "base.yaml"
    sets = {"a": ["platform.weights.review.dwell=2"], "b": ["platform.weights.like=2"], "c": []}
    told = compare.differences(plan_of("n", "t", {arm: (base, one) for arm, one in sets.items()}, 2).arms)
    assert told["a"] == {"platform.weights.review.dwell": "2.0", "platform.weights.like": "1.0"}
    assert told["b"] == {"platform.weights.review.dwell": "1.0", "platform.weights.like": "2.0"}
    assert told["c"] == {"platform.weights.review.dwell": "1.0", "platform.weights.like": "1.0"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base: base.yaml\narms: {a: {}}\n", "at least 2"),
        ("base: base.yaml\n", "arms: required"),
        ("base: base.yaml\narms: {a: {}, b: {platform.weights.review.dwel: 1}}\n", "did you mean 'dwell'"),
        ("base: no.yaml\narms: {a: {}, b: {}}\n", "cannot read"),
        ("base: base.yaml\narms: {a: {}, b: {}}\nseeds: 1\n", "greater than or equal to 2"),
    ],
)
def test_bad_comparisons_are_refused(question: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        read_comparison(write(question.parent, "bad.yaml", text))


@pytest.mark.parametrize(
    ("sets", "field", "value"),
    [
        ('{title: "a: b, #c"}', "title", "a: b, #c"),
        ('{title: "5"}', "title", "5"),
        ("{rooms.script: null}", "rooms.script", None),
        ("{reaction_seed: null}", "reaction_seed", None),
        ("{platform.feed.spacing: false}", "platform.feed.spacing", False),
        ("{rooms.hours_open: {kind: constant, value: 2}}", "rooms.hours_open.value", 2.0),
        ('{viewers.count: "300"}', "", "bad.yaml: arms.b: viewers.count: must be a whole number, found '300'"),
    ],
)
def test_an_arm_takes_a_value_as_it_stands_in_the_file(question: Path, sets: str, field: str, value: Any) -> None:
    file = write(question.parent, "bad.yaml", f"base: base.yaml\narms:\n  a: {{}}\n  b: {sets}\n")
    if field:
        assert attrgetter(field)(read_comparison(file).arms["b"]) == value
    else:
        with pytest.raises(ScenarioError, match=str(value)):
            read_comparison(file)


@pytest.mark.parametrize("values", ["0,0", "1,1.0", "0,0.5,0e0", "0,1,0.5,1"])
def test_values_that_make_the_same_world_are_refused(question: Path, values: str) -> None:
    with pytest.raises(RunError, match="--vary: every value must make another world, found"):
        varied(question.parent / "base.yaml", f"platform.weights.review.conversion={values}", 2)


def test_the_seed_is_no_field_to_compare(question: Path) -> None:
    with pytest.raises(RunError, match="--vary: arms share their seeds; say how many with --seeds"):
        varied(question.parent / "base.yaml", "seed=1,2", 2)
    file = write(question.parent, "seeds.yaml", "base: base.yaml\narms: {a: {}, b: {seed: 2}}\n")
    with pytest.raises(RunError, match=r"seeds\.yaml: arms\.b: arms share their seeds"):
        read_comparison(file)


def test_a_scenario_alone_is_not_a_comparison(question: Path) -> None:
    with pytest.raises(RunError, match=r"base\.yaml: no arms to compare; .* a scenario takes --vary"):
        read_comparison(question.parent / "base.yaml")


def test_a_goal_is_a_measure_and_a_percentage() -> None:
    assert goal("sales.expected_gmv_yuan:2%", None) == Goal("sales.expected_gmv_yuan", 0.02, compare.MOST_SEEDS)
    assert goal("sales.gmv_yuan:2%", None).measure == "sales.gmv_yuan"
    assert goal("viewers.sessions: 0.5 %", 7) == Goal("viewers.sessions", 0.005, 7)
    for text in [f"sales.gmv_yuan{width}" for width in ("", ":2", ":-2%", ":x%", ":0%")]:
        with pytest.raises(RunError, match="must read measure:percent"):
            goal(text, None)
    with pytest.raises(RunError, match=r"no measure 'sales\.gmw_yuan'; the nearest are .*sales\.gmv_yuan"):
        goal("sales.gmw_yuan:2%", None)


def test_more_seeds_as_the_spread_asks_at_most_twice_as_many() -> None:
    todo = ComparisonPlan("n", "t", dict.fromkeys("ab", small()), 4, 0, "")
    values = pd.DataFrame(
        {"arm": arm, "seed": seed, "sales.gmv_yuan": 100.0 + (arm == "b") * (seed % 2)}
        for arm in "ab"
        for seed in range(4)
    )
    more = compare._more_seeds
    assert more(values, todo, Goal("sales.gmv_yuan", 0.02, 100)) == 4  # the half-width is 0.92 % already
    assert more(values, todo, Goal("sales.gmv_yuan", 0.001, 100)) == 8
    assert more(values, todo, Goal("sales.gmv_yuan", 0.001, 6)) == 6
    assert 4 < more(values, todo, Goal("sales.gmv_yuan", 0.0075, 100)) < 8


@pytest.mark.slow
def test_a_comparison_end_to_end(question: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, seen = question.parent / "out", []
    result = compare.compare(question, out=out, jobs=2, done=lambda now: seen.append((now.done, now.total)))
    assert seen[0] == (0, 5)
    assert seen[-1] == (5, 5)
    assert set(result.values["arm"].dropna()) == {"a", "b"}
    assert (len(result.seeds), result.fresh_seeds) == (2, 1)
    row = result.values.iloc[0]
    run = open_run(row["folder"])
    assert row["sales.orders"] == run.summary()["orders"]
    series = run.table("series")
    mine = (result.curves["arm"] == row["arm"]) & (result.curves["seed"] == row["seed"])
    so_far = result.curves[mine & (result.curves["curve"] == "gmv")]["value"]
    assert so_far.iloc[-1] == pytest.approx(series["expected_gmv"].sum() / 1e5)
    assert row["sales.expected_gmv_yuan"] == pytest.approx(so_far.iloc[-1])
    for grouping, whole in result.groups[result.groups["seed"] == row["seed"]].groupby("grouping"):
        got = whole[whole["arm"] == row["arm"]]
        assert got["gmv_yuan"].sum() == pytest.approx(row["sales.gmv_yuan"]), grouping
        assert got["orders"].sum() == row["sales.orders"], grouping
    rooms = result.rooms[(result.rooms["arm"] == row["arm"]) & (result.rooms["seed"] == row["seed"])]
    assert rooms["exposures"].sum() == row["live.exposures"]

    def never(*_: Any) -> None:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr(batch.LocalWorkerPool, "begin", never)
    again = compare.compare(question, out=out)
    pd.testing.assert_frame_equal(result.effects, again.effects)
    folder = result.keep(out / "question")
    kept = json.loads((folder / "comparison.json").read_text())
    assert kept["arms"] == ["a", "b"]
    assert kept["seeds"] == 2
    said = {"measure", "arm", "absolute", "relative", "low", "high", "variance_ratio_unpaired"}
    assert said | {"variance_ratio_independent", "holm"} <= kept["effects"][0].keys()
    names = {file.name for file in folder.iterdir()}
    assert {"report.html", "effects.parquet", "curves.parquet", "main.png", "main.svg", "lorenz.svg"} <= names
    before = (folder / "report.html").read_bytes()
    assert again.keep(out / "question") == folder
    assert (folder / "report.html").read_bytes() == before
    assert not list(folder.parent.glob("*.partial"))
    assert again.plot().axes


def test_other_arms_have_a_folder_of_their_own(tmp_path: Path) -> None:
    made, more = findings(), findings(seeds=5)
    other = made._replace(about=made.about | {"scenario_sha256": {"without": "a" * 64, "with": "c" * 64}})
    assert made.keep(tmp_path) == more.keep(tmp_path) != other.keep(tmp_path)


def test_a_report_that_fails_leaves_the_last_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = findings()
    folder = made.keep(tmp_path)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compare, "write_page", fail)
    with pytest.raises(KeyboardInterrupt):
        made.keep(tmp_path)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_the_old_name_of_a_field_is_answered_with_the_new_one(question: Path) -> None:
    question.write_text(question.read_text().replace("independent_reactions:", "fresh_luck:"))
    with pytest.raises(ScenarioError, match=r"fresh_luck is now called independent_reactions$"):
        read_comparison(question)


def test_arms_must_have_the_same_date_of_day_0(tmp_path: Path) -> None:
    base = Path("scenarios/tiny.yaml").resolve()
    file = tmp_path / "c.yaml"
    file.write_text(f"base: {base}\narms: {{a: {{start: 2021-04-01}}, b: {{start: 2021-04-02}}}}\n")
    with pytest.raises(RunError, match="start must be the same to be compared, found 2021-04-01 and 2021-04-02"):
        compare.read_comparison(file)
    assert compare.read_comparison(Path("scenarios/policy_switch.yaml")).arms["never"].start is not None
