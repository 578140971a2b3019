"""Why a video or a room got the waves that it got: its reviews, every term of every score, and what came of them."""

from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.table import Table

from sim.core.clock import DAY, SECOND
from sim.core.run_calendar import Calendar
from sim.results.run_folder import Run, RunError

TERMS = {"video": ("dwell", "interaction"), "room": ("dwell", "interaction", "entry", "conversion", "sales")}
PLACE = {"video": "tier", "room": "level"}
TAG_KINDS = ("videos", "rooms", "purchases")
THRESHOLDS = {"video": ("promote at", "repeat at"), "room": ("up at", "down at")}

DAY_S = DAY // SECOND

Row = dict[Any, Any]


def parse_item(text: str) -> tuple[str, int]:
    """`12` is a video, `room:3` a room, `viewer:7` a viewer."""
    kind, colon, number = text.strip().rpartition(":")
    if (
        (kind or "video") not in (*TERMS, "viewer")
        or (colon and not kind)
        or not (number.isascii() and number.isdigit())
    ):
        raise ValueError(
            f"{text!r}: say which video, such as 120, which room, such as room:3, or which viewer, such as viewer:7"
        )
    return kind or "video", int(number)


def why(run: Run, item: int, kind: str) -> list[Table | str]:
    """A table of reviews (of a room: one a session), a sentence a boost, then one on what happened last; of a viewer
    what their tags are made of.

    Terms are relative to the peers' mean: 1 is average. A score is their mean, weighted.
    """
    if kind == "viewer":
        return [_viewer(run, item)]
    reviews = run.table("reviews")
    mine = reviews[(reviews["kind"] == kind) & (reviews["item"] == item)].sort_values("at_s")
    rows = mine.to_dict("records")
    last = _video_end(run, item, rows) if kind == "video" else _room_end(run, item, rows)
    sessions = [[row for row in rows if row["session"] == n] for n in dict.fromkeys(row["session"] for row in rows)]
    return [*(_table(some, kind, item, run.calendar) for some in sessions), *_boosts(run, item, kind), last]


def _table(rows: Sequence[Row], kind: str, item: int, calendar: Calendar) -> Table:
    session = f", session {rows[0]['session']}" if kind == "room" else ""
    title = f"Reviews of {kind} {item}{session}: each term over the peers' mean × its weight"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=0, pad_edge=False)
    whens = [calendar.text(row["at_s"] * SECOND) for row in rows]
    table.add_column("reviewed", no_wrap=True, min_width=max(map(len, whens), default=0))
    boosted, punished = _if_any(rows, "boosted", "{:,}".format), _if_any(rows, "penalty", _percent)
    if kind == "room":
        boosted["inside/hold"] = [f"{row['average']:.1f}/{row['to_hold']:.1f}" for row in rows]
    weighed = [term for term in TERMS[kind] if any(row[f"{term}_weight"] for row in rows)]
    names = (PLACE[kind], "budget", "delivered", *boosted, *weighed, *punished, "score", *THRESHOLDS[kind])
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for n, row in enumerate(rows):
        place = (whens[n], f"{row['tier']}", f"{row['budget']:,}", f"{row['delivered']:,}")
        terms = [f"{_told(row[f'{term}_term'])}×{row[f'{term}_weight']:.2g}" for term in weighed]
        scores = [_told(row[name]) for name in ("score", "up_at", "down_at")]
        extra, penalties = ([cells[n] for cells in some.values()] for some in (boosted, punished))
        table.add_row(*place, *extra, *terms, *penalties, *scores, row["verdict"])
    return table


def _if_any(rows: Sequence[Row], name: str, told_as: Callable[[Any], str]) -> dict[str, list[str]]:
    """A column's cells, if any of them says something."""
    return {name: [told_as(row[name]) for row in rows]} if any(row[name] for row in rows) else {}


