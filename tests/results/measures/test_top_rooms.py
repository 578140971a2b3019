"""Measures of the best-selling hosts, against records made by hand."""

import numpy as np
import pytest

from sim.results.measures.lookup import UnknownMeasureError
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from tests.results.measures.records import evidence, measured, table

HOSTS = 700


def many(**columns: float) -> Evidence:
    """700 hosts with a session each; host h sells for h yuan, so that the top 1 % are the last seven."""
    host = list(range(HOSTS))
    given = {name: [value] * HOSTS for name, value in columns.items()}
    return evidence(sessions=table("sessions", host=host, room=host, gmv_cents=[100 * h for h in host], **given))


def test_the_top_hosts_are_one_in_a_hundred() -> None:
    assert measured(many(), "top_rooms.gmv_yuan.median") == HOSTS - 4
    assert measured(many(), "top_rooms.gmv_yuan.q00") == HOSTS - 7


def test_the_top_hosts_are_at_least_five_and_only_sessions_with_sales_count() -> None:
    sessions = table("sessions", host=[1, 2, 3, 4, 5, 6, 6], gmv_cents=[100, 200, 300, 400, 500, 600, 0])
    assert measured(evidence(sessions=sessions), "top_rooms.gmv_yuan.median") == 4.0
    with pytest.raises(NothingToMeasureError, match="no session with sales"):
        measured(evidence(sessions=table("sessions", host=[1])), "top_rooms.gmv_yuan.mean")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("goods_per_entry", 4 / 200),
        ("mean_stay_seconds", 120.0),
        ("follow_rate", 2 / 200),
        ("comment_rate", 10 / 200),
        ("like_rate", 20 / 200),
        ("enter_rate", 200 / 1000),
        ("order_value_yuan", (HOSTS - 4) / 4),
        ("peak_over_average", 3.0),
    ],
)
def test_what_is_said_of_each_session(name: str, value: float) -> None:
    run = many(
        shown=1000, entered=200, orders=4, stay_ms=24_000_000, follows=2, comments=10, likes=20, acu=10.0, pcu=30
    )
    assert measured(run, f"top_rooms.{name}.median") == pytest.approx(value)


def test_buyers_are_different_viewers() -> None:
    orders = table("orders", viewer=[1, 1, 2], room=[HOSTS - 1] * 3, session=[0] * 3, filled=True)
    run = many(entered=100)
    again = evidence(sessions=run.sessions, orders=orders)
    assert measured(again, "top_rooms.view_to_buyer.mean") == pytest.approx(2 / 100 / 7)


def test_gini_of_the_top_sessions() -> None:
    sessions = table("sessions", host=[1, 2, 3, 4, 5], gmv_cents=[100, 100, 100, 100, 600])
    assert measured(evidence(sessions=sessions), "top_rooms.gmv_gini") == pytest.approx(0.4)


def shows(n: int = 8) -> Evidence:
    """Five hosts of their own scale, whose GMV is views ** 0.9 * stay ** 0.4 * duration ** 0.2."""
    rng = np.random.default_rng(3)
    host = np.repeat(np.arange(5), n)
    views, stay, hours = rng.uniform(1e4, 1e5, 5 * n), rng.uniform(30, 300, 5 * n), rng.uniform(1, 9, 5 * n)
    gmv = 100.0 ** (1 + host / 10) * views**0.9 * stay**0.4 * hours**0.2
    entered = np.round(views).astype(int)
    sessions = table(
        "sessions",
        host=host.tolist(),
        entered=entered.tolist(),
        stay_ms=(stay * 1000 * entered).astype(int).tolist(),
        closed_s=(hours * 3600).astype(int).tolist(),
        gmv_cents=(gmv * 1000).astype(int).tolist(),
        orders=(1e6 * entered**0.8 * stay**0.3).astype(int).tolist(),
    )
    return evidence(sessions=sessions)


