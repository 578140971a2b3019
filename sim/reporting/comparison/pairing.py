"""What pairing bought, and what taking the luck in sales out of GMV bought."""

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
            times(row["variance_ratio_fresh_luck"]),
        ]
        for row in findings.effects[findings.effects["arm"] == arm].to_dict("records")
    ]
    return [
        paragraph(
            "Arms with the same seed share every viewer, creator, room and potential reaction. How many times larger "
            f"the variance of the difference ({arm} − {findings.first}) would be without that:"
        ),
        table(["measure", "unpaired worlds", "same people, fresh luck"], rows),
        note(
            f"Unpaired: the arms' variances added, from {len(findings.seeds)} seeds. Fresh luck: the second arm run "
            f"again with other draws for the same people, in {findings.fresh_seeds} seeds, which makes it a rough "
            "figure. 1 means that pairing bought nothing. The loop of tags and waves is chaotic: once the arms differ, "
            "people meet other items, and what they share fades."
        ),
    ]


def luck(findings: Findings) -> list[Markup]:
    """What luck in sales is, that its mean is zero, and what taking it out bought."""
    values, arm = findings.values, findings.others[0]
    if values[GMV_ADJUSTED].isna().any() or not values[GMV].any():
        return []
    lucky = (values[GMV] - values[GMV_ADJUSTED]).groupby(values["seed"]).mean() / values[GMV].mean()
    mean, low, high, _ = interval(lucky)
    gaps, less = (findings.by_seed(name, arm) - findings.by_seed(name, findings.first) for name in (GMV, GMV_ADJUSTED))
    share = findings.share_of_luck(arm)
    narrower = gaps.var(ddof=1) / max((gaps - share * (gaps - less)).var(ddof=1), 1e-9)
    return [
        tag("h3", "The luck in sales"),
        paragraph(
            "How long a stay lasts, and whether a product is clicked and ordered, are draws whose means are known when "
            "they are made. What they brought beyond those means has mean zero in every arm, whatever its rules: here "
            f"{percent(float(mean))} of GMV, with a 95 % interval of {percents(float(low), float(high))}. "
            f"Of each yuan of luck {percent(share, signed=False)} goes with the difference in GMV, by a line fitted to "
            "the pairs; taken out, that leaves the effect as it is and its spread smaller (a control variate, with one "
            f"degree of freedom less): the variance of the difference as it was sold is {times(narrower)} that without."
        ),
    ]
