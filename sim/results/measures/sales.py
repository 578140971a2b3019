"""Measures of sales: orders, buyers, and what they paid."""

from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError

CENTS_PER_YUAN = 100
LUCK_PER_YUAN = 100_000  # the series count luck in thousandths of a cent


@number("sales.gmv_yuan", unit="yuan", words="GMV")
def gmv_yuan(run: Evidence) -> float:
    """What filled orders came to (成交额)."""
    return float(run.totals["gmv_cents"] / CENTS_PER_YUAN)


@number("sales.gsv_yuan", unit="yuan", words="GSV")
def gsv_yuan(run: Evidence) -> float:
    """GMV less what was not paid or came back (成交减退货)."""
    return float(run.totals["gsv_cents"] / CENTS_PER_YUAN)


@number("sales.gmv_adjusted_yuan", unit="yuan", words="GMV less luck in sales")
def gmv_adjusted_yuan(run: Evidence) -> float:
    """GMV less what stays, clicks and orders brought beyond their known means; see `sim.engine.control_variate`."""
    if not run.scenario["records"]["control_variate"]:
        raise NothingToMeasureError("no record of the control variate; run it with --set records.control_variate=true")
    return gmv_yuan(run) - float(run.totals["control_variate"]) / LUCK_PER_YUAN


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
