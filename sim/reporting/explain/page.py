"""The whole text: a heading, and a section for each part of the world."""

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from sim.reporting import forecast
from sim.reporting.explain.campaigns import boosted_waves
from sim.reporting.explain.cost import what_it_takes
from sim.reporting.explain.differences import what_changes, what_differs
from sim.reporting.explain.people import a_day, population
from sim.reporting.explain.ranking import tags, the_ladder, weights
from sim.reporting.explain.rooms import live_rooms
from sim.scenario.scenario import Scenario
from sim.scenario.yaml_reader import Source


def explain(scenario: Scenario, source: Source | None = None) -> Group:
    """Everything about a world that can be said before it runs, for 100 columns.

    Parameters
    ----------
    scenario
        The world, resolved.
    source
        Where it was read from: what differs is then told against the file that it extends.
    """
    sections = {
        "Population": population(scenario),
        "A viewer's day": a_day(scenario),
        "The ladder of videos (流量池)": the_ladder(scenario),
        "Weights in reviews and ranking (权重)": weights(scenario),
        "Live rooms (直播间)": live_rooms(scenario),
        "Interest tags (兴趣标签)": tags(scenario),
        "Boosted waves (DOU+)": boosted_waves(scenario),
        "Changes in mid-run (规则变更)": what_changes(scenario),
        "What differs": what_differs(scenario, source),
        "Memory and time": what_it_takes(scenario),
    }
    parts: list[RenderableType] = [heading(scenario, source)]
    for title, said in sections.items():
        parts += [Text(), Rule(Text(title, "bold"), align="left"), *said] if said else []
    return Group(*parts)


def heading(s: Scenario, source: Source | None) -> RenderableType:
    """The title, and when the run begins and ends."""
    name = s.title or (source.files[0].name if source else "A world without a title")
    told = s.calendar
    run = f"{told.full(s.start_ms)} to {told.text(s.end_ms)}, recorded from {told.text(0)}"
    said = f"Seed {s.seed}; {run}; {forecast.refreshes(s):,} refreshes of {s.platform.refresh} s."
    return Group(Text(name, "bold"), Text(said))
