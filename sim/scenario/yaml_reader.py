"""From YAML text to a validated model, with errors a person can act on: file, line, field, and what is allowed."""

import copy
import json
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sim.scenario.errors import Fault, Place, ScenarioError, fault_at, fault_of, one_per_place, refuse
from sim.scenario.paths import MAX_DEPTH, Keys, PathError, existing, set_at, short, show, split

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 10_000_000
MAX_NODES = 200_000  # counted after aliases are written out: a few lines of aliases can stand for billions
MAX_DIGITS = 400
TAG = "tag:yaml.org,2002:"


class Source(NamedTuple):
    """What the files say together, where each entry stands, the files (child first), and the child's `own` part."""

    data: dict[str, Any]
    places: dict[Keys, Place]
    files: list[Path]
    own: dict[str, Any]


class Assignment(NamedTuple):
    """A value for the field at a dotted path, and where a person said so."""

    path: str
    value: Any
    at: Place = Place("")


def read(path: str | Path) -> Source:
    """Read a file and the files it extends; whatever a user did wrong is a ScenarioError."""
    return read_text(_text_of(Path(path), Place(str(path))), path)


def read_text(text: str, name: str | Path = "<text>") -> Source:
    """Read `text` as if it stood in the file `name`; `extends` is looked up beside that file."""
    files = [Path(name)]
    data, places, parent = _layer(text, str(name))
    own = copy.deepcopy(data)
    while parent is not None:
        file, at = files[-1].parent / parent[0], parent[1]
        _refuse_circle(files, file, at)
        low, low_places, parent = _layer(_text_of(file, at), str(file))
        data = _merged(low, data)
        places = {keys: place for keys, place in (low_places | places).items() if existing(data, keys) == keys}
        files.append(file)
    return Source(data, places, files, own)


def validate(model: type[M], source: Source) -> M:
    """Check the data against `model`; raise every fault at once, each with its place."""
    faults, made = [], None
    try:
        made = model.model_validate(source.data)
        leaves = _leaves(made.model_dump(by_alias=True))  # not the data: the text "nan" is a number to pydantic
    except ValidationError as error:
        faults = [fault_of(model, source.data, source.places, item) for item in error.errors(include_url=False)]
        leaves = _leaves(source.data)
    told = {fault.path for fault in faults}
    no_numbers = (fault_of(model, source.data, source.places, item) for item in _no_numbers(model, source.data))
    faults += [fault for fault in no_numbers if fault.path not in told]
    for keys, value in leaves:
        if isinstance(value, float) and not math.isfinite(value) and keys in source.places:
            wild = fault_at(source.places[keys], f"must be a finite number, found {value}", keys)
            faults = [*(fault for fault in faults if fault.path != wild.path), wild]
    if made is None or faults:
        raise ScenarioError(one_per_place(faults))
    return made


def assign(made: M, assignments: Iterable[Assignment], source: Source | None = None) -> M:
    """The model with other values, checked as if they had stood in its file, which is its source if it has one.

    Values are set in the resolved model, whose defaults are filled in: a file that spells out a default is as one that
    is silent about it. Faults are told as by `validate`.
    """
    data = made.model_dump(mode="json", by_alias=True)
    places: dict[Keys, Place] = dict(source.places) if source else {(): Place("")}
    for path, given, at in assignments:
        value = to_jsonable_python(given, fallback=_plain)
        try:
            keys = set_at(data, path, value)
        except PathError as error:
            refuse(at, error.why, error.keys)
        places = {old: place for old, place in places.items() if old[: len(keys)] != keys}
        places |= {(*keys, *rest): at for rest in [(), *(rest for rest, _ in _leaves(value))]}
    return validate(type(made), Source(data, places, source.files if source else [], {}))


def assignment(text: str) -> Assignment:
    """`a.b=value` of a command line; the value is YAML."""
    at = Place(f"--set {short(text)}")
    path, equals, said = text.partition("=")
    names = split(path)
    if not equals or not all(names) or len(names) > MAX_DEPTH:
        refuse(at, "must read path=value, e.g. platform.weights.review.conversion=0")
    try:
        return Assignment(path.strip(), _parse(said, at.file)[0], at)
    except ScenarioError as error:
        raise ScenarioError([Fault(at.file, 0, 0, path.strip(), fault.message) for fault in error.faults]) from None


def _plain(value: Any) -> Any:
    """A number of NumPy's as Python's own; anything else as text."""
    return value.item() if hasattr(value, "item") else str(value)


def _no_numbers(model: type[BaseModel], data: Any) -> list[Any]:
    """What stands where a number belongs and is none: pydantic takes `true` for 1, and the text "200" for 200."""
    try:
        model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        return [
            item
            for item in error.errors(include_url=False)
            if item["type"] in ("int_type", "float_type") and isinstance(item["input"], bool | str)
        ]
    return []


# --- files and text


