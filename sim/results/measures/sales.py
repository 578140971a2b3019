"""Measures of sales: orders, buyers, and what they paid."""

from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError

CENTS_PER_YUAN = 100
PARTS = 1000  # expectations are counted in thousandths: of an entry, of an order, of a cent


@number("sales.gmv_yuan", unit="yuan", words="GMV")
def gmv_yuan(run: Evidence) -> float:
    """What filled orders came to (成交额)."""
    return float(run.totals["gmv_cents"] / CENTS_PER_YUAN)


@number("sales.gsv_yuan", unit="yuan", words="GSV")
def gsv_yuan(run: Evidence) -> float:
    """GMV less what was not paid or came back (成交减退货)."""
    return float(run.totals["gsv_cents"] / CENTS_PER_YUAN)


@number("sales.expected_gmv_yuan", unit="yuan", words="expected GMV")
def expected_gmv_yuan(run: Evidence) -> float:
    """GMV with the chance taken out of entries, stays, clicks and orders; see `sim.engine.expected_sales`."""
    return expected(run, "gmv") / CENTS_PER_YUAN


@number("sales.expected_gsv_yuan", unit="yuan", words="expected GSV")
def expected_gsv_yuan(run: Evidence) -> float:
    """GSV with the chance taken out of entries, stays, clicks, orders, payments and returns."""
    return expected(run, "gsv") / CENTS_PER_YUAN


@number("sales.expected_orders", unit="orders", words="expected orders")
def expected_orders(run: Evidence) -> float:
    """Orders with the chance taken out of entries, stays, clicks and orders."""
    return expected(run, "orders")


@number("sales.expected_entries", unit="entries", words="expected room entries")
def expected_entries(run: Evidence) -> float:
    """Room entries with the chance taken out."""
    return expected(run, "entries")


def expected(run: Evidence, what: str) -> float:
    """A sum over the run of what was expected, if it was recorded."""
    if not run.scenario["records"]["expected_sales"]:
        raise NothingToMeasureError("no record of expected sales; run it with --set records.expected_sales=true")
    return float(run.totals[f"expected_{what}"]) / PARTS


@number("sales.orders", unit="orders", words="orders filled")
def orders(run: Evidence) -> float:
    """Orders that were filled."""
    return float(run.totals["orders"])


@number("sales.refused_orders", unit="orders", words="orders that met no stock")
def refused_orders(run: Evidence) -> float:
    """Orders that met no stock."""
    return float(run.totals["refused"])


@number("sales.buyers", unit="viewers", words="buyers")
def buyers(run: Evidence) -> float:
    """Viewers with at least one filled order."""
    return float(run.filled["viewer"].nunique())


@number("sales.gpm_yuan", unit="yuan per 1,000 entries", words="GPM")
def gpm_yuan(run: Evidence) -> float:
    """GMV in yuan per thousand room entries (千次观看成交额)."""
    return ratio(run.totals["gmv_cents"] * 10, run.totals["entries"], "entry into a room")


@number("sales.orders_per_entry", unit="share", words="orders per room entry")
def orders_per_entry(run: Evidence) -> float:
    """Orders filled per room entry."""
    return ratio(run.totals["orders"], run.totals["entries"], "entry into a room")
