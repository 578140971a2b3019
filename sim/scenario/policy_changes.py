"""Rules of the platform that change in mid-run: what may change, to what, and when."""

import copy
import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_core import InitErrorDetails

from sim.core.run_calendar import Calendar
from sim.scenario.parameters import Fields, Moment, fault
from sim.scenario.paths import set_at
from sim.scenario.policy import Platform
from sim.scenario.renamed import renamed

FIXED = (
    "platform.refresh",
    "platform.shards",
    "platform.feed.page",
    "platform.waves.peers",
    "platform.rooms.review_minutes",
)
"""What a running world is built around."""
SAME_LENGTH = ("platform.waves.ladder", "platform.rooms.levels")


def _fields(kind: type[Fields], path: str) -> Iterator[tuple[str, type[Fields]]]:
    """Every field below a group by dotted path, with the group that it is in."""
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Fields):
            yield from _fields(inner, f"{path}.{name}")
        else:
            yield f"{path}.{name}", kind


FIELDS = {path: kind for path, kind in _fields(Platform, "platform") if path not in FIXED}
"""What may change."""


class PolicyChange(Fields):
    """New rules from a moment on: the refresh at that moment is the last under the old ones."""

    at: Moment = Field(description="when: a moment on a refresh, such as day 7 00:00, or a date if there is `start`")
    set: dict[str, Any] = Field(
        description="new values of the platform's fields, by dotted path",
        min_length=1,
        json_schema_extra={"propertyNames": {"enum": list(FIELDS)}},
    )

    @field_validator("set")
    @classmethod
    def _fits_the_fields(cls, given: dict[str, Any]) -> dict[str, Any]:
        found: list[InitErrorDetails] = []
        fitting = {path: _fitting(path, value, found) for path, value in given.items()}
        if found:
            raise ValidationError.from_exception_data("set", found)
        return fitting


def _fitting(path: str, value: Any, found: list[InitErrorDetails]) -> Any:
    """The value as its field takes it; what is wrong with it is added to `found`."""
    if path not in FIELDS:
        found.append(fault(_why_not(path), path))
        return value
    name = path.rpartition(".")[2]
    try:
        return FIELDS[path].model_validate({name: value}).model_dump(mode="json")[name]
    except ValidationError as error:
        for one in error.errors(include_url=False):
            kind, loc = one["type"], (path, *one["loc"][1:])
            found.append(InitErrorDetails(type=kind, loc=loc, input=one["input"], ctx=one.get("ctx", {})))
        return value


def _why_not(path: str) -> str:
    """Why a field cannot change."""
    if path in FIXED:
        return "cannot change in a running world"
    if not f"{path}.".startswith("platform."):
        return "only the platform's rules can change in mid-run: platform.weights.review.conversion, for example"
    if new := renamed(path):
        return new[1]
    inside = [one for one in FIELDS if one.startswith(f"{path}.")]
    if inside:
        return f"a group of fields; name one of them, such as {inside[0]}"
    close = difflib.get_close_matches(path, FIELDS, 1)
    return f"unknown field; did you mean '{close[0]}'?" if close else "unknown field"


def changed(
    platform: Mapping[str, Any], switches: Sequence[Mapping[str, Any]], until_ms: int, calendar: Calendar
) -> dict[str, Any]:
    """The platform's rules after a moment, as plain data: what the switches up to then have set."""
    rules = {"platform": copy.deepcopy(dict(platform))}
    for switch in sorted(switches, key=lambda one: calendar.moment(one["at"])):
        for path, value in switch["set"].items() if calendar.moment(switch["at"]) <= until_ms else ():
            set_at(rules, path, value)
    return rules["platform"]
