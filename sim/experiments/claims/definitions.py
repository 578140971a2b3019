"""Claim files: a comparison, the claim in our own words, and what must come out if it is true."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, model_validator

from sim.experiments.claims.expectations import Expectation
from sim.experiments.claims.figures import PICTURES
from sim.experiments.compare import Comparison
from sim.results.run_folder import RunError
from sim.scenario.parameters import Fields
from sim.scenario.yaml_reader import read, validate


class Words(Fields):
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
