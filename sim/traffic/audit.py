"""The audit: what was handed out must be what was received, and every book must agree with the others."""

from typing import Any

from sim.core.event_log import T_ENTRIES, T_GMV, T_LEAVINGS, T_LIVE, T_PAID, T_VIDEO


class AuditError(AssertionError):
    """The books do not agree: a defect of wavepool, never a user's mistake."""


def agree(what: str, left: int, right: int) -> None:
    """Raise unless two independently kept figures are equal."""
    if left != right:
        raise AuditError(f"{what}: {left} against {right}")


def check(world: Any) -> None:
    """The books must agree after a refresh: exposures and received, budgets, stock, money, people in rooms."""
    totals = world.counters.totals
    paid, paid_rooms = world.paid.received()
    agree("exposures handed out and received", world.handed_out + paid, int(totals[T_VIDEO]))
    agree("room exposures handed out and received", world.room_handed_out + paid_rooms, int(totals[T_LIVE]))
    agree("paid exposures, of both kinds and together", paid + paid_rooms, int(totals[T_PAID]))
    agree("waves above their budget", int((world.waves["given"] > world.waves["budget"]).sum()), 0)
    agree("room waves above their budget", int((world.levels["given"] > world.levels["budget"]).sum()), 0)
    agree("products below no stock", int((world.products["stock"] < 0).sum()), 0)
    if world.paid:
        world.paid.check()
    prices = world.products["price_cents"][world.orders["item"]][world.filled]
    agree("GMV and the sum of orders", int(totals[T_GMV]), int(prices.sum()))
    world.entries += int(totals[T_ENTRIES])
    world.leavings += int(totals[T_LEAVINGS])
    inside = world.crowd.inside()
    agree("entries less leavings, and people inside", world.entries - world.leavings, inside)
    agree("people counted in rooms, and people inside", int(world.rooms["online"].sum()), inside)
