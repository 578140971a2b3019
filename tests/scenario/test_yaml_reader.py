import os
import pickle
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.yaml_reader import Source, assign, assignment, read, read_text, validate


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Weights(Strict):
    dwell: float = 1.0
    conversion: Annotated[float, Field(ge=0, le=10)] = 0.0


class Platform(Strict):
    refresh: int = 30
    weights: Weights = Weights()
    names: dict[str, Weights] = {}


class Plain(Strict):
    kind: Literal["plain"]
    pace: float = 1.0


class Hold(Strict):
    kind: Literal["hold"]
    hold_for: float = 60.0


class Change(Strict):
    at: str
    value: float = 0.0

    @field_validator("at")
    @classmethod
    def _is_a_time(cls, at: str) -> str:
        if ":" not in at:
            raise ValueError("must be a time such as 20:00")
        return at


class World(Strict):
    seed: int
    title: str | None = None
    mode: Literal["video", "live"] = "video"
    fast: bool = False
    size: int | Literal["all"] = "all"
    platform: Platform = Platform()
    changes: list[Change] = []
    scripts: list[Annotated[Plain | Hold, Field(discriminator="kind")]] = []


def text(body: str) -> str:
    return textwrap.dedent(body).lstrip("\n")


def write(folder: Path, name: str, body: str) -> Path:
    (folder / name).write_text(text(body), encoding="utf-8")
    return folder / name


def world(body: str, *overrides: str) -> World:
    source = read_text(text(body), "w.yaml")
    return assign(validate(World, source), map(assignment, overrides), source)


