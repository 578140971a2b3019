"""The first sentences of a comparison: what changed, and how sure that is."""

from typing import Any

from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import GMV, GMV_EXPECTED
from sim.reporting.html_page import Markup, strong, tag
from sim.reporting.number_format import amount, listed, percent, percents
from sim.results.measures.lookup import named

HEADLINES = ("paid.natural", GMV_EXPECTED, GMV, "live.exposures", "viewers.minutes_per_day")
"""What the first sentence is about: the first of these of which there is any."""


def headline(findings: Findings) -> str:
    """The measure that the first sentence is about."""
    values, told = findings.values, [set(rows["measure"]) for _, rows in findings.effects.groupby("arm")]
    named_in_all = [name for name in HEADLINES if all(name in names for names in told)]
    return next(name for name in named_in_all if values[name].any())


def first_sentences(findings: Findings) -> list[Markup]:
    """What changed, and how sure that is."""
    return [what_changed(findings), how_sure(findings)]


def what_changed(findings: Findings) -> Markup:
    """What was set, and what that did to the headline measure."""
    name = headline(findings)
    words, unit = named(name).words, named(name).unit
    rows = [(arm, findings.effect(name, arm)) for arm in findings.others]
    pieces: list[Any] = []
    for arm, row in rows:
        pieces += ["; with " if pieces else "With ", what_arm_does(findings, arm)]
        pieces += [f", {words} was " if len(pieces) == 2 else ", ", strong(higher(row["relative"]))]
    before = amount(rows[0][1]["before"], unit)
    after = (
        f"{amount(rows[0][1]['after'])} instead of {before}" if len(rows) == 1 else f"{before} in “{findings.first}”"
    )
    return tag("span", *pieces, f" ({after} a run).")


def what_arm_does(findings: Findings, arm: str) -> str:
    """The fields that an arm changes, in words."""
    own, usual = findings.arms[arm], findings.arms[findings.first]
    sets = [f"{path} at {value} instead of {usual[path]}" for path, value in own.items() if value != usual[path]]
    more = f" and {len(sets) - 2} more changes" if len(sets) > 3 else ""
    return f"{listed(sets[:2] if more else sets)}{more}" if sets else f"nothing changed in “{arm}”"


def higher(relative: float) -> str:
    """`3.1 % higher`."""
    if percent(relative, signed=False).lstrip("0.") == " %":
        return "the same"
    return f"{percent(abs(relative), signed=False)} {'higher' if relative > 0 else 'lower'}"


def how_sure(findings: Findings) -> Markup:
    """The interval, where it comes from, and how many measures differ at all."""
    name = headline(findings)
    rows = [findings.effect(name, arm) for arm in findings.others]
    told_each = [
        f"{percents(row['relative_low'], row['relative_high'])}{f' ({arm})' if len(rows) > 1 else ''}"
        for arm, row in zip(findings.others, rows, strict=True)
    ]
    sure = [row["low"] > 0 or row["high"] < 0 for row in rows]
    verdict = "That is clear of no effect" if all(sure) else "That is not sure" if not any(sure) else "Not all is sure"
    holds = int(findings.effects["holm"].sum())
    return tag(
        "span",
        f"{verdict}: over {len(findings.seeds)} seeds of the same people with the same random draws",
        " the 95 % interval is ",
        strong(listed(told_each)),
        f", and {holds} of {len(findings.effects)} effects are significant after Holm's correction.",
    )
