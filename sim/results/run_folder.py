"""The records of a run: tables with units, what it takes to run it again, and folders that are whole or clearly not.

A run writes into `<id>.partial`: parts of tables as they fill, each complete in itself. When it ends, the parts
become one Parquet file a table, the manifest says that they are whole, and the folder takes its final name. So whatever
stands under a final name is whole. A part counts only if it is in the list that is saved with the world.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.clock import SECOND
from sim.core.disk import Fingerprint, fingerprint, put
from sim.core.run_calendar import Calendar, is_date
from sim.results.lazy_rows import joined
from sim.results.table_schemas import TABLES, dated, schema
from sim.scenario.policy_changes import changed

PARTIAL = ".partial"
PARTS = "parts"
MANIFEST = "manifest.json"
ROW_GROUP = 65_536


# --- writing


class Writer:
    """Takes rows of tables as they are observed, and keeps them as parts of a folder.

    Parameters
    ----------
    folder
        The run's partial folder.
    tiers
        How many tiers the ladder has.
    files
        What the folder holds so far, by name; parts that are not in it, left by a run that was killed, do not count.
    part
        Number of the next part.
    start
        The date of day 0, if the scenario gives one.
    """

    def __init__(
        self,
        folder: Path,
        tiers: int,
        files: Mapping[str, Fingerprint] | None = None,
        part: int = 0,
        start: date | None = None,
    ) -> None:
        self.folder, self.tiers, self.part, self.start = folder, tiers, part, start
        self.files = dict(files or {})
        self.schemas = {table: schema(table, tiers) for table in TABLES}
        self.rows: dict[str, list[Mapping[str, Any]]] = {table: [] for table in TABLES}
        self.thread, self.writing = ThreadPoolExecutor(1), Future[None]()
        self.writing.set_result(None)
        (folder / PARTS).mkdir(parents=True, exist_ok=True)

    def __call__(self, table: str, rows: Mapping[str, Any]) -> None:
        self.rows[table].append(rows)

    def flush(self) -> "Future[None]":
        """Write the rows since the last time, while the run goes on; the answer comes when it is there."""
        self.writing.result()
        told, self.rows = self.rows, {table: [] for table in TABLES}
        self.writing = self.thread.submit(self._write, told, self.part)
        self.part += 1
        return self.writing

    def _write(self, rows: Mapping[str, list[Mapping[str, Any]]], part: int) -> None:
        for table, told in rows.items():
            if told:
                name = f"{PARTS}/{table}.{part:05d}.parquet"
                put_table(self.folder / name, _table(told, self.schemas[table]))
                self.files[name] = fingerprint(self.folder / name)

    def finish(self, folder: Path) -> None:
        """Join the parts, and the rows since the last one, to one file a table; the parts stay."""
        self.writing.result()
        self.thread.shutdown()
        for table in TABLES:
            files = [self.folder / name for name in self.files if name.startswith(f"{PARTS}/{table}.")]
            parts = [pq.read_table(file, schema=self.schemas[table]) for file in files]
            if self.rows[table]:
                parts.append(_table(self.rows[table], self.schemas[table]))
            whole = pa.concat_tables(parts or [self.schemas[table].empty_table()]).combine_chunks()
            whole = dated(whole, table, self.start) if self.start else whole
            put_table(folder / f"{table}.parquet", whole, row_group_size=ROW_GROUP, compression="zstd")


def put_table(file: Path, table: pa.Table, **options: Any) -> None:
    """Write a table so that the file is there whole or not at all."""
    put(file, lambda stream: pq.write_table(table, stream, **options))


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
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    put(file, lambda stream: stream.write(text.encode()))


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


def writable(folder: Path) -> Path:
    """The folder, made if need be; a RunError if that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {(error.strerror or str(error)).lower()}") from None
    return folder


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
        return changed(self.scenario["platform"], self.scenario.get("changes", ()), at_s * SECOND - 1, self.calendar)

    @property
    def calendar(self) -> Calendar:
        """How moments read in this run."""
        start = self.scenario.get("start")
        return Calendar(is_date(start) if start else None)

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
        if "luck" in run.scenario:
            raise RunError(f"{folder}: a run of version 0.1.0, whose columns have other names; run its scenario again")
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
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Run(folder, manifest, json.loads((folder / "scenario.json").read_text(encoding="utf-8")))
