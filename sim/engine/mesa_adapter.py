"""What Mesa sees of a world: a model with agents, a scenario and a data collector."""

from functools import cached_property
from typing import Any

import mesa

from agents.creator import Creator
from agents.truth import HiddenTruth
from sim.core.catalogue import Catalogue
from sim.engine.observer import Observer
from sim.scenario.scenario import Scenario

COLLECTED = ("video_exposures", "live_exposures", "entries", "orders", "gmv_cents", "online", "tag_cosine")
"""What Mesa's data collector keeps of every refresh; the records keep more."""


class MesaModel(mesa.Model):
    """A Mesa model that makes its creators agents only when somebody asks for agents."""

    catalogue: Catalogue
    truth: HiddenTruth
    observer: Observer

    def __init__(self, scenario: Scenario) -> None:
        self._own_scenario = scenario
        super().__init__(rng=scenario.seed % 2**32)
        self.datacollector = mesa.DataCollector(
            {name: (lambda world, name=name: world.observer.row.get(name, 0)) for name in COLLECTED}
        )

    @property
    def scenario(self) -> Scenario:
        """What this world is made from."""
        return self._own_scenario

    @scenario.setter
    def scenario(self, _given: Any) -> None:
        """Newer versions of Mesa give every model a scenario of their own; a world keeps the one it is made from."""

    @cached_property
    def live_creators(self) -> list[Creator]:
        """The creators as Mesa's agents, made when somebody first asks for agents."""
        creators, rooms = self.catalogue.creators, len(self.truth.live_rooms)
        made = [Creator(self, row, creators, self.truth.posting) for row in range(len(creators))]
        self.forget_numbers()
        for row, creator in enumerate(made):
            creator.unique_id = rooms + row + 1  # Mesa has forgotten how far it has counted
        return made

    @property
    def agents(self) -> Any:
        """Rooms and creators, as Mesa holds them."""
        return self._with_creators().agents

    @property
    def agents_by_type(self) -> Any:
        """Rooms and creators, each kind by itself."""
        return self._with_creators().agents_by_type

    @property
    def agent_types(self) -> Any:
        """The kinds of agents that there are."""
        return self._with_creators().agent_types

    def _with_creators(self) -> Any:
        """What Mesa keeps of this world, once it knows the creators."""
        _ = self.live_creators
        return super()

    def forget_numbers(self) -> None:
        """Mesa numbers the agents of each model, and so some of its versions keep the model for ever."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
