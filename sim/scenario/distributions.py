"""Distributions by name, as a scenario's fields take them."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sim.core.randomness import CONSTANT, LOGNORMAL, PARETO, UNIFORM, WEIBULL, sample
from sim.scenario.parameters import Fields, parameter


class Constant(Fields):
    """Always the same value."""

    kind: Literal["constant"] = Field(description="always the same value")
    value: float = parameter(1.0, "as the field", "the value")

    def kernel_args(self) -> tuple[int, float, float]:
        return CONSTANT, self.value, 0.0

    def mean(self) -> float:
        return self.value


class Uniform(Fields):
    """Every value between two bounds alike."""

    kind: Literal["uniform"] = Field(description="every value between two bounds alike")
    low: float = parameter(0.0, "as the field", "lower bound")
    high: float = parameter(1.0, "as the field", "upper bound")

    def kernel_args(self) -> tuple[int, float, float]:
        return UNIFORM, self.low, self.high

    def mean(self) -> float:
        return (self.low + self.high) / 2


class Lognormal(Fields):
    """The logarithm is normal."""

    kind: Literal["lognormal"] = Field(description="the logarithm is normal")
    median: float = parameter(1.0, "as the field", "median", gt=0)
    sigma: float = parameter(0.5, "log units", "standard deviation of the natural logarithm", ge=0, le=5)

    def kernel_args(self) -> tuple[int, float, float]:
        return LOGNORMAL, self.median, self.sigma

    def mean(self) -> float:
        return self.median * math.exp(self.sigma**2 / 2)


class Weibull(Fields):
    """Weibull; shape 1 is exponential."""

    kind: Literal["weibull"] = Field(description="shape 1 is exponential")
    scale: float = parameter(1.0, "as the field", "scale", gt=0)
    shape: float = parameter(1.0, "-", "shape", gt=0, le=20)

    def kernel_args(self) -> tuple[int, float, float]:
        return WEIBULL, self.scale, self.shape

    def mean(self) -> float:
        return self.scale * math.gamma(1 + 1 / self.shape)


class Pareto(Fields):
    """A power-law tail."""

    kind: Literal["pareto"] = Field(description="a power-law tail")
    minimum: float = parameter(1.0, "as the field", "smallest value", gt=0)
    tail: float = parameter(2.0, "-", "tail exponent", gt=0.1, le=20)

    def kernel_args(self) -> tuple[int, float, float]:
        return PARETO, self.minimum, self.tail

    def mean(self) -> float:
        return self.minimum * self.tail / (self.tail - 1) if self.tail > 1 else math.inf


Named = Annotated[Constant | Uniform | Lognormal | Weibull | Pareto, Field(discriminator="kind")]
Distribution = Constant | Uniform | Lognormal | Weibull | Pareto


def _not_negative(given: Distribution) -> Distribution:
    kind, a, b = given.kernel_args()
    if a < 0 or (kind == UNIFORM and b < a):
        raise ValueError("must be a distribution of values from 0 up, with low not above high")
    return given


def _above_zero(given: Distribution) -> Distribution:
    if given.kernel_args()[1] < 0.001:
        raise ValueError("must be a distribution of values of at least 0.001")
    return _not_negative(given)


def _sane(given: Distribution) -> Distribution:
    if given.mean() > 500:
        raise ValueError("must have a mean of at most 500 a day")
    return _above_zero(given)


NonNegative = Annotated[Named, AfterValidator(_not_negative)]
Positive = Annotated[Named, AfterValidator(_above_zero)]
PerDay = Annotated[Named, AfterValidator(_sane)]
Hours = Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(min_length=24, max_length=24)]
"""24 weights, one for each hour of the day."""


def lognormal(median: float, sigma: float) -> Lognormal:
    """A log-normal distribution by median and spread."""
    return Lognormal(kind="lognormal", median=median, sigma=sigma)


def middle(distribution: Distribution) -> float:
    """A typical value of a distribution, the unit in which a trait is a factor."""
    kind, a, b = distribution.kernel_args()
    return max(sample(kind, a, b, 0.5, 0.25), 1e-6)
