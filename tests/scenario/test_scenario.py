import math
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.core.clock import DAY
from sim.core.randomness import CONSTANT, LOGNORMAL, PARETO, UNIFORM, WATCH, WEIBULL, draw, sample
from sim.scenario.parameters import Constant, Distribution, Lognormal, Pareto, Part, Uniform, Weibull
from sim.scenario.scenario import Platform, Scenario, Viewers, load, loads, source_of
from sim.scenario.yaml_reader import ScenarioError

DISTRIBUTIONS = (Constant, Uniform, Lognormal, Weibull, Pareto)


def write(folder: Path, name: str, body: str) -> Path:
    (folder / name).write_text(textwrap.dedent(body).lstrip("\n"), encoding="utf-8")
    return folder / name


def refused(text: str, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(textwrap.dedent(text).lstrip("\n"), overrides, "w.yaml")
    return str(caught.value).splitlines()


# --- every parameter is explained


def kinds(annotation: Any) -> set[type]:
    """The types at the bottom of an annotation."""
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list, dict) or get_args(annotation):
        arguments = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
        return set().union(*(kinds(argument) for argument in arguments))
    return {annotation} if isinstance(annotation, type) else set()


def parameters(
    model: type[BaseModel], path: str = "", seen: tuple[type, ...] = ()
) -> Iterator[tuple[str, FieldInfo, set[type]]]:
    """Every field of a model and of the parts inside it, by dotted path."""
    for name, field in model.model_fields.items():
        found = kinds(field.annotation)
        where = f"{path}.{name}".lstrip(".")
        yield where, field, found
        for inner in sorted((k for k in found if issubclass(k, Part) and k not in seen), key=lambda k: k.__name__):
            yield from parameters(inner, where, (*seen, inner))


def is_number(found: set[type]) -> bool:
    """Whether a field holds numbers, itself or through a distribution; not a group of further parameters."""
    return bool(found & {int, float, bool}) or any(kind in DISTRIBUTIONS for kind in found)


EVERYTHING = list(parameters(Scenario))


def test_the_walk_reaches_everything() -> None:
    paths = {path for path, _, _ in EVERYTHING}
    assert len(paths) > 120
    assert {
        "seed",
        "viewers.watching.ratio",
        "platform.rooms.levels",
        "rooms.scripts.seconds",
        "categories.share",
    } <= paths
    assert {"viewers.patience.sigma", "rooms.script_shares", "viewers.rhythm", "platform.feed.spacing"} <= paths


@pytest.mark.parametrize(("path", "field"), [(path, field) for path, field, found in EVERYTHING if is_number(found)])
def test_every_parameter_has_a_unit_and_a_source(path: str, field: FieldInfo) -> None:
    extra = field.json_schema_extra
    assert isinstance(extra, dict), f"{path} has neither unit nor source"
    assert extra.get("unit"), f"{path} has no unit"
    assert extra.get("source"), f"{path} has no source"
    assert field.description
    assert field.description.endswith(f"[{extra['unit']}]")


def test_everything_else_is_text_or_a_group_and_says_what_it_is() -> None:
    others = [(path, field, found) for path, field, found in EVERYTHING if not is_number(found)]
    assert all(field.description for _, field, _ in others)
    text = {path.rpartition(".")[2] for path, _, found in others if not any(issubclass(kind, Part) for kind in found)}
    assert text == {"title", "name", "zh", "kind", "do", "of", "categories", "at", "set", "script"}


def test_a_parameter_without_a_source_is_noticed() -> None:
    class Bare(Part):
        pace: float = 1.0

    class World(Part):
        bare: Bare = Bare()

    found = [(path, is_number(kind), field.json_schema_extra) for path, field, kind in parameters(World)]
    assert found == [("bare", False, None), ("bare.pace", True, None)]


def test_defaults_are_a_valid_world() -> None:
    world = loads("{}")
    assert world == Scenario()
    assert (world.start_ms, world.end_ms, world.refresh_ms) == (-DAY, DAY, 30_000)


def test_a_scenario_is_frozen() -> None:
    world = loads("{}")
    with pytest.raises(ValidationError, match="frozen"):
        world.seed = 5  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        world.platform.weights.conversion = 0.0  # type: ignore[misc]


