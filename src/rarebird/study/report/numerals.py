"""Numbers as text: 1,204 and 3.2% and "1 in 45"; an estimate with its interval."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeGuard

from rarebird.metrics.estimate import Estimate, Range

MISSING = "–"
NBSP = "\u00a0"
MINUS = "\u2212"


def is_known(value: float | None) -> TypeGuard[float]:
    """Return whether there is a finite number.

    >>> is_known(0.0), is_known(None), is_known(float("nan"))
    (True, False, False)
    """
    return value is not None and math.isfinite(value)


def fixed(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """Write a number with thousands separated and a real minus sign.

    >>> fixed(-1204.5, 1), fixed(0.0312, 3, sign=True), fixed(None, 2)
    ('−1,204.5', '+0.031', '–')
    """
    if not is_known(value):
        return MISSING
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):  # rounds to nothing: no sign
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text


def count(value: float | None) -> str:
    """Write a whole number.

    >>> count(48842)
    '48,842'
    """
    return fixed(value, 0)


def plural(number: float, one: str) -> str:
    """Write a number with its noun.

    >>> plural(1, "row"), plural(1204, "row")
    ('1 row', '1,204 rows')
    """
    return f"{count(number)} {one if number == 1 else one + 's'}"


def significant(value: float | None, digits: int = 3, *, sign: bool = False) -> str:
    """Write a number with so many digits that count, never in powers of ten above 0.000001.

    >>> significant(0.62349), significant(0.0016912), significant(1204.4), significant(2.0)
    ('0.623', '0.00169', '1,204', '2.00')
    """
    if not is_known(value):
        return MISSING
    return fixed(value, _decimals(abs(value), digits), sign=sign)


def _decimals(size: float, digits: int) -> int:
    if size == 0:
        return digits - 1
    return min(max(digits - 1 - math.floor(math.log10(size)), 0), 8)


def decimals_for(found: Estimate | Range | None) -> int:
    """Return the decimals at which an interval reads well: two digits of half its width.

    >>> [decimals_for(Range(0, *ends, 2)) for ends in ((0.57, 0.67), (0.0012, 0.0019), (120, 190))]
    [3, 5, 0]
    """
    low, high = ends_of(found)
    if not 0 < high - low < math.inf:
        return 3
    half = (high - low) / 2
    return max(_decimals(half, 2), 3 if half < 0.5 else 0)


def ends_of(found: Estimate | Range | None) -> tuple[float, float]:
    """Return the ends of an interval or range; nan where there is none."""
    if found is None:
        return math.nan, math.nan
    return (found.least, found.largest) if isinstance(found, Range) else (found.low, found.high)


def parts(
    found: Estimate | Range | None,
    *,
    sign: bool = False,
    write: Callable[[float], str] | None = None,
) -> tuple[str, str]:
    """Write a value, and apart from it its interval in brackets or its range in parentheses.

    Where nothing else writes the numbers, they have the decimals that the interval deserves.

    >>> parts(Estimate(0.6234, 0.571, 0.668, 0.95, "Wilson"))
    ('0.623', '[0.571, 0.668]')
    >>> parts(Range(0.0412, 0.03, 0.0514, 5), sign=True)
    ('+0.041', '(+0.030 to +0.051)')
    >>> parts(Estimate(0.872, 0.81, 0.914, 0.95, "Wilson"), write=percent)
    ('87%', '[81%, 91%]')
    """
    if found is None:
        return MISSING, ""
    low, high = ends_of(found)
    if not (is_known(low) and is_known(high)):
        return (write or (lambda value: significant(value, sign=sign)))(found.value), ""
    decimals = decimals_for(found) if high > low else _decimals(abs(found.value), 3)
    value, least, most = map(
        write or (lambda value: fixed(value, decimals, sign=sign)), (found.value, low, high)
    )
    return value, f"({least} to {most})" if isinstance(found, Range) else f"[{least}, {most}]"


def measured(found: Estimate | Range | None, **how: Any) -> str:
    """Write `parts` in one text.

    >>> measured(Estimate(0.6234, 0.571, 0.668, 0.95, "Wilson"))
    '0.623 [0.571, 0.668]'
    """
    return " ".join(filter(None, parts(found, **how)))


def percent(share: float | None) -> str:
    """Write a share in percent.

    >>> percent(0.0321), percent(0.87), percent(0.00012), percent(0.0)
    ('3.2%', '87%', '0.012%', '0%')
    """
    if not is_known(share):
        return MISSING
    size = abs(share) * 100
    whole = size == 0 or 10 <= size < 99 or size >= 99.95
    return f"{fixed(share * 100, 0 if whole else 1 if size >= 1 else _decimals(size, 2))}%"


def odds(share: float) -> str:
    """Write a share as "a in b" with small numbers.

    >>> [odds(x) for x in (0.022, 0.667, 0.75, 0.93, 0.999, 1, 0)]
    ['1 in 45', '2 in 3', '3 in 4', '13 in 14', 'nearly all', 'all', 'none']
    """
    if share <= 0 or share >= 1:
        return "all" if share >= 1 else "none"
    if share > 0.98:
        return "nearly all"
    if share < 0.15:
        return f"1 in {count(1 / share)}"
    if share > 0.85:
        whole = round(1 / (1 - share))
        return f"{whole - 1} in {whole}"
    near = Fraction(share).limit_denominator(10)
    return f"{near.numerator} in {near.denominator}"


def p_value(p: float) -> str:
    """Write a p-value.

    >>> p_value(0.0004), p_value(0.0421), p_value(0.6)
    ('p < 0.001', 'p = 0.042', 'p = 0.60')
    """
    return "p < 0.001" if p < 0.001 else f"p = {fixed(p, 3 if p < 0.1 else 2)}"


def seconds(value: float) -> str:
    r"""Write a duration.

    >>> seconds(0.0314), seconds(3.24), seconds(125), seconds(7325)
    ('0.03\xa0s', '3.2\xa0s', '2\xa0min 5\xa0s', '2\xa0h 2\xa0min')
    """
    if value < 60:
        return f"{fixed(value, 2 if value < 1 else 1 if value < 10 else 0)}{NBSP}s"
    large, small, of = ("min", "s", 60) if value < 3600 else ("h", "min", 3600)
    return f"{int(value // of)}{NBSP}{large} {int(value % of * 60 // of)}{NBSP}{small}"


def memory(megabytes: float) -> str:
    r"""Write a size in memory.

    >>> memory(212.4), memory(2150)
    ('212\xa0MB', '2.1\xa0GB')
    """
    if megabytes < 1000:
        return f"{fixed(megabytes, 0)}{NBSP}MB"
    return f"{fixed(megabytes / 1024, 1)}{NBSP}GB"
