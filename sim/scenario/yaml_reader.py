"""From YAML text to a validated model, with errors a person can act on: file, line, field, and what is allowed."""

import copy
import difflib
import json
import math
import re
import types
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Keys = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 10_000_000
MAX_NODES = 200_000  # counted after aliases are written out: a few lines of aliases can stand for billions
MAX_DEPTH = 50
MAX_DIGITS = 400
SHOWN = 60
TAG = "tag:yaml.org,2002:"

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


class Source(NamedTuple):
    """What the files say together, where each entry stands, the files (child first), and the child's `own` part."""

    data: dict[str, Any]
    places: dict[Keys, Place]
    files: list[Path]
    own: dict[str, Any]


def read(path: str | Path, overrides: Sequence[str] = ()) -> Source:
    """Read a file, the files it extends and `a.b=value` overrides; whatever a user did wrong is a ScenarioError."""
    return read_text(_text_of(Path(path), Place(str(path))), path, overrides)


def read_text(text: str, name: str | Path = "<text>", overrides: Sequence[str] = ()) -> Source:
    """Read `text` as if it stood in the file `name`; `extends` is looked up beside that file."""
    files = [Path(name)]
    data, places, parent = _layer(text, str(name))
    own = copy.deepcopy(data)
    while parent is not None:
        file, at = files[-1].parent / parent[0], parent[1]
        _refuse_circle(files, file, at)
        low, low_places, parent = _layer(_text_of(file, at), str(file))
        data = _merged(low, data)
        places = {keys: place for keys, place in (low_places | places).items() if _existing(data, keys) == keys}
        files.append(file)
    for override in overrides:
        _override(data, places, override)
    return Source(data, places, files, own)


def validate(model: type[M], source: Source) -> M:
    """Check the data against `model`; raise every fault at once, each with its place."""
    faults, made = [], None
    try:
        made = model.model_validate(source.data)
        leaves = _leaves(made.model_dump(by_alias=True))  # not the data: the text "nan" is a number to pydantic
    except ValidationError as error:
        faults = [_fault(model, source, item) for item in error.errors(include_url=False)]
        leaves = _leaves(source.data)
    told = {fault.path for fault in faults}
    no_numbers = (_fault(model, source, item) for item in _no_numbers(model, source.data))
    faults += [fault for fault in no_numbers if fault.path not in told]
    for keys, value in leaves:
        if isinstance(value, float) and not math.isfinite(value) and keys in source.places:
            wild = _at(source.places[keys], f"must be a finite number, found {value}", keys)
            faults = [*(fault for fault in faults if fault.path != wild.path), wild]
    if made is None or faults:
        raise ScenarioError(_one_per_place(faults))
    return made


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


def _refuse(at: Place, message: str, keys: Keys = (), *, key: bool = False) -> NoReturn:
    raise ScenarioError([_at(at, message, keys, key=key)])


def _at(at: Place, message: str, keys: Keys, *, key: bool = False) -> Fault:
    line, column = (at.line, at.column) if key else (at.value_line, at.value_column)
    return Fault(at.file, line, column, _dotted(keys), message)


