"""Columns: a NamedTuple of arrays with one row a thing, declared once, so that memory can be told before it is taken."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

Array = np.ndarray
T = TypeVar("T", bound=tuple[Array, ...])


class Column(NamedTuple):
    """Type and shape of one row's entry; a name in the shape stands for a size given later."""

    dtype: type[np.generic]
    shape: tuple[int | str, ...] = ()
    empty: int = 0

    def of(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(sizes[part] if isinstance(part, str) else part for part in self.shape)


Declared = Mapping[str, Column]


def blank(kind: type[T], declared: Declared, rows: int, **sizes: int) -> T:
    """Fresh columns of `rows` rows."""
    arrays = {name: np.full((rows, *c.of(sizes)), c.empty, c.dtype) for name, c in declared.items()}
    return kind(**arrays)  # type: ignore[call-arg]


def row_bytes(declared: Declared, **sizes: int) -> int:
    """Memory of one row."""
    return sum(int(np.prod(c.of(sizes), dtype=np.int64)) * np.dtype(c.dtype).itemsize for c in declared.values())


def grown(columns: T, declared: Declared, rows: int) -> T:
    """The same columns with room for `rows` rows."""
    arrays = []
    for name, old in zip(columns._fields, columns, strict=True):  # type: ignore[attr-defined]
        new = np.full((rows, *old.shape[1:]), declared[name].empty, old.dtype)
        new[: len(old)] = old
        arrays.append(new)
    return type(columns)(*arrays)


def state(columns: Any, rows: int | None = None) -> dict[str, Array]:
    """The arrays by name, cut to the rows in use."""
    return {name: array[:rows] for name, array in zip(columns._fields, columns, strict=True)}
