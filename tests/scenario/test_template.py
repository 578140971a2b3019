from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.scenario import Scenario, loads
from sim.scenario.template import DRAFT, FIRST, limits, schema, starter

DEFAULTS = Scenario.model_validate({})


def fields(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from part["properties"].items()


def test_a_starter_is_the_default_world_under_its_name() -> None:
    made = loads(starter("mine"))
    assert made.title == "mine"
    assert made.model_copy(update={"title": ""}) == DEFAULTS


@given(st.text(max_size=300))
def test_any_name_makes_a_file_that_can_be_read(name: str) -> None:
    assert loads(starter(name, name)).title == "".join(c if c.isprintable() else " " for c in name)[:200]


def test_every_field_of_a_starter_says_its_unit_range_and_source() -> None:
    text = " ".join(starter("mine").replace("#", " ").split())
    assert "number of viewers [viewers]; from 1 to 2,000,000,000; source: assumed count: 50000" in text
    assert "time that is recorded [days]; above 0 to 3,650; source: assumed days: 1.0" in text
    assert (
        "begin with it [relative weight]; each from 0 to 1,000; source: assumed; scripts: plain, hold_and_release"
        in text
    )
    assert text.count("source: ") == sum(len(names) for _, names in FIRST) - 1  # the title has none


def test_the_first_line_points_to_the_schema() -> None:
    assert starter("mine", "../s.json").splitlines()[0] == "# yaml-language-server: $schema=../s.json"


def test_lines_of_a_starter_are_short() -> None:
    assert max(map(len, starter("mine").splitlines())) <= 120


def test_limits_in_words() -> None:
    assert limits({"minimum": 0, "exclusiveMaximum": 1}) == "from 0 below 1"
    assert limits({"exclusiveMinimum": 0}) == "above 0"
    assert limits({"items": {"minimum": 1}}) == "each from 1"
    assert limits({"type": "boolean"}) == ""


def test_the_schema_is_for_editors() -> None:
    made = schema()
    assert made["$schema"] == DRAFT
    assert made["properties"]["extends"]["type"] == "string"
    assert made["additionalProperties"] is False
    assert made["title"]
    assert made["description"]


def test_every_number_in_the_schema_has_a_unit_and_a_source() -> None:
    made = schema()
    for name, part in {"Scenario": made, **made["$defs"]}.items():
        for field, entry in fields(part):
            if entry.get("type") in ("number", "integer"):
                assert {"unit", "source", "description"} <= set(entry), f"{name}.{field}"
