"""Boosted exposures (DOU+)."""

from rich.console import RenderableType

from sim.reporting.explain.layout import table, words
from sim.scenario.scenario import Scenario
from sim.traffic.campaign_accounts import bought


def boosted_waves(s: Scenario) -> list[RenderableType]:
    """Orders for boosted exposures: what is bought for whom, and when."""
    if not s.campaigns:
        return []
    rules, rows = s.platform.boosts, []
    for order in s.campaigns:
        at_ms = s.calendar.moment(order.at)
        at = s.calendar.short(at_ms) + ("" if at_ms < s.end_ms else ", never")
        units = f"{bought(order, rules):,} {'entries' if order.is_of_a_room else 'exposures'}"
        many = f" x {order.boosts.count}" if order.boosts.count > 1 else ""
        rows.append(
            (at, order.boosts.words, order.target.words, f"{order.hours:g} h", f"{order.budget_yuan:g}", units + many)
        )
    total = sum(order.budget_yuan * order.boosts.count for order in s.campaigns)
    pages = f"{min(1.0, rules.share * s.platform.feed.page):.0%} of pages have a place for a boosted item"
    counted = "count" if rules.counts else "do not count"
    places = pages if rules.share else "No page has a place for a boosted item"
    spent = "evenly over their hours" if rules.pacing else "as fast as viewers come"
    return [
        table(["begins", "boosts", "for", "lasts", "yuan", "buys"], rows, 2),
        words(
            f"{total:,.0f} yuan in all. {places}. Budgets are spent {spent}. "
            f"Reactions to boosted exposures {counted} in reviews and predictions."
        ),
    ]
