"""What videos and rooms are ranked by: the ladder of waves, weights, and interest tags."""

from collections.abc import Sequence

from rich.console import RenderableType

from sim.reporting import forecast
from sim.reporting.explain.layout import table, words
from sim.reporting.number_format import count
from sim.scenario.scenario import Scenario

VIDEO_TERMS = ("dwell", "interaction")
ROOM_TERMS = ("dwell", "interaction", "entry", "conversion", "sales")
TO_A_TENTH = 3.3219  # half-lives, log2 of 10


def the_ladder(s: Scenario) -> list[RenderableType]:
    """The tiers, and what they offer against what viewers ask for."""
    rules, found, stock, first = s.platform.waves, forecast.tiers(s), s.platform.stock, s.platform.first_wave
    cut = len(rules.ladder) - len(found)
    asked = forecast.viewer_day(s, dull=True).videos * s.viewers.count
    offered = sum(tier.exposures for tier in found)
    rows = [
        (str(n), f"{t.budget:,}", f"x {t.growth:.1f}" if n else "", *map(count, (t.videos, t.waves, t.exposures)))
        for n, t in enumerate(found)
    ]
    return [
        words(
            f"Tiers: {len(found)}" + (f"; {cut} more would exceed the population. " if cut else ". ") + "The best "
            f"{rules.promote:.0%} of peers go up, the next {rules.repeat:.0%} get the same wave again, the rest fade. "
            f"A wave is released over {min(rules.pace, rules.hours):g} h, one of the second tier over twice that and "
            f"so on; it lasts {rules.hours:g} h at most and is judged on {rules.minimum_sample:,} exposures or more.",
        ),
        table(["tier", "budget", "growth", "videos a day that reach it", "waves each", "exposures a day"], rows, 5),
        words(
            f"A first wave is {first.explore:.0%} of its tier for every new video, the rest by the creator's record, "
            f"and {first.reach:.0%} of the creator's followers. A video whose waves are over joins the stock: it keeps "
            f"a trickle that falls as its age to the power -{stock.fade:g}, for {stock.life_days:g} days at most; "
            f"{stock.size:g} videos per viewer are kept. The best {stock.reignite:.1%} of those judged there get a "
            "wave again.",
        ),
        words(
            f"The stock offers {stock.share:.0%} of what is asked for. Waves offer {count(offered)} exposures a day "
            f"and viewers should ask for {count(asked)}: {balance(forecast.supply(s))}"
        ),
    ]


def balance(supply: float) -> str:
    """Exposures that waves offer over those asked for, in words."""
    if supply < 0.8:
        return f"under-supplied ({supply:.2f}). Without a stock pages will come up short, and sessions end early."
    if supply > 1.25:
        return f"over-supplied ({supply:.2f}). Waves compete for viewers, and many close unspent when their time is up."
    return f"about in balance ({supply:.2f})."


def formula(s: Scenario, kinds: Sequence[str]) -> str:
    """A review's score written out with this scenario's weights."""
    weight = {kind: w for kind in kinds if (w := getattr(s.platform.weights.review, kind))}
    terms = " + ".join(f"{w:g} x {kind}" for kind, w in weight.items())
    return f"({terms}) / {sum(weight.values()):g}" if weight else "by lot: every weight is 0"


def weights(s: Scenario) -> list[RenderableType]:
    """How reviews and ranking add up."""
    w, feed = s.platform.weights, s.platform.feed
    adds, judged = forecast.doubled(w.review, ROOM_TERMS), s.platform.reviews
    gains = ", ".join(f"{kind} {more:+.2f}" for kind, more in adds.items() if more)
    ranked = " + ".join(f"{more:g} x {kind}" for kind in ROOM_TERMS if (more := getattr(w.rank, kind)))
    return [
        words(
            f"video score = {formula(s, VIDEO_TERMS)}",
            f"room score  = {formula(s, ROOM_TERMS)}",
            f"interaction = {w.like:g} x likes + {w.comment:g} x comments + {w.share:g} x shares (videos only) + "
            f"{w.follow:g} x follows",
            "dwell: watched over length, for rooms seconds a stay; entry: entries per exposure; conversion (商品转化): "
            f"goods sold per entry, baits {'among them' if judged.count_baits else 'left out'}; sales: yuan per 1,000 "
            "entries (GPM). Every term is a rate over its peers' mean, so an average video or room scores 1. In a "
            f"room's score twice the peers' mean adds: {gains or 'nothing'}.",
            f"A rate is drawn towards the peers' mean as by {w.prior:g} exposures, conversion and sales as by the "
            "entries that bring one order. They have half their weight when a room is remembered with "
            f"{judged.maturity_orders:g} orders. Peers are the rooms of the same class (赛道) and level, more of them "
            f"where these are fewer than {judged.fewest_peers}.",
            f"Ranking ({ranked or 'every weight is 0'}) adds up weight x predicted term x lift: how much likelier "
            f"viewers whose tags match so well do it. A followed creator's new item counts x {feed.follow_bonus:g}.",
            f"A page: {feed.page} items, {feed.fresh} of them in their first wave, {feed.random} at random; "
            f"{feed.live_share:.0%} of places offered to rooms; "
            f"{'no topic twice in a row' if feed.spacing else 'no spacing of topics'}; "
            f"{'ranked by tags' if feed.use_tags else 'tags not used, all viewers alike'}.",
        )
    ]


def tags(s: Scenario) -> list[RenderableType]:
    """What evidence is worth, and for how long."""
    t = s.platform.tags
    factors = {"videos watched": t.videos, "rooms entered and stayed in": t.rooms, "orders": t.purchases}
    counted = [f"{said} x {factor:g}" for said, factor in factors.items() if factor > 0]
    gone = [
        f"half gone after {days:g} days, 90 % after {days * TO_A_TENTH:,.{0 if days >= 3 else 1}f}"
        for days in (t.short_half_life, t.long_half_life)
    ]
    return [
        words(
            "Evidence is what was observed less what item and viewer usually give; what was passed by counts against. "
            "The platform learns from its own counters how well each kind foretells what is watched next."
            if counted
            else "No kind of evidence counts: all viewers are alike.",
            f"Learnt weights: {', '.join(counted) or 'none'}. A reaction counts as {t.reaction:g} of a video more.",
            f"Evidence from videos: {gone[0]}. From rooms and orders: {gone[1]}.",
            f"The strongest tag is at half its height when a video of its category is expected to be watched "
            f"{100 * t.prior:g} % of its length further than usual.",
        )
    ]
