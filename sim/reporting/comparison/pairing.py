"""What pairing bought, and what adjusting GMV by its control variate bought."""

from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import GMV, GMV_ADJUSTED
from sim.reporting.html_page import Markup, note, paragraph, table, tag
from sim.reporting.number_format import percent, percents, times
from sim.results.measures.lookup import named
from sim.results.paired_statistics import interval


def pairing(findings: Findings) -> list[Markup]:
    """How much larger variances would be without exact pairs."""
    arm = findings.others[0]
    rows = [
        [
            named(row["measure"]).words,
            times(row["variance_ratio_unpaired"]),
            times(row["variance_ratio_independent"]),
        ]
        for row in findings.effects[findings.effects["arm"] == arm].to_dict("records")
    ]
    return [
        paragraph(
            "Arms with the same seed share every viewer, creator, room and potential reaction. How many times larger "
            f"the variance of the difference ({arm} − {findings.first}) would be without that:"
        ),
        table(["measure", "unpaired worlds", "same people, independent reactions"], rows),
        note(
            f"Unpaired: the arms' variances added, from {len(findings.seeds)} seeds. Independent reactions: the second "
            f"arm run again with other draws for the same people, in {findings.fresh_seeds} seeds, which makes it a "
            "rough figure. 1 means that pairing bought nothing. The loop of tags and waves is chaotic: once the arms "
            "differ, people meet other items, and what they share fades."
        ),
    ]


def control_variate(findings: Findings) -> list[Markup]:
    """What the control variate of sales is, whether its mean is zero, and what adjusting by it bought."""
    values, arm = findings.values, findings.others[0]
    if values[GMV_ADJUSTED].isna().any() or not values[GMV].any():
        return []
    excess = (values[GMV] - values[GMV_ADJUSTED]).groupby(values["seed"]).mean() / values[GMV].mean()
    mean, low, high, _ = interval(excess)
    gaps, less = (findings.by_seed(name, arm) - findings.by_seed(name, findings.first) for name in (GMV, GMV_ADJUSTED))
    share = findings.control_slope(arm)
    narrower = gaps.var(ddof=1) / max((gaps - share * (gaps - less)).var(ddof=1), 1e-9)
    return [
        tag("h3", "The control variate of GMV"),
        paragraph(
            "How long a stay lasts, and whether a product is clicked and ordered, are draws whose means are known when "
            "they are made. What they brought beyond those means should have mean zero in every arm, whatever its "
            f"rules. Here it is {percent(float(mean))} of GMV, with a 95 % interval of "
            f"{percents(float(low), float(high))}: {check(float(low), float(high))} "
            f"Of each yuan of it {percent(share, signed=False)} goes with the difference in GMV, by a line fitted to "
            "the pairs. Adjusting by that line makes the spread of the effect smaller (a control variate; one degree "
            f"of freedom less): the unadjusted variance is {times(narrower)} the adjusted."
        ),
    ]


def check(low: float, high: float) -> str:
    """What the interval of the control variate's mean says of the adjusted GMV."""
    if low <= 0.0 <= high:
        return "the check of the adjustment does not fail."
    return "the check of the adjustment fails, and the adjusted GMV is biased; it should not be quoted."
