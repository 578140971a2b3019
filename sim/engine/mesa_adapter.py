"""What Mesa sees of a world: a model with agents, a scenario and a data collector."""

from functools import cached_property
from typing import Any, cast

import mesa
from mesa.agent import AgentSet

from agents.creator import Creator
from agents.truth import HiddenTruth
from sim.core.catalogue import Catalogue
from sim.engine.observer import Observer
from sim.scenario.scenario import Scenario

COLLECTED = ("video_exposures", "live_exposures", "entries", "orders", "gmv_cents", "online", "tag_cosine")
"""What Mesa's data collector keeps of every refresh; the records keep more."""


class MesaModel(mesa.Model):
    """A Mesa model that makes its creators agents only when somebody asks for agents."""

    # Mesa may set another one while a model is made: newer versions give every model a scenario of their own
    scenario: Scenario = cast(Any, None)
    catalogue: Catalogue
    truth: HiddenTruth
    observer: Observer

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(rng=scenario.seed % 2**32)
        self.scenario = scenario
        self.datacollector = mesa.DataCollector(
            {name: (lambda world, name=name: world.observer.row.get(name, 0)) for name in COLLECTED}
        )

    @cached_property
    def live_creators(self) -> list[Creator]:
        """The creators as Mesa's agents, made when somebody first asks for agents."""
        creators, first = self.catalogue.creators, len(self.truth.live_rooms) + 1  # after the rooms
        return [Creator(self, first + row, row, creators, self.truth.posting) for row in range(len(creators))]

    @property
    def agents(self) -> AgentSet:
        """Rooms and creators."""
        _ = self.live_creators
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """Rooms and creators, each kind by itself."""
        _ = self.live_creators
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents that there are."""
        _ = self.live_creators
        return super().agent_types
