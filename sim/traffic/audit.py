"""The audit: what was handed out must be what was received, and every book must agree with the others."""

from sim.core.agreement import agree
from sim.core.arrays import Array
from sim.core.catalogue import Catalogue
from sim.core.event_log import (
    BOOSTED,
    OF_SOURCES,
    R_ENTERED,
    R_GMV,
    R_ORDERS,
    R_SHOWN,
    R_SOURCES,
    RECOMMENDED,
    ROOM_SOURCES,
    T_BOOSTED,
    T_ENTRIES,
    T_GMV,
    T_GSV,
    T_LEAVINGS,
    T_LIVE,
    T_ORDERS,
    T_SOURCES,
    T_VIDEO,
    of_source,
)
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.order_fulfilment import OrderOutcome
from sim.traffic.platform_state import PlatformState
from sim.traffic.run_totals import RunTotals


def check(
    catalogue: Catalogue,
    platform: PlatformState,
    boosts: BoostedWaves,
    outcome: OrderOutcome,
    run: RunTotals,
    delivered: tuple[int, int],
    inside: int,
) -> None:
    """The books must agree after a refresh: exposures and received, budgets, stock, money, people in rooms.

    Parameters
    ----------
    delivered : exposures of videos and of rooms that were taken of the slices.
    inside : people in rooms.
    """
    totals, (videos, rooms) = platform.counters.totals, delivered
    boosted, boosted_rooms = boosts.received()
    agree("exposures handed out and received", videos + boosted, int(totals[T_VIDEO]))
    agree("room exposures handed out and received", rooms, int(totals[T_SOURCES + of_source(0, RECOMMENDED)]))
    agree("boosted rooms shown, and their source", boosted_rooms, int(totals[T_SOURCES + of_source(0, BOOSTED)]))
    agree("boosted exposures, of both kinds and together", boosted + boosted_rooms, int(totals[T_BOOSTED]))
    check_sources("all rooms", totals, T_SOURCES, (T_LIVE, T_ENTRIES, T_ORDERS, T_GMV))
    counts = platform.counters.rooms + boosts.aside
    check_sources("a room", counts, R_SOURCES, (R_SHOWN, R_ENTERED, R_ORDERS, R_GMV))
    agree("waves above their budget", int((platform.waves["delivered"] > platform.waves["budget"]).sum()), 0)
    agree("room waves above their budget", int((platform.levels["delivered"] > platform.levels["budget"]).sum()), 0)
    agree("products below no stock", int((catalogue.products["stock"] < 0).sum()), 0)
    if boosts:
        boosts.check()
    prices = catalogue.products["price_cents"][outcome.orders["item"]][outcome.filled]
    agree("GMV and the sum of orders", int(totals[T_GMV]), int(prices.sum()))
    agree("orders paid that were not filled", int((outcome.paid & ~outcome.filled).sum()), 0)
    agree("orders returned that were not paid", int((outcome.returned & ~outcome.paid).sum()), 0)
    gone = outcome.price[~outcome.paid | outcome.returned].sum()
    agree("GSV, and GMV less what was not paid or came back", int(totals[T_GSV]), int(totals[T_GMV] - gone))
    run.entries += int(totals[T_ENTRIES])
    run.leavings += int(totals[T_LEAVINGS])
    agree("entries less leavings, and people inside", run.entries - run.leavings, inside)
    agree("people counted in rooms, and people inside", int(catalogue.rooms["online"].sum()), inside)


def check_sources(whose: str, counts: Array, first: int, wholes: tuple[int, ...]) -> None:
    """Exposures, entries, orders and GMV by source must add up to all; counts by source begin at place `first`."""
    by_source = counts[..., first : first + len(OF_SOURCES)]
    sums = by_source.reshape(*counts.shape[:-1], len(wholes), len(ROOM_SOURCES)).sum(axis=-1)
    differ = sums != counts[..., list(wholes)]
    agree(f"counts of {whose} that their sources do not add up to", int(differ.sum()), 0)
