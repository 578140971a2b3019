"""The resolved world before it runs, in words and numbers: who lives in it, what they should do, what rules them."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from agents.creator import how_many
from sim.core.clock import told
from sim.engine.founding import videos_a_day
from sim.engine.memory_estimate import bytes_needed, bytes_per_viewer
from sim.reporting import forecast
from sim.scenario.diff import changes, parent_of
from sim.scenario.scenario import Scenario
from sim.scenario.yaml_reader import Source
from sim.traffic.campaign_accounts import bought

BARS = " ▁▂▃▄▅▆▇█"
VIDEO_TERMS = ("dwell", "interaction")
ROOM_TERMS = ("dwell", "interaction", "entry", "conversion")
NAMES = {"seconds": "seconds per exposure", "videos": "videos shown", "live": "live rooms shown"}
TOLD = 12  # segments of a script that are told
TO_A_TENTH = 3.3219  # half-lives, log2 of 10


# --- words and layout


def count(value: float) -> str:
    """A number of things, to three digits once it is large."""
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if size <= value < float("inf"):
            return f"{value / size:,.3g}{word}" if value < 1000 * size else f"{value / size:,.0f}{word}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def clock(hour: float) -> str:
    """An hour of the day as a time."""
    minutes = round(hour * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def lasting(seconds: float) -> str:
    """A time span in its natural unit."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{round(seconds, 1):g} s"


def size_of(amount: float) -> str:
    """Bytes in words."""
    return f"{amount / 2**30:,.1f} GiB" if amount >= 2**30 else f"{amount / 2**20:,.0f} MiB"


def histogram(weights: Iterable[float]) -> str:
    """One bar a weight."""
    values = list(weights)
    return "".join(BARS[max(1, round(value / max(values) * 8)) if value > 0 else 0] for value in values)


def words(*paragraphs: str) -> RenderableType:
    """Text, set in by two."""
    return Padding(Text("\n".join(paragraphs)), (0, 0, 0, 2), expand=False)


