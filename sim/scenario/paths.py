"""Dotted paths to fields, such as `platform.feed.live_share` or `campaigns.0.target`: read there, and set there."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from sim.scenario.renamed import renamed

Keys = tuple[str | int, ...]
MAX_DEPTH = 50
SHOWN = 60


class PathError(LookupError):
    """Why a path leads nowhere, and the keys up to there."""

    def __init__(self, keys: Keys, why: str) -> None:
        self.keys, self.why = keys, why
        super().__init__(f"{dotted(keys)}: {why}" if keys else why)


def split(path: str) -> list[str]:
    """The names on a path; an element of a list may also be written as `campaigns[0]`."""
    return re.sub(r"\[(\d+)\]", r".\1", path.strip()).split(".")


def dotted(keys: Keys) -> str:
    """Keys as a path, with elements of lists in brackets."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{short(key)}" for key in keys).removeprefix(".")


def value_at(data: Any, path: str) -> Any:
    """What stands at a path; a PathError if nothing does."""
    keys: Keys = ()
    for name in split(path):
        keys = (*keys, _present(data, name, keys))
        data = data[keys[-1]]
    return data


def set_at(data: Any, path: str, value: Any) -> Keys:
    """Set what stands at a path, and return its keys; a PathError if the path leads nowhere.

    Mappings and lists on the way must be there. The last name may be new in a mapping: whether there is such a field,
    the model says.
    """
    keys: Keys = ()
    *groups, last = split(path)
    for name in groups:
        keys = (*keys, _present(data, name, keys))
        data = data[keys[-1]]
    key = _key(data, last, keys)
    data[key] = value
    return (*keys, key)


def _key(box: Any, name: str, keys: Keys) -> str | int:
    """A name as the key of what it stands in: a number in a list."""
    if isinstance(box, dict):
        return name
    if not isinstance(box, list):
        raise PathError(keys, f"nothing can be set inside {show(box)}")
    if re.fullmatch("[0-9]{1,9}", name) and int(name) < len(box):
        return int(name)
    raise PathError(keys, f"the list has {len(box)} items, counted from 0; there is no {show(name)}")


def _present(box: Any, name: str, keys: Keys) -> str | int:
    key = _key(box, name, keys)
    if not has(box, key):
        raise PathError((*keys, key), unknown((*keys, key), list(box)))
    return key


def has(data: Any, key: str | int) -> bool:
    """Whether a mapping or list has something at a key."""
    if isinstance(data, list):
        return isinstance(key, int) and 0 <= key < len(data)
    return isinstance(data, dict) and key in data


def existing(data: Any, keys: Keys) -> Keys:
    """The keys that lead somewhere; pydantic mixes the names of a union's members in between."""
    out: Keys = ()
    for key in keys:
        if has(data, key):
            out, data = (*out, key), data[key]
    return out


def unknown(keys: Keys, known: Sequence[str]) -> str:
    """That there is no field at `keys`, and its new name, the nearest of the fields that are known there, or all."""
    new = renamed(dotted(keys))
    if new and split(new[0])[len(keys) - 1] in known:
        return new[1]
    close = difflib.get_close_matches(str(keys[-1]), known, 1)
    return f"unknown field; did you mean '{close[0]}'?" if close else f"unknown field; known here: {', '.join(known)}"


def short(text: str) -> str:
    """A text, cut if it is long."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def show(value: Any) -> str:
    """A value as an error names it."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return short(repr(value))
