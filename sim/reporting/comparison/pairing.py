"""What pairing bought, and whether expected sales agree with what was sold."""

from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import EXPECTED, agreements, expectations_hold
from sim.reporting.html_page import Markup, note, paragraph, table, tag
from sim.reporting.number_format import listed, percent, times
from sim.results.measures.lookup import named


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


def expectations(findings: Findings) -> list[Markup]:
    """What expected sales are, whether they agree with what came, and what that could have shown."""
    values = findings.values
    names = [
        name for name in EXPECTED if name in values and values[name].notna().all() and values[EXPECTED[name]].any()
    ]
    if not names:
        return []
    rows = [
        [named(name).words, arm, percent(one.gap), percent(one.least_seen, signed=False), "yes" if one.holds else "no"]
        for name in names
        for arm, one in agreements(values, name).items()
    ]
    failed = [named(name).words for name in names if not expectations_hold(values, name)]
    return [
        tag("h3", "Do expected sales agree with what was sold?"),
        paragraph(
            "Entries, stays, clicks and orders are draws from known probabilities. Expected sales count these "
            "probabilities in place of what was drawn, so that arms differ by what the rules did. In every arm, and "
            "over all, they must agree with what was sold within three standard errors. "
            + (f"They do not: {listed(failed)} are not quoted." if failed else "They do.")
        ),
        table(["measure", "arm", "sold less expected", "smallest bias that would show", "agrees"], rows),
    ]
