"""What a field of a scenario is: its default, unit, meaning, source and range."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim.core.run_calendar import is_moment

Moment = Annotated[str, AfterValidator(is_moment)]
"""A moment in days or dates; `Calendar.moment` says when that is."""


class Fields(BaseModel):
    """A group of named fields, checked when it is made and frozen from then on."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def parameter(default: Any, unit: str, what: str, source: str = "assumed", **limits: Any) -> Any:
    """One parameter: default, unit (or `-`), meaning, where the default comes from, and its range."""
    return Field(default, description=f"{what} [{unit}]", json_schema_extra={"unit": unit, "source": source}, **limits)


def section(kind: type[Fields], what: str) -> Any:
    """A group within a group."""
    return Field(default_factory=kind, description=what)


def fault(message: str, *where: str | int) -> InitErrorDetails:
    """What is wrong at a place, for a ValidationError."""
    return InitErrorDetails(
        type=PydanticCustomError("value_error", "{error}", {"error": message}),
        loc=where,
        input={},  # the message says it all
    )
