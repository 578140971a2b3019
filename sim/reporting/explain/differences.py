"""Rules that change in mid-run, and fields that are not as in the parent."""

from rich.console import RenderableType

from sim.reporting.explain.layout import table, words
from sim.scenario.diff import changes, parent_of
from sim.scenario.scenario import Scenario
from sim.scenario.yaml_reader import Source


def what_changes(s: Scenario) -> list[RenderableType]:
    """The rules that change in mid-run; nothing where none do."""
    rows = []
    for at_ms in sorted(s.calendar.moment(switch.at) for switch in s.changes):
        before, after, when = s.rules_after(at_ms - 1), s.rules_after(at_ms), s.calendar.text(at_ms)
        rows += [(when, f"platform.{one.field}", one.parent, one.here) for one in changes(after, before)]
    known = words("All that is said above is of the world before them.")
    return [table(["after the refresh at", "field", "before", "from then on"], rows), known] if rows else []


def what_differs(s: Scenario, source: Source | None) -> list[RenderableType]:
    """The fields that are not as in the parent."""
    name, parent = parent_of(source)
    found = list(changes(s, parent))
    if not found:
        return [words(f"Nothing: all is as in {name}.")]
    rows = [(one.field, one.here, one.parent, f"{one.unit}; {one.source}") for one in found]
    return [table(["field", "here", f"in {name}", "unit; source of the default"], rows)]