def faults(body: str, overrides: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        world(body, *overrides)
    assert str(caught.value).splitlines() == [str(fault) for fault in caught.value.faults]
    return [str(fault) for fault in caught.value.faults]


def refused(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert len(caught.value.faults) == 1
    return str(caught.value)


# --- what is read


def test_scalars_are_those_of_yaml_1_2() -> None:
    data = read_text(
        "a: 20:00\nb: 1e-3\nc: yes\nd: 010\ne: 0x1F\nf: 1_000\ng: 2021-04-01\nh: ~\ni: True\nj: '5'\nk: -1.5\n"
    ).data
    expected = {"a": "20:00", "b": 0.001, "c": "yes", "d": 10, "e": 31, "f": 1000, "g": "2021-04-01"}
    assert data == expected | {"h": None, "i": True, "j": "5", "k": -1.5}
    assert isinstance(data["b"], float)


def test_every_key_and_value_has_its_place() -> None:
    places = read_text("a:\n  b: [1, 22]\n", "x.yaml").places
    assert places["a",] == ("x.yaml", 1, 1, 2, 3)
    assert places["a", "b"] == ("x.yaml", 2, 3, 2, 6)
    assert places["a", "b", 1][3:] == (2, 10)


def test_an_alias_is_a_copy() -> None:
    data = read_text("a: &x {v: 1}\nb: *x\n").data
    data["b"]["v"] = 2
    assert data == {"a": {"v": 1}, "b": {"v": 2}}


def test_good_data_become_a_model() -> None:
    world = validate(World, read_text("seed: 3\nchanges: [{at: 20:00}]\nscripts: [{kind: hold, hold_for: 5}]\n"))
    assert (world.seed, world.changes[0].at, world.scripts[0]) == (3, "20:00", Hold(kind="hold", hold_for=5))


# --- extends


def test_a_child_overrides_its_parent_field_by_field(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "seed: 1\nplatform:\n  refresh: 10\n  weights: {dwell: 2}\nlist: [1, 2, 3]\n")
    write(tmp_path, "mid.yaml", "extends: base.yaml\nseed: 2\n")
    child = write(tmp_path, "child.yaml", "extends: mid.yaml\nplatform:\n  weights:\n    conversion: 4\nlist: [9]\n")
    source = read(child)
    assert source.data == {
        "seed": 2,
        "platform": {"refresh": 10, "weights": {"dwell": 2, "conversion": 4}},
        "list": [9],
    }
    assert source.own == {"platform": {"weights": {"conversion": 4}}, "list": [9]}
    assert [file.name for file in source.files] == ["child.yaml", "mid.yaml", "base.yaml"]
    assert Path(source.places["platform", "refresh"].file).name == "base.yaml"
    assert Path(source.places["platform", "weights", "conversion"].file).name == "child.yaml"
    assert Path(source.places["seed",].file).name == "mid.yaml"
    assert ("list", 0) in source.places
    assert ("list", 1) not in source.places


def test_a_fault_in_the_parent_points_to_the_parent(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "seed: 1\nplatform:\n  refresh: soon\n")
    source = read(write(tmp_path, "child.yaml", "extends: base.yaml\nseed: 2\n"))
    with pytest.raises(
        ScenarioError, match=r"base\.yaml:3:12: platform\.refresh: must be a whole number, found 'soon'"
    ):
        validate(World, source)


def test_a_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "extends: b.yaml\n")
    b = write(tmp_path, "b.yaml", "x: 1\nextends: a.yaml\n")
    said = refused(b)
    assert said.endswith("a.yaml:1:10: extends: extends goes round in a circle: b.yaml -> a.yaml -> b.yaml")
    assert "c.yaml -> c.yaml" in refused(write(tmp_path, "c.yaml", "extends: c.yaml\n"))


@pytest.mark.parametrize("parent", ["[a.yaml, b.yaml]", "3", "", "''"])
def test_there_is_exactly_one_parent(tmp_path: Path, parent: str) -> None:
    assert "1:" in refused(write(tmp_path, "a.yaml", f"extends: {parent}\n"))
    assert "must be the name of one file" in refused(tmp_path / "a.yaml")


def test_a_missing_parent_points_to_the_line_that_names_it(tmp_path: Path) -> None:
    said = refused(write(tmp_path, "a.yaml", "x: 1\nextends: gone.yaml\n"))
    assert "a.yaml:2:10: extends: cannot read" in said
    assert said.endswith("gone.yaml: no such file or directory")


# --- overrides


def test_overrides_are_yaml_and_win() -> None:
    body = "seed: 1\ntitle: t\nchanges: [{at: 1:00}, {at: 2:00}]\n"
    found = world(
        body, "seed=1e3", "changes.0.at=20:00", "changes[1].value=0x10", "title=null", "platform.names={a: {}}"
    )
    assert (found.seed, found.title, found.platform.names) == (1000, None, {"a": Weights()})
    assert found.changes == [Change(at="20:00"), Change(at="2:00", value=16)]


def test_the_last_override_of_a_field_wins_and_may_build_on_those_before() -> None:
    found = world("seed: 1", "seed=2", "platform.names={a: {dwell: 3}}", "platform.names.a.conversion=4", "seed=3")
    assert (found.seed, found.platform.names["a"]) == (3, Weights(dwell=3, conversion=4))


def test_an_override_means_the_same_whether_or_not_the_file_spells_out_a_default() -> None:
    silent, spelt = (
        "seed: 1",
        "seed: 1\nplatform: {refresh: 30, names: {}, weights: {dwell: 1, conversion: 0}}\nchanges: []",
    )
    for override in (
        "platform.weights.dwell=2",
        "platform.names.a={}",
        "platform.weights={conversion: 1}",
        "mode=live",
    ):
        assert world(silent, override) == world(spelt, override)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed", "--set seed: must read path=value, e.g. platform.weights.review.conversion=0"),
        ("a..b=1", "--set a..b=1: must read path=value, e.g. platform.weights.review.conversion=0"),
        ("seed.x=1", "--set seed.x=1: seed: nothing can be set inside 1"),
        ("changes.2.x=1", "--set changes.2.x=1: changes: the list has 1 items, counted from 0; there is no '2'"),
        ("changes.x=1", "--set changes.x=1: changes: the list has 1 items, counted from 0; there is no 'x'"),
        ("platfrm.refresh=1", "--set platfrm.refresh=1: platfrm: unknown field; did you mean 'platform'?"),
    ],
)
def test_an_override_that_cannot_be_set(override: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        world("seed: 1\nchanges: [{at: 1:00}]\n", override)
    assert str(caught.value) == said


def test_an_override_that_is_not_yaml_names_its_path() -> None:
    with pytest.raises(ScenarioError, match=r"^--set seed=\[1: seed: not YAML: "):
        world("seed: 1", "seed=[1")


def test_a_wrong_override_is_told_without_a_line() -> None:
    path = "platform.weights.conversion"
    said = f"--set {path}=-1: {path}: must be greater than or equal to 0, found -1"
    assert faults("seed: 1", (f"{path}=-1",)) == [said]
    assert faults("seed: 1", ("platform.x=1",))[0].startswith("--set platform.x=1: platform.x: unknown field")


# --- files that cannot be read


def test_files_that_are_not_there_or_not_files(tmp_path: Path) -> None:
    assert refused(tmp_path / "gone.yaml") == f"{tmp_path / 'gone.yaml'}: cannot read: no such file or directory"
    assert refused(tmp_path).endswith("is a directory")
    assert "cannot read" in refused(tmp_path / "nul\0byte")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "x: 1").chmod(0)
    assert refused(tmp_path / "a.yaml").endswith("permission denied")


