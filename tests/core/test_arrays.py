import numpy as np
import pytest

from sim.core.arrays import (
    CACHE_LINE,
    Column,
    blank,
    grown,
    layout,
    longer,
    numbers,
    one,
    row_bytes,
    set_empty,
    side_by_side,
)

SHELF = {
    "price": Column(np.int64),
    "bait": Column(np.uint8),
    "host": Column(np.int32, (), -1),
    "pair": Column(np.int16, (2,), -1),
    "topics": Column(np.float32, ("categories",)),
    "grid": Column(np.uint8, (3, "categories")),
}


def test_a_layout_has_the_declared_types_and_shapes() -> None:
    dtype = layout(SHELF, categories=5)
    assert list(dtype.names or ()) == list(SHELF)
    assert dtype["price"] == np.int64
    assert dtype["topics"] == np.dtype((np.float32, (5,)))
    assert dtype["grid"].shape == (3, 5)


def test_every_field_stands_at_its_natural_place() -> None:
    # price 0-8, bait 8, host at the next multiple of 4: 12, pair 16-20, topics 20-40, grid 40-55, whole rows of 8: 56
    dtype = layout(SHELF, categories=5)
    assert [dtype.fields[name][1] for name in SHELF] == [0, 8, 12, 16, 20, 40]  # type: ignore[index]
    assert row_bytes(SHELF, categories=5) == 56


def test_a_size_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="categories"):
        layout(SHELF)


def test_blank_rows_hold_zero_or_the_declared_empty_value() -> None:
    rows = blank(SHELF, 3, categories=2)
    assert rows.shape == (3,)
    assert rows["host"].tolist() == [-1, -1, -1]
    assert (rows["pair"] == -1).all()
    assert not rows["price"].any()
    assert not rows["topics"].any()
    assert blank(SHELF, (2, 4), categories=2).shape == (2, 4)


def test_rows_side_by_side_are_blank_once_their_empty_values_are_set() -> None:
    (rows,) = side_by_side(4, SHELF, categories=2)
    assert rows["host"].tolist() == [0, 0, 0, 0]
    set_empty(rows[1:3], SHELF)
    assert rows["host"].tolist() == [0, -1, -1, 0]
    assert (rows[1:3] == blank(SHELF, 2, categories=2)).all()


def test_rows_grow_and_keep_what_they_hold() -> None:
    rows = blank(SHELF, 2, categories=2)
    rows["price"], rows["host"] = [7, 8], [3, 4]
    more = grown(rows, SHELF, 4)
    assert more["price"].tolist() == [7, 8, 0, 0]
    assert more["host"].tolist() == [3, 4, -1, -1]
    more["price"][0] = 99
    assert rows["price"][0] == 7


def test_an_array_made_longer_has_zero_rows_at_its_end() -> None:
    pairs = np.array([[1, 2], [3, 4]], np.int8)
    more = longer(pairs, 4)
    assert more.tolist() == [[1, 2], [3, 4], [0, 0], [0, 0]]
    assert more.dtype == np.int8
    assert longer(np.zeros(0), 2).tolist() == [0.0, 0.0]


def test_a_handle_reads_and_writes_its_row() -> None:
    rows = blank(SHELF, 3, categories=2)
    row = one(rows, 1)
    row.price, row.topics[1] = 990, 0.5
    assert rows["price"].tolist() == [0, 990, 0]
    assert rows["topics"][1].tolist() == [0.0, 0.5]
    rows["host"][1] = 12
    assert row.host == 12


def test_numbers_are_read_by_name_and_keep_their_kind() -> None:
    row = numbers(shards=8, weight=0.25, spacing=True, large=2**53 + 1)
    assert (one(row).shards, one(row).weight, one(row).spacing, one(row).large) == (8, 0.25, 1, 2**53 + 1)
    assert row.dtype["shards"] == np.int64
    assert row.dtype["weight"] == np.float64


def test_rows_of_several_tables_lie_side_by_side_from_one_cache_line_to_the_next() -> None:
    first, second = side_by_side(
        3, {"a": Column(np.int32, (), -1)}, {"b": Column(np.int64), "c": Column(np.uint8, ("n",))}, n=3
    )
    first["a"] = -1
    assert first.ctypes.data % CACHE_LINE == 0
    assert first.strides == second.strides == (CACHE_LINE,)
    assert second.ctypes.data - first.ctypes.data == 8  # at its natural place
    second["c"][1] = 7
    assert first["a"].tolist() == [-1] * 3
    assert second["c"].tolist() == [[0] * 3, [7] * 3, [0] * 3]


def test_a_row_begins_at_a_cache_line() -> None:
    assert all(blank({"a": Column(np.int16)}, count).ctypes.data % CACHE_LINE == 0 for count in (1, 1_000))
