"""Ranges of parameters over which a scenario is calibrated, and scenarios with some of their parameters set."""

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.parameters import Section
from sim.scenario.scenario import Scenario
from sim.scenario.yaml_reader import Source, read, validate

Values = dict[str, float]
"""Parameters by their dotted path."""


class Range(Section):
    """From where to where a parameter may lie."""

    low: float = Field(description="lower end")
    high: float = Field(description="upper end")
    log: bool = Field(False, description="whether ratios count, not differences")

    @model_validator(mode="after")
    def _makes_sense(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low must be below high, found {self.low:g} and {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be above 0 for a range of ratios, found {self.low:g}")
        return self

    def at(self, share: float) -> float:
        """The value so far into the range, from 0 to 1."""
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def share(self, value: float) -> float:
        """How far into the range a value is, from 0 to 1; values outside are taken to the nearer end."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


class Ranges(Section):
    """A file of ranges."""

    ranges: dict[str, Range] = Field(description="ranges by the dotted path of a scenario's field", min_length=1)


def read_ranges(path: str | Path, scenario: Scenario) -> dict[str, Range]:
    """The ranges of a file, if the scenario has these fields and allows the ends; else a ScenarioError tells all
    faults.
    """
    source = read(path)
    ranges = validate(Ranges, source).ranges
    faults = [fault for name, one in ranges.items() for fault in _faults(name, one, scenario, source)]
    if faults:
        raise ScenarioError(faults)
    return ranges


def _faults(name: str, one: Range, scenario: Scenario, source: Source) -> list[Fault]:
    place = source.places[("ranges", name)]
    try:
        current = value_of(scenario, name)
    except KeyError:
        return [Fault(place.file, place.line, place.column, f"ranges.{name}", "the scenario has no such number")]
    faults = []
    for end in (one.low, one.high):
        why = ""
        try:
            with_values(scenario, {name: end})
        except ValidationError as error:
            why = error.errors()[0]["msg"]
        if isinstance(current, int) and end != int(end):
            why = "must be a whole number"
        if why:
            faults.append(
                Fault(place.file, place.line, place.column, f"ranges.{name}", f"{end:g} is not allowed: {why}")
            )
    return faults


def value_of(scenario: Scenario, name: str) -> int | float:
    """The number at a dotted path; a KeyError if there is none."""
    here: Any = scenario.model_dump(mode="json")
    for key in name.split("."):
        here = here[key] if isinstance(here, dict) else None
    if isinstance(here, bool) or not isinstance(here, int | float):
        raise KeyError(name)
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


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with some numbers set, checked as if they had stood in its file."""
    data = scenario.model_dump(mode="json")
    for name, value in values.items():
        *groups, last = name.split(".")
        box = data
        for group in groups:
            box = box[group]
        box[last] = round(value) if isinstance(box[last], int) and value == round(value) else value
    return Scenario.model_validate(data)


def as_layer(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Any]:
    """What a file that extends the scenario's must say so that these numbers hold; distributions are said whole."""
    data = with_values(scenario, values).model_dump(mode="json")
    layer: dict[str, Any] = {}
    for name in values:
        here, there = data, layer
        for key in name.split("."):
            here = here[key]
            if not isinstance(here, dict) or "kind" in here:
                there[key] = copy.deepcopy(here)
                break
            there = there.setdefault(key, {})
    return layer
