"""Live rooms: their catalogues, levels and shows, and how they choose a show."""

from rich.console import RenderableType

from sim.reporting import forecast
from sim.reporting.explain.layout import table, words
from sim.reporting.number_format import count, lasting, listed, time_of_day
from sim.scenario.scenario import Scenario
from sim.traffic.room_levels import steps

TOLD = 12  # segments of a script that are told


def live_rooms(s: Scenario) -> list[RenderableType]:
    """Catalogues, levels and shows."""
    r, rules = s.rooms, s.platform.rooms
    if not r.count:
        return [words("None.")]
    base, shares = rules.levels[rules.start_level], forecast.level_shares(rules.levels)
    held = steps(rules, s.viewers.count, r.count)
    rows = [
        (str(n), f"{people:g}", f"{hold:.1f}", f"x {people / base:.3g}", f"{share:.2%}")
        for n, (people, hold, share) in enumerate(zip(rules.levels, held, shares, strict=True))
    ]
    low, middle, high = forecast.price_range(r)
    return [
        words(
            f"{r.narrow:.0%} of rooms sell one category (垂直), the others "
            f"{forecast.breadth(r, len(s.categories)):.1f} on average; {r.products} products each. Prices: 10 % "
            f"below {low:,.0f} yuan, half below {middle:,.0f}, 10 % above {high:,.0f}; margin {r.margin:.0%}. "
            f"{r.payment_rate:.0%} of orders are paid; {returned(s):.0%} of these come back, averaged by category.",
            f"Reviews every {rules.review_minutes:g} min: the best {rules.up:.0%} of peers go up a level once they "
            f"have held theirs for {rules.held} reviews, the worst {rules.down:.0%} go down. A first session opens at "
            f"level {rules.start_level}; the opening push gives "
            f"x {rules.opening_boost:g} for "
            f"{rules.opening_minutes:g} min.",
            entrances(s),
            f"A room's budget should be about {count(forecast.room_budget(s))} exposures a review on average. A review "
            f"then remembers some {forecast.goods_remembered(s):.1f} goods, if entries buy as often as is expected.",
        ),
        table(
            ["level", "people on the platform", "to hold here", "of the opening level", "share, one room at each"],
            rows,
            4,
        ),
        words(*(line for name in r.scripts for line in show(s, name)), *learning(s)),
    ]


def returned(s: Scenario) -> float:
    """The mean return rate, of categories by their shares."""
    total = sum(category.share for category in s.categories)
    return sum(category.share * category.return_rate for category in s.categories) / total


def entrances(s: Scenario) -> str:
    """By which entrances people come into rooms."""
    rules, posts = s.platform.entrances, s.rooms.posts_per_show
    ways = [
        (True, "recommendation"),
        (rules.follow, f"the hosts whom they follow (up to {rules.follow_share:.0%} of places)"),
        (rules.video, f"the host's videos, of which {posts} announce a session"),
        (rules.share and s.viewers.friends > 0, f"what one of {s.viewers.friends} friends shares"),
        (bool(s.campaigns), "boosts"),
    ]
    return f"People come by {listed([way for is_open, way in ways if is_open])}."


def show(s: Scenario, name: str) -> list[str]:
    """A script's run of show in a typical room."""
    r, shares = s.rooms, s.rooms.script_shares
    at, hours = forecast.typical_hours(r)
    pieces = []
    for piece in r.scripts[name][:TOLD]:
        pieces.append(f"{time_of_day(at)} {piece.do} {lasting(piece.seconds)}")
        at += piece.seconds / 3600
    cycle = ", ".join(pieces) + (", ..." if len(r.scripts[name]) > TOLD else "")
    begun = forecast.run_of_show(r.scripts[name], hours)
    loss = r.bait_cost_yuan - r.bait_price_yuan
    baits = (
        f" {begun['release']} releases of a bait at {r.bait_price_yuan:g} yuan, which loses {loss:,.1f} yuan, for "
        f"{r.bait_share:.0%} of the people inside, at least one."
    )
    return [
        f"Script {name}, {shares.get(name, 0.0) / sum(shares.values()):.0%} of rooms: {cycle}, and again.",
        f"  In {hours:.1f} h {begun['pitch']} products are pitched, the whole catalogue "
        f"{begun['pitch'] / r.products:.1f} times." + (baits if begun["release"] else ""),
    ]


def learning(s: Scenario) -> list[str]:
    """How rooms choose their scripts, where some do."""
    r, rules = s.rooms, s.rooms.learning
    parts = f"A day's hours are {r.sessions_per_day} sessions, with breaks of {r.break_minutes:g} min between them."
    if rules.share == 0:
        return [parts] if r.sessions_per_day > 1 else []
    how = (
        f"{rules.share:.0%} of rooms learn: in {rules.explore:.0%} of sessions they try any script, in "
        f"{rules.imitate:.0%} that of the best-selling room of their category if it sells more, else what paid best so "
        "far."
    )
    return [how, parts]
