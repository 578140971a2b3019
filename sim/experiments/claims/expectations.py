"""What must come out if a claim is true: numbers of its runs, each with a bound."""

from pydantic import Field, model_validator

from sim.experiments.claims.verdicts import Bound
from sim.results.measures.lookup import named
from sim.scenario.parameters import Fields

Arms = str | list[str]


class Expectation(Fields):
    """What must come out if the claim is true: a number of each seed, and the bound that it must be beyond."""

    says: str = Field(description="the expectation in words", min_length=1)
    measure: str = Field(description="name of a measure of a run; arguments may stand in parentheses")
    unit: str = Field(description="its unit, or `-`", min_length=1)
    arm: Arms = Field(description="the arm in which it is read; of several, their mean")
    against: Arms | None = Field(None, description="the arm whose number is taken off, of the same seed")
    than: str | None = Field(None, description="the measure that is taken off, if it is another")
    relative: bool = Field(False, description="the difference over what is taken off")
    above: float | None = Field(None, description="the smallest number that supports the claim")
    below: float | None = Field(None, description="the largest number that supports the claim")
    decides: bool = Field(True, description="whether the verdict rests on it; else it is only reported")

    @model_validator(mode="after")
    def _whole(self) -> "Expectation":
        for name in self.measures:
            named(name)
        if (self.above is None) == (self.below is None):
            raise ValueError("give one of above and below")
        if self.relative and self.against is None and self.than is None:
            raise ValueError("relative needs an arm to be against, or a measure to be more than")
        return self

    @property
    def measures(self) -> list[str]:
        """The measures that it takes."""
        return [self.measure] if self.than is None else [self.measure, self.than]

    @property
    def arms(self) -> list[str]:
        """The arms that it takes."""
        return [*listed(self.arm), *listed(self.against or [])]

    @property
    def bound(self) -> Bound:
        return Bound(self.above, above=True) if self.above is not None else Bound(float(self.below or 0), above=False)


def listed(arms: Arms) -> list[str]:
    """One arm, or several."""
    return [arms] if isinstance(arms, str) else arms
