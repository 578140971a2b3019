"""Memory and time that a run takes."""

from rich.console import RenderableType

from sim.engine.memory_estimate import bytes_needed, bytes_per_viewer
from sim.reporting import forecast
from sim.reporting.explain.layout import words
from sim.reporting.number_format import lasting, size_of
from sim.scenario.scenario import Scenario


def what_it_takes(s: Scenario) -> list[RenderableType]:
    """Memory and time."""
    slow, fast = (rate / 1e6 for rate in forecast.EXPOSURES_PER_SECOND)
    best, worst = forecast.seconds_needed(s)
    return [
        words(
            f"Memory: about {size_of(bytes_needed(s))}, {bytes_per_viewer(s)} bytes of it for each viewer.",
            f"Time: roughly {lasting(best)} to {lasting(worst)}: {slow:g} to {fast:g} million exposures a second on "
            "two cores, and a few milliseconds for each refresh.",
        )
    ]
