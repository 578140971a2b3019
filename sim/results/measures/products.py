"""Measures of products: what a click comes to, and how few bring the sales."""

from sim.results.measures.inequality import ratio, top_share
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError


@number("products.click_to_order", unit="share", words="orders per product click")
def click_to_order(run: Evidence, lo: float, hi: float) -> float:
    """Orders / product clicks for prices from `lo` to `hi` yuan."""
    mine = run.products[run.products["price_cents"].between(100 * lo, 100 * hi)]
    if not mine["clicks"].sum():
        raise NothingToMeasureError(f"no click on a product for {lo:g} to {hi:g} yuan")
    return ratio(mine["orders"].sum(), mine["clicks"].sum(), "click on a product")


@number("products.gmv_top_share", unit="share", words="GMV of the top products")
def gmv_top_share(run: Evidence, q: float) -> float:
    """Share of GMV by the top `q` of the products that were on show."""
    shown = run.products[(run.products["clicks"] > 0) | (run.products["orders"] > 0)]
    if not shown["gmv_cents"].sum():
        raise NothingToMeasureError("no sales")
    return top_share(shown["gmv_cents"], q, "sales")
