"""Numbers in words: the same style on the terminal, in pages and in pictures."""

import math

NOTHING = "-"
"""What stands where there is nothing to say, such as a share of 0."""


def percent(share: float, *, signed: bool = True, places: int | None = None) -> str:
    """A share as `+3.1 %`; small ones get two places, those of 100 % and more none."""
    if not math.isfinite(share):
        return NOTHING
    digits = decimals(share) if places is None else places
    text = f"{100 * share:{'+' if signed else ''},.{digits}f}"
    return f"{text.lstrip('+-') if float(text.replace(',', '')) == 0 else text} %"


def decimals(share: float) -> int:
    """How many places after the point a share's percentage gets."""
    size = abs(100 * share)
    return 2 if size < 0.995 else 1 if size < 99.95 else 0


def percents(low: float, high: float) -> str:
    """An interval as `-1.2 % to +3.4 %`, both ends with the same number of places."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    places = decimals(max(abs(low), abs(high)))
    return f"{percent(low, places=places)} to {percent(high, places=places)}"


def number(value: float, form: str) -> str:
    """A number in a format, or nothing where it is not known."""
    return format(value, form) if math.isfinite(value) else NOTHING


def amount(value: float, unit: str = "") -> str:
    """A number with its unit: whole from 1,000 on, else three figures; shares as percentages."""
    if not math.isfinite(value):
        return NOTHING
    if unit == "share":
        return percent(value, signed=False)
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".rstrip(" -") if unit != "-" else text


def amounts(low: float, high: float, unit: str = "") -> str:
    """An interval with its unit."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    if unit == "share":
        return percents(low, high).replace("%", "points")
    return f"{amount(low)} to {amount(high, unit)}"


def times(ratio: float) -> str:
    """How many times as much, as `x 4.5`."""
    return f"x {ratio:.{1 if ratio < 99.5 else 0}f}" if math.isfinite(ratio) else NOTHING


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def count(value: float) -> str:
    """A number of things, to three digits once it is large."""
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if size <= value < float("inf"):
            return f"{value / size:,.3g}{word}" if value < 1000 * size else f"{value / size:,.0f}{word}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def time_of_day(hour: float) -> str:
    """An hour of the day as a time."""
    minutes = round(hour * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def lasting(seconds: float) -> str:
    """A time span in its natural unit."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{round(seconds, 1):g} s"


def size_of(amount: float) -> str:
    """Bytes in words."""
    return f"{amount / 2**30:,.1f} GiB" if amount >= 2**30 else f"{amount / 2**20:,.0f} MiB"
