"""What helps to write a scenario: a schema for editors, and a commented file to start from, both out of the model."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from sim.scenario.scenario import Scenario

DRAFT = "https://json-schema.org/draft/2020-12/schema"
EXTENDS = {
    "type": "string",
    "minLength": 1,
    "title": "Extends",
    "description": "file whose fields hold where this one is silent, beside this one [-]",
    "unit": "-",
    "source": "none unless given",
}
FIRST = (
    ("", ("title", "seed", "start", "days", "warm_up")),
    ("viewers", ("count",)),
    ("creators", ("videos_per_viewer_day",)),
    ("rooms", ("count", "narrow", "script_shares")),
    ("platform.feed", ("live_share", "use_tags")),
    ("platform.waves", ("ladder", "promote", "repeat")),
    ("platform.weights.review", ("dwell", "interaction", "entry", "conversion")),
    ("platform.tags", ("purchases",)),
    ("records", ("exposures",)),
)
"""The fields that people change first, by group."""


def schema() -> dict[str, Any]:
    """JSON Schema of a scenario file (draft 2020-12); every field carries its unit and its source."""
    made = Scenario.model_json_schema()
    return {
        "$schema": DRAFT,
        **made,
        "title": "wavepool scenario",
        "description": "A world: who lives in it, and the rules of the platform. What is left out keeps its default.",
        "properties": {"extends": EXTENDS, **made["properties"]},
    }


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def starter(name: str, schema_path: str = "schema.json") -> str:
    """A commented scenario to start from: the fields that people change first, at their defaults.

    Parameters
    ----------
    name
        Becomes the title.
    schema_path
        Where an editor finds the schema, as seen from the scenario's file.
    """
    whole = schema()
    lines = [
        f"# yaml-language-server: $schema={_printable(schema_path)}",
        "# A scenario of wavepool. What is left out keeps its default; `extends: other.yaml` takes it from another",
        "# file in this folder. `wavepool explain FILE` tells the whole world before it runs;",
        "# `wavepool schema > schema.json` writes what editors complete and check by.",
    ]
    opened: tuple[str, ...] = ()
    for group, names in FIRST:
        keys = tuple(group.split(".")) if group else ()
        lines.append("")
        for depth, key in enumerate(keys):
            if opened[: depth + 1] != keys[: depth + 1]:
                lines.append(f"{'  ' * depth}{key}:")
        opened = keys
        fields = _at(whole, keys)
        for one in names:
            value = _printable(name)[:200] if one == "title" else fields[one]["default"]
            names_known = f"; scripts: {', '.join(fields['scripts']['default'])}" if one == "script_shares" else ""
            lines += _entry(one, value, fields[one], "  " * len(keys), names_known)
    return "\n".join(lines) + "\n"


def _at(whole: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    """The fields of a group."""
    group = whole
    for key in keys:
        group = whole["$defs"][group["properties"][key]["$ref"].rpartition("/")[2]]
    fields: Mapping[str, Any] = group["properties"]
    return fields


def _entry(name: str, value: Any, field: Mapping[str, Any], indent: str, more: str) -> list[str]:
    """A field at its value, under a comment that says what it is."""
    said = "; ".join(part for part in (field["description"], limits(field), _origin(field)) if part) + more
    comment = textwrap.wrap(said, 100 - len(indent), initial_indent=f"{indent}# ", subsequent_indent=f"{indent}#   ")
    return [*comment, f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}"]


def _origin(field: Mapping[str, Any]) -> str:
    source = field.get("source", "")
    return f"source: {source}" if source else ""


def limits(field: Mapping[str, Any]) -> str:
    """The range of a field, or of the entries of a list or mapping, in words."""
    inner = field.get("items") or field.get("additionalProperties")
    if isinstance(inner, dict):
        return f"each {said}" if (said := limits(inner)) else ""
    low, above = field.get("minimum"), field.get("exclusiveMinimum")
    high, below = field.get("maximum"), field.get("exclusiveMaximum")
    ends = [
        f"from {low:,.12g}" if low is not None else f"above {above:,.12g}" if above is not None else "",
        f"to {high:,.12g}" if high is not None else f"below {below:,.12g}" if below is not None else "",
    ]
    return " ".join(end for end in ends if end)


def _printable(text: str) -> str:
    """Text that can stand on one line of YAML."""
    return "".join(c if c.isprintable() else " " for c in text)
