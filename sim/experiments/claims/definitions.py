"""Claim files: a comparison with the claim in our own words, and what must come out if it is true."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, model_validator

from sim.experiments.claims.figures import PICTURES
from sim.experiments.claims.verdicts import Bound
from sim.experiments.compare import Comparison
from sim.results.measures.lookup import named
from sim.results.run_folder import RunError
from sim.scenario.parameters import Part
from sim.scenario.yaml_reader import read, validate

Arms = str | list[str]


class Expectation(Part):
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
    decides: bool = Field(True, description="whether the verdict rests on it; else it is told beside")

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


class Words(Part):
    """A claim: what it says, what its verdict leans on, and what must come out."""

    en: str = Field(description="the claim in our own words", min_length=1)
    zh: str = Field(description="its Chinese terms", min_length=1)
    leans_on: str = Field(description="the assumption on which the verdict leans most", min_length=1)
    expects: tuple[Expectation, ...] = Field(description="what must come out")
    picture: str | None = Field(None, description="a known picture of the arms")

    @model_validator(mode="after")
    def _decided(self) -> "Words":
        if not any(one.decides for one in self.expects):
            raise ValueError("at least one expectation must decide")
        if self.picture is not None and self.picture not in PICTURES:
            raise ValueError(f"picture is not known: {self.picture!r}; known: {', '.join(PICTURES)}")
        return self


class ClaimFile(Comparison):
    """A claim file, whole."""

    claim: Words = Field(description="the claim, and what must come out if it is true")

    @model_validator(mode="after")
    def _known_arms(self) -> "ClaimFile":
        named = {name for one in self.claim.expects for name in one.arms}
        if unknown := sorted(named - set(self.arms)):
            raise ValueError(f"no such arm: {', '.join(unknown)}; arms: {', '.join(self.arms)}")
        return self


class Claim(NamedTuple):
    """A claim by its name, such as M6, and its file."""

    id: str
    path: Path
    file: ClaimFile

    @property
    def base(self) -> Path:
        return self.path.parent / self.file.base

    @property
    def words(self) -> Words:
        return self.file.claim


def read_claims(folder: Path, wanted: Sequence[str] = ()) -> list[Claim]:
    """The claims of a folder, in the order of their numbers: all, or those asked for by name."""
    paths = {path.stem: path for path in sorted(folder.glob("M*.yaml"), key=lambda path: (len(path.stem), path.stem))}
    if not paths:
        raise RunError(f"{folder}: no claim files (M1.yaml, M2.yaml, ...) are there")
    if unknown := [name for name in wanted if name.upper() not in paths]:
        raise RunError(f"{unknown[0]}: no such claim; known: {', '.join(paths)}")
    names = [name.upper() for name in wanted] or list(paths)
    return [Claim(name, paths[name], validate(ClaimFile, read(paths[name]))) for name in paths if name in names]
