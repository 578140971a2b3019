"""What a comparison reads of each run: measures, curves over time, and what rooms and groups of people got."""

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.core.event_log import OF_SOURCES, ROOM_SOURCES
from sim.engine.initialisation import allocate_viewers, initial_creators, initial_rooms, initialise_viewers
from sim.reporting.figures.style import HOUR_S
from sim.reporting.figures.traffic_curves import BINS_S
from sim.results.measures.lookup import named, numbers
from sim.results.measures.run_data import Evidence
from sim.results.measures.sales import CENTS_PER_YUAN, PARTS
from sim.results.paired_statistics import Agreement, agreement
from sim.results.run_folder import Run
from sim.scenario.scenario import Scenario

MOST_POINTS = 100  # of a curve
ALL_ARMS = "all arms"
GMV, GMV_EXPECTED = "sales.gmv_yuan", "sales.expected_gmv_yuan"
EXPECTED = {
    GMV_EXPECTED: GMV,
    "sales.expected_gsv_yuan": "sales.gsv_yuan",
    "sales.expected_orders": "sales.orders",
    "sales.expected_entries": "live.entries",
}
"""Measures that are expectations, and what they expect."""
AS_SOLD = "gmv_as_sold"  # the curve of GMV as it came


STANDARD = (
    *EXPECTED,
    GMV,
    "sales.gsv_yuan",
    "sales.orders",
    "sales.buyers",
    "sales.refused_orders",
    "sales.gpm_yuan",
    "sales.orders_per_entry",
    "live.exposures",
    "live.entries",
    "live.enter_rate",
    "traffic.seconds_per_entry",
    "rooms.exposure_gini",
    "feed.live_share",
    "viewers.minutes_per_day",
    "viewers.sessions",
    "viewers.next_day_return",
    "feed.finish_rate",
    "feed.like_rate",
    "tags.cosine",
    "paid.natural(6)",
    "paid.natural",
)
"""The measures that are always told, by their names in the registry; others are told when they are asked for."""


class Curve(NamedTuple):
    """One number over time: its unit, and what it says."""

    unit: str
    words: str


CURVES = {
    "exposures": Curve("per hour", "exposures of selling rooms"),
    "gmv": Curve("yuan", "GMV so far"),
    "online": Curve("viewers", "people in rooms"),
    "precision": Curve("cosine", "tag precision"),
}


class Grouping(NamedTuple):
    """A way of grouping rooms or viewers, and its groups in their order."""

    words: str
    groups: tuple[str, ...]


THIRDS = ("least", "middle", "most")
GROUPINGS = {
    "script": Grouping("rooms by script", ()),
    "breadth": Grouping("rooms by breadth of catalogue", ("one category", "2 or 3 categories", "4 and more")),
    "host": Grouping("rooms by host's following", tuple(f"{name} followed third" for name in THIRDS)),
    "level": Grouping("rooms by level at the time", ()),
    "source": Grouping("rooms by entrance", ROOM_SOURCES),
    "activity": Grouping("viewers by activity", tuple(f"{name} active third" for name in THIRDS)),
    "bargain": Grouping("viewers by bargain hunting", ("others", "bargain hunters")),
}
BY_SOURCE, OF_ROOMS, OF_VIEWERS = "source", ("script", "breadth", "host", "level"), ("activity", "bargain")


# --- measures


def measures_of(run: Run, names: Iterable[str]) -> dict[str, float]:
    """Measures of one run by name; NaN where it holds nothing of the kind."""
    return numbers(Evidence.of(run), names)


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """Measures as they are named in tables, each once; an UnknownMeasureError for one that there is not."""
    return tuple(dict.fromkeys(named(name).name for name in names))


def agreements(values: pd.DataFrame, expected: str) -> dict[str, Agreement]:
    """For each arm, and for all of them, how far what came is from what was expected.

    Arms with the same seed share their reactions, so that of all arms together the mean of each seed counts once.
    """
    came, found = EXPECTED[expected], {}
    paired = values[values["arm"].notna()]
    for arm, mine in paired.groupby("arm", sort=False):
        found[str(arm)] = agreement(mine[came].to_numpy(float), mine[expected].to_numpy(float))
    by_seed = paired.groupby("seed")[[came, expected]].mean()
    return found | {ALL_ARMS: agreement(by_seed[came].to_numpy(float), by_seed[expected].to_numpy(float))}


def expectations_hold(values: pd.DataFrame, expected: str) -> bool:
    """Whether an expected measure agrees with what came in every arm and over all; one that does not is not quoted."""
    return all(one.holds for one in agreements(values, expected).values())


# --- curves