def test_a_file_that_is_not_utf8_or_has_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x: 1\ny: \xff\n")
    assert refused(tmp_path / "a.yaml").endswith("a.yaml:2:4: not UTF-8 text (byte 0xff)")
    (tmp_path / "b.yaml").write_bytes(b"\xef\xbb\xbfx: 1\n")
    assert read(tmp_path / "b.yaml").data == {"x": 1}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "t: the file is empty"),
        ("# only a comment\n", "t: the file is empty"),
        ("- a\n", "t:1:1: the top level must be a mapping of fields, found a list"),
        ("hello", "t:1:1: the top level must be a mapping of fields, found 'hello'"),
        ("a: 1\nb: 2\n\na: 3\n", "t:4:1: a: given twice, on line 1 and on line 4"),
        ("a: {b: 1, b: 2}\n", "t:1:11: a.b: given twice, on line 1 and on line 1"),
        (
            "a: !!python/object:os.system x\n",
            "t:1:4: a: YAML tags are not read, found 'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "t:3:3: c: merge keys (<<) are not read; use extends"),
        ("? [a]\n: 1\n", "t:1:3: a field's name must be plain text"),
        ("a: !!int x\n", "t:1:4: a: not a number that can be read: 'x'"),
    ],
)
def test_text_that_is_no_scenario(body: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_text(body, "t")
    assert str(caught.value) == said


@pytest.mark.parametrize(("body", "place"), [("a: [1,\n", "t:2:1"), ("a: 1\n\tb: 2\n", "t:2:1"), ("a: \x01", "t:1:4")])
def test_text_that_is_not_yaml_is_told_in_one_line(body: str, place: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_text(body, "t")
    assert str(caught.value).startswith(f"{place}: not YAML: ")
    assert "\n" not in str(caught.value)


def test_all_faults_of_a_text_come_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        read_text("a: 1\na: 2\nb: !x 1\n", "t")
    assert [fault.line for fault in caught.value.faults] == [2, 3]


def test_bombs_are_refused() -> None:
    billion = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    billion += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    for body in [billion, "a: &a [*a]\n", "a: " + "[" * 5000, "a: " + "[" * 80 + "]" * 80, "a: " + "9" * 5000]:
        with pytest.raises(ScenarioError) as caught:
            read_text(body, "t")
        assert len(str(caught.value)) < 300


# --- what does not fit the model


def test_every_fault_of_the_model_comes_at_once() -> None:
    body = """
        title: 5
        mode: radio
        fast: maybe
        platform:
          refresh: 1.5
          weights:
            convrsion: 1
            dwell: lots
            conversion: 11
        changes:
          - {at: noon}
          - value: 1
        """
    assert faults(body) == [
        "w.yaml:1:1: seed: required, but not given",
        "w.yaml:1:8: title: must be text, found 5",
        "w.yaml:2:7: mode: must be 'video' or 'live', found 'radio'",
        "w.yaml:3:7: fast: must be true or false, found 'maybe'",
        "w.yaml:5:12: platform.refresh: must be a whole number, found 1.5",
        "w.yaml:8:12: platform.weights.dwell: must be a number, found 'lots'",
        "w.yaml:9:17: platform.weights.conversion: must be less than or equal to 10, found 11",
        "w.yaml:7:5: platform.weights.convrsion: unknown field; did you mean 'conversion'?",
        "w.yaml:11:10: changes[0].at: must be a time such as 20:00, found 'noon'",
        "w.yaml:12:5: changes[1].at: required, but not given",
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "zzz: 1",
            "w.yaml:2:1: zzz: unknown field; known here: seed, title, mode, fast, size, platform, changes, scripts",
        ),
        ("platform: 3", "w.yaml:2:11: platform: must be a mapping of refresh, weights, names, found 3"),
        ("platform:", "w.yaml:2:1: platform: must be a mapping of refresh, weights, names, found nothing"),
        ("changes: 3", "w.yaml:2:10: changes: must be a list, found 3"),
        ("size: few", "w.yaml:2:7: size: must be a whole number or must be 'all', found 'few'"),
        (
            "platform: {names: {x: {dwel: 1}}}",
            "w.yaml:2:24: platform.names.x.dwel: unknown field; did you mean 'dwell'?",
        ),
        ("scripts: [{kind: rest}]", "w.yaml:2:18: scripts[0].kind: must be one of 'plain', 'hold', found 'rest'"),
        ("scripts: [{}]", "w.yaml:2:11: scripts[0].kind: required, but not given"),
        ("scripts: [{kind: hold, pace: x}]", "w.yaml:2:24: scripts[0].pace: unknown field; known here: kind, hold_for"),
        ("scripts: [{kind: plain, pace: x}]", "w.yaml:2:31: scripts[0].pace: must be a number, found 'x'"),
    ],
)
def test_a_fault_of_the_model(body: str, said: str) -> None:
    assert faults(f"seed: 1\n{body}\n") == [said]