def test_elasticities_come_out_of_a_regression_with_host_effects() -> None:
    assert measured(shows(), "top_rooms.gmv_elasticity", "views") == pytest.approx(0.9, abs=1e-3)
    assert measured(shows(), "top_rooms.gmv_elasticity", "mean stay") == pytest.approx(0.4, abs=1e-3)
    assert measured(shows(), "top_rooms.gmv_elasticity", "duration") == pytest.approx(0.2, abs=1e-3)
    assert measured(shows(), "top_rooms.conversion_elasticity_to_stay") == pytest.approx(0.3, abs=1e-3)


def test_one_session_a_host_says_nothing_of_elasticities() -> None:
    with pytest.raises(NothingToMeasureError, match="groups of several rows"):
        measured(shows(1), "top_rooms.gmv_elasticity", "views")
    with pytest.raises(UnknownMeasureError, match="x must be one of views, mean_stay, duration"):
        measured(shows(), "top_rooms.gmv_elasticity", "likes")


def test_views_and_gmv_of_top_sessions_are_unequal() -> None:
    run = evidence(
        sessions=table(
            "sessions", host=[1, 2, 3, 4], gmv_cents=[100, 100, 100, 700], entered=[10, 10, 10, 10], orders=1
        )
    )
    assert measured(run, "top_rooms.views_gini") == pytest.approx(0.0)
    assert measured(run, "top_rooms.gmv_top_share", 0.25) == pytest.approx(0.7)
    assert measured(run, "top_rooms.value_per_entry.median") == pytest.approx(0.1)  # 1 yuan over 10 entries


def test_spreads_within_a_host() -> None:
    # two hosts of five sessions, each host on a level of its own: log10 entries of 1, 2, 3, 2, 2 and 3, 4, 5, 4, 4
    entered = [10, 100, 1_000, 100, 100, 1_000, 10_000, 100_000, 10_000, 10_000]
    orders = [n for n in (25, 25, 25, 250, 25) for _ in range(2)]
    sessions = table(
        "sessions", host=[1] * 5 + [2] * 5, gmv_cents=[100] * 10, entered=entered, orders=[10 * n for n in orders]
    )
    run = evidence(sessions=sessions)
    assert measured(run, "top_rooms.views_within_sd") == pytest.approx((4 / 8) ** 0.5)
    even = sessions.assign(orders=[n // 10 * 25 for n in entered])  # 2.5 orders an entry in every session
    noise = 0.19 / even["orders"].mean()
    assert measured(evidence(sessions=even), "top_rooms.conversion_within_sd") == pytest.approx(0.0, abs=noise)
    # four sessions of 20 orders and more are too few
    few = sessions.assign(orders=[20, 20, 20, 20, 19] * 2)
    with pytest.raises(NothingToMeasureError, match="5 such sessions"):
        measured(evidence(sessions=few), "top_rooms.conversion_within_sd")


def test_conversion_varies_by_more_than_chance() -> None:
    # goods per entry of 0.1 and 1.0 in turn: deviations of half a decade, less the noise of 0.19 over the mean orders
    orders = [100, 1_000, 100, 1_000, 100, 1_000]
    sessions = table("sessions", host=[1] * 6, gmv_cents=[100] * 6, entered=[1_000] * 6, orders=orders)
    expected = (6 * 0.25 / 5 - 0.19 / 550) ** 0.5
    assert measured(evidence(sessions=sessions), "top_rooms.conversion_within_sd") == pytest.approx(expected)


def test_orders_by_followers() -> None:
    sessions = table("sessions", host=[1], room=[7], session=[3], gmv_cents=[100], entered=[5])
    follows = [True, True, False, True]
    orders = table("orders", room=[7, 7, 7, 8], session=[3] * 4, filled=[True] * 4, follows_host=follows)
    run = evidence(sessions=sessions, orders=orders)
    assert measured(run, "top_rooms.orders_by_followers_share") == pytest.approx(2 / 3)
