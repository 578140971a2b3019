"""Published figures, and how far a simulated world is from them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from sim.results.measures.lookup import MORE, measure, split
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from sim.results.paired_statistics import interval
from sim.results.run_folder import Run
from sim.scenario.parameters import Fields
from sim.scenario.yaml_reader import read, validate

PUBLISHED = Path(__file__).with_name("published.yaml")
"""The figures with which the defaults are compared."""


class Fact(Fields):
    """One published figure."""

    measure: str = Field(description="name of the measure; arguments may stand in parentheses", min_length=1)
    args: list[Any] | dict[str, Any] | float | str = Field([], description="arguments of the measure, if it takes any")
    value: float = Field(description="the published figure")
    band: Annotated[tuple[float, float], Field(description="from and to where a simulated figure counts as agreeing")]
    grade: str = Field("", description="how good the figure is: A, B or C", max_length=20)
    source: str = Field("", description="where it was published", max_length=500)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Fact":
        if not self.band[0] < self.band[1]:
            raise ValueError(f"band must be two numbers, the lower one first, found {list(self.band)}")
        if not self.band[0] <= self.value <= self.band[1]:
            raise ValueError(f"value must lie in its own band, from {self.band[0]:g} to {self.band[1]:g}")
        measure(self.name, self.arguments)
        return self

    @property
    def name(self) -> str:
        """The measure's name without arguments."""
        return split(self.measure)[0]

    @property
    def arguments(self) -> list[Any] | dict[str, Any]:
        """The arguments, wherever they stood."""
        if isinstance(self.args, float | str):
            return [self.args]
        return self.args or split(self.measure)[1]

    @property
    def label(self) -> str:
        """The measure with its arguments, as one writes a call."""
        given = self.arguments
        listed = (
            [f"{key}={told(value)}" for key, value in given.items()] if isinstance(given, dict) else map(told, given)
        )
        return f"{self.name}({', '.join(listed)})" if given else self.name


def told(value: Any) -> str:
    """An argument of a measure as one writes it: several choices with `+` between them."""
    return MORE.join(map(str, value)) if isinstance(value, list) else str(value)


class Facts(Fields):
    """A facts file."""

    facts: tuple[Fact, ...] = Field(description="published figures", min_length=1)


class Finding(NamedTuple):
    """How far the runs are from one fact.

    Attributes
    ----------
    values
        The measure in each run in which it could be measured.
    simulated, low, high
        Mean and its 95 % interval over runs (Student's t); the interval is NaN for fewer than two runs.
    off
        Distance from the published figure: 0 there, 1 at the edge of the band, on a log scale where signs allow.
    why
        Why it could not be measured, or nothing.
    """

    fact: Fact
    values: tuple[float, ...]
    simulated: float
    low: float
    high: float
    off: float
    why: str

    @property
    def inside(self) -> bool:
        """Whether the mean lies in the band."""
        return self.fact.band[0] <= self.simulated <= self.fact.band[1]

    @property
    def ratio(self) -> float:
        """Simulated over published."""
        return self.simulated / self.fact.value if self.fact.value else math.nan

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        row = {
            "measure": self.fact.name,
            "args": self.fact.arguments,
            "simulated": plain(self.simulated),
            "low": plain(self.low),
            "high": plain(self.high),
            "published": self.fact.value,
            "ratio": plain(self.ratio),
            "band": list(self.fact.band),
            "inside": self.inside,
            "grade": self.fact.grade,
            "source": self.fact.source,
        }
        return row | ({"why": self.why} if self.why else {})


def plain(value: float) -> float | None:
    """A number, or None where there is none."""
    return float(value) if math.isfinite(value) else None


def read_facts(path: str | Path = PUBLISHED) -> tuple[Fact, ...]:
    """The facts of a file; every mistake at once in a ScenarioError."""
    return validate(Facts, read(path)).facts


def distance(simulated: float, fact: Fact) -> float:
    """How far off a simulated figure is: 0 at the published one, 1 at the edge of the band on that side, and so on.

    Logarithms are compared if published, band and simulated figure are above 0, differences otherwise.
    """
    if not math.isfinite(simulated):
        return math.inf
    points = np.array([simulated, fact.value, *fact.band])
    if fact.value > 0 and fact.band[0] > 0:
        if simulated <= 0:
            return math.inf
        points = np.log(points)
    here, there, low, high = points.tolist()
    reach = (high - there) if here > there else (there - low)
    return float(abs(here - there) / (reach if reach > 0 else (high - low) / 2))


def find(fact: Fact, runs: Sequence[Evidence]) -> Finding:
    """What the runs say to one fact."""
    wanted, values, why = measure(fact.name, fact.arguments), [], ""
    for run in runs:
        try:
            values.append(wanted(run))
        except NothingToMeasureError as nothing:
            why = str(nothing)
    return finding(fact, values, why)


def finding(fact: Fact, values: Sequence[float], why: str = "") -> Finding:
    """The same from values that are known."""
    mean, low, high, n = interval(values)
    return Finding(fact, tuple(values), float(mean), float(low), float(high), distance(mean, fact), "" if n else why)


def check(runs: Sequence[Run], facts: Sequence[Fact]) -> list[Finding]:
    """Hold runs against facts; the findings are ordered by how far off they are, what could not be measured last."""
    seen = [Evidence.of(run) for run in runs]
    found = [find(fact, seen) for fact in facts]
    return sorted(found, key=lambda one: (bool(one.why), -one.off))