def test_neither_true_nor_text_is_a_number_and_all_are_told_at_once() -> None:
    body = "seed: true\nplatform: {refresh: '30', weights: {dwell: false, conversion: 11}, names: {a: {dwell: '1'}}}\n"
    assert sorted(faults(body)) == [
        "w.yaml:1:7: seed: must be a whole number, found true",
        "w.yaml:2:21: platform.refresh: must be a whole number, found '30'",
        "w.yaml:2:44: platform.weights.dwell: must be a number, found false",
        "w.yaml:2:63: platform.weights.conversion: must be less than or equal to 10, found 11",
        "w.yaml:2:87: platform.names.a.dwell: must be a number, found '1'",
    ]
    whole = validate(World, read_text("seed: 1e3\nfast: true\ntitle: '5'\nplatform: {weights: {dwell: 2}}\n"))
    assert (whole.seed, whole.fast, whole.title, whole.platform.weights.dwell) == (1000, True, "5", 2.0)


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1e999", "nan", "inf"])
def test_numbers_are_finite(number: str) -> None:
    said = faults(f"seed: 1\nplatform: {{weights: {{dwell: {number}}}}}\n")
    assert [one.rsplit(",", 1)[0] for one in said] == [
        "w.yaml:2:29: platform.weights.dwell: must be a finite number",
    ]
    said = faults(f"platform: {{weights: {{dwell: {number}, conversion: .nan}}}}\n")
    assert any("conversion: must be a finite number, found nan" in one for one in said)


def test_long_values_are_abbreviated() -> None:
    (said,) = faults(f"seed: {'x' * 500}\n")
    assert len(said) < 150


def test_a_fault_survives_pickling() -> None:
    error = ScenarioError([Fault("a", 1, 2, "p", "m"), Fault("--set x=1", 0, 0, "x", "m")])
    again = pickle.loads(pickle.dumps(error))
    assert (again.faults, str(again)) == (error.faults, "a:1:2: p: m\n--set x=1: x: m")


# --- nothing but ScenarioError


def survives(source_of: Callable[[], Source], *overrides: str) -> None:
    refusal = None
    try:
        source = source_of()
        assign(validate(World, source), map(assignment, overrides), source)
    except ScenarioError as error:
        refusal = error
    if refusal is not None:
        assert refusal.faults
        assert len(str(refusal).splitlines()) == len(refusal.faults)
        str(refusal).encode()


PIECES = [
    *"ab01.:-[]{}&*!<>|?%@#'\"\\ux,~_+e\n \t",
    "seed: ",
    "\n  ",
    "&a ",
    "*a",
    "<<: ",
    "\\ud800",
    "\\x00",
    "\\U99999999",
]
YAMLISH = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.text())
def test_any_text_is_read_or_refused(body: str) -> None:
    survives(lambda: read_text(body))


@given(YAMLISH)
def test_any_yamlish_text_is_read_or_refused(body: str) -> None:
    survives(lambda: read_text(body))
    survives(lambda: read_text(f"seed: {body}"))
    survives(lambda: read_text('"' + body + '": 1'))


@given(st.text() | YAMLISH)
def test_any_override_is_read_or_refused(override: str) -> None:
    survives(lambda: read_text("seed: 1\nchanges: [{at: 1:00}]"), override)
    survives(lambda: read_text("seed: 1"), "platform." + override)
    survives(lambda: read_text("seed: 1"), "title=" + override)


@given(st.binary())
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(body)
    survives(lambda: read(file))
