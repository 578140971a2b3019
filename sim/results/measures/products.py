"""Measures of products: what a click comes to, and how few bring the sales."""

from sim.core.arrays import Array
from sim.results.measures.inequality import ratio, top_share
from sim.results.measures.registry import number, values
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some

CLICKS = 20  # from which a product's own rate says something


@number("products.click_to_order", unit="share", words="orders per product click")
def click_to_order(run: Evidence, lo: float, hi: float) -> float:
    """Orders / product clicks for prices from `lo` to `hi` yuan."""
    mine = run.products[run.products["price_cents"].between(100 * lo, 100 * hi)]
    if not mine["clicks"].sum():
        raise NothingToMeasureError(f"no click on a product for {lo:g} to {hi:g} yuan")
    return ratio(mine["orders"].sum(), mine["clicks"].sum(), "click on a product")


@values("products.click_to_order_by_product", unit="share", words="orders per click of a product")
def click_to_order_by_product(run: Evidence) -> Array:
    """Orders / clicks, of each product with at least 20 clicks."""
    mine = some(run.products[run.products["clicks"] >= CLICKS], f"product with {CLICKS} clicks")
    return (mine["orders"] / mine["clicks"]).to_numpy()


@number("products.return_rate", unit="share", words="paid orders that came back")
def return_rate(run: Evidence, category: str) -> float:
    """Returned / paid orders of a category, by its name (退货率)."""
    products, names = run.products, [one["name"] for one in run.scenario.get("categories", ())]
    if category not in names:
        raise NothingToMeasureError(f"no category {category!r}")
    mine = products[products["topic"] == names.index(category)]
    return ratio(mine["returned"].sum(), mine["paid"].sum(), f"paid order of {category}")


@number("products.gmv_top_share", unit="share", words="GMV of the top products")
def gmv_top_share(run: Evidence, q: float) -> float:
    """Share of GMV by the top `q` of the products that were on show."""
    shown = run.products[(run.products["clicks"] > 0) | (run.products["orders"] > 0)]
    if not shown["gmv_cents"].sum():
        raise NothingToMeasureError("no sales")
    return top_share(shown["gmv_cents"], q, "sales")
