"""Viewers as a person reads them: one row with words, or one column of all."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from agents.viewer import INSIDE, MOST_TASTES, PHASES, trait
from sim.core.arrays import Array, one
from sim.engine.population import Population
from sim.recommender.interest_tags import interest_profile
from sim.scenario.scenario import Scenario
from sim.traffic.policy_in_force import PolicyInForce


class Viewer(NamedTuple):
    """One viewer, read at this moment: what is true, and what the platform believes."""

    number: int
    phase: str
    satisfaction: float
    price_yuan: float
    bargain_hunter: bool
    traits: dict[str, float]  # factors on the population's typical value
    tastes: dict[str, float]  # from 0 to 1, the strongest first
    tags: dict[str, float]  # from 0 to 1, the strongest first
    acts_next: str
    room: int | None
    follows: list[int]

    def __str__(self) -> str:
        def words(parts: dict[str, float]) -> str:
            return ", ".join(f"{name} {value:.2f}" for name, value in parts.items() if value >= 0.005) or "none"

        return (
            f"viewer {self.number}: {self.phase}, acts next on {self.acts_next}; "
            f"likes {words(self.tastes)}; tags {words(self.tags)}"
        )


class Viewers:
    """All viewers of a world: `viewers[7]` is a `Viewer`, `viewers["satisfaction"]` a column, `len(viewers)` their
    number.
    """

    def __init__(
        self, scenario: Scenario, population: Population, moment: Callable[[], tuple[int, PolicyInForce, Array]]
    ) -> None:
        self._scenario, self._population, self._moment = scenario, population, moment

    def __len__(self) -> int:
        return self._scenario.viewers.count

    def __iter__(self) -> Iterator[Viewer]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, str):
            return self._population.column(key)
        i = range(len(self))[key]
        found, (now_ms, policy, weights) = self._population.rows(np.array([i])), self._moment()
        row = one(found.viewers)
        names = [category.name for category in self._scenario.categories]
        tag = np.zeros(len(names))
        interest_profile(one(found.tags), now_ms, one(policy.tag_rules), weights, tag)
        tastes = {names[row.taste[n]]: row.affinity[n] / 255.0 for n in range(MOST_TASTES) if row.affinity[n]}
        return Viewer(
            number=i,
            phase=PHASES[row.phase],
            satisfaction=row.satisfaction,
            price_yuan=row.price_cents / 100.0,
            bargain_hunter=row.bargain == 1,
            traits={name: trait(getattr(row, name)) for name in TRAITS},
            tastes=_strongest_first(tastes),
            tags=_strongest_first({name: float(value) for name, value in zip(names, tag, strict=True) if value > 0}),
            acts_next=self._scenario.calendar.text(row.due_ms),
            room=row.room if row.phase == INSIDE else None,
            follows=[int(creator) for creator in one(found.served).follows if creator >= 0],
        )


TRAITS = ("activity", "patience", "like", "comment", "share", "follow", "live", "buy")
"""Traits that are factors, as columns name them."""


def _strongest_first(parts: dict[str, float]) -> dict[str, float]:
    return dict(sorted(parts.items(), key=lambda part: -part[1]))
