"""What the report's plots share: the wrapper to SVG, axes with plain numbers, a calibration."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from rarebird.metrics.curves import CalibrationBin

from .numerals import MINUS
from .svg import BLUE, GREY, Canvas, styled

MOST_ROWS = 30
WIDTH, HEIGHT = 360, 290
DASHED: dict[str, Any] = {"color": GREY, "dashes": (4, 2), "lw": 1.5}
_MOST_SPOKEN = 12  # numbers in a plot's label


def as_svg(draw: Callable[..., Canvas | None]) -> Callable[..., str]:
    """Make a function that returns a canvas return its SVG, or ``""`` where it returns none."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> str:
        with styled():
            canvas = draw(*args, **kwargs)
            return "" if canvas is None else canvas.svg()

    return drawn


def as_number(value: float, _position: object = None) -> str:
    """Write a number of an axis."""
    text = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
    return (MINUS if value < 0 else "") + text


def as_share(value: float, _position: object = None) -> str:
    """Write a share of an axis, in percent."""
    return as_number(round(value * 100, 8)) + "%"


def set_scale(
    axes: Any,
    which: str,
    write: Callable[..., str],
    low: float,
    high: float,
    *,
    log: bool = False,
    ticks: int = 6,
) -> None:
    """Set the ends of the x or y axis, how it writes its numbers, and whether it is logarithmic."""
    axis = getattr(axes, f"{which}axis")
    if log:
        axes.set(**{f"{which}scale": "log"})
        axis.set_major_locator(LogLocator(numticks=ticks))
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(write))
    axes.set(**{f"{which}lim": (low, high)})


def spoken(rows: Sequence[tuple[str, str]]) -> str:
    """Return values by name for a plot's label."""
    return "; ".join(f"{name}: {value}" for name, value in rows[:_MOST_SPOKEN])


def draw_calibration(axes: Any, bins: Sequence[CalibrationBin], *, ticks: int = 6) -> None:
    """Draw the observed share against the stated probability, in bins with intervals."""
    p = np.array([one.mean_proba for one in bins])
    high = np.array([one.share.high for one in bins])
    log = bool(p.min() > 0 and p.max() / p.min() > 30)
    least = p.min() / 3 if log else 0.0
    for one in bins:
        x, low, y = one.mean_proba, max(one.share.low, least), max(one.share.value, least)
        axes.plot([x, x], [low, one.share.high], color=BLUE, lw=1.2)
        face, edge = (BLUE, "white") if one.share.value > 0 else ("white", BLUE)
        axes.plot([x], [y], "o", ms=6, mfc=face, mec=edge, mew=1, clip_on=False, zorder=3)
    end = min(max(np.nanmax(high), p.max()) * (1.3 if log else 1.05), 1.0)
    axes.plot([least, end], [least, end], **{**DASHED, "lw": 1}, zorder=1)
    for which in "xy":
        set_scale(axes, which, as_share, least, end, log=log, ticks=ticks)
