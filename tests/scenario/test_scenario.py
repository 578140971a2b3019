import json
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.core.clock import DAY
from sim.scenario.distributions import Constant, Lognormal, Pareto, Uniform, Weibull
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Platform, Scenario, Viewers, load, loads, source_of, with_fields

DISTRIBUTIONS = (Constant, Uniform, Lognormal, Weibull, Pareto)


def write(folder: Path, name: str, body: str) -> Path:
    (folder / name).write_text(textwrap.dedent(body).lstrip("\n"), encoding="utf-8")
    return folder / name


def refused(text: str, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(textwrap.dedent(text).lstrip("\n"), overrides, "w.yaml")
    return str(caught.value).splitlines()


def test_defaults_are_a_valid_world() -> None:
    world = loads("{}")
    assert world == Scenario()
    assert (world.start_ms, world.end_ms, world.refresh_ms) == (-DAY, DAY, 30_000)


def test_a_scenario_is_frozen() -> None:
    world = loads("{}")
    with pytest.raises(ValidationError, match="frozen"):
        world.seed = 5  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        world.platform.weights.review.conversion = 0.0  # type: ignore[misc]


def test_a_world_lasts_whole_refreshes() -> None:
    # 0.3 of a day is 25,920 s: 86.4 refreshes of 300 s, so 86
    world = loads("{days: 0.3, warm_up: 0.5, platform: {refresh: 300}}")
    assert (world.start_ms, world.end_ms) == (-DAY // 2, 86 * 300_000)


# --- digest


def test_the_same_world_has_the_same_digest_however_it_is_written(tmp_path: Path) -> None:
    one = loads("{seed: 3, days: 2, platform: {refresh: 60, weights: { review: { conversion: 0 } }}}")
    parent = write(tmp_path, "parent.yaml", "days: 2\nplatform:\n  weights: { review: { conversion: 0.0 } }\n")
    write(tmp_path, "child.yaml", "extends: parent.yaml  # the rest is there\nplatform: {refresh: 60}\n")
    other = load(tmp_path / "child.yaml", ["seed=3"])
    assert parent.exists()
    assert one == other
    assert one.digest() == other.digest() == Scenario.model_validate(one.model_dump(mode="json")).digest()
    assert len(one.digest()) == 64


def test_the_order_of_names_does_not_matter_for_the_digest() -> None:
    shares = ["{plain: 1, hold_and_release: 2}", "{hold_and_release: 2, plain: 1}"]
    digests = {loads(f"rooms: {{script_shares: {share}}}").digest() for share in shares}
    assert len(digests) == 1


def test_any_other_world_has_another_digest() -> None:
    texts = [
        "{}",
        "seed: 2",
        "title: x",
        "days: 1.5",
        "platform: {weights: { review: { conversion: 0.5 } }}",
        "rooms: {count: 199}",
    ]
    texts += ["categories: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]"]
    assert len({loads(text).digest() for text in texts}) == len(texts)


# --- files and overrides


def test_a_file_may_extend_another_and_be_overridden(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "seed: 4\nrooms: {count: 7, narrow: 0.2}\n")
    child = write(tmp_path, "child.yaml", "extends: base.yaml\nrooms: {count: 9}\n")
    world = load(
        child, ["viewers.count=123", "platform.feed.spacing=false", "viewers.patience={kind: constant, value: 2}"]
    )
    assert (world.seed, world.rooms.count, world.rooms.narrow, world.viewers.count) == (
        4,
        9,
        0.2,
        123,
    )
    assert world.platform.feed.spacing is False
    assert world.viewers.patience == Constant(kind="constant", value=2)
    assert source_of(child).own == {"rooms": {"count": 9}}


def test_errors_name_file_line_and_column(tmp_path: Path) -> None:
    write(
        tmp_path,
        "base.yaml",
        """
        viewers:
          count: 1000
          watching:
            ratio: -1
        """,
    )
    child = write(
        tmp_path,
        "child.yaml",
        """
        extends: base.yaml
        platform:
          weights:
            review: {conversoin: 0}
        days: soon
        """,
    )
    with pytest.raises(ScenarioError) as caught:
        load(child)
    places = [(Path(fault.file).name, fault.line, fault.column, fault.path) for fault in caught.value.faults]
    assert sorted(places) == [
        ("base.yaml", 4, 12, "viewers.watching.ratio"),
        ("child.yaml", 4, 14, "platform.weights.review.conversoin"),
        ("child.yaml", 5, 7, "days"),
    ]
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any("conversion" in line for line in lines), "the nearest known key is named"
    assert all(line.startswith(f"{tmp_path}/") for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("viewers: {fewest_tastes: 5, most_tastes: 4}", "fewest_tastes must not exceed most_tastes"),
        ("categories: [{name: a}, {name: b}]", "viewers.most_tastes exceeds the number of categories"),
        ("categories: [{name: a}, {name: a}, {name: c}, {name: d}, {name: e}, {name: f}]", "different names"),
        ("rooms: {script_shares: {plane: 1}}", "unknown script 'plane'; known: plain, hold_and_release"),
        ("rooms: {script_shares: {plain: 0}}", "script_shares must have a positive weight"),
        ("rooms: {scripts: {plain: []}}", "a script needs at least one segment"),
        ("platform: {refresh: 45}", "rooms.review_minutes must be a whole number of refreshes"),
        ("platform: {refresh: 7, rooms: {review_minutes: 7}}", "refresh must divide a day"),
        ("platform: {rooms: {levels: [1, 2], start_level: 2}}", "rooms.start_level must be one of the levels"),
        ("platform: {waves: {ladder: [45, 15]}}", "platform.waves.ladder: must rise from tier to tier"),
        ("platform: {waves: {ladder: [15, 15]}}", "platform.waves.ladder: must rise from tier to tier"),
        ("platform: {feed: {page: 4, fresh: 4, random: 1}}", "must fit on a page"),
    ],
)
def test_what_does_not_fit_together_is_refused(text: str, message: str) -> None:
    lines = refused(text)
    assert len(lines) == 1
    assert lines[0].startswith("w.yaml:1:")
    assert message in lines[0]


def test_a_rhythm_has_24_weights_of_which_one_is_positive() -> None:
    assert "viewers.rhythm" in refused(f"viewers: {{rhythm: {[1] * 23}}}")[0]
    assert "viewers.rhythm" in refused(f"viewers: {{rhythm: {[1] * 23 + [-1]}}}")[0]
    assert "rhythm must have a positive weight" in refused(f"viewers: {{rhythm: {[0] * 24}}}")[0]
    assert loads(f"viewers: {{rhythm: {[0] * 23 + [1]}}}").viewers.rhythm[23] == 1


@pytest.mark.parametrize("number", [".nan", ".inf", "-1", "1e400", "five"])
def test_a_share_is_a_number_within_its_range(number: str) -> None:
    assert "viewers.bargain_hunters" in refused(f"viewers: {{bargain_hunters: {number}}}")[0]


def test_groups_can_be_made_alone() -> None:
    assert Viewers().count == 50_000
    assert Platform().refresh == 30


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("base: a.yaml\narms: {}\n", "2:1: arms: this is a comparison, not a scenario; see `wavepool compare --help`"),
        ("claim: {}\narms: {}\n", "1:1: claim: this is a claim, not a scenario; see `wavepool claims --help`"),
        ("vary: {}\n", "1:1: vary: this is a study, not a scenario; see `wavepool sweep --help`"),
        ("facts: []\n", "1:1: facts: this is a file of facts, not a scenario; see `wavepool check --help`"),
    ],
)
def test_another_kind_of_file_is_told_from_a_scenario(text: str, line: str, tmp_path: Path) -> None:
    (file := tmp_path / "one.yaml").write_text(text)
    with pytest.raises(ScenarioError) as found:
        load(file)
    assert str(found.value) == f"{file}:{line}"


