"""The tables of a run: each column's type, unit and meaning."""

from datetime import UTC, date, datetime, time

import pyarrow as pa
import pyarrow.compute as pc

from sim.core.event_log import DEEDS, OF_SOURCES, PAID_COUNTS, PRODUCT_COUNTS, ROOM_COUNTS, TOTALS, VIDEO_COUNTS

Spec = dict[str, tuple[str, str, str]]
WHEN = ("int64", "s", "simulated time since day 0, 00:00")
COUNT_UNITS = {
    "ms": "ms",
    "watch_ms": "ms",
    "stay_ms": "ms",
    "session_ms": "ms",
    **{name: "0.01 yuan" for name in ("gmv_cents", *OF_SOURCES) if name.startswith("gmv_cents")},
    "gsv_cents": "0.01 yuan",
    "held_ms": "ms",
    "watched": "0.001 videos",
    "fit": "0.001 exposures",
    "expected_entries": "0.001 entries",
    "expected_orders": "0.001 orders",
    "expected_gmv": "0.00001 yuan",
    "expected_gsv": "0.00001 yuan",
}


def _counts(names: tuple[str, ...], what: str) -> Spec:
    return {name: ("int64", COUNT_UNITS.get(name, "count"), f"{name.replace('_', ' ')} {what}") for name in names}


