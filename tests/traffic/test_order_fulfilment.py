import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import Array, blank
from sim.core.catalogue import PRODUCT_COLUMNS
from sim.core.event_log import (
    FOLLOW,
    LOG_COLUMNS,
    PRODUCT_COUNTS,
    R_BAIT_GMV,
    R_BAITS,
    R_GMV,
    R_GSV,
    R_ORDERS,
    R_PAID,
    R_REFUSED,
    R_RETURNED,
    ROOM_COUNTS,
    VIA_VIDEO,
)
from sim.engine.order_outcomes import pay_and_return
from sim.traffic.order_fulfilment import OrderOutcome, add_orders, book, fill, in_order_of_time, no_orders, settle


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
    (filled, bait), (room, price) = np.zeros((2, 5), bool), np.zeros((2, 5), np.int64)
    fill(orders, in_order_of_time(orders), products, filled, room, price, bait)
    assert filled.tolist() == [False, True, False, True, False]
    assert price.tolist() == [0, 5_000, 0, 5_000, 0]
    assert room.tolist() == [0, 0, 0, 0, 1]
    assert not bait.any()
    assert products["stock"].tolist() == [0, 0, 9]


def test_what_filled_orders_bring_and_cost() -> None:
    outcome = no_orders(ordered((0, 0, 0), (0, 1, 2), (0, 2, 2), (0, 3, 1), (0, 4, 0), (0, 5, 0), (0, 6, 2)))
    outcome.filled[[0, 1, 2, 4, 5, 6]] = True
    outcome.paid[[0, 1, 2, 5, 6]] = True  # the one at place 4 is not paid
    outcome.returned[[5, 6]] = True
    counts, (margin, loss) = np.zeros((3, len(PRODUCT_COUNTS)), np.int64), np.zeros((2, 2), np.int64)
    book(outcome, shelves(9, 9, 9), counts, margin, loss)
    # clicks, orders, GMV, paid, returned, GSV
    assert counts.tolist() == [[0, 3, 15_000, 2, 1, 5_000], [0] * 6, [0, 3, 3_000, 3, 1, 2_000]]
    # what stays: one product at 50 yuan that cost 30; two baits at 10 yuan that cost 25
    assert (margin.tolist(), loss.tolist()) == ([2_000, 0], [0, 3_000])


def test_orders_in_the_books_of_rooms() -> None:
    counts = np.zeros((2, len(ROOM_COUNTS)), np.int64)
    orders = ordered((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0))
    orders["match_source"] = np.array([VIA_VIDEO, FOLLOW, FOLLOW, FOLLOW]) << 4
    outcome = OrderOutcome(
        orders=orders,
        room=np.array([1, 1, 0, 0]),
        filled=np.array([True, False, True, True]),
        price=np.array([700, 0, 300, 50]),
        bait=np.array([True, True, False, False]),
        paid=np.array([True, False, True, False]),
        returned=np.array([True, False, False, False]),
    )
    add_orders(counts, outcome.room, outcome)
    of_orders = (R_ORDERS, R_REFUSED, R_GMV, R_PAID, R_RETURNED, R_GSV, R_BAITS, R_BAIT_GMV)
    assert counts[:, of_orders].tolist() == [[2, 0, 350, 1, 0, 300, 0, 0], [1, 1, 700, 1, 1, 0, 1, 700]]
    assert outcome.gsv.tolist() == [0, 0, 300, 0]
    rows = (zip(ROOM_COUNTS, row, strict=True) for row in counts.tolist())
    named = [{name: n for name, n in row if n and name.endswith(("_video", "_follow"))} for row in rows]
    assert named[0] == {"orders_follow": 2, "gmv_cents_follow": 350}
    assert named[1] == {"orders_video": 1, "gmv_cents_video": 700}


def kept(
    orders: Array, filled: Array, payment_rate: float, return_rate: float, session: int = 1
) -> tuple[Array, Array]:
    paid, returned = np.zeros((2, len(orders)), bool)
    rows = blank(PRODUCT_COLUMNS, len(orders))
    sessions, rates = np.full(len(orders), session), np.array([return_rate])
    pay_and_return(orders, filled, rows, sessions, payment_rate, rates, 7, paid, returned)
    return paid, returned


def test_most_orders_are_paid_and_some_come_back() -> None:
    orders, filled = ordered(*((0, viewer, 3) for viewer in range(4_000))), np.ones(4_000, bool)
    paid, returned = kept(orders, filled, 0.8, 0.65)
    assert abs(paid.mean() - 0.8) < 4 * (0.8 * 0.2 / 4_000) ** 0.5
    assert abs(returned[paid].mean() - 0.65) < 4 * (0.65 * 0.35 / 3_200) ** 0.5
    assert not returned[~paid].any()
    assert [one.sum() for one in kept(orders, filled, 0.0, 1.0)] == [0, 0]
    assert [one.sum() for one in kept(orders, filled, 1.0, 0.0)] == [4_000, 0]
    assert [one.sum() for one in kept(orders, filled, 1.0, 1.0)] == [4_000, 4_000]
    assert [one.sum() for one in kept(orders, ~filled, 1.0, 1.0)] == [0, 0]


def test_who_pays_is_one_answer_to_a_product_in_a_session() -> None:
    twice = ordered(*((at, viewer, 3) for at in (0, 50) for viewer in range(500)))
    paid, returned = kept(twice, np.ones(1_000, bool), 0.5, 0.5)
    assert (paid[:500] == paid[500:]).all()
    assert (returned[:500] == returned[500:]).all()
    assert (kept(twice, np.ones(1_000, bool), 0.5, 0.5, session=2)[0] != paid).mean() > 0.3


@given(data=st.data(), n=st.integers(1, 40))
def test_nothing_is_sold_beyond_stock_or_comes_back_unpaid(data: st.DataObject, n: int) -> None:
    products = shelves(*(data.draw(st.integers(0, 6)) for _ in range(3)))
    before = products["stock"].copy()
    placed = data.draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 2)), min_size=n, max_size=n)
    )
    orders = ordered(*placed)
    outcome = settle(orders, products)
    rates = data.draw(st.floats(0, 1)), np.full(1, data.draw(st.floats(0, 1)))
    sessions = np.ones(n, np.int64)
    pay_and_return(
        orders, outcome.filled, products[orders["item"]], sessions, *rates, 5, outcome.paid, outcome.returned
    )
    assert (np.bincount(orders["item"][outcome.filled], minlength=3) == before - products["stock"]).all()
    assert not (outcome.paid & ~outcome.filled).any()
    assert not (outcome.returned & ~outcome.paid).any()
    assert 0 <= outcome.gsv.sum() <= outcome.price.sum()
    counts, (margin, loss) = np.zeros((3, len(PRODUCT_COUNTS)), np.int64), np.zeros((2, 2), np.int64)
    book(outcome, products, counts, margin, loss)
    assert counts[:, PRODUCT_COUNTS.index("gsv_cents")].sum() == outcome.gsv.sum()
    assert counts[:, PRODUCT_COUNTS.index("gmv_cents")].sum() == outcome.price.sum()
    # what stays of the prices is what it cost, and what it earned less what baits lost
    stays = outcome.paid & ~outcome.returned
    cost = products["cost_cents"][orders["item"][stays]].sum()
    assert outcome.gsv.sum() - cost == margin.sum() - loss.sum()