# --- overrides mean the resolved scenario

OVERRIDES: dict[str, Any] = {
    "rooms.script_shares.hold_and_release": 1,
    "rooms.scripts.mine": [{"do": "chat"}, {"do": "pitch"}],
    "viewers.sessions_per_day.sigma": 0.5,
    "viewers.rhythm[3]": 9.0,
    "platform.waves.ladder.0": 250,
    "categories.0.share": 3.0,
    "rooms.learning": {"share": 0.5},
    "reaction_seed": 7,
}


@pytest.mark.parametrize("path", OVERRIDES)
def test_a_file_that_spells_out_the_defaults_is_overridden_as_one_that_is_silent(path: str) -> None:
    said = f"{path}={json.dumps(OVERRIDES[path])}"
    spelt = json.dumps(Scenario().model_dump(mode="json"))  # which is YAML too
    found = [loads("{}", [said]), loads(spelt, [said]), with_fields(Scenario(), {path: OVERRIDES[path]})]
    assert len({one.digest() for one in found}) == 1
    assert found[0] != Scenario()


def test_a_share_that_is_set_joins_the_others() -> None:
    world = loads("{}", ["rooms.script_shares.hold_and_release=1"])
    assert world.rooms.script_shares == {"plain": 1, "hold_and_release": 1}


def test_python_values_are_set_as_they_are() -> None:
    fields = {
        "viewers.patience": Constant(kind="constant", value=2),
        "viewers.count": np.int64(7),
        "rooms.script": None,
    }
    world = with_fields(Scenario(), fields)
    assert (world.viewers.patience, world.viewers.count) == (Constant(kind="constant", value=2), 7)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("platfrm.refresh", 30, "platfrm: unknown field; did you mean 'platform'?"),
        ("platform.refrsh", 30, "platform.refrsh: unknown field; did you mean 'refresh'?"),
        ("viewers.count", True, "viewers.count: must be a whole number, found true"),
        ("viewers.count", 0, "viewers.count: must be greater than or equal to 1, found 0"),
        ("campaigns.0.yuan", 9, "campaigns: the list has 0 items, counted from 0; there is no '0'"),
    ],
)
def test_a_wrong_field_is_told_in_a_line(path: str, value: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_fields(Scenario(), {path: value})
    assert str(caught.value) == said


def test_an_override_that_does_not_fit_the_file_points_to_both() -> None:
    text = "days: 3\nchanges:\n  - {at: day 2 00:00, set: {platform.weights.review.dwell: 2}}\n"
    (said,) = refused(text, "days=1")
    assert said.startswith("w.yaml:3:10: changes[0].at: must lie inside the run")
    assert refused(text, "days=-1") == ["--set days=-1: days: must be greater than 0, found -1"]
