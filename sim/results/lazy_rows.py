"""Rows of a table that are worked out when somebody reads them: of what was noted at many times, all at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from sim.core.arrays import Array

Table = Mapping[str, Any]


class Later(Mapping[str, Any]):
    """Rows as `told(*notes, *same)` has them; notes are arrays with an entry for each row."""

    def __init__(self, told: Callable[..., Table], notes: tuple[Array, ...], same: tuple[Any, ...] = ()) -> None:
        self.told, self.notes, self.same = told, notes, same

    @cached_property
    def rows(self) -> Table:
        return self.told(*self.notes, *self.same)

    def __getitem__(self, name: str) -> Any:
        return self.rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def joined(told: Iterable[Table]) -> list[Table]:
    """The same rows in the same order, of which those that are made in the same way lie together."""
    out: list[Table] = []
    for way, group in groupby(told, lambda rows: (rows.told, *map(id, rows.same)) if isinstance(rows, Later) else None):
        pieces = list(group)
        out += pieces if way is None else [_one(pieces)]
    return out


def _one(pieces: list[Any]) -> Later:
    notes = tuple(np.concatenate(column) for column in zip(*(one.notes for one in pieces), strict=True))
    return Later(pieces[0].told, notes, pieces[0].same)