def _tables(tiers: int) -> dict[str, Spec]:
    return {
        "series": {"at_s": WHEN}
        | _counts(TOTALS, "in the refresh that ends then")
        | {f"tier_{t}": ("int64", "exposures", f"video exposures of items in tier {t}") for t in range(tiers)}
        | {
            "stock": ("int64", "exposures", "video exposures of items in the stock, whose waves are over"),
            "online": ("int64", "viewers", "people inside live rooms (在线人数)"),
            "open_rooms": ("int64", "rooms", "rooms with a level"),
            "open_videos": ("int64", "videos", "videos in a wave"),
            "tag_cosine": ("double", "-", "mean cosine of tags and true tastes, measured hourly"),
            "tag_hits": ("double", "share", "top three tags that are true tastes, measured hourly"),
        },
        "items": {
            "item": ("int64", "id", "video"),
            "creator": ("int64", "id", "creator, the most famous first"),
            "published_s": WHEN,
            "duration_ms": ("int64", "ms", "length"),
            "topic": ("int64", "category", "main topic"),
            "second_topic": ("int64", "category", "second topic"),
            "main_topic_weight": ("double", "share", "weight of the main topic"),
            "quality": ("double", "log units", "true quality of the post, unseen by the platform"),
            "tier": ("int64", "tier", "tier at the end, -1 in the stock, -2 once it is dead"),
            "waves": ("int64", "waves", "waves it has had"),
            "best_tier": ("int64", "tier", "highest tier it has had"),
            "died_s": ("double", "s", "when it died, none if it has not"),
        }
        | _counts(VIDEO_COUNTS, "since publication"),
        "rooms": {
            "at_s": WHEN,
            "room": ("int64", "id", "room"),
            "session": ("int64", "number", "how many times it has opened"),
            "level": ("int64", "level", "level during these minutes"),
            "script": ("string", "-", "script of the show"),
            "segment": ("string", "-", "segment of the show at the end"),
            "budget": ("int64", "exposures", "budget of the wave"),
            "online": ("int64", "viewers", "people inside at the end"),
            "peak": ("int64", "viewers", "most people inside at a refresh"),
            "average": ("double", "viewers", "time-average of people inside"),
            "price_yuan": ("double", "yuan", "price of a recent order, as a band; none without orders"),
        }
        | _counts(ROOM_COUNTS, "since the last review"),
        "sessions": {
            "room": ("int64", "id", "room"),
            "session": ("int64", "number", "how many times it has opened"),
            "opened_s": WHEN,
            "closed_s": WHEN,
            "script": ("string", "-", "script of the show"),
            "chosen": (
                "string",
                "-",
                "why this show: given, tried, copied from a room placed above, best so far, adopted",
            ),
            "adopts_s": ("double", "s", "when the room takes up a script at a date, before or after; none for never"),
            "breadth": ("int64", "categories", "categories in the catalogue"),
            "topic": ("int64", "category", "main category"),
            "host": ("int64", "id", "creator who hosts"),
            "followers": ("int64", "viewers", "viewers who follow the host"),
            "skill": ("double", "log units", "true skill of the host, unseen by the platform"),
            "form": ("double", "log units", "true form of the host in this session, added to the skill"),
            "goods": ("double", "log units", "true appeal of what this session sells, against the usual"),
            "mean_level": ("double", "level", "mean level"),
            "acu": ("double", "viewers", "average concurrent users (平均在线)"),
            "pcu": ("int64", "viewers", "peak concurrent users (最高在线)"),
            "margin_cents": ("int64", "0.01 yuan", "sales that stayed less the cost of their goods, baits left out"),
            "bait_loss_cents": ("int64", "0.01 yuan", "cost of the baits that stayed, over what they brought"),
            "boost_cents": ("int64", "0.01 yuan", "spent on boosts of the room in the session"),
            "profit_cents": ("int64", "0.01 yuan", "margin less the loss on baits and what boosts cost"),
        }
        | _counts(ROOM_COUNTS, "in the session"),
        "reviews": {
            "at_s": WHEN,
            "kind": ("string", "-", "video or room"),
            "item": ("int64", "id", "video or room"),
            "session": ("int64", "number", "session of a room, 0 for a video"),
            "tier": ("int64", "tier or level", "where the wave was, -1 for a video in the stock"),
            "wave": ("int64", "number", "which wave of the item"),
            "opened_s": ("int64", "s", "when the wave opened, or since when the stock's video had not been judged"),
            "budget": ("int64", "exposures", "budget of the wave"),
            "delivered": ("int64", "exposures", "exposures delivered of the budget"),
            "boosted": (
                "int64",
                "exposures",
                "boosted exposures meanwhile; they count in the terms if platform.boosts.counts",
            ),
            "dwell": ("double", "share or s", "watch time over duration; seconds per entry in a room"),
            "interaction": ("double", "weighted", "weighted interactions per exposure; per entry in a room"),
            "entry": (
                "double",
                "share",
                "entries per exposure of a room, as all rates over its last reviews",
            ),
            "conversion": ("double", "goods per entry", "goods sold per entry, drawn towards the peers' mean (转化)"),
            "gpm": ("double", "yuan", "sales per thousand entries (GPM), drawn towards the peers' mean"),
            "dwell_term": ("double", "peers' mean", "dwell over the peers' mean"),
            "interaction_term": ("double", "peers' mean", "interaction over the peers' mean"),
            "entry_term": ("double", "peers' mean", "entry over the peers' mean"),
            "conversion_term": ("double", "peers' mean", "conversion over the peers' mean"),
            "sales_term": ("double", "peers' mean", "GPM over the peers' mean"),
            "dwell_weight": ("double", "-", "weight of dwell"),
            "interaction_weight": ("double", "-", "weight of interaction"),
            "entry_weight": ("double", "-", "weight of entry"),
            "conversion_weight": ("double", "-", "conversion weight (商品转化权重), as far as sales are known"),
            "sales_weight": ("double", "-", "weight of GPM, as far as sales are known"),
            "goods": ("double", "goods", "goods that the last reviews remember: the numerator of conversion"),
            "entries": ("double", "entries", "entries that the last reviews remember"),
            "prior_entries": ("double", "entries", "entries at the peers' mean that conversion is drawn towards it by"),
            "peers": ("int64", "rooms", "rooms whose mean the terms are relative to"),
            "compared": ("string", "-", "what these share: class and level, class, or nothing"),
            "orders_known": ("double", "orders", "orders remembered of a room over its sessions"),
            "average": ("double", "viewers", "average concurrency (ACU) since the last review"),
            "to_hold": ("double", "viewers", "average concurrency to be held at this level"),
            "penalty": ("double", "share", "taken off the score of a room for false promises"),
            "score": ("double", "peers' mean", "weighted mean of the terms, less the penalty"),
            "up_at": ("double", "peers' mean", "score from which a wave is promoted"),
            "down_at": ("double", "peers' mean", "score below which a video fades and a room goes down"),
            "verdict": ("string", "-", "promote, repeat, fade; keep, reignite in the stock; up, keep, down of a room"),
        },
        "products": {
            "product": ("int64", "id", "product"),
            "room": ("int64", "id", "room that sells it"),
            "topic": ("int64", "category", "category"),
            "price_cents": ("int64", "0.01 yuan", "price"),
            "bait": ("bool", "-", "whether it is a bait (憋单款)"),
            "appeal": ("double", "factor", "true appeal, unseen by the platform"),
        }
        | _counts(PRODUCT_COUNTS, "in the recorded time, orders that were filled"),
        "orders": {
            "at_ms": ("int64", "ms", "simulated time since day 0, 00:00"),
            "viewer": ("int64", "id", "viewer"),
            "room": ("int64", "id", "room"),
            "session": ("int64", "number", "session of the room"),
            "product": ("int64", "id", "product"),
            "topic": ("int64", "category", "category of the product"),
            "price_cents": ("int64", "0.01 yuan", "price"),
            "bait": ("bool", "-", "whether it was a bait (憋单款)"),
            "filled": ("bool", "-", "whether there was stock"),
            "paid": ("bool", "-", "whether it was filled and paid (支付)"),
            "returned": ("bool", "-", "whether it was paid and came back (退货)"),
            "gsv_cents": ("int64", "0.01 yuan", "what stays of its price: 0 if not paid, or returned"),
            "follows_host": ("bool", "-", "whether the viewer followed the host when they ordered"),
            "match": ("int64", "bucket", "bucket of tag match at entry, 0 to 7"),
            "source": ("string", "-", "entrance by which the viewer came into the room"),
        },
        "campaigns": {
            "at_s": WHEN,
            "boost": ("int64", "number", "boost: one item of one order; a row when it begins, every hour, at the end"),
            "order": ("int64", "number", "order in the scenario, from 0"),
            "kind": ("string", "-", "video or room"),
            "item": ("int64", "id", "video or room, -1 while there is none"),
            "target": ("string", "-", "who is to see it"),
            "audience": ("int64", "viewers", "viewers who fit the target"),
            "state": ("string", "-", "waiting, open or over"),
            "opened_s": WHEN,
            "closes_s": WHEN,
            "budget": ("int64", "exposures or entries", "bought: exposures of a video, entries to a room"),
            "delivered": ("int64", "exposures or entries", "delivered so far"),
            "budget_yuan": ("double", "yuan", "paid for it; what is not spent at the end is returned"),
            "spent_yuan": ("double", "yuan", "spent so far"),
            "before": ("int64", "exposures", "natural exposures of the item before the boost began"),
            "natural": ("int64", "exposures", "natural exposures of the item since the boost began"),
            "tier": ("int64", "tier or level", "where the item is, -1 for no wave"),
        }
        | _counts(tuple(PAID_COUNTS), "bought so far"),
        "viewers": {
            "viewer": ("int64", "id", "viewer"),
            **{
                name: ("double", "factor", f"readiness or trait: {name}")
                for name in ("activity", "patience", "like", "comment", "share", "follow", "live", "buy")
            },
            "price_yuan": ("double", "yuan", "price the viewer is used to"),
            "bargain": ("bool", "-", "hunts bargains"),
            "price_tag_yuan": ("double", "yuan", "the platform's price band of the viewer; none before a click"),
            "phase": ("string", "-", "away, scrolling or inside a room"),
            "satisfaction": ("double", "share", "how much of the last videos the viewer watched"),
            "visits": ("int64", "sessions", "due sessions so far"),
            "pages": ("int64", "pages", "pages asked for"),
            "taste": ("list", "share of the strongest", "true tastes by category"),
            "tag": ("list", "share of the strongest", "ranking tag by category"),
            **{
                f"tag_{kind}": (
                    "list",
                    "share of a video",
                    f"what evidence from {kind} adds to it, before it is scaled",
                )
                for kind in ("videos", "rooms", "purchases")
            },
        },
        "exposures": {
            "at_ms": ("int64", "ms", "simulated time since day 0, 00:00"),
            "viewer": ("int64", "id", "viewer"),
            "kind": ("string", "-", "kind of event"),
            "item": ("int64", "id", "video, ~room, or product of an order"),
            "ms": ("int64", "ms", "watched, stayed, or length of a session"),
            "match": ("int64", "bucket", "bucket of tag match, 0 to 7"),
            "source": ("string", "-", "why it was shown; of a stay and its orders, the entrance to the room"),
        }
        | {name: ("bool", "-", f"whether the viewer {name}") for name in DEEDS},
    }


TABLES = tuple(_tables(1))
_TYPES = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "list": pa.list_(pa.float64()),
}


def schema(table: str, tiers: int) -> pa.Schema:
    """A table's columns, each with its unit and meaning as metadata."""
    return pa.schema(
        [
            pa.field(name, _TYPES[kind], metadata={"unit": unit, "meaning": meaning})
            for name, (kind, unit, meaning) in _tables(tiers)[table].items()
        ]
    )


DATED = {"rooms": ("at_s", "at"), "sessions": ("opened_s", "opened")}
"""Tables that are small enough to tell dates too: from which column, in which."""


def dated(rows: pa.Table, table: str, start: date) -> pa.Table:
    """The table, with a column of dates and times without a time zone if it is one that has it."""
    if table not in DATED:
        return rows
    seconds, name = DATED[table]
    day_0_s = int(datetime.combine(start, time(), UTC).timestamp())
    moments = pc.add(rows[seconds], day_0_s).cast(pa.timestamp("s"))
    meaning = {
        "unit": "date and time",
        "meaning": f"{seconds} as a date and time of day",
    }
    return rows.append_column(pa.field(name, moments.type, metadata=meaning), moments)