def _text_of(file: Path, at: Place) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        if at.line:
            refuse(at, f"cannot read {file}: {reason}", ("extends",))
        refuse(at, f"cannot read: {reason}")
    if len(raw) > MAX_BYTES:
        refuse(Place(str(file)), f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_of(raw[: error.start].decode("utf-8", "replace"))
        refuse(Place(str(file), 0, 0, line, column), f"not UTF-8 text (byte 0x{raw[error.start]:02x})")


def _line_of(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _refuse_circle(files: list[Path], file: Path, at: Place) -> None:
    names = [one.resolve() for one in files]
    if file.resolve() in names:
        ring = [*files[names.index(file.resolve()) :], file]
        refuse(at, f"extends goes round in a circle: {' -> '.join(one.name for one in ring)}", ("extends",))


def _layer(text: str, name: str) -> tuple[dict[str, Any], dict[Keys, Place], tuple[str, Place] | None]:
    """One file: its data, its places, and the parent it names."""
    data, places = _parse(text, name)
    if data is None:
        refuse(Place(name), "the file is empty")
    if not isinstance(data, dict):
        refuse(places[()], f"the top level must be a mapping of fields, found {show(data)}")
    if "extends" not in data:
        return data, places, None
    parent, at = data.pop("extends"), places[("extends",)]
    if not isinstance(parent, str) or not parent.strip():
        refuse(at, f"must be the name of one file, found {show(parent)}", ("extends",))
    return data, {keys: place for keys, place in places.items() if keys[:1] != ("extends",)}, (parent, at)


def _parse(text: str, name: str) -> tuple[Any, dict[Keys, Place]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a re-used anchor is legal
            node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        said = ", ".join(part for part in (error.context, error.problem) if part)
        refuse(Place(name, 0, 0, line, column), f"not YAML: {said}")
    except ReaderError as error:
        line, column = _line_of(text[: error.position])
        refuse(Place(name, 0, 0, line, column), f"not YAML: {error.reason} (U+{ord(text[error.position]):04X})")
    except RecursionError:
        refuse(Place(name), "nested too deeply")
    except Exception as error:  # the scanner lets a few others out, e.g. ValueError for an impossible \U escape
        refuse(Place(name), f"not YAML: {error}")
    build = _Build(name)
    data = build.value(node, (), None) if node is not None else None
    if build.faults:
        raise ScenarioError(build.faults)
    return data, build.places


class _Build:
    """Plain data and places out of YAML nodes; goes on after a fault, so that one reading tells them all."""

    def __init__(self, name: str) -> None:
        self.name, self.nodes = name, 0
        self.places: dict[Keys, Place] = {}
        self.faults: list[Fault] = []

    def value(self, node: Node, keys: Keys, key: Node | None) -> Any:
        self.nodes += 1
        own = (key or node).start_mark
        start = node.start_mark if node.value else own  # what is left out has its mark on a later line
        at = Place(self.name, own.line + 1, own.column + 1, start.line + 1, start.column + 1)
        self.places[keys] = at
        if self.nodes > MAX_NODES:
            refuse(at, f"more than {MAX_NODES} entries once its aliases are written out")
        if len(keys) > MAX_DEPTH:
            refuse(at, f"nested more than {MAX_DEPTH} levels deep, or an alias that contains itself")
        if isinstance(node, MappingNode) and node.tag == TAG + "map":
            return self.mapping(node, keys)
        if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
            return [self.value(item, (*keys, i), None) for i, item in enumerate(node.value)]
        try:
            return _scalar(node)
        except ValueError as error:
            self.faults.append(fault_at(at, str(error), keys))
            return None

    def mapping(self, node: MappingNode, keys: Keys) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else None
            line = key.start_mark.line + 1
            at = Place(self.name, line, key.start_mark.column + 1)
            if name is None or name == "<<":
                say = (
                    "a field's name must be plain text" if name is None else "merge keys (<<) are not read; use extends"
                )
                self.faults.append(fault_at(at, say, keys, key=True))
            elif name in out:
                first = self.places[(*keys, name)].line
                self.faults.append(
                    fault_at(at, f"given twice, on line {first} and on line {line}", (*keys, name), key=True)
                )
            else:
                out[name] = self.value(value, (*keys, name), key)
        return out


def _scalar(node: Node) -> Any:
    kind, text = str(node.tag).removeprefix(TAG), node.value
    if not isinstance(node, ScalarNode) or kind not in {"str", "int", "float", "bool", "null", "timestamp"}:
        raise ValueError(f"YAML tags are not read, found {show(node.tag)}")
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind in {"int", "float"}:
        return _number(kind, text)
    return text  # dates stay text: a field says itself what it takes


def _number(kind: str, text: str) -> int | float:
    plain = text.replace("_", "")
    try:
        if len(plain) > MAX_DIGITS:
            raise ValueError
        if kind == "float":
            return float(re.sub(r"\.(inf|nan)$", r"\1", plain.lower()))
        return int(plain, 0 if re.match(r"[-+]?0[box]", plain) else 10)
    except ValueError:
        raise ValueError(f"not a number that can be read: {show(text)}") from None


# --- merging


def _merged(low: Any, high: Any) -> Any:
    if isinstance(low, dict) and isinstance(high, dict):
        return low | {key: _merged(low.get(key), value) for key, value in high.items()}
    return high


def _leaves(data: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(data, dict | list | tuple):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(value, (*keys, key))
    else:
        yield keys, data
