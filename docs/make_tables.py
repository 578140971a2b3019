"""Write the tables of `docs/model.md` out of the code: `uv run python docs/make_tables.py`; `--check` only looks."""

import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from agents import creator, viewer
from sim.core import catalogue
from sim.core.arrays import Column, Declared
from sim.recommender import boosted_slots, interest_tags, viewer_history
from sim.results.stylised_facts import Fact, read_facts
from sim.scenario import diff
from sim.scenario.categories import CATEGORIES
from sim.scenario.creators import POSTING_RHYTHM
from sim.scenario.distributions import Constant, Lognormal, Pareto, Uniform, Weibull
from sim.scenario.parameters import Fields
from sim.scenario.scenario import Scenario
from sim.scenario.template import limits
from sim.scenario.viewers import RHYTHM
from sim.traffic import room_levels, video_waves

PAGE = Path(__file__).with_name("model.md")
KINDS = (Constant, Uniform, Lognormal, Weibull, Pareto)
STATE = {
    "viewer": (viewer, viewer.VIEWER_COLUMNS),
    "tags": (interest_tags, interest_tags.TAG_COLUMNS),
    "served": (viewer_history, viewer_history.SERVED_COLUMNS),
    "creator": (creator, creator.CREATOR_COLUMNS),
    "video": (catalogue, catalogue.VIDEO_COLUMNS),
    "wave": (video_waves, video_waves.WAVE_COLUMNS),
    "room": (catalogue, catalogue.ROOM_COLUMNS),
    "level": (room_levels, room_levels.LEVEL_COLUMNS),
    "product": (catalogue, catalogue.PRODUCT_COLUMNS),
    "boost": (boosted_slots, boosted_slots.BOOST_COLUMNS),
}
MARKED = re.compile(r"<!-- table: (?P<name>[\w.]+) -->\n.*?<!-- end of table -->", re.DOTALL)


def tables() -> dict[str, str]:
    """Every table by name."""
    made = {path: parameters(kinds) for path, kinds in groups(Scenario)}
    made |= {f"state.{name}": state(*where) for name, where in STATE.items()}
    return made | {
        "distribution": parameters(KINDS),
        "topics": sentence(f"{c.name} ({c.zh}) {c.share}" for c in CATEGORIES),
        "viewers.hours": sentence(map(str, RHYTHM)),
        "creators.hours": sentence(map(str, POSTING_RHYTHM)),
        "figures": table(("measure", "published", "band", "grade", "source"), map(figure, read_facts())),
    }


# --- parameters


def parts_in(annotation: Any) -> list[type[Fields]]:
    """The groups of fields that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Fields):
        return [annotation]
    return [part for inner in get_args(annotation) for part in parts_in(inner)]


def groups(kind: type[Fields], path: str = "") -> Iterator[tuple[str, list[type[Fields]]]]:
    """Every group of fields of a scenario by dotted path; of a choice, all that can be chosen."""
    yield path or "scenario", [kind]
    for name, field in kind.model_fields.items():
        at, parts = f"{path}.{name}".strip("."), parts_in(field.annotation)
        if len(parts) == 1:
            yield from groups(parts[0], at)
        elif parts and parts[0] not in KINDS:
            yield at, parts


def parameters(kinds: Sequence[type[Fields]]) -> str:
    """The fields of a group; of several kinds of one, each field under the name of its kind."""
    rows = [row for kind in kinds for row in fields(kind, chosen(kind) if len(kinds) > 1 else "")]
    return table(("field", "default", "unit", "range", "meaning", "source of the default"), rows)


def chosen(kind: type[Fields]) -> str:
    """What stands in a scenario to choose this kind."""
    return f"{get_args(kind.model_fields['kind'].annotation)[0]}."


def fields(kind: type[Fields], prefix: str) -> Iterator[tuple[str, ...]]:
    """A row for each field that is a value, not a group."""
    described = kind.model_json_schema()["properties"]
    for name, field in kind.model_fields.items():
        if parts_in(field.annotation) == [field.annotation] or name == "kind":
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        unit, source = str(extra.get("unit", "-")), str(extra.get("source", "-"))
        default = "must be given" if field.is_required() else shown(field.get_default(call_default_factory=True))
        meaning = str(field.description).removesuffix(f" [{unit}]")
        yield f"`{prefix}{name}`", default, unit, allowed(described[name]), meaning, source


def allowed(described: dict[str, Any]) -> str:
    """What a field may be, in words."""
    return " or ".join(map(str, described.get("enum", ()))) or limits(described) or "-"


def shown(value: Any) -> str:
    """A default as a short text; what is long stands below the table."""
    if value in (None, "", ()):
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{len(value)}, below" if isinstance(value, tuple) and len(value) > diff.MOST else diff.shown(value)


# --- state variables


def state(module: ModuleType, declared: Declared) -> str:
    """The columns of one kind of row, with what the code says of each."""
    said = re.findall(r'^    "(\w+)": Column\([^#\n]*(?:# (.*))?$', inspect.getsource(module), re.MULTILINE)
    meanings = dict(said)
    rows = [(f"`{name}`", stored(column), meanings[name] or "-") for name, column in declared.items()]
    return table(("variable", "type", "meaning"), rows)


def stored(column: Column) -> str:
    """A column's type, and how many of it a row has."""
    return " x ".join([column.dtype.__name__, *map(str, column.shape)])


# --- figures


def figure(fact: Fact) -> tuple[str, ...]:
    """A published figure as a row."""
    low, high = fact.band
    return f"`{fact.label}`", f"{fact.value:,.12g}", f"{low:,.12g} to {high:,.12g}", fact.grade, fact.source


# --- Markdown


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table."""
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def sentence(parts: Iterable[str]) -> str:
    """A list as a few lines of text."""
    return textwrap.fill(f"{', '.join(parts)}.", 120)


def written(text: str) -> str:
    """The page with every marked table made anew."""
    made = tables()
    return MARKED.sub(lambda found: between_marks(found["name"], made[found["name"]]), text)


def between_marks(name: str, made: str) -> str:
    """A table between its marks."""
    return f"<!-- table: {name} -->\n{made}\n<!-- end of table -->"


def main() -> None:
    """Write the page, or say whether it is current."""
    before = PAGE.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in sys.argv[1:]:
        print(f"{PAGE}: " + ("up to date" if after == before else "run `uv run python docs/make_tables.py`"))
        raise SystemExit(after != before)
    PAGE.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
