"""The parameters that nobody knows well, their ranges, and draws from them: how far does a verdict depend on them?"""

import math
import zlib
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from sim.core.randomness import RANGE, draw
from sim.scenario.parameters import Section
from sim.scenario.yaml_reader import read, validate


class Range(Section):
    """From where to where a parameter may lie."""

    low: float = Field(description="lowest value")
    high: float = Field(description="highest value")
    unit: str = Field(description="unit of both, as the parameter's own", min_length=1)
    source: str = Field(description="where the range comes from, or the word assumed", min_length=1)
    log: bool = Field(False, description="drawn evenly by factors, not by differences")
    whole: bool = Field(False, description="only whole numbers")

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if not self.low < self.high:
            raise ValueError("low must be below high")
        if self.log and self.low <= 0:
            raise ValueError("a range drawn by factors must begin above 0")
        return self

    def at(self, u: float) -> float | int:
        """The value at share `u` of the range."""
        if self.whole:
            return int(self.low) + int(u * (int(self.high) - int(self.low) + 1))
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        value = low + u * (high - low)
        return float(f"{math.exp(value) if self.log else value:.4g}")


Ranges = dict[str, Range]


class Uncertain(Section):
    """A file of ranges by dotted path of a scenario's field."""

    ranges: Annotated[Ranges, Field(min_length=1)] = Field(description="ranges by path")


def read_ranges(path: Path) -> Ranges:
    """The ranges of a file."""
    return validate(Uncertain, read(path)).ranges


def drawn(ranges: Ranges, number: int) -> dict[str, Any]:
    """Draw `number`: one value of every parameter. It depends on the number and each parameter's own name only."""
    return {path: one.at(draw(0, RANGE, zlib.crc32(path.encode()), number, 0)[0]) for path, one in ranges.items()}
