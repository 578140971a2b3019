"""What a field of a scenario is: default, unit, range, meaning and source; and distributions by name."""

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim.core.randomness import CONSTANT, LOGNORMAL, PARETO, UNIFORM, WEIBULL, sample


class Part(BaseModel):
    """A group of parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def p(default: Any, unit: str, what: str, source: str = "assumed", **limits: Any) -> Any:
    """One parameter: default, unit (or `-`), meaning, where the default comes from, and its range."""
    return Field(default, description=f"{what} [{unit}]", json_schema_extra={"unit": unit, "source": source}, **limits)


def part(kind: type[Part], what: str) -> Any:
    """A group within a group."""
    return Field(default_factory=kind, description=what)


def fault(message: str, *where: str | int) -> InitErrorDetails:
    """What is wrong at a place, for a ValidationError."""
    return InitErrorDetails(
        type=PydanticCustomError("value_error", "{error}", {"error": message}),
        loc=where,
        input={},  # the message says it all
    )


# --- distributions by name


class Constant(Part):
    """Always the same value."""

    kind: Literal["constant"] = Field(description="always the same value")
    value: float = p(1.0, "as the field", "the value")

    def code(self) -> tuple[int, float, float]:
        return CONSTANT, self.value, 0.0

    def mean(self) -> float:
        return self.value


class Uniform(Part):
    """Every value between two bounds alike."""

    kind: Literal["uniform"] = Field(description="every value between two bounds alike")
    low: float = p(0.0, "as the field", "lower bound")
    high: float = p(1.0, "as the field", "upper bound")

    def code(self) -> tuple[int, float, float]:
        return UNIFORM, self.low, self.high

    def mean(self) -> float:
        return (self.low + self.high) / 2


class Lognormal(Part):
    """The logarithm is normal."""

    kind: Literal["lognormal"] = Field(description="the logarithm is normal")
    median: float = p(1.0, "as the field", "median", gt=0)
    sigma: float = p(0.5, "log units", "standard deviation of the natural logarithm", ge=0, le=5)

    def code(self) -> tuple[int, float, float]:
        return LOGNORMAL, self.median, self.sigma

    def mean(self) -> float:
        return self.median * math.exp(self.sigma**2 / 2)


class Weibull(Part):
    """Weibull; shape 1 is exponential."""

    kind: Literal["weibull"] = Field(description="shape 1 is exponential")
    scale: float = p(1.0, "as the field", "scale", gt=0)
    shape: float = p(1.0, "-", "shape", gt=0, le=20)

    def code(self) -> tuple[int, float, float]:
        return WEIBULL, self.scale, self.shape

    def mean(self) -> float:
        return self.scale * math.gamma(1 + 1 / self.shape)


class Pareto(Part):
    """A power-law tail."""

    kind: Literal["pareto"] = Field(description="a power-law tail")
    minimum: float = p(1.0, "as the field", "smallest value", gt=0)
    tail: float = p(2.0, "-", "tail exponent", gt=0.1, le=20)

    def code(self) -> tuple[int, float, float]:
        return PARETO, self.minimum, self.tail

    def mean(self) -> float:
        return self.minimum * self.tail / (self.tail - 1) if self.tail > 1 else math.inf


Named = Annotated[Constant | Uniform | Lognormal | Weibull | Pareto, Field(discriminator="kind")]
Shape = Constant | Uniform | Lognormal | Weibull | Pareto


def _not_negative(given: Shape) -> Shape:
    kind, a, b = given.code()
    if a < 0 or (kind == UNIFORM and b < a):
        raise ValueError("must be a distribution of values from 0 up, with low not above high")
    return given


def _above_zero(given: Shape) -> Shape:
    if given.code()[1] < 0.001:
        raise ValueError("must be a distribution of values of at least 0.001")
    return _not_negative(given)


def _sane(given: Shape) -> Shape:
    if given.mean() > 500:
        raise ValueError("must have a mean of at most 500 a day")
    return _above_zero(given)


Distribution = Annotated[Named, AfterValidator(_not_negative)]
Positive = Annotated[Named, AfterValidator(_above_zero)]
PerDay = Annotated[Named, AfterValidator(_sane)]


def middle(distribution: Shape) -> float:
    """A typical value of a distribution, the unit in which a trait is a factor."""
    kind, a, b = distribution.code()
    return max(sample(kind, a, b, 0.5, 0.25), 1e-6)


def lognormal(median: float, sigma: float) -> Lognormal:
    """A log-normal distribution by median and spread."""
    return Lognormal(kind="lognormal", median=median, sigma=sigma)
