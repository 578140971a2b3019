"""The list of measures: each file of measures registers its own."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from sim.results.measures.run_data import Evidence


class Measure(NamedTuple):
    """How a measure is computed, what arguments it takes, and whether it gives many values."""

    of: Callable[..., Any]
    takes: dict[str, Any]
    many: bool


MEASURES: dict[str, Measure] = {}


def number(name: str) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Register a function of a run's evidence, and maybe of arguments, that gives one number."""

    def register(of: Callable[..., float]) -> Callable[..., float]:
        takes = list(inspect.signature(of).parameters.values())[1:]
        MEASURES[name] = Measure(of, {one.name: one.annotation for one in takes}, many=False)
        return of

    return register


def values(name: str) -> Callable[[Callable[[Evidence], ArrayLike]], Callable[[Evidence], ArrayLike]]:
    """Register a function of a run's evidence that gives many values, to be asked for by mean or quantile."""

    def register(of: Callable[[Evidence], ArrayLike]) -> Callable[[Evidence], ArrayLike]:
        MEASURES[name] = Measure(of, {}, many=True)
        return of

    return register
