"""What is wrong with a file, as lines a person can act on: file, line, field, and what is allowed."""

import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel

from sim.scenario.paths import Keys, dotted, existing, show, unknown

TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text", "list": "a list"}


class Place(NamedTuple):
    """Where a key and its value stand, from 1; a line of 0 is not known."""

    file: str
    line: int = 0
    column: int = 0
    value_line: int = 0
    value_column: int = 0


class Fault(NamedTuple):
    """One mistake, as one line."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return " ".join(": ".join(part for part in (where, self.path, self.message) if part).split())


class ScenarioError(Exception):
    """Everything that is wrong with a scenario, one line per fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[list[Fault]]]:
        return type(self), (self.faults,)


def refuse(at: Place, message: str, keys: Keys = (), *, key: bool = False) -> NoReturn:
    """Raise one fault."""
    raise ScenarioError([fault_at(at, message, keys, key=key)])


def fault_at(at: Place, message: str, keys: Keys, *, key: bool = False) -> Fault:
    """A fault at a value, or at its key."""
    line, column = (at.line, at.column) if key else (at.value_line, at.value_column)
    return Fault(at.file, line, column, dotted(keys), message)


# --- what pydantic says, in plain words


def fault_of(model: type[BaseModel], data: Any, places: Mapping[Keys, Place], item: Any) -> Fault:
    """One of pydantic's errors in plain words, at its place; the place of the whole is that of no keys."""
    loc, kind = item["loc"], item["type"]
    keys = existing(data, loc)
    if kind == "missing":
        keys = (*existing(data, loc[:-1]), loc[-1])
    if kind.startswith("union_tag"):
        keys = (*keys, item["ctx"]["discriminator"].strip("'"))
    near = keys
    while near and near not in places:
        near = near[:-1]
    return fault_at(
        places[near], _message(model, data, keys, item), keys, key=near != keys or kind == "extra_forbidden"
    )


def _message(model: type[BaseModel], data: Any, keys: Keys, item: Any) -> str:
    kind, value, first = item["type"], item["input"], item["type"].split("_")[0]
    if kind in {"missing", "union_tag_not_found"}:
        return "required, but not given"
    if kind == "extra_forbidden":
        return unknown(keys, _known(model, data, keys[:-1]))
    if kind == "union_tag_invalid":
        return f"must be one of {item['ctx']['expected_tags']}, found {show(item['ctx']['tag'])}"
    if kind in {"model_type", "model_attributes_type"}:
        return f"must be a mapping of {', '.join(_known(model, data, keys))}, found {show(value)}"
    typed = kind.endswith(("_type", "_parsing", "_from_float")) and first in TYPES
    said = f"must be {TYPES[first]}" if typed else re.sub("^(Input|Value) should ", "must ", item["msg"])
    if kind in {"value_error", "assertion_error"}:
        said = str(item["ctx"]["error"])
    silent = not typed and (isinstance(value, dict | list) or show(value) in said)
    return said if silent else f"{said}, found {show(value)}"


def _known(model: type[BaseModel], data: Any, keys: Keys) -> list[str]:
    """The fields that may stand at `keys`."""
    kinds: list[Any] = [model]
    for key in keys:
        kinds = [below for kind in kinds for one in _members(kind) for below in _below(one, data, key)]
        data = data[key]
    models = [one for kind in kinds for one in _members(kind) if _is_model(one) and _fits(one, data)]
    return list(dict.fromkeys(field.alias or name for one in models for name, field in one.model_fields.items()))


def _members(kind: Any) -> list[Any]:
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [one for member in get_args(kind) for one in _members(member)]
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(kind: Any, data: Any, key: str | int) -> Sequence[Any]:
    if not _is_model(kind):
        return get_args(kind)
    fields = kind.model_fields.items() if _fits(kind, data) else ()
    return [field.annotation for name, field in fields if key in (name, field.alias)]


def _fits(kind: Any, data: Any) -> bool:
    """Whether the data may be meant as this member of a union: its literal fields agree."""
    fixed = {n: get_args(f.annotation) for n, f in kind.model_fields.items() if get_origin(f.annotation) is Literal}
    return not isinstance(data, dict) or all(
        data[n] in args for n, args in fixed.items() if n in data and len(args) == 1
    )


def one_per_place(faults: Sequence[Fault]) -> list[Fault]:
    """A union answers once for each member: one line says them all."""
    said: dict[tuple[str, int, int, str], list[str]] = {}
    for fault in faults:
        said.setdefault(fault[:4], []).append(fault.message)
    return [Fault(*where, _either(list(dict.fromkeys(messages)))) for where, messages in said.items()]


def _either(messages: list[str]) -> str:
    """`must be a, found x` and `must be b, found x` in one."""
    *others, last = messages
    _, found, shown = last.rpartition(", found ")
    return " or ".join([*(other.removesuffix(found + shown) for other in others), last])
