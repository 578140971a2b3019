"""A scenario, whole: every parameter of a world with its unit, default, range, meaning and source. Frozen once read."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from sim.core.clock import DAY
from sim.core.run_calendar import Calendar, is_date
from sim.scenario.campaigns import Campaign
from sim.scenario.categories import CATEGORIES, Category
from sim.scenario.creators import Creators
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.parameters import Fields, fault, parameter, section
from sim.scenario.policy import (
    BoostRules,
    Feed,
    Platform,
    RankWeights,
    Reviews,
    ReviewWeights,
    RoomWaves,
    TagRules,
    Weights,
)
from sim.scenario.policy_changes import SAME_LENGTH, PolicyChange, changed
from sim.scenario.rooms import HOLD_AND_RELEASE, PLAIN, Adoption, Learning, Rooms, Segment, Variation
from sim.scenario.video_policy import FirstWave, Stock, Waves
from sim.scenario.viewers import InRoom, Reacting, Viewers, Watching
from sim.scenario.yaml_reader import Assignment, Source, assign, assignment, read, read_text, validate

__all__ = [
    "CATEGORIES",
    "HOLD_AND_RELEASE",
    "MAX_CATEGORIES",
    "PLAIN",
    "Adoption",
    "BoostRules",
    "Campaign",
    "Category",
    "Creators",
    "Feed",
    "FirstWave",
    "InRoom",
    "Learning",
    "Platform",
    "PolicyChange",
    "RankWeights",
    "Reacting",
    "Records",
    "ReviewWeights",
    "Reviews",
    "RoomWaves",
    "Rooms",
    "Scenario",
    "Segment",
    "Stock",
    "TagRules",
    "Variation",
    "Viewers",
    "Watching",
    "Waves",
    "Weights",
    "load",
    "loads",
    "source_of",
]

MAX_CATEGORIES = 64
NOT_SCENARIOS = {
    "claim": ("a claim", "claims"),
    "arms": ("a comparison", "compare"),
    "vary": ("a study", "sweep"),
    "facts": ("a file of facts", "check"),
}
"""What a file is that has such a field, and the command that takes it."""


class Records(Fields):
    """What a run keeps."""

    exposures: float = parameter(0.01, "share of viewers", "viewers whose every exposure is kept", ge=0, le=1)
    viewers: float = parameter(0.01, "share of viewers", "viewers whose final state is kept", ge=0, le=1)
    expected_sales: bool = parameter(
        False, "-", "whether expected entries, orders, GMV and GSV are computed, by which comparisons judge rules"
    )
    precision_sample: int = parameter(
        500, "viewers", "viewers on whom tag precision is measured each hour", ge=1, le=1_000_000
    )


class Scenario(Fields):
    """A world, whole: what `wavepool run` takes."""

    title: str = Field("", description="one line that says what it is", max_length=200)
    seed: int = parameter(1, "-", "seed of the population and of all random draws", ge=0, le=2**63 - 1)
    reaction_seed: int | None = parameter(
        None,
        "-",
        "seed of what viewers do, `seed` if not given: another one keeps the people and makes their reactions "
        "independent",
        ge=0,
        le=2**63 - 1,
    )
    start: Annotated[date, BeforeValidator(is_date)] | None = parameter(
        None,
        "date",
        "the date of day 0, such as 2021-04-01: files may then give moments as dates, and reports tell dates",
        "none unless given; the world is the same with and without it",
    )
    days: float = parameter(1.0, "days", "time that is recorded", gt=0, le=3650)
    warm_up: float = parameter(
        1.0, "days", "time before it, not recorded, in which tags and catalogue form", ge=0, le=365
    )
    categories: tuple[Category, ...] = Field(CATEGORIES, description="topics", min_length=2, max_length=MAX_CATEGORIES)
    viewers: Viewers = section(Viewers, "the people who scroll")
    creators: Creators = section(Creators, "the people who publish")
    rooms: Rooms = section(Rooms, "live rooms")
    platform: Platform = section(Platform, "the platform's rules")
    campaigns: tuple[Campaign, ...] = Field((), description="orders for boosted exposures (DOU+)", max_length=10_000)
    changes: tuple[PolicyChange, ...] = Field((), description="rules of the platform that change in mid-run")
    records: Records = section(Records, "what is kept")

    @model_validator(mode="after")
    def _whole(self) -> "Scenario":
        names = [category.name for category in self.categories]
        if len(set(names)) < len(names):
            raise ValueError("categories must have different names")
        if self.viewers.most_tastes > len(names):
            raise ValueError("viewers.most_tastes exceeds the number of categories")
        return self

    @model_validator(mode="after")
    def _dates_fit(self) -> "Scenario":
        faults = [fault(why, *where) for at, where in self._moments() if (why := self._wrong_date(at))]
        if faults:
            raise ValidationError.from_exception_data("moments", faults)
        return self

    def _moments(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Every moment that the scenario gives, and in which field."""
        yield from ((one.at, ("campaigns", n, "at")) for n, one in enumerate(self.campaigns))
        yield from ((one.at, ("changes", n, "at")) for n, one in enumerate(self.changes))
        yield from ((one.at, ("rooms", "adopt", n, "at")) for n, one in enumerate(self.rooms.adopt))

    def _wrong_date(self, at: str) -> str:
        """What is wrong with a moment that is given as a date, if anything: a wrong year is soon written."""
        if at.split()[0] == "day":
            return ""
        try:
            when_ms = self.calendar.moment(at)
        except ValueError as error:
            return f"{error}, found {at!r}"
        first, last = map(self.calendar.written, (self.start_ms, self.end_ms))
        return (
            ""
            if self.start_ms <= when_ms < self.end_ms
            else f"must lie inside the run, from {first} on and before {last}, found {at!r}"
        )

    @model_validator(mode="after")
    def _campaigns_fit(self) -> "Scenario":
        if not self.campaigns:
            return self
        names = [category.name for category in self.categories]
        creators = self.creators.how_many(self.viewers.count)
        found = [(n, one.misfit(names, creators, self.rooms.count)) for n, one in enumerate(self.campaigns)]
        faults = [fault(wrong[0], "campaigns", n, *wrong[1]) for n, wrong in found if wrong]
        if faults:
            raise ValidationError.from_exception_data("campaigns", faults)
        return self

    @model_validator(mode="after")
    def _lasts(self) -> "Scenario":
        if self.end_ms < self.refresh_ms:
            raise ValueError(f"days must be at least one refresh, {self.refresh_ms / DAY:.6f} days")
        return self

    @model_validator(mode="after")
    def _sessions_end_in_time(self) -> "Scenario":
        rooms, review = self.rooms, self.platform.rooms.review_minutes
        if rooms.sessions_per_day > 1 and review >= rooms.break_minutes:
            raise ValueError("rooms.break_minutes must exceed platform.rooms.review_minutes")
        if rooms.learning.share > 0 and review >= 60:
            raise ValueError("platform.rooms.review_minutes must be below 60 where rooms learn, the shortest night")
        return self

    @model_validator(mode="after")
    def _adoptions_fit(self) -> "Scenario":
        for n, one in enumerate(self.rooms.adopt):
            if self.calendar.moment(one.at) >= self.end_ms:
                why = f"must lie before the end of the run, {self.calendar.written(self.end_ms)}"
                raise ValidationError.from_exception_data("rooms", [fault(why, "rooms", "adopt", n, "at")])
        return self

    @model_validator(mode="after")
    def _changes_fit(self) -> "Scenario":
        for n, switch in enumerate(self.changes):
            at_ms = self.calendar.moment(switch.at)
            if not self.start_ms < at_ms < self.end_ms:
                first, last = map(self.calendar.written, (self.start_ms, self.end_ms))
                where, why = "at", f"must lie inside the run, after {first} and before {last}"
            elif at_ms % self.refresh_ms:
                where, why = "at", f"must be on a refresh, a whole number of {self.platform.refresh} s"
            else:
                where, why = "set", self._misfit(at_ms)
            if why:
                raise ValidationError.from_exception_data("changes", [fault(why, "changes", n, where)])
        return self

    def _misfit(self, now_ms: int) -> str:
        """What is wrong with the rules that come into force at a moment, if anything."""
        try:
            rules = self.rules_after(now_ms)
        except ValidationError as error:
            return str(error.errors()[0]["ctx"]["error"])
        lengths = [(len(one.waves.ladder), len(one.rooms.levels)) for one in (self.platform, rules)]
        if lengths[0] != lengths[1] or self._tiers(self.platform) != self._tiers(rules):
            return f"{' and '.join(SAME_LENGTH)} keep their lengths in a running world"
        return ""

    def _tiers(self, rules: Platform) -> int:
        return sum(budget <= self.viewers.count for budget in rules.waves.ladder)

    def rules_after(self, now_ms: int) -> Platform:
        """The platform's rules that hold after the refresh at a moment."""
        if not self.changes:
            return self.platform
        switches = [switch.model_dump() for switch in self.changes]
        return Platform.model_validate(changed(self.platform.model_dump(mode="json"), switches, now_ms, self.calendar))

    @property
    def calendar(self) -> Calendar:
        """How moments read in this world."""
        return Calendar(self.start)

    @property
    def start_ms(self) -> int:
        return -self._refreshes(self.warm_up) * self.refresh_ms

    @property
    def end_ms(self) -> int:
        return self._refreshes(self.days) * self.refresh_ms

    @property
    def reactions(self) -> int:
        """The seed of what viewers do."""
        return self.seed if self.reaction_seed is None else self.reaction_seed

    @property
    def refresh_ms(self) -> int:
        return self.platform.refresh * 1000

    def _refreshes(self, days: float) -> int:
        return round(days * DAY / self.refresh_ms)

    def digest(self) -> str:
        """SHA-256 of the resolved scenario: the same world has the same digest, however it was written."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def with_fields(scenario: Scenario, fields: Mapping[str, Any]) -> Scenario:
    """The scenario with other values by dotted path, checked as if they had stood in its file (ScenarioError)."""
    return assign(scenario, [Assignment(path, value) for path, value in fields.items()])


def load(path: str | Path, overrides: Sequence[str | Assignment] = ()) -> Scenario:
    """Read and check a scenario file, then set `a.b=value` overrides in it; mistakes are told in a ScenarioError."""
    source = read(path)
    for field, (what, command) in NOT_SCENARIOS.items():
        if field in source.own:
            at = source.places[(field,)]
            why = f"this is {what}, not a scenario; see `wavepool {command} --help`"
            raise ScenarioError([Fault(at.file, at.line, at.column, field, why)])
    return _resolved(source, overrides)


def loads(text: str, overrides: Sequence[str | Assignment] = (), name: str = "<text>") -> Scenario:
    """The same for text."""
    return _resolved(read_text(text, name), overrides)


def _resolved(source: Source, overrides: Sequence[str | Assignment]) -> Scenario:
    scenario = validate(Scenario, source)
    if not overrides:
        return scenario
    return assign(scenario, [assignment(one) if isinstance(one, str) else one for one in overrides], source)


def source_of(path: str | Path) -> Source:
    """What the files say, where, and what the file itself adds to its parent."""
    return read(path)


def resolved(scenario: Scenario | str | Path, seed: int | None, changes: dict[str, Any]) -> Scenario:
    """The scenario with a seed and changes put in, checked as if they had stood in the file."""
    made = scenario if isinstance(scenario, Scenario) else load(scenario)
    own = {} if seed is None else {"seed": seed}
    return with_fields(made, own | changes) if own or changes else made