def table(names: Sequence[str], rows: Iterable[Sequence[str]], right: int = 0) -> RenderableType:
    """A table whose last `right` columns are numbers."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for n, name in enumerate(names):
        justify: JustifyMethod = "right" if n >= len(names) - right else "left"
        made.add_column(Text(name), justify=justify, overflow="fold", no_wrap=n == 0, max_width=None if n == 0 else 36)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return Padding(made, (0, 0, 0, 2), expand=False)


# --- the sections


def explain(scenario: Scenario, source: Source | None = None) -> Group:
    """Everything about a world that can be said before it runs, for 100 columns.

    Parameters
    ----------
    scenario
        The world, resolved.
    source
        Where it was read from: what differs is then told against the file that it extends.
    """
    sections = {
        "Population": population(scenario),
        "A viewer's day": a_day(scenario),
        "The ladder of videos (流量池)": the_ladder(scenario),
        "Weights in reviews and ranking (权重)": weights(scenario),
        "Live rooms (直播间)": live_rooms(scenario),
        "Interest tags (兴趣标签)": tags(scenario),
        "Paid waves (DOU+)": paid_waves(scenario),
        "Changes in mid-run (规则变更)": what_changes(scenario),
        "What differs": what_differs(scenario, source),
        "Memory and time": what_it_takes(scenario),
    }
    parts: list[RenderableType] = [heading(scenario, source)]
    for title, said in sections.items():
        parts += [Text(), Rule(Text(title, "bold"), align="left"), *said] if said else []
    return Group(*parts)


def heading(s: Scenario, source: Source | None) -> RenderableType:
    """The title, and when the run begins and ends."""
    name = s.title or (source.files[0].name if source else "A world without a title")
    run = f"{told(s.start_ms)} to {told(s.end_ms)}, recorded from {told(0)}"
    said = f"Seed {s.seed}; {run}; {forecast.refreshes(s):,} refreshes of {s.platform.refresh} s."
    return Group(Text(name, "bold"), Text(said))


def population(s: Scenario) -> list[RenderableType]:
    """Who lives in the world."""
    v, videos, creators = s.viewers, videos_a_day(s), how_many(s.creators, s.viewers.count)
    by_hour = forecast.open_rooms(s.rooms)
    rooms = (
        f"{s.rooms.count:,} live rooms, open {by_hour.sum() / s.rooms.count:.1f} h a day; {by_hour.max():.0f} of them "
        f"at once at most, about {clock(int(by_hour.argmax()))}."
        if s.rooms.count
        else "No live rooms."
    )
    return [
        words(
            f"{v.count:,} viewers, each with {v.fewest_tastes} to {v.most_tastes} tastes out of {len(s.categories)} "
            f"categories; {v.bargain_hunters:.0%} hunt bargains.",
            f"{creators:,} creators publish {count(videos)} videos a day, {videos / creators:.2f} each on average; "
            f"{s.creators.narrow:.0%} keep to one topic.",
            rooms,
            f"Categories: {', '.join(f'{c.name} {c.zh}'.strip() for c in s.categories)}.",
        )
    ]


def a_day(s: Scenario) -> list[RenderableType]:
    """What an average viewer should do in a day."""
    first, dull, seen = forecast.viewer_day(s, dull=False), forecast.viewer_day(s, dull=True), forecast.watch(s)
    rhythm, viewers, room = s.viewers.rhythm, s.viewers.count, s.viewers.in_room
    peak = max(range(24), key=lambda hour: rhythm[hour])
    fields = forecast.ViewerDay._fields
    rows = [(NAMES.get(name, name), *(f"{getattr(one, name):,.2f}" for one in (first, dull))) for name in fields]
    return [
        words(
            f"Sessions by hour, 0 to 23: {histogram(rhythm)}  most at {clock(peak)}, "
            f"{rhythm[peak] / sum(rhythm):.1%} of the day's.",
            f"A video of average fit is watched for {lasting(seen.seconds)}, {seen.ratio:.2f} of its length: "
            f"{seen.finished:.0%} are finished, {seen.skipped:.0%} skipped.",
            f"A room of average fit is entered {forecast.enter_rate(room):.1%} of the times it is shown, for "
            f"{lasting(forecast.stay_seconds(room))} on average.",
        ),
        table(["an average viewer's day", "at first", "with dullness"], rows, 2),
        words(
            "First estimates, as if every item were of average fit; the feedback of tags, waves and levels and "
            "overlapping sessions are not in them. With dullness: a skipped video costs "
            f"{s.viewers.watching.dull_seconds:g} s of the session, and up to {s.viewers.bored_skip:.0%} of due "
            "sessions are let go.",
            f"All viewers together: {count(dull.exposures * viewers)} exposures a day, "
            f"{count(forecast.exposures_in_all(s))} in the whole run; {count(dull.live * viewers)} live exposures and "
            f"{count(dull.entries * viewers)} entries a day.",
        ),
    ]


def the_ladder(s: Scenario) -> list[RenderableType]:
    """The tiers, and what they offer against what viewers ask for."""
    rules, found = s.platform.waves, forecast.tiers(s)
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
            f"Waves offer {count(offered)} exposures a day and viewers should ask for {count(asked)}: "
            f"{balance(forecast.supply(s))}"
        ),
    ]


def balance(supply: float) -> str:
    """Exposures that waves offer over those asked for, in words."""
    if supply < 0.8:
        return f"under-supplied ({supply:.2f}). Pages will come up short, and sessions end early."
    if supply > 1.25:
        return f"over-supplied ({supply:.2f}). Waves compete for viewers, and many close unspent when their time is up."
    return f"about in balance ({supply:.2f})."


def formula(s: Scenario, kinds: Sequence[str]) -> str:
    """A score written out with this scenario's weights."""
    weight = [getattr(s.platform.weights, kind) for kind in kinds]
    terms = " + ".join(f"{one:g} x {kind}" for one, kind in zip(weight, kinds, strict=True))
    return f"({terms}) / {sum(weight):g}" if sum(weight) > 0 else "0: every weight is 0"


