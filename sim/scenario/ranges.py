"""Ranges of parameters: over which a scenario is calibrated, or from which claims draw what nobody knows."""

import copy
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from sim.core.randomness import RANGE, draw
from sim.scenario.errors import Fault, ScenarioError, fault_at
from sim.scenario.parameters import Fields
from sim.scenario.paths import PathError, split, value_at
from sim.scenario.renamed import renamed
from sim.scenario.scenario import Scenario, with_fields
from sim.scenario.yaml_reader import Source, read, validate

Values = dict[str, float]
"""Parameters by their dotted path."""


class Range(Fields):
    """From where to where a parameter may lie."""

    low: float = Field(description="lower end")
    high: float = Field(description="upper end")
    log: bool = Field(False, description="whether ratios count, not differences")
    whole: bool = Field(False, description="whether only whole numbers are drawn")
    unit: str | None = Field(None, description="unit of both ends, as the parameter's own", min_length=1)
    source: str | None = Field(None, description="where the range comes from, or the word assumed", min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low must be below high, found {self.low:g} and {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be above 0 for a range of ratios, found {self.low:g}")
        return self

    def at(self, share: float) -> float:
        """The value so far into the range, from 0 to 1."""
        if self.whole:
            return int(self.low) + int(share * (int(self.high) - int(self.low) + 1))
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def share(self, value: float) -> float:
        """How far into the range a value is, from 0 to 1; values outside are taken to the nearer end."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


Ranges = dict[str, Range]
"""Ranges by the dotted path of a scenario's field."""


class RangesFile(Fields):
    """A file of ranges."""

    ranges: Ranges = Field(description="ranges by the dotted path of a scenario's field", min_length=1)


def read_ranges(path: str | Path, scenario: Scenario) -> Ranges:
    """The ranges of a file, if the scenario has these fields and allows the ends; else a ScenarioError tells all
    faults.
    """
    source = read(path)
    ranges = validate(RangesFile, source).ranges
    faults = [fault for name, one in ranges.items() for fault in _faults(name, one, scenario, source)]
    if faults:
        raise ScenarioError(faults)
    return ranges


def read_sourced_ranges(path: str | Path) -> Ranges:
    """The ranges of a file in which every range has its unit and its source."""
    source = read(path)
    ranges = validate(RangesFile, source).ranges
    faults = [
        fault_at(source.places["ranges", name], "required, but not given", ("ranges", name, field), key=True)
        for name, one in ranges.items()
        for field in ("unit", "source")
        if getattr(one, field) is None
    ]
    if faults:
        raise ScenarioError(faults)
    return ranges


def drawn(ranges: Mapping[str, Range], number: int) -> Values:
    """Draw `number`: one value of every parameter, to four digits, by the number and each parameter's own path only."""
    return {
        path: value if isinstance(value := one.at(_uniform(path, number)), int) else float(f"{value:.4g}")
        for path, one in ranges.items()
    }


def _uniform(path: str, number: int) -> float:
    return draw(0, RANGE, zlib.crc32(path.encode()), number, 0)[0]


def _faults(name: str, one: Range, scenario: Scenario, source: Source) -> list[Fault]:
    place = source.places[("ranges", name)]
    try:
        current = value_of(scenario, name)
    except PathError:
        new = renamed(name)
        why = new[1] if new else "the scenario has no such number"
        return [Fault(place.file, place.line, place.column, f"ranges.{name}", why)]
    faults = []
    for end in (one.low, one.high):
        why = ""
        try:
            with_fields(scenario, {name: end})
        except ScenarioError as error:
            why = error.faults[0].message
        if isinstance(current, int) and end != int(end):
            why = "must be a whole number"
        if why:
            faults.append(
                Fault(place.file, place.line, place.column, f"ranges.{name}", f"{end:g} is not allowed: {why}")
            )
    return faults


def value_of(scenario: Scenario, name: str) -> int | float:
    """The number at a dotted path; a PathError if there is none."""
    here = value_at(scenario.model_dump(mode="json"), name)
    if isinstance(here, bool) or not isinstance(here, int | float):
        raise PathError((), f"{name} is no number")
    return here


def values_of(scenario: Scenario, names: Mapping[str, Range]) -> Values:
    """The scenario's own values, taken into the ranges; whole numbers stay whole."""
    own = {name: value_of(scenario, name) for name in names}
    return {
        name: min(max(value, round(one.low)), round(one.high))
        if isinstance(value := own[name], int)
        else min(max(value, one.low), one.high)
        for name, one in names.items()
    }


def as_layer(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Any]:
    """What a file that extends the scenario's must say so that these numbers hold; distributions are said whole."""
    data = with_fields(scenario, values).model_dump(mode="json")
    layer: dict[str, Any] = {}
    for name in values:
        here, there = data, layer
        for key in split(name):
            here = here[key]
            if not isinstance(here, dict) or "kind" in here:
                there[key] = copy.deepcopy(here)
                break
            there = there.setdefault(key, {})
    return layer
