"""Measures by name, as files and people call them.

A measure is a number, or many values of which the name's last part takes one number: `.mean`, `.median`, `.q25`, or
`.q75_over_q50`. Some take arguments.
"""

import difflib
import math
import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import numpy as np

from sim.results.measures import (  # noqa: F401
    creators,
    feed,
    feed_overlap,
    paid,
    products,
    room_reviews,
    room_shows,
    rooms,
    tags,
    top_rooms,
    traffic_and_sales,
    viewers,
    waves,
)
from sim.results.measures.registry import MEASURES, RENAMED
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from sim.results.run_folder import RunError

for _file in pkgutil.iter_modules([str(Path(__file__).parent)]):  # each file of measures registers its own
    if _file.name not in ("lookup", "summary"):
        import_module(f"sim.results.measures.{_file.name}")

Value = Callable[[Evidence], float]
RATIO = "-"
MORE = "+"  # between several choices


class UnknownMeasureError(RunError, ValueError):
    """A name or arguments that no measure has; the message says which there are."""


class Named(NamedTuple):
    """A measure as it is asked for.

    Attributes
    ----------
    name
        Its name, with its arguments or the part of many values that is taken.
    unit, words
        Its unit, and the phrase that a table prints.
    of
        The function of a run's evidence that gives it.
    """

    name: str
    unit: str
    words: str
    of: Value


def named(text: str) -> Named:
    """The measure that is written so, such as `live.dwell_seconds.median` or `traffic.seconds_per_entry(1)`."""
    return called(*split(text))


def measure(name: str, args: Sequence[Any] | dict[str, Any] = ()) -> Value:
    """The measure of this name with these arguments, as a function of a run's evidence; see `called`."""
    return called(name, args).of


def called(name: str, args: Sequence[Any] | dict[str, Any] = ()) -> Named:
    """The measure of this name with these arguments.

    Its function raises a NothingToMeasureError where a run holds nothing of the kind; it never gives NaN or infinity.

    Raises
    ------
    UnknownMeasureError
        If there is no such name, or the arguments do not fit it.
    """
    stem, _, last = name.rpartition(".")
    if name in MEASURES and not MEASURES[name].many:
        one = MEASURES[name]
        given = _arguments(name, args)
        label = f"{name}({', '.join(map(_written, given.values()))})" if given else name
        said = ", ".join(f"{key} {_written(value)}" for key, value in given.items())
        return Named(label, one.unit, _with(one.words, said), lambda run: _finite(name, one.of(run, **given)))
    reduce = reduction(last)
    if reduce and stem in MEASURES and MEASURES[stem].many:
        _no_arguments(name, args)
        one = MEASURES[stem]
        unit = RATIO if "_over_" in last else one.unit
        return Named(name, unit, _with(one.words, last), lambda run: _finite(name, reduce(_many(one.of(run)))))
    raise UnknownMeasureError(_unknown(name))


def numbers(run: Evidence, names: Iterable[str]) -> dict[str, float]:
    """These measures of one run, by the names given; NaN where it holds nothing of the kind."""
    found = {}
    for name in names:
        try:
            found[name] = named(name).of(run)
        except NothingToMeasureError:
            found[name] = math.nan
    return found


def _with(words: str, more: str) -> str:
    return f"{words} ({more})" if more else words


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return MORE.join(map(_written, value))
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _many(found: Any) -> np.ndarray:
    return np.asarray(found, float)


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise NothingToMeasureError(f"{name} has no finite value: what it is over is nothing")
    return float(value)


def quantile_level(digits: str) -> float | None:
    """The level that the digits of a quantile stand for: `25` is 0.25, `995` 0.995, `100` the greatest value.

    Three and four digits are levels close to an end, such as 025 and 975; None for anything else, such as 150.
    """
    if digits == "100":
        return 1.0
    return int(digits) / 10 ** len(digits) if len(digits) == 2 or digits[0] in "09" else None