def weights(s: Scenario) -> list[RenderableType]:
    """How reviews and ranking add up."""
    w, feed = s.platform.weights, s.platform.feed
    adds = forecast.doubled(w, ROOM_TERMS)
    gains = ", ".join(f"{'GPM' if kind == 'conversion' else kind} {more:+.2f}" for kind, more in adds.items())
    return [
        words(
            f"video score = {formula(s, VIDEO_TERMS)}",
            f"room score  = {formula(s, ROOM_TERMS)}",
            f"interaction = {w.like:g} x likes + {w.comment:g} x comments + {w.share:g} x shares (videos only) + "
            f"{w.follow:g} x follows",
            "dwell: watched over length, for rooms seconds a stay; entry: entries per exposure; conversion (商品转化): "
            "GPM, yuan per 1,000 entries. Every term is a rate over its peers' mean, so an average video or room "
            f"scores {1 if sum(adds.values()) else 0}. In a room's score twice the peers' mean adds: {gains}.",
            "Ranking adds up weight x predicted term x lift: how much likelier viewers whose tags match so well do it. "
            f"A prediction is drawn towards the mean as by {w.prior:g} exposures; a followed creator's new item counts "
            f"x {feed.follow_bonus:g}.",
            f"A page: {feed.page} items, {feed.fresh} of them in their first wave, {feed.random} at random; "
            f"{feed.live_share:.0%} of places offered to rooms; "
            f"{'no topic twice in a row' if feed.spacing else 'no spacing of topics'}; "
            f"{'ranked by tags' if feed.use_tags else 'tags not used, all viewers alike'}.",
        )
    ]


def live_rooms(s: Scenario) -> list[RenderableType]:
    """Catalogues, levels and shows."""
    r, rules = s.rooms, s.platform.rooms
    if not r.count:
        return [words("None.")]
    base, shares = rules.levels[rules.start_level], forecast.level_shares(rules.levels)
    rows = [
        (str(n), f"{weight:g}", f"x {weight / base:.3g}", f"{share:.2%}")
        for n, (weight, share) in enumerate(zip(rules.levels, shares, strict=True))
    ]
    low, middle, high = forecast.price_range(r)
    return [
        words(
            f"{r.narrow:.0%} of rooms sell one category (垂直), the others "
            f"{forecast.breadth(r, len(s.categories)):.1f} on average; {r.products} products each. Prices: 10 % below "
            f"{low:,.0f} yuan, half below {middle:,.0f}, 10 % above {high:,.0f}; margin {r.margin:.0%}.",
            f"Reviews every {rules.review_minutes:g} min: the best {rules.up:.0%} of peers go up a level, the worst "
            f"{rules.down:.0%} down. A first session opens at level {rules.start_level}; the opening push gives "
            f"x {rules.opening_boost:g} for {rules.opening_minutes:g} min. A room's budget should be about "
            f"{count(forecast.room_budget(s))} exposures a review on average.",
        ),
        table(["level", "weight", "against the opening level", "share, one room at each"], rows, 3),
        words(*(line for name in r.scripts for line in show(s, name)), *learning(s)),
    ]


