import numpy as np

from sim.core.arrays import Array, blank
from sim.core.catalogue import PRODUCT_COLUMNS
from sim.core.event_log import FOLLOW, LOG_COLUMNS, PRODUCT_COUNTS, R_GMV, R_ORDERS, R_REFUSED, ROOM_COUNTS, VIA_VIDEO
from sim.traffic.order_fulfilment import add_orders, book, fill, in_order_of_time, no_orders


def shelves(*stock: int) -> Array:
    """Products of two rooms at 50 yuan, which cost 30; the last one is a bait at 10 yuan, which costs 25."""
    rows = blank(PRODUCT_COLUMNS, len(stock))
    rows["stock"], rows["room"] = stock, [0, 1, 1][: len(stock)]
    rows["price_cents"], rows["cost_cents"] = 5_000, 3_000
    rows["bait"][-1], rows["price_cents"][-1], rows["cost_cents"][-1] = 1, 1_000, 2_500
    return rows


def ordered(*orders: tuple[int, int, int]) -> Array:
    rows = blank(LOG_COLUMNS, len(orders))
    for row, (at_ms, viewer, item) in zip(rows, orders, strict=True):
        row["at_ms"], row["viewer"], row["item"] = at_ms, viewer, item
    return rows


def test_who_comes_first_is_served_first() -> None:
    orders, products = ordered((30, 1, 0), (10, 2, 0), (20, 3, 0), (20, 0, 0), (5, 9, 1)), shelves(2, 0, 9)
    assert in_order_of_time(orders).tolist() == [4, 1, 3, 2, 0]
    filled, (room, price) = np.zeros(5, bool), np.zeros((2, 5), np.int64)
    fill(orders, in_order_of_time(orders), products, filled, room, price)
    assert filled.tolist() == [False, True, False, True, False]
    assert price.tolist() == [0, 5_000, 0, 5_000, 0]
    assert room.tolist() == [0, 0, 0, 0, 1]
    assert products["stock"].tolist() == [0, 0, 9]


def test_what_filled_orders_bring_and_cost() -> None:
    outcome = no_orders(ordered((0, 0, 0), (0, 1, 2), (0, 2, 2), (0, 3, 1)))
    outcome.filled[:3] = True
    counts, (profit, loss) = np.zeros((3, len(PRODUCT_COUNTS)), np.int64), np.zeros((2, 2), np.int64)
    book(outcome, shelves(9, 9, 9), counts, profit, loss)
    assert counts.tolist() == [[0, 1, 5_000], [0, 0, 0], [0, 2, 2_000]]
    # 50 - 30 yuan; two baits at 10 yuan that cost 25
    assert (profit.tolist(), loss.tolist()) == ([2_000, -3_000], [0, 3_000])


def test_orders_in_the_books_of_rooms() -> None:
    counts = np.zeros((2, len(ROOM_COUNTS)), np.int64)
    rooms, filled, price = np.array([1, 1, 0]), np.array([True, False, True]), np.array([700, 0, 300])
    bait, source = np.array([False, False, True]), np.array([VIA_VIDEO, FOLLOW, FOLLOW])
    add_orders(counts, rooms, filled, price, bait, source)
    assert counts[:, (R_ORDERS, R_REFUSED, R_GMV)].tolist() == [[1, 0, 300], [1, 1, 700]]
    rows = (zip(ROOM_COUNTS, row, strict=True) for row in counts.tolist())
    named = [{name: n for name, n in row if n and "_" in name} for row in rows]
    assert named[0] == {"gmv_cents": 300, "bait_gmv_cents": 300, "orders_follow": 1, "gmv_cents_follow": 300}
    assert named[1] == {"gmv_cents": 700, "orders_video": 1, "gmv_cents_video": 700}