def test_a_world_lasts_whole_refreshes() -> None:
    # 0.3 of a day is 25,920 s: 86.4 refreshes of 300 s, so 86
    world = loads("{days: 0.3, warm_up: 0.5, platform: {refresh: 300}}")
    assert (world.start_ms, world.end_ms) == (-DAY // 2, 86 * 300_000)


# --- distributions


@pytest.mark.parametrize(
    ("distribution", "code", "mean"),
    [
        (Constant(kind="constant", value=4), (CONSTANT, 4, 0), 4),
        (Uniform(kind="uniform", low=2, high=5), (UNIFORM, 2, 5), 3.5),
        (Lognormal(kind="lognormal", median=5, sigma=0.75), (LOGNORMAL, 5, 0.75), 5 * math.exp(0.28125)),
        (Weibull(kind="weibull", scale=17, shape=1), (WEIBULL, 17, 1), 17),
        (Weibull(kind="weibull", scale=2, shape=2), (WEIBULL, 2, 2), math.sqrt(math.pi)),
        (Pareto(kind="pareto", minimum=3, tail=4), (PARETO, 3, 4), 4),
        (Pareto(kind="pareto", minimum=3, tail=1), (PARETO, 3, 1), math.inf),
    ],
)
def test_a_distribution_has_its_code_and_its_mean(
    distribution: Distribution, code: tuple[int, float, float], mean: float
) -> None:
    assert distribution.code() == code
    assert distribution.mean() == pytest.approx(mean)


@pytest.mark.parametrize(
    ("distribution", "deviation"),
    [
        (Uniform(kind="uniform", low=2, high=5), 3 / math.sqrt(12)),
        (Lognormal(kind="lognormal", median=5, sigma=0.5), 5 * math.sqrt(math.exp(0.25) * (math.exp(0.25) - 1))),
        (Weibull(kind="weibull", scale=17, shape=1), 17),
        (Pareto(kind="pareto", minimum=3, tail=4), 3 * math.sqrt(4 / 2) / 3),
    ],
)
def test_samples_have_the_stated_mean(distribution: Distribution, deviation: float) -> None:
    n = 10_000
    values = np.array([sample(*distribution.code(), *draw(9, WATCH, i, 0, 0)[:2]) for i in range(n)])
    assert abs(values.mean() - distribution.mean()) < 4.5 * deviation / math.sqrt(n)


def test_a_distribution_is_chosen_by_its_kind() -> None:
    world = loads("viewers: {patience: {kind: uniform, low: 1, high: 2}}")
    assert world.viewers.patience == Uniform(kind="uniform", low=1, high=2)
    found = refused("viewers: {patience: {kind: unifrom}}")
    assert len(found) == 1
    assert found[0].startswith("w.yaml:1:28: viewers.patience.kind: must be one of 'constant', 'uniform', ")


# --- digest


def test_the_same_world_has_the_same_digest_however_it_is_written(tmp_path: Path) -> None:
    one = loads("{seed: 3, days: 2, platform: {refresh: 60, weights: {conversion: 0}}}")
    parent = write(tmp_path, "parent.yaml", "days: 2\nplatform:\n  weights: {conversion: 0.0}\n")
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
    texts = ["{}", "seed: 2", "title: x", "days: 1.5", "platform: {weights: {conversion: 0.5}}", "rooms: {count: 199}"]
    texts += ["categories: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]"]
    assert len({loads(text).digest() for text in texts}) == len(texts)


# --- files and overrides


def test_a_file_may_extend_another_and_be_overridden(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "seed: 4\nrooms: {count: 7, narrow: 0.2}\n")
    child = write(tmp_path, "child.yaml", "extends: base.yaml\nrooms: {count: 9}\n")
    world = load(
        child, ["viewers.count=123", "platform.feed.spacing=false", "viewers.patience={kind: constant, value: 2}"]
    )
    assert (world.seed, world.catalogue.rooms.count, world.catalogue.rooms.narrow, world.viewers.count) == (
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
            conversoin: 0
        days: soon
        """,
    )
    with pytest.raises(ScenarioError) as caught:
        load(child)
    places = [(Path(fault.file).name, fault.line, fault.column, fault.path) for fault in caught.value.faults]
    assert sorted(places) == [
        ("base.yaml", 4, 12, "viewers.watching.ratio"),
        ("child.yaml", 4, 5, "platform.weights.conversoin"),
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