def _text_of(file: Path, at: Place) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        if at.line:
            _refuse(at, f"cannot read {file}: {reason}", ("extends",))
        _refuse(at, f"cannot read: {reason}")
    if len(raw) > MAX_BYTES:
        _refuse(Place(str(file)), f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_of(raw[: error.start].decode("utf-8", "replace"))
        _refuse(Place(str(file), 0, 0, line, column), f"not UTF-8 text (byte 0x{raw[error.start]:02x})")


def _line_of(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _refuse_circle(files: list[Path], file: Path, at: Place) -> None:
    names = [one.resolve() for one in files]
    if file.resolve() in names:
        ring = [*files[names.index(file.resolve()) :], file]
        _refuse(at, f"extends goes round in a circle: {' -> '.join(one.name for one in ring)}", ("extends",))


def _layer(text: str, name: str) -> tuple[dict[str, Any], dict[Keys, Place], tuple[str, Place] | None]:
    """One file: its data, its places, and the parent it names."""
    data, places = _parse(text, name)
    if data is None:
        _refuse(Place(name), "the file is empty")
    if not isinstance(data, dict):
        _refuse(places[()], f"the top level must be a mapping of fields, found {_show(data)}")
    if "extends" not in data:
        return data, places, None
    parent, at = data.pop("extends"), places[("extends",)]
    if not isinstance(parent, str) or not parent.strip():
        _refuse(at, f"must be the name of one file, found {_show(parent)}", ("extends",))
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
        _refuse(Place(name, 0, 0, line, column), f"not YAML: {said}")
    except ReaderError as error:
        line, column = _line_of(text[: error.position])
        _refuse(Place(name, 0, 0, line, column), f"not YAML: {error.reason} (U+{ord(text[error.position]):04X})")
    except RecursionError:
        _refuse(Place(name), "nested too deeply")
    except Exception as error:  # the scanner lets a few others out, e.g. ValueError for an impossible \U escape
        _refuse(Place(name), f"not YAML: {error}")
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
            _refuse(at, f"more than {MAX_NODES} entries once its aliases are written out")
        if len(keys) > MAX_DEPTH:
            _refuse(at, f"nested more than {MAX_DEPTH} levels deep, or an alias that contains itself")
        if isinstance(node, MappingNode) and node.tag == TAG + "map":
            return self.mapping(node, keys)
        if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
            return [self.value(item, (*keys, i), None) for i, item in enumerate(node.value)]
        try:
            return _scalar(node)
        except ValueError as error:
            self.faults.append(_at(at, str(error), keys))
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
                self.faults.append(_at(at, say, keys, key=True))
            elif name in out:
                first = self.places[(*keys, name)].line
                self.faults.append(_at(at, f"given twice, on line {first} and on line {line}", (*keys, name), key=True))
            else:
                out[name] = self.value(value, (*keys, name), key)
        return out


def _scalar(node: Node) -> Any:
    kind, text = str(node.tag).removeprefix(TAG), node.value
    if not isinstance(node, ScalarNode) or kind not in {"str", "int", "float", "bool", "null", "timestamp"}:
        raise ValueError(f"YAML tags are not read, found {_show(node.tag)}")
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
        raise ValueError(f"not a number that can be read: {_show(text)}") from None


# --- merging and overriding


def _merged(low: Any, high: Any) -> Any:
    if isinstance(low, dict) and isinstance(high, dict):
        return low | {key: _merged(low.get(key), value) for key, value in high.items()}
    return high


def _has(data: Any, key: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(key, int) and 0 <= key < len(data)
    return isinstance(data, dict) and key in data


def _existing(data: Any, keys: Keys) -> Keys:
    """The keys that lead somewhere; pydantic mixes the names of a union's members in between."""
    out: Keys = ()
    for key in keys:
        if _has(data, key):
            out, data = (*out, key), data[key]
    return out


def _leaves(data: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(data, dict | list | tuple):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(value, (*keys, key))
    else:
        yield keys, data


def _override(data: dict[str, Any], places: dict[Keys, Place], text: str) -> None:
    at = Place(f"--set {_short(text)}")
    path, equals, said = text.partition("=")
    names = re.sub(r"\[(\d+)\]", r".\1", path.strip()).split(".")
    if not equals or not all(names) or len(names) > MAX_DEPTH:
        _refuse(at, "must read path=value, e.g. platform.weights.conversion=0")
    try:
        value, inner = _parse(said, at.file)
    except ScenarioError as error:
        raise ScenarioError([Fault(at.file, 0, 0, path.strip(), fault.message) for fault in error.faults]) from None
    keys, box = _opened(data, places, names, at)
    box[keys[-1]] = value
    for old in [old for old in places if old[: len(keys)] == keys]:
        del places[old]
    places.update({(*keys, *rest): at for rest in [(), *inner]})


def _opened(box: Any, places: dict[Keys, Place], names: Sequence[str], at: Place) -> tuple[Keys, Any]:
    """Walk down to the mapping or list that holds the last name, making mappings on the way."""
    keys: Keys = ()
    for name in names[:-1]:
        key = _key(box, name, keys, at)
        keys = (*keys, key)
        if not _has(box, key) or box[key] is None:
            box[key], places[keys] = {}, at
        box = box[key]
    return (*keys, _key(box, names[-1], keys, at)), box


def _key(box: Any, name: str, keys: Keys, at: Place) -> str | int:
    if not isinstance(box, dict | list):
        _refuse(at, f"nothing can be set inside {_show(box)}", keys)
    if isinstance(box, dict):
        return name
    if re.fullmatch("[0-9]{1,9}", name) and int(name) < len(box):
        return int(name)
    _refuse(at, f"the list has {len(box)} items, counted from 0; there is no {_show(name)}", keys)


# --- what pydantic says, in plain words


def _fault(model: type[BaseModel], source: Source, item: Any) -> Fault:
    loc, kind = item["loc"], item["type"]
    keys = _existing(source.data, loc)
    if kind == "missing":
        keys = (*_existing(source.data, loc[:-1]), loc[-1])
    if kind.startswith("union_tag"):
        keys = (*keys, item["ctx"]["discriminator"].strip("'"))
    near = keys
    while near and near not in source.places:
        near = near[:-1]
    at = source.places.get(near, Place(str(source.files[0])))
    return _at(at, _message(model, source.data, keys, item), keys, key=near != keys or kind == "extra_forbidden")


def _message(model: type[BaseModel], data: Any, keys: Keys, item: Any) -> str:
    kind, value, first = item["type"], item["input"], item["type"].split("_")[0]
    if kind in {"missing", "union_tag_not_found"}:
        return "required, but not given"
    if kind == "extra_forbidden":
        known = _known(model, data, keys[:-1])
        close = difflib.get_close_matches(str(keys[-1]), known, 1)
        return (
            f"unknown field; did you mean '{close[0]}'?" if close else f"unknown field; known here: {', '.join(known)}"
        )
    if kind == "union_tag_invalid":
        return f"must be one of {item['ctx']['expected_tags']}, found {_show(item['ctx']['tag'])}"
    if kind in {"model_type", "model_attributes_type"}:
        return f"must be a mapping of {', '.join(_known(model, data, keys))}, found {_show(value)}"
    typed = kind.endswith(("_type", "_parsing", "_from_float")) and first in TYPES
    said = f"must be {TYPES[first]}" if typed else re.sub("^(Input|Value) should ", "must ", item["msg"])
    if kind in {"value_error", "assertion_error"}:
        said = str(item["ctx"]["error"])
    silent = not typed and (isinstance(value, dict | list) or _show(value) in said)
    return said if silent else f"{said}, found {_show(value)}"


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


def _one_per_place(faults: Sequence[Fault]) -> list[Fault]:
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


def _dotted(keys: Keys) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{_short(key)}" for key in keys).removeprefix(".")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _show(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return _short(repr(value))
