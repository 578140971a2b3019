"""The records of a run: tables with units, what it takes to run it again, and folders that are whole or clearly not.

A run writes into `<id>.partial`: parts of tables as they fill, each complete in itself. When it ends, the parts
become one Parquet file a table and the folder takes its final name. So whatever stands under a final name is whole.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.clock import SECOND
from sim.later import joined
from sim.ledger import DEEDS, PAID_COUNTS, PRODUCT_COUNTS, ROOM_COUNTS, TOTALS, VIDEO_COUNTS
from sim.switches import changed

PARTIAL = ".partial"
ROW_GROUP = 65_536

# --- the tables: column -> (type, unit, meaning)

Spec = dict[str, tuple[str, str, str]]
WHEN = ("int64", "s", "simulated time since day 0, 00:00")
COUNT_UNITS = {
    "ms": "ms",
    "watch_ms": "ms",
    "stay_ms": "ms",
    "session_ms": "ms",
    "gmv_cents": "0.01 yuan",
    "held_ms": "ms",
    "luck": "0.00001 yuan",
}


def _counts(names: tuple[str, ...], what: str) -> Spec:
    return {name: ("int64", COUNT_UNITS.get(name, "count"), f"{name.replace('_', ' ')} {what}") for name in names}


def _tables(tiers: int) -> dict[str, Spec]:
    return {
        "series": {"at_s": WHEN}
        | _counts(TOTALS, "in the refresh that ends then")
        | {f"tier_{t}": ("int64", "exposures", f"video exposures of items in tier {t}") for t in range(tiers)}
        | {
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
            "lean": ("double", "share", "weight of the main topic"),
            "pull": ("double", "log units", "true pull of the post, unseen by the platform"),
            "tier": ("int64", "tier", "tier at the end, -1 for none"),
            "waves": ("int64", "waves", "waves it has had"),
            "best_tier": ("int64", "tier", "highest tier it was given"),
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
            "price_yuan": ("double", "yuan", "what an order of late came to, as a band; none without orders"),
        }
        | _counts(ROOM_COUNTS, "since the last review"),
        "sessions": {
            "room": ("int64", "id", "room"),
            "session": ("int64", "number", "how many times it has opened"),
            "opened_s": WHEN,
            "closed_s": WHEN,
            "script": ("string", "-", "script of the show"),
            "chosen": ("string", "-", "why this script: given, tried, copied from a room placed above, best so far"),
            "breadth": ("int64", "categories", "categories in the catalogue"),
            "topic": ("int64", "category", "main category"),
            "host": ("int64", "id", "creator who hosts"),
            "followers": ("int64", "viewers", "viewers who follow the host"),
            "skill": ("double", "log units", "true skill of the host, unseen by the platform"),
            "mean_level": ("double", "level", "mean level"),
            "acu": ("double", "viewers", "average concurrent users (平均在线)"),
            "pcu": ("int64", "viewers", "peak concurrent users (最高在线)"),
            "bait_loss_cents": ("int64", "0.01 yuan", "cost of baits over what they brought"),
            "profit_cents": ("int64", "0.01 yuan", "sales less cost of goods"),
        }
        | _counts(ROOM_COUNTS, "in the session"),
        "reviews": {
            "at_s": WHEN,
            "kind": ("string", "-", "video or room"),
            "item": ("int64", "id", "video or room"),
            "session": ("int64", "number", "session of a room, 0 for a video"),
            "tier": ("int64", "tier or level", "where the wave was"),
            "wave": ("int64", "number", "which wave of the item"),
            "opened_s": WHEN,
            "budget": ("int64", "exposures", "budget of the wave"),
            "given": ("int64", "exposures", "handed out"),
            "paid": ("int64", "exposures", "paid exposures meanwhile; they count in the terms if platform.paid.counts"),
            "dwell": ("double", "share or s", "watch time over duration; seconds per entry in a room"),
            "interaction": ("double", "weighted", "weighted interactions per exposure; per entry in a room"),
            "entry": (
                "double",
                "share",
                "entries per exposure of a room, as all rates over its last reviews",
            ),
            "gpm": ("double", "yuan", "sales per thousand views of a room (GPM)"),
            "dwell_term": ("double", "peers' mean", "dwell over the peers' mean"),
            "interaction_term": ("double", "peers' mean", "interaction over the peers' mean"),
            "entry_term": ("double", "peers' mean", "entry over the peers' mean"),
            "conversion_term": ("double", "peers' mean", "GPM over the peers' mean"),
            "dwell_weight": ("double", "-", "weight of dwell"),
            "interaction_weight": ("double", "-", "weight of interaction"),
            "entry_weight": ("double", "-", "weight of entry"),
            "conversion_weight": ("double", "-", "conversion weight (商品转化权重)"),
            "penalty": ("double", "share", "taken off the score of a room for false promises"),
            "score": ("double", "peers' mean", "weighted mean of the terms, less the penalty"),
            "up_at": ("double", "peers' mean", "score from which a wave is promoted"),
            "down_at": ("double", "peers' mean", "score below which a video fades and a room goes down"),
            "verdict": ("string", "-", "promote, repeat, fade; up, keep, down"),
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
            "match": ("int64", "step", "step of tag match at entry, 0 to 7"),
        },
        "paid": {
            "at_s": WHEN,
            "boost": ("int64", "number", "boost: one item of one order; a row when it begins, every hour, at the end"),
            "order": ("int64", "number", "order in the scenario, from 0"),
            "kind": ("string", "-", "video or room"),
            "item": ("int64", "id", "video or room, -1 while there is none"),
            "target": ("string", "-", "who is to see it"),
            "fit": ("int64", "viewers", "viewers who fit the target"),
            "state": ("string", "-", "waiting, open or over"),
            "opened_s": WHEN,
            "closes_s": WHEN,
            "budget": ("int64", "exposures or entries", "bought: exposures of a video, entries to a room"),
            "given": ("int64", "exposures or entries", "handed out so far"),
            "budget_yuan": ("double", "yuan", "paid for it; what is not spent at the end is returned"),
            "spent_yuan": ("double", "yuan", "spent so far"),
            "before": ("int64", "exposures", "natural exposures of the item before the boost began"),
            "natural": ("int64", "exposures", "natural exposures of the item since the boost began"),
            "tier": ("int64", "tier or level", "where the item is, -1 for no wave"),
        }
        | _counts(tuple(PAID_COUNTS), "paid for so far"),
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
            "mood": ("double", "share", "how satisfying the last items were"),
            "visits": ("int64", "sessions", "due sessions so far"),
            "pages": ("int64", "pages", "pages asked for"),
            "taste": ("list", "share of the strongest", "true tastes by category"),
            "tag": ("list", "share of the strongest", "ranking tag by category"),
        },
        "exposures": {
            "at_ms": ("int64", "ms", "simulated time since day 0, 00:00"),
            "viewer": ("int64", "id", "viewer"),
            "kind": ("string", "-", "what kind of fact"),
            "item": ("int64", "id", "video, ~room, or product of an order"),
            "ms": ("int64", "ms", "watched, stayed, or length of a session"),
            "match": ("int64", "step", "step of tag match, 0 to 7"),
            "source": ("string", "-", "why it was on the page"),
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


# --- writing


class Writer:
    """Takes rows of tables as they are told, and keeps them as parts of a folder.

    Parameters
    ----------
    folder
        The run's partial folder.
    tiers
        How many tiers the ladder has.
    part
        Number of the next part; parts from there on, left by a run that was killed, are dropped.
    """

    def __init__(self, folder: Path, tiers: int, part: int = 0) -> None:
        self.folder, self.tiers, self.part = folder / "parts", tiers, part
        self.schemas = {table: schema(table, tiers) for table in TABLES}
        self.rows: dict[str, list[Mapping[str, Any]]] = {table: [] for table in TABLES}
        self.thread, self.writing = ThreadPoolExecutor(1), Future[None]()
        self.writing.set_result(None)
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in self.folder.iterdir():
            if not file.name.endswith(".parquet") or int(file.name.split(".")[1]) >= part:
                file.unlink()

    def __call__(self, table: str, rows: Mapping[str, Any]) -> None:
        self.rows[table].append(rows)

    def flush(self) -> "Future[None]":
        """Write what was told since the last time, while the run goes on; the answer comes when it is there."""
        self.writing.result()
        told, self.rows = self.rows, {table: [] for table in TABLES}
        self.writing = self.thread.submit(self._write, told, self.part)
        self.part += 1
        return self.writing

    def _write(self, rows: Mapping[str, list[Mapping[str, Any]]], part: int) -> None:
        for table, told in rows.items():
            if told:
                file = self.folder / f"{table}.{part:05d}.parquet"
                pq.write_table(_table(told, self.schemas[table]), _aside(file))
                _aside(file).replace(file)

    def finish(self, folder: Path) -> None:
        """Join the parts, and what was told since the last one, to one file a table."""
        self.writing.result()
        self.thread.shutdown()
        for table in TABLES:
            files = sorted(self.folder.glob(f"{table}.*.parquet"))
            parts = [pq.read_table(file, schema=self.schemas[table]) for file in files]
            if self.rows[table]:
                parts.append(_table(self.rows[table], self.schemas[table]))
            whole = pa.concat_tables(parts or [self.schemas[table].empty_table()]).combine_chunks()
            pq.write_table(whole, folder / f"{table}.parquet", row_group_size=ROW_GROUP, compression="zstd")
        shutil.rmtree(self.folder)


def _aside(file: Path) -> Path:
    return file.with_name(file.name + ".tmp")


def _table(told: Sequence[Mapping[str, Any]], columns: pa.Schema) -> pa.Table:
    arrays, told = [], joined(told)
    for field in columns:
        pieces = [rows[field.name] for rows in told]
        if np.ndim(pieces[0]) == 0:
            arrays.append(pa.array(pieces, field.type))
        elif isinstance(pieces[0], np.ndarray) and not pa.types.is_list(field.type):
            arrays.append(pa.array(np.concatenate(pieces), field.type, safe=False))
        else:
            arrays.append(pa.array([value for piece in pieces for value in piece], field.type))
    return pa.Table.from_arrays(arrays, schema=columns)


def write_json(file: Path, data: Any) -> None:
    """Write JSON so that the file is there whole or not at all."""
    _aside(file).write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _aside(file).replace(file)


def records_digest(folder: Path) -> str:
    """SHA-256 of all tables, in the order of their names."""
    digest = hashlib.sha256()
    for table in sorted(TABLES):
        digest.update(table.encode())
        digest.update((folder / f"{table}.parquet").read_bytes())
    return digest.hexdigest()


# --- reading


class RunError(Exception):
    """A folder that is not a run, or not a whole one; the message says what to do."""


class Run(NamedTuple):
    """A finished run's folder."""

    folder: Path
    manifest: dict[str, Any]
    scenario: dict[str, Any]

    def table(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """One of the tables: series, items, rooms, sessions, reviews, orders, viewers, exposures."""
        return pd.read_parquet(self.folder / f"{name}.parquet", columns=columns)

    def summary(self) -> dict[str, Any]:
        """The summary that `wavepool run` printed."""
        data: dict[str, Any] = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        return data

    def rules(self, at_s: int) -> dict[str, Any]:
        """The platform's rules by which reviews went at a moment; those that changed at it came after them."""
        return changed(self.scenario["platform"], self.scenario.get("changes", ()), at_s * SECOND - 1)

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"


def open_run(path: str | Path) -> Run:
    """Open a run's folder; a RunError says in one line what is wrong with it."""
    folder = Path(path)
    if folder.name.endswith(PARTIAL):
        raise RunError(f"{folder}: this run was stopped before its end; `wavepool resume {folder}` goes on with it")
    if not folder.is_dir():
        partial = folder.with_name(folder.name + PARTIAL)
        if partial.is_dir():
            raise RunError(
                f"{folder}: only {partial.name} is there, a run that was stopped; `wavepool resume {partial}`"
            )
        raise RunError(f"{folder}: no such folder")
    try:
        run = read_run(folder)
        missing = [table for table in TABLES if not (folder / f"{table}.parquet").is_file()]
    except (OSError, ValueError):
        found = sorted(child.parent for child in folder.glob("*/manifest.json"))
        hint = f"; runs below it: {', '.join(str(one) for one in found[:3])}" if found else ""
        raise RunError(f"{folder}: not the folder of a run{hint}") from None
    if missing:
        raise RunError(f"{folder}: tables are missing: {', '.join(missing)}")
    return run


def read_run(folder: Path) -> Run:
    """What a folder says of its run, whether or not it has its final name."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Run(folder, manifest, json.loads((folder / "scenario.json").read_text(encoding="utf-8")))