def _boosts(run: Run, item: int, kind: str) -> list[str]:
    """A sentence for each boost."""
    rows = run.table("campaigns")
    rows = rows[(rows["kind"] == kind) & (rows["item"] == item)].sort_values("at_s")
    counted = "counted" if run.scenario["platform"]["boosts"]["counts"] else "did not count"
    unit = "exposures" if kind == "video" else "entries"
    return [
        f"Order {row['order']} (DOU+, from {run.calendar.text(row['opened_s'] * SECOND)}) paid for "
        f"{row['delivered']:,} of {row['budget']:,} {unit} for {row['target']} and is {row['state']}; "
        f"natural exposures since: {row['natural']:,}, before: {row['before']:,}. "
        f"Reactions to boosted exposures {counted} in reviews."
        for row in rows.groupby("boost").last().to_dict("records")
    ]


def _told(score: float) -> str:
    """A score or a threshold; one that is out of reach, or that all reach, is a dash."""
    return f"{score:.2f}" if abs(score) < float("inf") else "-"


def _percent(share: float) -> str:
    return f"{100 * min(share, 1.0):g} %"


# --- what the platform believes of a viewer


def _viewer(run: Run, viewer: int) -> Table:
    """A viewer's tags at the end, the strongest first: what each kind of evidence says, and what is true."""
    rows = run.table("viewers")
    mine = rows[rows["viewer"] == viewer].to_dict("records")
    if not mine:
        some = f"is not one of its {len(rows)} sampled viewers" if len(rows) else "is not there: it samples no viewers"
        near = f", such as {rows['viewer'].iloc[0]}" if len(rows) else ""
        raise RunError(f"{run.folder}: viewer {viewer} {some}{near}")
    title = f"Tags of viewer {viewer} at the end: what evidence says, in shares of a video watched above the usual"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("category", no_wrap=True)
    for name in (*TAG_KINDS, "tag", "true taste"):
        table.add_column(name, justify="right", no_wrap=True)
    me, names = mine[0], [category["name"] for category in run.scenario["categories"]]
    for c in sorted(range(len(names)), key=lambda c: (-me["tag"][c], -me["taste"][c], c)):
        said = [f"{me[f'tag_{kind}'][c]:+.3f}" for kind in TAG_KINDS]
        table.add_row(names[c], *said, f"{me['tag'][c]:.2f}", f"{me['taste'][c]:.2f}")
    return table


# --- what happened last


def _video_end(run: Run, item: int, rows: Sequence[Row]) -> str:
    items = run.table("items", ["item", "tier", "waves", "published_s"])
    found = items[items["item"] == item].to_dict("records")
    if not found:
        some = f"videos 0 to {items['item'].max()}" if len(items) else "no videos"
        raise RunError(f"{run.folder}: video {item} is not there; this run has {some}")
    video = found[0]
    coming = f" Its wave {video['waves']}, at tier {video['tier']}, is still open." if video["tier"] >= 0 else ""
    where = {-1: " It is in the stock.", -2: " It has died since: the stock has no place for it any more."}
    if not rows:
        return coming.strip() or f"{before_day_0(item)[0].upper()}{before_day_0(item)[1:]}."
    last = rows[-1]
    said = _video_verdict(last, run.rules(last["at_s"])["waves"])
    if last["verdict"] not in ("fade", "keep") and not coming:
        said = f"would have been {said}; no other wave followed: {no_other_wave(run, video['published_s'], last)}"
    now = coming or where.get(video["tier"], "")
    return f"Video {item}, last reviewed on {run.calendar.full(last['at_s'] * SECOND)}: {said}.{now}"


def before_day_0(item: int) -> str:
    """Why a video has no recorded waves."""
    return f"the waves of video {item} were before day 0, which is not recorded"


def no_other_wave(run: Run, published_s: int, last: Row) -> str:
    """Why the last review of a video was followed by no wave although it did not fade."""
    rules = run.rules(last["at_s"])["waves"]
    if last["at_s"] - published_s > rules["max_age_days"] * DAY_S:
        return f"it was older than {rules['max_age_days']:g} days"
    viewers = run.scenario["viewers"]["count"]
    return f"with another it could have had more exposures than there are viewers ({viewers:,})"


