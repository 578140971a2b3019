"""The page of a comparison: what changed and how sure it is, curves, tables, and how to repeat it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sim.reporting.comparison import effect_figures, lorenz
from sim.reporting.comparison.axes import USUAL
from sim.reporting.comparison.curves import difference, main, what_differs
from sim.reporting.comparison.effect_figures import TRADE_OFFS, possible
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.groups import group, group_effects
from sim.reporting.comparison.headline import first_sentences
from sim.reporting.comparison.outcomes import CURVES, GROUPINGS
from sim.reporting.comparison.pairing import expectations, pairing
from sim.reporting.html_page import (
    NARROW,
    Markup,
    Section,
    code,
    drawing,
    facts,
    gallery,
    joined,
    note,
    page,
    paragraph,
    strong,
    table,
    tag,
)
from sim.reporting.number_format import NOTHING, amount, amounts, listed, percent, percents
from sim.results.measures.lookup import named


def comparison_page(findings: Findings) -> str:
    """The whole page."""
    return page(
        findings.title,
        [*(paragraph(sentence) for sentence in first_sentences(findings)), main_curve(findings)],
        [
            Section("Effects", effects_section(findings)),
            Section("Trade-offs", trade_offs_section(findings)),
            Section("Over time", curves_section(findings)),
            Section("Rooms and viewers", groups_section(findings)),
            Section("Who gained and who lost", gained_section(findings)),
            Section("What pairing bought", [*pairing(findings), *expectations(findings)]),
            Section("How to repeat it", again_section(findings)),
        ],
        foot=f"wavepool {findings.about['wavepool']}: a simulation; what it says of a real platform is no more "
        "certain than its assumptions.",
    )


# --- the first screen


def main_curve(findings: Findings) -> Markup:
    """GMV so far, and its difference."""
    expected = "expected " if findings.is_expected else ""
    return drawing(
        main(findings),
        f"GMV so far in {listed(list(findings.arms))}, and its difference from {findings.first} with a 95 % band",
        f"GMV as sold over the recorded time, and the difference in {expected}GMV: a thin line for each seed, their "
        "mean, and the 95 % band of the mean (Student's t over seeds, point by point).",
        narrow=main(findings, NARROW),
    )


# --- effects


def effects_section(findings: Findings) -> list[Markup]:
    """The picture and the table of all effects."""
    several = len(findings.others) > 1
    head = ["measure", *(["arm"] if several else []), findings.first, "effect", "95 % interval", "absolute", "Holm"]
    rows = [
        [
            findings.words(row),
            *([row["arm"]] if several else []),
            amount(row["before"], row["unit"]),
            effect_cell(row),
            percents(row["relative_low"], row["relative_high"]),
            amounts(row["low"], row["high"], row["unit"]),
            "significant" if row["holm"] else "",
        ]
        for row in findings.effects.to_dict("records")
    ]
    return [
        drawing(
            effect_figures.effects(findings),
            "Relative effects of all measures with their 95 % intervals",
            "Each measure's relative effect with its 95 % interval. Grey: 0.1 to 3 %, what real platforms report of "
            "one ranking change.",
            narrow=effect_figures.effects(findings, NARROW),
        ),
        table(head, rows, words=2 if several else 1),
        note(
            f"Means of differences within {len(findings.seeds)} seeds, or of as many as are named where some "
            "run has nothing of a measure; the interval is Student's t over seeds. With "
            f"{len(findings.effects)} effects some intervals exclude zero by chance: the last column says which are "
            "significant after Holm's correction (5 % for all together).",
            f" Nothing to compare in {listed(findings.without_effect)}." if findings.without_effect else "",
        ),
    ]


def effect_cell(row: dict[Any, Any]) -> Any:
    """The relative effect; marked if its interval is clear of none; in plain numbers where there was nothing."""
    if not np.isfinite(row["relative"]):
        return f"0 to {amount(row['after'])}" if row["after"] else "0 to 0"
    text = percent(row["relative"])
    return strong(text) if row["low"] > 0 or row["high"] < 0 else text


# --- trade-offs


def trade_offs_section(findings: Findings) -> list[Markup]:
    """What was gained at the price of what."""
    names = list(dict.fromkeys(name for pair in TRADE_OFFS for name in reversed(pair)))
    rows = [
        [findings.words(row), arm, effect_cell(row), percents(row["relative_low"], row["relative_high"]), usual(row)]
        for name in names
        for arm in findings.others
        if (row := _row(findings, name, arm))
    ]
    pairs = possible(findings)
    return [
        paragraph(
            "What platforms weigh against each other: sales against the time that people spend, how often they come "
            "and whether they return; buyers against orders that met an empty shelf."
        ),
        table(["measure", "arm", "effect", "95 % interval", "beside 0.1 to 3 %"], rows, words=2),
        gallery(
            *(
                drawing(
                    effect_figures.trade_off(findings, *pair),
                    f"Effect on {named(pair[1]).words} against effect on {named(pair[0]).words}",
                )
                for pair in pairs
            )
        ),
        note(
            "A dot is a seed, the diamond the mean with its intervals. Effects that real platforms report of one "
            "ranking change are some 0.1 to 3 %; far larger ones here say that the rule, or this world, is no small "
            "step. The return is expected: sessions fall due at each viewer's rate and are let go more often when the "
            "last items were dull; so it follows from the satisfaction that viewers have at the end of the run."
        ),
    ]


def _row(findings: Findings, name: str, arm: str) -> dict[Any, Any] | None:
    known = findings.effects["measure"] == name
    return findings.effect(name, arm) if known.any() else None


def usual(row: dict[Any, Any]) -> str:
    """Where an effect lies beside those that real platforms report."""
    low, high = USUAL
    size = abs(row["relative"])
    if not np.isfinite(size):
        return NOTHING
    return "below" if size < low else "above" if size > high else "within"


# --- over time


def curves_section(findings: Findings) -> list[Markup]:
    """Curves of differences."""
    drawn = [
        drawing(
            difference(findings, curve),
            f"Difference in {what_differs(findings, curve)} over time with a 95 % band",
        )
        for curve in CURVES
    ]
    last = "The band is the 95 % interval of the mean over seeds, for each time on its own; a curve that leaves it for "
    return [gallery(*drawn), note(last, "a moment says little.")]


# --- groups


MEASURED = 3  # traffic or orders, GMV and GSV; by entrance there is no GSV


def groups_section(findings: Findings) -> list[Markup]:
    """What groups of rooms and viewers got."""
    found, parts = group_effects(findings), []
    for arm in findings.others:
        kinds = list(dict.fromkeys(found["grouping"]))
        pictures = [
            drawing(group(findings, found, kind, arm), f"Effects on {GROUPINGS[kind].words}, {arm}") for kind in kinds
        ]
        parts += [tag("h3", f"{arm} against {findings.first}"), gallery(*pictures)]
    several = len(findings.others) > 1
    cells = [
        "share of exposures, entries or orders",
        "effect on them",
        "share of GMV",
        "effect on GMV",
        "share of GSV",
        "effect on GSV",
    ]
    return [
        *parts,
        table(["group", *(["arm"] if several else []), "members", *cells], list(_group_rows(found, several))),
        note(
            "Members: rooms or viewers in a run. Beside GMV and GSV, exposures of rooms are shown, orders of viewers, "
            "and by entrance (the source of an entry; members are rooms with any) entries; "
            f"shares are of the whole in “{findings.first}”, effects with their 95 % intervals. Breadth, "
            "following, activity and bargain hunting are set at birth; a room's level is itself decided by the rules "
            "that differ."
        ),
    ]


def _group_rows(found: pd.DataFrame, several: bool) -> Iterable[list[Any]]:
    for (grouping, name, arm), both in found.groupby(["grouping", "group", "arm"], sort=False):
        rows = both.to_dict("records")
        shares = [percent(row["share"], signed=False) for row in rows]
        did = [joined([effect_cell(row), f" ({percents(row['relative_low'], row['relative_high'])})"]) for row in rows]
        cells = [cell for pair in zip(shares, did, strict=True) for cell in pair]
        yield [
            f"{GROUPINGS[str(grouping)].words}: {name}",
            *([arm] if several else []),
            members_section(rows[0]["members"]),
            *cells,
            *[""] * (2 * (MEASURED - len(rows))),
        ]


def members_section(mean: float) -> str:
    """How many rooms or viewers a group has, mean over seeds: a group of few is not rounded away."""
    return amount(mean if mean < 10 else round(mean))


# --- who gained


def gained_section(findings: Findings) -> list[Markup]:
    """How traffic is shared among rooms in each arm, and which rooms gained."""
    drawn = [
        drawing(lorenz.shares(findings, "exposures"), "Lorenz curves of rooms' exposures"),
        drawing(lorenz.shares(findings, "gmv_yuan"), "Lorenz curves of rooms' GMV"),
        *(
            drawing(lorenz.gains(findings, arm), f"Exposures of each room in {arm} against {findings.first}")
            for arm in findings.others
        ),
    ]
    rows = [
        [
            arm,
            *(f"{lorenz.inequality(findings, arm, what):.2f}" for what in ("exposures", "gmv_yuan")),
            *lorenz.moved(findings, arm),
        ]
        for arm in findings.arms
    ]
    head = ["arm", "Gini, exposures", "Gini, GMV", "rooms that gained", "traffic that moved"]
    return [
        gallery(*drawn),
        table(head, rows),
        note(
            "Lorenz curve: which share of the whole the rooms with least hold together; the more it sags, the more "
            "unequal. Gini: 0 if all hold the same, near 1 if one holds all. Traffic that moved: half of the sum of "
            "all rooms' gains and losses in exposures, over all exposures in the first arm."
        ),
    ]


# --- how to repeat it


def again_section(findings: Findings) -> list[Markup]:
    """Command, seeds, versions, hashes."""
    about, seeds = findings.about, findings.seeds
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    fields = [path for path, value in findings.arms[findings.first].items()]
    sets = [
        (f"arm “{arm}”", ", ".join(f"{path} {own[path]}" for path in fields) or "no change")
        for arm, own in findings.arms.items()
    ]
    people = f"{about['viewers']:,} viewers, {about['rooms']:,} rooms"
    first = f" from {findings.calendar.full(0)} on" if about.get("start") else ""
    world = f"{people}, {about['days']:g} days{first} after {about['warm_up']:g} days of warm-up"
    hashes = [(f"scenario of “{arm}”, SHA-256", digest) for arm, digest in about["scenario_sha256"].items()]
    return [
        code(about["command"]),
        facts(
            [
                ("seeds", f"{seeds[0]} to {seeds[-1]}; independent reactions in the first {findings.fresh_seeds}"),
                *sets,
                ("world", world),
                *([("stopped when", until(about["until"]))] if about.get("until") else []),
                ("versions", f"wavepool {about['wavepool']}, Python {about['python']}, {packages}"),
                *hashes,
                ("records of all runs, SHA-256", about["records_sha256"]),
            ]
        ),
        note("The same scenario, seed and versions give the same bytes, for any number of threads and processes."),
    ]


def until(asked: dict[str, Any]) -> str:
    """When seeds stopped being added."""
    return (
        f"the 95 % interval of {named(asked['measure']).words} was within {percent(asked['half_width'])} of the "
        f"effect, or after {asked['most_seeds']} seeds; stopping so makes intervals slightly too narrow"
    ).replace("+", "± ")