def reduction(text: str) -> Callable[[np.ndarray], float] | None:
    """What the last part of a name asks for: `mean`, `median`, `q25` or `q75_over_q50`; None for anything else."""
    if text == "mean":
        return lambda many: float(many.mean())
    if text == "median":
        return lambda many: float(np.quantile(many, 0.5))
    found = re.fullmatch(r"q(\d{2,4})(?:_over_q(\d{2,4}))?", text)
    digits = [one for one in found.groups() if one] if found else []
    levels = [level for level in map(quantile_level, digits) if level is not None]
    if not digits or len(levels) < len(digits):
        return None
    if len(levels) == 1:
        return lambda many: float(np.quantile(many, levels[0]))
    return lambda many: _quotient(*np.quantile(many, levels))


def _quotient(above: float, below: float) -> float:
    return float(above / below) if below else math.nan


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


def _no_arguments(name: str, args: Sequence[Any] | dict[str, Any]) -> None:
    if args:
        raise UnknownMeasureError(f"{name} takes no arguments, found {args if isinstance(args, dict) else list(args)}")


def _arguments(name: str, args: Sequence[Any] | dict[str, Any]) -> dict[str, Any]:
    takes, optional = MEASURES[name].takes, MEASURES[name].optional
    if not takes:
        _no_arguments(name, args)
    given = dict(args) if isinstance(args, dict) else dict(zip(takes, args, strict=False))
    if len(given) != len(args) or not set(takes) - optional <= set(given) <= set(takes):
        wanted = ", ".join(f"{key}, if any" if key in optional else key for key in takes)
        found = args if isinstance(args, dict) else list(args)
        raise UnknownMeasureError(f"{name} takes the arguments ({wanted}), found {found}")
    return {key: checked(key, value, takes[key]) for key, value in given.items()}


def checked(key: str, value: Any, kind: Any) -> Any:
    """An argument as a measure takes it: one of the choices, several of them, a word, a share `q` between 0 and 1, a
    count from 1 up, or a number from 0 up.
    """
    if get_origin(kind) is tuple:
        several = list(value) if isinstance(value, list | tuple) else str(value).split(MORE)
        return tuple(dict.fromkeys(checked(key, one, get_args(kind)[0]) for one in several))
    if choices := get_args(kind):
        chosen = str(value).strip().replace(" ", "_")
        if chosen not in choices:
            raise UnknownMeasureError(f"argument {key} must be one of {', '.join(choices)}, found {value!r}")
        return chosen
    if kind is str:
        return str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < 0:
        raise UnknownMeasureError(f"argument {key} must be a number from 0 up, found {value!r}")
    if kind is int and (value < 1 or value != int(value)):
        raise UnknownMeasureError(f"argument {key} must be a whole number from 1 up, found {value!r}")
    if key == "q" and not 0 < value < 1:
        raise UnknownMeasureError(f"argument q is a share, above 0 and below 1, found {value!r}")
    return value


def _unknown(name: str) -> str:
    stem, _, last = name.rpartition(".")
    if name in RENAMED:
        return f"the measure {name} is now called {RENAMED[name]}"
    if name in MEASURES:
        return f"{name} gives many values: ask for {name}.mean, {name}.median, {name}.q90 or {name}.q75_over_q50"
    if stem in MEASURES and reduction(last):
        return f"{stem} is one number, without .{last}"
    if stem in MEASURES:
        return (
            f"{stem} has no part {last!r}; it has mean, median, quantiles such as q90, q975 and q100 (the greatest), "
            "and ratios such as q75_over_q50"
        )
    return f"there is no measure {name!r}; {_nearest(name, stem)}"


def _nearest(name: str, stem: str) -> str:
    """The known names that are nearest to an unknown one; without a subject the last part of names is compared."""
    lasts = {one.rpartition(".")[2]: one for one in MEASURES}
    near = difflib.get_close_matches(name, MEASURES, n=3, cutoff=0.5) or difflib.get_close_matches(stem, MEASURES, 3)
    near = near or [lasts[one] for one in difflib.get_close_matches(name, lasts, 3)]
    return f"the nearest are {', '.join(near)}" if near else f"the first are {', '.join(sorted(MEASURES)[:3])}"
