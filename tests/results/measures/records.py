"""Records made by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.results.measures.lookup import measure
from sim.results.measures.run_data import Evidence
from sim.results.table_schemas import TABLES, schema

NOTHING = {pa.int64(): 0, pa.float64(): 0.0, pa.string(): "", pa.bool_(): False}
DAY_S = 86_400
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SCENARIO = {
    "warm_up": 1.0,
    "records": {"exposures": 0.01, "viewers": 0.01},
    "platform": {"feed": {"page": 4}, "waves": {"hours": 6.0}},
}


def table(name: str, **columns: Any) -> pd.DataFrame:
    """A table in which all that is not given is nothing; a single value stands for all rows."""
    n = max((len(one) for one in columns.values() if isinstance(one, Sequence) and not isinstance(one, str)), default=0)
    filled = {}
    for field in schema(name, 2):
        value = columns.pop(field.name, NOTHING.get(field.type))
        filled[field.name] = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value] * n
    assert not columns, columns
    return pd.DataFrame(filled)


def evidence(scenario: Mapping[str, Any] | None = None, **tables: pd.DataFrame) -> Evidence:
    """Evidence of one recorded day, if the series say nothing else; tables that are not given are empty."""
    tables.setdefault("series", table("series", at_s=[DAY_S]))
    known = {name: tables[name] if name in tables else table(name) for name in TABLES}
    assert not set(tables) - set(TABLES)
    return Evidence(known.__getitem__, SCENARIO | dict(scenario or {}))


def measured(run: Evidence, name: str, *args: Any) -> float:
    """A measure by its name, of hand-made records."""
    return measure(name, args)(run)


def videos(*shown: tuple[int, int, int], **deeds: Sequence[int]) -> pd.DataFrame:
    """Video exposures (viewer, item, ms), one second after another; `deeds` name the rows in which they happened."""
    viewer, item, ms = zip(*shown, strict=True)
    n = len(shown)
    did = {name: [row in rows for row in range(n)] for name, rows in deeds.items()}
    return table(
        "exposures",
        at_ms=np.arange(0, 1000 * n, 1000).tolist(),
        viewer=viewer,
        item=item,
        ms=ms,
        kind="video",
        source="ranked",
        **did,
    )