def _video_verdict(row: Row, rules: dict[str, Any]) -> str:
    """A video's verdict in words, with its reason."""
    verdict, score, up, down = row["verdict"], _told(row["score"]), _told(row["up_at"]), _told(row["down_at"])
    if verdict in ("keep", "reignite"):
        kept = verdict == "keep"
        what = "kept in the stock" if kept else "taken from the stock and given a wave again"
        return f"{what}: score {score} {'below' if kept else 'reached'} {up}, by which the stock's best are re-ignited"
    if row["delivered"] < rules["minimum_sample"]:
        few = f"{row['delivered']:,} exposures are too few to judge ({rules['minimum_sample']:,})"
        return f"faded: {few}, as before" if verdict == "fade" else f"given the same wave once more: {few}"
    best, next_best = _percent(rules["promote"]), _percent(rules["promote"] + rules["repeat"])
    whose = "the average, while peers are few" if row["up_at"] == row["down_at"] == 1.0 else "the best {} of its peers"
    if verdict == "promote":
        return f"promoted to tier {row['tier'] + 1}: score {score} reached {up}, {whose.format(best)}"
    if verdict == "fade":
        return f"faded: score {score} below {down}, {whose.format(next_best)}"
    if row["score"] >= row["up_at"]:
        return f"given the same wave again: score {score} reached {up}, {whose.format(best)}, at the highest tier"
    reached = f"score {score} reached {down}, {whose.format(next_best)}, but not {up}, the best {best}"
    return f"given the same wave again: {reached}"


def _room_end(run: Run, room: int, rows: Sequence[Row]) -> str:
    if not rows:
        count = run.scenario["rooms"]["count"]
        some = f"rooms 0 to {count - 1}" if count else "no rooms"
        what = "was never reviewed" if 0 <= room < count else f"is not there; this run has {some}"
        raise RunError(f"{run.folder}: room {room} {what}")
    verdict = _room_verdict(rows[-1], run.rules(rows[-1]["at_s"])["rooms"])
    return f"Room {room}, last reviewed on {run.calendar.full(rows[-1]['at_s'] * SECOND)}: {verdict}."


def _room_verdict(row: Row, rules: dict[str, Any]) -> str:
    """A room's verdict in words, with its reason."""
    level, score, up, down = row["tier"], _told(row["score"]), _told(row["up_at"]), _told(row["down_at"])
    if row["penalty"] > 0.0:
        score += f" ({_percent(row['penalty'])} taken off for false promises)"
    best = f"score {score} reached {up}, the best {_percent(rules['up'])} of its peers"
    worst = f"score {score} below {down}, the worst {_percent(rules['down'])} of its peers"
    inside = f"{row['average']:.1f} people inside on average, {row['to_hold']:.1f} to be held"
    few = f"too few exposures to judge ({rules['minimum_sample']:,})"
    if row["verdict"] == "up":
        return f"up to level {level + 1}: {best}, and it has held its level ({inside})"
    if row["verdict"] == "down":
        why = worst if row["score"] < row["down_at"] else f"too few people inside for the level ({inside})"
        return f"down to level {level - 1}: {why}"
    if up == "-":
        return f"kept at level {level}: there were no peers to compare it with"
    if row["score"] >= row["up_at"]:
        if level == len(rules["levels"]) - 1:
            return f"kept at level {level}, the highest: {best}"
        return f"kept at level {level}: {best}, but it has not held its level for long enough ({inside}), or on {few}"
    if row["score"] < row["down_at"]:
        reason = "there is no lower level" if level == 0 else f"it was in its opening push, or on {few}"
        return f"kept at level {level}: {worst}, but {reason}"
    return f"kept at level {level}: score {score} is between {down} and {up}"