def show(s: Scenario, name: str) -> list[str]:
    """A script's run of show in a typical room."""
    r, shares = s.rooms, s.rooms.script_shares
    at, hours = forecast.typical_hours(r)
    pieces = []
    for piece in r.scripts[name][:TOLD]:
        pieces.append(f"{clock(at)} {piece.do} {lasting(piece.seconds)}")
        at += piece.seconds / 3600
    cycle = ", ".join(pieces) + (", ..." if len(r.scripts[name]) > TOLD else "")
    begun = forecast.run_of_show(r.scripts[name], hours)
    loss = begun["release"] * r.bait_stock * (r.bait_cost_yuan - r.bait_price_yuan)
    baits = (
        f" {begun['release']} releases of {r.bait_stock} baits at {r.bait_price_yuan:g} yuan: {loss:,.0f} yuan lost if "
        "all are ordered."
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


def tags(s: Scenario) -> list[RenderableType]:
    """What evidence is worth, and for how long."""
    t = s.platform.tags
    worth = [
        f"{said} {weight / t.watched:g}"
        for said, weight in [
            ("an order counts as", t.bought),
            ("a minute's stay in a room as", t.stayed),
            ("a like, comment, share or follow as", t.interacted),
            ("entering a room as", t.entered),
            ("a skip takes away", t.skipped),
        ]
        if t.watched > 0
    ]
    gone = [
        f"half gone after {days:g} days, 90 % after {days * TO_A_TENTH:,.{0 if days >= 3 else 1}f}"
        for days in (t.short_half_life, t.long_half_life)
    ]
    return [
        words(
            f"In videos watched to the end: {', '.join(worth)}." if worth else "Watching a video counts for nothing.",
            f"Watched, skipped, entered: {gone[0]}. Liked, stayed, bought: {gone[1]}.",
            f"A blank viewer's first tag is at half its height after evidence worth {t.prior:g}"
            + (
                f": {t.prior / t.watched:g} watched videos, or {t.prior / t.bought:.2g} orders."
                if worth and t.bought
                else "."
            ),
        )
    ]


def paid_waves(s: Scenario) -> list[RenderableType]:
    """Orders for paid exposures: what is bought for whom, and when."""
    if not s.paid:
        return []
    rules, rows = s.platform.paid, []
    for order in s.paid:
        at = told(order.at_ms)[:-3] + ("" if order.at_ms < s.end_ms else ", never")
        units = f"{bought(order, rules):,} {'entries' if order.is_of_a_room else 'exposures'}"
        many = f" x {order.boosts.count}" if order.boosts.count > 1 else ""
        rows.append(
            (at, order.boosts.words, order.target.words, f"{order.hours:g} h", f"{order.budget_yuan:g}", units + many)
        )
    total = sum(order.budget_yuan * order.boosts.count for order in s.paid)
    pages = f"{min(1.0, rules.share * s.platform.feed.page):.0%} of pages have a place for a paid item"
    spent = "evenly over their hours" if rules.pacing else "as fast as viewers come"
    return [
        table(["begins", "boosts", "for", "lasts", "yuan", "buys"], rows, 2),
        words(
            f"{total:,.0f} yuan in all. {pages if rules.share else 'No page has a place for a paid item'}. Budgets are "
            f"spent {spent}. Paid reactions {'count' if rules.counts else 'do not count'} in reviews and predictions."
        ),
    ]


def what_changes(s: Scenario) -> list[RenderableType]:
    """The rules that change in mid-run; nothing where none do."""
    rows = []
    for switch in sorted(s.changes, key=lambda one: one.at_ms):
        before, after = s.rules_after(switch.at_ms - 1), s.rules_after(switch.at_ms)
        rows += [(told(switch.at_ms), f"platform.{one.field}", one.parent, one.here) for one in changes(after, before)]
    known = words("All that is said above is of the world before them.")
    return [table(["after the refresh at", "field", "before", "from then on"], rows), known] if rows else []


def what_differs(s: Scenario, source: Source | None) -> list[RenderableType]:
    """The fields that are not as in the parent."""
    name, parent = parent_of(source)
    found = list(changes(s, parent))
    if not found:
        return [words(f"Nothing: all is as in {name}.")]
    rows = [(one.field, one.here, one.parent, f"{one.unit}; {one.source}") for one in found]
    return [table(["field", "here", f"in {name}", "unit; source of the default"], rows)]


def what_it_takes(s: Scenario) -> list[RenderableType]:
    """Memory and time."""
    slow, fast = (rate / 1e6 for rate in forecast.EXPOSURES_PER_SECOND)
    best, worst = forecast.seconds_needed(s)
    return [
        words(
            f"Memory: about {size_of(bytes_needed(s))}, {bytes_per_viewer(s)} bytes of it for each viewer.",
            f"Time: roughly {lasting(best)} to {lasting(worst)}: {slow:g} to {fast:g} million exposures a second on "
            "two cores, and a few milliseconds for each refresh.",
        )
    ]
