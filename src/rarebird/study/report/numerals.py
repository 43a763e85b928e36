"""Numbers as people write them: 1,204 and 3.2 % and "1 in 45"."""

import math
from numbers import Real

MISSING = "–"
NBSP = "\u00a0"
MINUS = "\u2212"


def known(value: object) -> bool:
    """Say whether there is a finite number here.

    >>> known(0.0), known(None), known(float("nan"))
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def fixed(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """Write a number with thousands separated and a real minus sign.

    >>> fixed(-1204.5, 1), fixed(0.0312, 3, sign=True), fixed(None, 2)
    ('−1,204.5', '+0.031', '–')
    """
    if not known(value):
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


def significant(value: float | None, digits: int = 3, *, sign: bool = False) -> str:
    """Write a number with so many digits that count, never in powers of ten above 0.000001.

    >>> significant(0.62349), significant(0.0016912), significant(1204.4), significant(2.0)
    ('0.623', '0.00169', '1,204', '2.00')
    """
    if not known(value):
        return MISSING
    return fixed(value, _decimals(abs(value), digits), sign=sign)


def _decimals(size: float, digits: int) -> int:
    if size == 0:
        return digits - 1
    return min(max(digits - 1 - math.floor(math.log10(size)), 0), 8)


def decimals_for(low: float | None, high: float | None) -> int:
    """Return the decimals at which an interval of this width reads well: two digits of its half.

    >>> decimals_for(0.57, 0.67), decimals_for(0.0012, 0.0019), decimals_for(120, 190)
    (3, 5, 0)
    """
    if not (known(low) and known(high) and high > low):
        return 3
    half = (high - low) / 2
    return max(_decimals(half, 2), 3) if half < 0.5 else _decimals(half, 2)


def interval(low: float | None, high: float | None, decimals: int, *, sign: bool = False) -> str:
    """Write an interval in brackets, or nothing where there is none.

    >>> interval(842, 895, 0), interval(None, 1, 0)
    ('[842, 895]', '')
    """
    if not (known(low) and known(high)):
        return ""
    return f"[{fixed(low, decimals, sign=sign)}, {fixed(high, decimals, sign=sign)}]"


def measured(found: dict | None, *, sign: bool = False) -> str:
    """Write a value with its interval, at the decimals that the interval deserves.

    >>> measured({"value": 0.6234, "low": 0.571, "high": 0.668})
    '0.623 [0.571, 0.668]'
    """
    if not found or not known(found.get("value")):
        return MISSING
    value, low, high = found["value"], found.get("low"), found.get("high")
    if not (known(low) and known(high)):
        return significant(value, sign=sign)
    decimals = decimals_for(low, high) if high > low else _decimals(abs(value), 3)
    return f"{fixed(value, decimals, sign=sign)} {interval(low, high, decimals, sign=sign)}"


def ranged(found: dict) -> str:
    """Write the mean of some repeats with the least and the largest of them.

    >>> ranged({"value": 0.0412, "least": 0.03, "largest": 0.0514})
    '+0.041 (+0.030 to +0.051)'
    """
    decimals = decimals_for(found["least"], found["largest"])
    value, low, high = (fixed(found[k], decimals, sign=True) for k in ("value", "least", "largest"))
    return f"{value} ({low} to {high})"


def percent(share: float | None) -> str:
    r"""Write a share in percent.

    >>> percent(0.0321), percent(0.87), percent(0.00012), percent(0.0)
    ('3.2\xa0%', '87\xa0%', '0.012\xa0%', '0\xa0%')
    """
    if not known(share):
        return MISSING
    size = abs(share) * 100
    if size == 0:
        return f"0{NBSP}%"
    decimals = 0 if 10 <= size < 99 or size >= 99.95 else 1 if size >= 1 else _decimals(size, 2)
    return fixed(share * 100, decimals) + NBSP + "%"


def odds(share: float | None) -> str:
    """Write a share as "a in b" with small numbers.

    >>> [odds(x) for x in (0.022, 0.667, 0.75, 0.93, 0.999, 1, 0)]
    ['1 in 45', '2 in 3', '3 in 4', '13 in 14', 'nearly all', 'all', 'none']
    """
    if not known(share):
        return MISSING
    if share <= 0:
        return "none"
    if share >= 1:
        return "all"
    if share > 0.98:
        return "nearly all"
    if share < 0.15:
        return f"1 in {count(1 / share)}"
    if share > 0.85:
        whole = round(1 / (1 - share))
        return f"{whole - 1} in {whole}"
    best = min(
        ((a, b) for b in range(2, 11) for a in range(1, b)),
        key=lambda ab: (round(abs(ab[0] / ab[1] - share) / 0.02), ab[1]),
    )
    return f"{best[0]} in {best[1]}"


def p_value(p: float | None) -> str:
    """Write a p-value.

    >>> p_value(0.0004), p_value(0.0421), p_value(0.6)
    ('< 0.001', '0.042', '0.60')
    """
    if not known(p):
        return MISSING
    return "< 0.001" if p < 0.001 else fixed(p, 3 if p < 0.1 else 2)


def seconds(value: float | None) -> str:
    r"""Write a duration.

    >>> seconds(0.0314), seconds(3.24), seconds(125), seconds(7325)
    ('0.03\xa0s', '3.2\xa0s', '2\xa0min 5\xa0s', '2\xa0h 2\xa0min')
    """
    if not known(value):
        return MISSING
    if value < 60:
        return fixed(value, 2 if value < 1 else 1 if value < 10 else 0) + NBSP + "s"
    if value < 3600:
        return f"{int(value // 60)}{NBSP}min {int(value % 60)}{NBSP}s"
    return f"{int(value // 3600)}{NBSP}h {int(value % 3600 // 60)}{NBSP}min"


def memory(megabytes: float | None) -> str:
    r"""Write a size in memory.

    >>> memory(212.4), memory(2150)
    ('212\xa0MB', '2.1\xa0GB')
    """
    if not known(megabytes):
        return MISSING
    if megabytes < 1000:
        return fixed(megabytes, 0) + NBSP + "MB"
    return fixed(megabytes / 1024, 1) + NBSP + "GB"


def plural(number: float, one: str, many: str | None = None) -> str:
    """Write a number with its noun.

    >>> plural(1, "row"), plural(1204, "row"), plural(2, "treatment", "treatments")
    ('1 row', '1,204 rows', '2 treatments')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
