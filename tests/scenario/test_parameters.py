import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.distributions import Constant, Lognormal, Pareto, Uniform, Weibull
from sim.scenario.parameters import Fields
from sim.scenario.scenario import Scenario

DISTRIBUTIONS = (Constant, Uniform, Lognormal, Weibull, Pareto)


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
        for inner in sorted((k for k in found if issubclass(k, Fields) and k not in seen), key=lambda k: k.__name__):
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
    text = {path.rpartition(".")[2] for path, _, found in others if not any(issubclass(kind, Fields) for kind in found)}
    assert text == {
        "title",
        "name",
        "zh",
        "sector",
        "kind",
        "do",
        "of",
        "categories",
        "at",
        "set",
        "script",
        "objective",
        "start",
    }


def test_a_parameter_without_a_source_is_noticed() -> None:
    class Bare(Fields):
        pace: float = 1.0

    class World(Fields):
        bare: Bare = Bare()

    found = [(path, is_number(kind), field.json_schema_extra) for path, field, kind in parameters(World)]
    assert found == [("bare", False, None), ("bare.pace", True, None)]