def curves_of(run: Run) -> pd.DataFrame:
    """The curves of one run, in at most 100 points; columns `curve`, `at_s`, `value`."""
    columns = ["at_s", "live_exposures", "gmv_cents", "expected_gmv", "online", "tag_cosine"]
    series = run.table("series", columns)
    span = int(series["at_s"].iloc[-1])
    refresh = int(run.scenario["platform"]["refresh"])
    width = max(refresh, next((width for width in BINS_S if span / width <= MOST_POINTS), BINS_S[-1]))
    bins = series.groupby((-(-series["at_s"] // width) * width).rename("at_s"))
    values = {
        "exposures": bins["live_exposures"].sum() / (bins.size() * refresh / HOUR_S),
        "gmv": (bins["expected_gmv"].sum() / (PARTS * CENTS_PER_YUAN)).cumsum(),
        AS_SOLD: (bins["gmv_cents"].sum() / 100.0).cumsum(),
        "online": bins["online"].mean(),
        "precision": bins["tag_cosine"].last(),
    }
    return pd.DataFrame(values).melt(ignore_index=False, var_name="curve").reset_index()


# --- rooms and groups


def rooms_of(run: Run) -> pd.DataFrame:
    """What each room got in the run, those that got nothing included; columns `room`, `exposures`, `gmv_yuan`."""
    sums = run.table("rooms", ["room", "shown", "gmv_cents"]).groupby("room").sum()
    sums = sums.reindex(range(int(run.scenario["rooms"]["count"])), fill_value=0)
    got = {"exposures": sums["shown"], "gmv_yuan": sums["gmv_cents"] / 100.0}
    return pd.DataFrame(got).rename_axis("room").reset_index()


class Traits(NamedTuple):
    """What is true of rooms and viewers from birth, as names of groups."""

    breadth: np.ndarray
    host: np.ndarray
    activity: np.ndarray
    bargain: np.ndarray


def traits_of(scenario: Scenario) -> Traits:
    """The groups of a scenario's rooms and viewers, born again from the seed."""
    creators, _ = initial_creators(scenario)
    rooms, _, _ = initial_rooms(scenario, len(creators))
    viewers, _, _ = allocate_viewers(scenario, scenario.viewers.count)
    with ThreadPoolExecutor(1) as pool:
        initialise_viewers(scenario, 0, viewers, pool)
    wide = (rooms["topics"] > 0).sum(axis=1)
    breadth = np.where(wide >= 4, 2, np.where(wide >= 2, 1, 0))
    return Traits(
        breadth=group_names("breadth", breadth),
        host=group_names("host", thirds(-rooms["host"].astype(float))),  # the most famous come first
        activity=group_names("activity", thirds(viewers["activity"].astype(float))),
        bargain=group_names("bargain", viewers["bargain"].astype(int)),
    )


def group_names(grouping: str, place: np.ndarray) -> np.ndarray:
    """Groups by their places in the order of a grouping."""
    return np.array(GROUPINGS[grouping].groups, object)[place]


def thirds(values: np.ndarray) -> np.ndarray:
    """0, 1 or 2: which third of all, by size; those of equal size by their rows."""
    places = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(places * 3 // max(len(values), 1))


def groups_of(run: Run, traits: Traits) -> pd.DataFrame:
    """What groups of rooms were shown and sold, who came by which entrance, and what groups of viewers ordered; columns
    `grouping`, `group`, `members`, `exposures` (of rooms only), `entries` (by entrance only), `orders`, `gmv_yuan`,
    `gsv_yuan` (not by entrance).
    """
    minutes = run.table("rooms", ["room", "level", "script", "shown", "orders", "gmv_cents", "gsv_cents", *OF_SOURCES])
    minutes = minutes.assign(
        breadth=traits.breadth[minutes["room"]],
        host=traits.host[minutes["room"]],
        level="level " + minutes["level"].astype(str),
        gmv_yuan=minutes["gmv_cents"] / 100.0,
        gsv_yuan=minutes["gsv_cents"] / 100.0,
    )
    orders = run.table("orders", ["viewer", "price_cents", "gsv_cents", "filled"])
    orders = orders[orders["filled"]]
    bought = orders.assign(
        activity=traits.activity[orders["viewer"]],
        bargain=traits.bargain[orders["viewer"]],
        gmv_yuan=orders["price_cents"] / 100.0,
        gsv_yuan=orders["gsv_cents"] / 100.0,
        orders=1,
    )
    found = [_rooms_by(minutes, grouping) for grouping in OF_ROOMS]
    found.append(_rooms_by_source(minutes))
    found += [_viewers_by(bought, grouping, getattr(traits, grouping)) for grouping in OF_VIEWERS]
    return pd.concat(found, ignore_index=True)


def _rooms_by(minutes: pd.DataFrame, grouping: str) -> pd.DataFrame:
    groups = minutes.groupby(grouping)
    sums = groups[["shown", "orders", "gmv_yuan", "gsv_yuan"]].sum().rename(columns={"shown": "exposures"})
    return _told(sums.assign(members=groups["room"].nunique()), grouping)


def _rooms_by_source(minutes: pd.DataFrame) -> pd.DataFrame:
    sums, rooms = minutes[list(OF_SOURCES)].sum(), minutes["room"]
    got = {
        "exposures": [sums[f"shown_{source}"] for source in ROOM_SOURCES],
        "entries": [sums[f"entered_{source}"] for source in ROOM_SOURCES],
        "orders": [sums[f"orders_{source}"] for source in ROOM_SOURCES],
        "gmv_yuan": [sums[f"gmv_cents_{source}"] / 100.0 for source in ROOM_SOURCES],
        "members": [rooms[minutes[f"entered_{source}"] > 0].nunique() for source in ROOM_SOURCES],
    }
    return _told(pd.DataFrame(got, index=ROOM_SOURCES), BY_SOURCE)


def _viewers_by(bought: pd.DataFrame, grouping: str, everybody: np.ndarray) -> pd.DataFrame:
    names, members = np.unique(everybody.astype(str), return_counts=True)
    sums = bought.groupby(grouping)[["orders", "gmv_yuan", "gsv_yuan"]].sum().reindex(names, fill_value=0)
    return _told(sums.assign(members=members, exposures=math.nan), grouping)


def _told(sums: pd.DataFrame, grouping: str) -> pd.DataFrame:
    return sums.rename_axis("group").reset_index().assign(grouping=grouping)


# --- what it takes to run again


def provenance(run: Run) -> dict[str, Any]:
    """Versions and size of the world, from a run's manifest."""
    manifest = run.manifest
    return {
        "wavepool": manifest["wavepool"],
        "python": manifest["python"],
        "packages": manifest["packages"],
        "viewers": manifest["viewers"],
        "rooms": run.scenario["rooms"]["count"],
        "start": run.scenario.get("start"),
        "days": manifest["days"],
        "warm_up": run.scenario["warm_up"],
    }
