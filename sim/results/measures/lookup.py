"""Measures by name, as facts files and people call them.

A measure is a number, or many values of which the name's last part takes one number: `.mean`, `.median`, `.q25`, or
`.q75_over_q50`. Some take arguments.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np

# each of these files puts its measures into the list
from sim.results.measures import (  # noqa: F401
    creators,
    feed,
    feed_overlap,
    paid,
    products,
    room_shows,
    rooms,
    tags,
    top_rooms,
    traffic_and_sales,
    viewers,
    waves,
)
from sim.results.measures.registry import MEASURES
from sim.results.measures.run_data import Evidence

Value = Callable[[Evidence], float]


class UnknownMeasureError(ValueError):
    """A name or arguments that no measure has; the message says which there are."""


def reduction(text: str) -> Callable[[np.ndarray], float] | None:
    """What the last part of a name asks for: `mean`, `median`, `q25` or `q75_over_q50`; None for anything else."""
    if text == "mean":
        return lambda many: float(many.mean())
    if text == "median":
        return lambda many: float(np.quantile(many, 0.5))
    found = re.fullmatch(r"q(\d{2,4})(?:_over_q(\d{2,4}))?", text)
    if not found:
        return None
    levels = [int(digits) / 10 ** len(digits) for digits in found.groups() if digits]
    if len(levels) == 1:
        return lambda many: float(np.quantile(many, levels[0]))
    return lambda many: float(np.divide(*np.quantile(many, levels)))


def measure(name: str, args: Sequence[Any] | dict[str, Any] = ()) -> Value:
    """The measure of this name with these arguments, as a function of a run's evidence.

    Raises
    ------
    UnknownMeasureError
        If there is no such name, or the arguments do not fit it.
    """
    stem, _, last = name.rpartition(".")
    if name in MEASURES and not MEASURES[name].many:
        found = MEASURES[name]
        given = _arguments(name, found.takes, args)
        return lambda run: float(found.of(run, **given))
    reduce = reduction(last)
    if reduce and stem in MEASURES and MEASURES[stem].many:
        _arguments(name, {}, args)
        return lambda run: reduce(np.asarray(MEASURES[stem].of(run), float))
    raise UnknownMeasureError(_unknown(name))


def split(text: str) -> tuple[str, list[Any]]:
    """A name that is written as a call, and the arguments that stand in it."""
    name, opens, inside = text.strip().partition("(")
    given = [word.strip().rpartition("=")[2].strip() for word in inside.rstrip(") ").split(",")] if opens else []
    return name.strip(), [as_number(word) for word in given if word]


def as_number(word: str) -> Any:
    """A word as the number that it is, or as it stands."""
    try:
        return float(word) if re.search("[.eE]", word) else int(word)
    except ValueError:
        return word


def forms() -> list[str]:
    """Every name, in the way in which it is written."""
    return sorted(
        f"{name}.qNN" if one.many else f"{name}({', '.join(one.takes)})" if one.takes else name
        for name, one in MEASURES.items()
    )


def _arguments(name: str, takes: dict[str, Any], args: Sequence[Any] | dict[str, Any]) -> dict[str, Any]:
    given = dict(args) if isinstance(args, dict) else dict(zip(takes, args, strict=False))
    if len(given) != len(args) or set(given) != set(takes):
        wanted = f"takes the arguments ({', '.join(takes)})" if takes else "takes no arguments"
        raise UnknownMeasureError(f"{name} {wanted}, found {args if isinstance(args, dict) else list(args)}")
    return {key: checked(key, value, get_args(takes[key])) for key, value in given.items()}


def checked(key: str, value: Any, choices: tuple[str, ...]) -> Any:
    """An argument as a measure takes it: one of the choices, a share `q` between 0 and 1, or a number from 0 up."""
    if choices:
        chosen = str(value).strip().replace(" ", "_")
        if chosen not in choices:
            raise UnknownMeasureError(f"argument {key} must be one of {', '.join(choices)}, found {value!r}")
        return chosen
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < 0:
        raise UnknownMeasureError(f"argument {key} must be a number from 0 up, found {value!r}")
    if key == "q" and not 0 < value < 1:
        raise UnknownMeasureError(f"argument q is a share, above 0 and below 1, found {value!r}")
    return value


def _unknown(name: str) -> str:
    stem, _, last = name.rpartition(".")
    if name in MEASURES:
        return f"{name} gives many values: ask for {name}.mean, {name}.median, {name}.q90 or {name}.q75_over_q50"
    if stem in MEASURES and reduction(last):
        return f"{stem} is one number, without .{last}"
    if stem in MEASURES:
        return (
            f"{stem} has no part {last!r}; it has mean, median, quantiles such as q90 and ratios such as q75_over_q50"
        )
    near = difflib.get_close_matches(name, MEASURES, n=3, cutoff=0.5) or difflib.get_close_matches(stem, MEASURES, 3)
    hint = f"the nearest are {', '.join(near)}" if near else f"the first are {', '.join(sorted(MEASURES)[:3])}"
    return f"there is no measure {name!r}; {hint}"
