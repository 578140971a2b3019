"""Designs of experiments: which parameters are varied over what, and at which points the world is looked at."""

import itertools
import json
import math
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

import numpy as np
from SALib.sample import sobol
from scipy.stats import qmc

from sim.results.run_folder import RunError
from sim.scenario.errors import ScenarioError
from sim.scenario.yaml_reader import read_text

Design = Literal["grid", "latin_hypercube", "sobol"]
MOST_STEPS = 10_000
SEED = 1  # of the designs, so that the same study has the same points


class Factor(NamedTuple):
    """A field of the scenario by dotted path, and what it is varied over: listed values, or all between two bounds."""

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False  # takes whole numbers only
    stepped: bool = False  # the values are steps of a range

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that a check must see: all that are listed, or both ends of a range."""
        if self.stepped:
            return self.values[0], self.values[-1]
        return self.values or (self._number(self.low), self._number(self.high))

    @property
    def is_range(self) -> bool:
        return not self.values

    def at(self, u: float) -> Any:
        """The value at a place from 0 to 1."""
        if self.values:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        if self.whole:
            return min(int(self.low + u * (self.high - self.low + 1)), int(self.high))
        return self.low + u * (self.high - self.low)

    def _number(self, value: float) -> float:
        return int(value) if self.whole else value


def factor(path: str, over: Any, now: Any) -> Factor:
    """What a field is varied over: `0:2:0.25` in steps, `0:2` for all between, or listed values; `now` is its value.

    A RunError says what is wrong.
    """
    path = path.strip()
    if isinstance(over, str) and ":" in over:
        return _range(path, over, isinstance(now, int) and not isinstance(now, bool))
    values = _listed(path, over) if isinstance(over, str) else over
    if not isinstance(values, list | tuple) or len(values) < 2:
        raise RunError(f"{path}: must be varied over at least two values, such as 0,0.5,1 or 0:2:0.25, found {over!r}")
    if any(one in values[:n] for n, one in enumerate(values)):
        raise RunError(f"{path}: the values to vary it over must differ, found {over!r}")
    return Factor(path, tuple(values))


def _range(path: str, text: str, whole: bool) -> Factor:
    try:
        numbers = [Decimal(part.strip()) for part in text.split(":")]
        if not all(number.is_finite() for number in numbers) or len(numbers) > 3:
            raise ValueError
    except (InvalidOperation, ValueError):
        raise RunError(f"{path}: must read low:high or low:high:step, found {text!r}") from None
    low, high, *step = numbers
    if low >= high or any(one <= 0 for one in step):
        raise RunError(f"{path}: low must be below high, and a step above 0, found {text!r}")
    if not step:
        return Factor(path, (), float(low), float(high), whole)
    count = int((high - low) / step[0]) + 1
    if not 2 <= count <= MOST_STEPS:
        raise RunError(f"{path}: {text!r} makes {count:,} values; from 2 to {MOST_STEPS:,} are allowed")
    return Factor(path, tuple(_plain(low + k * step[0]) for k in range(count)), stepped=True)


def _plain(number: Decimal) -> float:
    return int(number) if number == number.to_integral_value() else float(number)


def _listed(path: str, text: str) -> list[Any]:
    try:
        found: list[Any] = read_text(f"values: [{text}]", path).data["values"]
    except ScenarioError:
        raise RunError(f"{path}: cannot read the values {text!r}") from None
    return found


def how_many(design: Design, factors: Sequence[Factor], count: int) -> int:
    """How many points a design has."""
    if design == "grid":
        return math.prod(max(len(one.values), 1) for one in factors)
    return count * (len(factors) + 2) if design == "sobol" else count


def points(design: Design, factors: Sequence[Factor], count: int) -> list[tuple[Any, ...]]:
    """The points of a design, each a value for every factor.

    A grid is every combination of the values. A Latin hypercube has `count` points, each factor's range cut into as
    many slices of which each is met once. A Sobol design is Saltelli's, from which indices can be estimated: it has
    `count * (factors + 2)` points, of `count` a power of two.
    """
    if design == "grid":
        for one in factors:
            if one.is_range:
                raise RunError(f"{one.path}: a grid needs steps, such as 0:2:0.25; or choose another design")
        return list(itertools.product(*(one.values for one in factors)))
    if design == "latin_hypercube":
        places = qmc.LatinHypercube(len(factors), seed=SEED).random(count)
    else:
        if count & (count - 1):
            raise RunError(f"points: of a sobol design must be a power of two, found {count}")
        places = sobol.sample(problem(factors), count, calc_second_order=False, seed=SEED)
    return [tuple(one.at(float(u)) for one, u in zip(factors, row, strict=True)) for row in places]


def problem(factors: Sequence[Factor]) -> dict[str, Any]:
    """The factors as SALib wants them: places from 0 to 1."""
    return {
        "num_vars": len(factors),
        "names": [one.path for one in factors],
        "bounds": np.tile([0.0, 1.0], (len(factors), 1)).tolist(),
    }


def cell(value: Any) -> Any:
    """A value as a cell of a table: numbers and names as they are, lists and mappings as text."""
    return value if isinstance(value, int | float | str | bool) else json.dumps(value, ensure_ascii=False)
