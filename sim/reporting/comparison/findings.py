"""What a comparison found, as plain tables: for pictures, pages and JSON."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.core.run_calendar import Calendar, is_date
from sim.reporting.comparison.outcomes import EXPECTED, GMV_EXPECTED, agreements
from sim.results.measures.lookup import named
from sim.results.paired_statistics import CONFIDENCE


class Findings(NamedTuple):
    """What a comparison found.

    Attributes
    ----------
    arms
        The fields in which arms differ, by dotted path, as each arm has them; the first is compared with.
    effects
        One row a measure and arm: mean of the paired differences from the first arm, absolute and relative, its 95 %
        interval (Student's t over seeds), how much larger the variance would be with unpaired worlds and with the same
        people but independent reactions, and whether it survives Holm's correction for many measures. `seeds` are
        those in which both arms have the measure; a measure with fewer than two has no row.
    values
        One row a run: arm (None for independent reactions), seed, folder, and every measure.
    curves
        One row an arm, seed, curve and time: its value.
    groups
        One row an arm, seed, way of grouping and group: what rooms got, or viewers bought.
    rooms
        One row an arm, seed and room: exposures and GMV.
    about
        How to repeat it: command, versions, the world in words, hashes.
    """

    title: str
    arms: dict[str, dict[str, str]]
    seeds: list[int]
    effects: pd.DataFrame
    values: pd.DataFrame
    curves: pd.DataFrame
    groups: pd.DataFrame
    rooms: pd.DataFrame
    about: dict[str, Any]

    @property
    def first(self) -> str:
        """The arm that the others are compared with."""
        return next(iter(self.arms))

    @property
    def others(self) -> list[str]:
        """The arms that are compared with the first."""
        return list(self.arms)[1:]

    @property
    def calendar(self) -> Calendar:
        """How moments read in all arms."""
        start = self.about.get("start")
        return Calendar(is_date(start) if start else None)

    @property
    def fresh_seeds(self) -> int:
        """Seeds that were run again with independent reactions."""
        return int(self.values["arm"].isna().sum())

    def effect(self, measure: str, arm: str) -> dict[Any, Any]:
        """One row of the effects."""
        found = self.effects[(self.effects["measure"] == measure) & (self.effects["arm"] == arm)]
        return found.to_dict("records")[0]

    def words(self, row: Mapping[Any, Any]) -> str:
        """The measure of a row of the effects in words, with the number of seeds where not all could tell."""
        some = f" ({row['seeds']} of {len(self.seeds)} seeds)" if row["seeds"] < len(self.seeds) else ""
        return named(row["measure"]).words + some

    @property
    def without_effect(self) -> list[str]:
        """The measures, in words, that no two seeds have in both arms, so that there is no effect to tell."""
        names = [str(name) for name in self.values if name not in ("arm", "seed", "folder")]
        return [named(name).words for name in names if name not in set(self.effects["measure"])]

    def by_seed(self, measure: str, arm: str) -> np.ndarray:
        """A measure's values of an arm, seed by seed."""
        mine = self.values[self.values["arm"] == arm].set_index("seed")
        return np.asarray(mine.loc[self.seeds, measure], float)

    @property
    def is_expected(self) -> bool:
        """Whether GMV is told as it was to be expected: only where that agrees with what came."""
        return GMV_EXPECTED in set(self.effects["measure"])

    @property
    def checks(self) -> dict[str, dict[str, dict[str, Any]]]:
        """By expected measure and arm, whether it agrees with what came, and the smallest bias that would show."""
        names = [name for name in EXPECTED if name in self.values]
        return {
            name: {
                arm: {**one._asdict(), "holds": one.holds, "least_seen": one.least_seen}
                for arm, one in agreements(self.values, name).items()
            }
            for name in names
        }

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "title": self.title,
            "arms": list(self.arms),
            "changes": self.arms,
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "independent_seeds": self.fresh_seeds,
            "confidence": CONFIDENCE,
            "interval": "Student t over seeds, paired differences from the first arm",
            **self.about,
            "checks": self.checks,
            "effects": plain(self.effects),
        }


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain data, with None for what is not a number."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return bool(value) if isinstance(value, np.bool_) else value
