"""What a scenario changes: every field that is not as in the file it extends, with its unit and source."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from sim.scenario.parameters import Fields
from sim.scenario.scenario import Category, Scenario, Segment
from sim.scenario.yaml_reader import Source, read, validate

MOST = 8  # entries of a list that are shown


class Change(NamedTuple):
    """A field that is not as in the parent."""

    field: str
    here: str
    parent: str
    unit: str
    source: str  # of the default


def parent_of(source: Source | None) -> tuple[str, Scenario]:
    """The name and the scenario of what a file is compared with: the file that it extends, or the defaults."""
    if source is None or len(source.files) < 2:
        return "the defaults", Scenario.model_validate({})
    return source.files[1].name, validate(Scenario, read(source.files[1]))


def changes(here: Fields, parent: Fields, path: str = "") -> Iterator[Change]:
    """Every field, down to the last, that is not as in the parent. The title is not told."""
    for name, field in type(here).model_fields.items():
        mine, other, at = getattr(here, name), getattr(parent, name), path + name
        if isinstance(mine, Fields) and not hasattr(mine, "kind"):
            yield from changes(mine, other, at + ".")
        elif mine != other and at != "title":
            yield Change(at, shown(mine), shown(other), *_unit_and_source(field))


def _unit_and_source(field: FieldInfo) -> tuple[str, str]:
    extra = field.json_schema_extra
    known = extra if isinstance(extra, dict) else {}
    return str(known.get("unit", "-")), str(known.get("source", "-"))


def shown(value: Any) -> str:
    """A value as a short text."""
    if isinstance(value, Category):
        return value.name
    if isinstance(value, Segment):
        return f"{value.do} {value.seconds} s"
    if isinstance(value, Fields):
        kind, *rest = value.model_dump().items()
        return " ".join([str(kind[1]), *(f"{name} {shown(one)}" for name, one in rest)])
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(one)}" for name, one in value.items())
    if isinstance(value, tuple):
        few = value if len(value) <= MOST else value[: MOST // 2]
        return ", ".join(map(shown, few)) + (f", ... ({len(value)})" if len(value) > MOST else "")
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
