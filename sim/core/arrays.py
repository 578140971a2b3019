"""Rows: a million things as one structured array. A column is `rows["satisfaction"]`, one of them is the handle
`rows[i]`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.core.compiler import COMPILED

Array = np.ndarray
Row = Any
"""A handle on one row: a record, whose fields read and write the row itself."""


class Column(NamedTuple):
    """Type and shape of a row's entry; a name in the shape stands for a size given later."""

    dtype: type[np.generic]
    shape: tuple[int | str, ...] = ()
    empty: int = 0


Declared = Mapping[str, Column]


def layout(declared: Declared, **sizes: int) -> np.dtype:
    """The row's memory layout, every field at its natural place."""
    fields = [
        (name, c.dtype, tuple(sizes[part] if isinstance(part, str) else part for part in c.shape))
        for name, c in declared.items()
    ]
    return np.dtype(fields, align=True)


def row_bytes(declared: Declared, **sizes: int) -> int:
    """Memory of one row."""
    return layout(declared, **sizes).itemsize


CACHE_LINE = 64


def _zero(shape: int | tuple[int, ...], kind: np.dtype) -> Array:
    """Rows of zeros, of which the first begins a cache line: so a row touches no more lines than it must."""
    size = int(np.prod(shape)) * kind.itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    return handles(memory[first : first + size].view(kind).reshape(shape))


def blank(declared: Declared, shape: int | tuple[int, ...], **sizes: int) -> Array:
    """Fresh rows."""
    rows = _zero(shape, layout(declared, **sizes))
    set_empty(rows, declared)
    return rows


def side_by_side(count: int, *tables: Declared, **sizes: int) -> tuple[Array, ...]:
    """Rows of several tables, with all that belongs to one thing together; each of them begins a cache line.

    They take no memory before they are written to: what is declared empty is still to be set.
    """
    kinds = [layout(declared, **sizes) for declared in tables]
    names = [str(n) for n in range(len(kinds))]
    least = np.dtype(list(zip(names, kinds, strict=True)), align=True)
    wide = -(-least.itemsize // CACHE_LINE) * CACHE_LINE
    offsets = [least.fields[name][1] for name in names] if least.fields else []
    rows = _zero(count, np.dtype({"names": names, "formats": kinds, "offsets": offsets, "itemsize": wide}, align=True))
    return tuple(handles(rows[name]) for name in names)


def set_empty(rows: Array, declared: Declared) -> None:
    """Set what is empty in fresh rows, where that is not zero."""
    for name, column in declared.items():
        if column.empty:
            rows[name] = column.empty


def grown(rows: Array, declared: Declared, count: int) -> Array:
    """The same rows, and blank ones up to `count`."""
    more = _zero(count, rows.dtype)
    more[: len(rows)] = rows
    set_empty(more[len(rows) :], declared)
    return more


def longer(array: Array, rows: int) -> Array:
    """The same array with zero rows up to `rows`; they take no memory before something is written to them."""
    more = np.zeros((rows, *array.shape[1:]), array.dtype)
    more[: len(array)] = array
    return more


def fill(rows: Array, saved: Array) -> None:
    """Copy saved rows field by field: a file keeps no padding."""
    if rows.dtype.names is None:
        rows[:] = saved
        return
    for name in rows.dtype.names:
        rows[name] = saved[name]


def numbers(**values: float | Sequence[float]) -> Array:
    """Parameters as one row, which compiled code reads by name; several numbers under one name are floats."""
    fields = [
        (name, np.int64 if isinstance(value, int) else np.float64, np.shape(value)) for name, value in values.items()
    ]
    row = handles(np.zeros(1, np.dtype(fields, align=True)))
    for name, value in values.items():
        row[name] = value
    return row


class Handle(np.record):  # type: ignore[misc]
    """A row in plain Python: fields come before a record's own attributes, and numbers are Python's, as wide as can
    be.
    """

    def __getattribute__(self, name: str) -> Any:
        fields = np.void.__getattribute__(self, "dtype").fields
        if fields is None or name not in fields:
            return np.record.__getattribute__(self, name)
        value = np.void.__getitem__(self, name)
        return value.item() if isinstance(value, np.generic) else value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def handles(rows: Array) -> Array:
    """Rows whose handles read by attribute: compiled code always does so, plain Python needs a class for it."""
    return rows if COMPILED else _with_handles(rows)


def _with_handles(rows: Array) -> Array:
    return rows.view(np.dtype((Handle, rows.dtype)))


def one(rows: Array, i: int = 0) -> Row:
    """A handle on one row that reads by attribute, compiled or not."""
    return _with_handles(rows)[i]
