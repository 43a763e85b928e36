"""The report's plots: each function takes the report and returns an SVG, or ``""``."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rarebird.metrics.estimate import Estimate, Range

from .content import CandidateRow, Report
from .draw import (
    DASHED,
    HEIGHT,
    MOST_ROWS,
    WIDTH,
    as_number,
    as_share,
    as_svg,
    draw_calibration,
    set_scale,
    spoken,
)
from .numerals import count, ends_of, is_known, measured, percent, significant
from .svg import BLUE, GREY, INK, LIGHT, ORANGE, Canvas

_MOST_COLUMNS = 15
_DOTTED: dict[str, Any] = {"color": GREY, "dashes": (1, 2), "lw": 1}
_BACKED = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # no line runs through a name


def _square(label: str, key: str, x_label: str, y_label: str) -> tuple[Canvas, Any]:
    canvas = Canvas(WIDTH, HEIGHT, label, key)
    axes = canvas.axes(54, 44, 20, 26)
    axes.set_xlabel(x_label)
    axes.text(-0.14, 1.04, y_label, transform=axes.transAxes, va="bottom", ha="left")
    axes.tick_params(length=3)
    return canvas, axes


def _operating(axes: Any, x: float, y: float) -> None:
    axes.plot([x], [y], "o", ms=9, mfc=ORANGE, mec="white", mew=1.4, zorder=5, clip_on=False)


@as_svg
def counts(report: Report) -> Canvas:
    """Draw the rows of each class as bars; of many classes the rarest and the most common."""
    rows = sorted(report.classes, key=lambda row: -row.n)
    rare = report.classes[1] if report.binary else rows[-1]
    if len(rows) > MOST_ROWS:
        rows = rows[:2] + rows[2 - MOST_ROWS :]
    label = "Rows of each class: " + spoken([(row.label, count(row.n)) for row in rows])
    canvas = Canvas(WIDTH, 38 * len(rows) + 8, label, "counts")
    axes = canvas.axes(4, 4, 4, 4)
    axes.set_axis_off()
    for i, row in enumerate(rows):
        width, colour = max(row.n / rows[0].n, 0.004), ORANGE if row is rare else BLUE
        axes.barh(i + 0.2, width, height=0.38, color=colour)
        text = {"va": "bottom", "fontsize": 11.5}
        axes.text(0, i - 0.1, canvas.name(row.label, 28), ha="left", **text)
        axes.text(1, i - 0.1, f"{count(row.n)}  ({percent(row.share)})", ha="right", **text)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.5, -0.6)
    return canvas


@as_svg
def forest(report: Report, *, wide: bool = False) -> Canvas | None:
    """Draw the effect of every treatment on its own learner, better to the right."""
    found = [(row.effect.value, row) for row in report.candidates if row.effect]
    rows = [row for _, row in sorted(found, key=lambda pair: -report.goal.sign * pair[0])]
    rows = rows[:MOST_ROWS]
    if not rows:
        return None
    metric = report.goal.metric
    label = f"Effects of the treatments on {metric.title}, each against the same learner: "
    label += "; ".join(f"{row.title} {measured(row.effect, sign=True)}" for row in rows)
    width, step, left = (660, 34, 230) if wide else (WIDTH, 46, 10)
    canvas = Canvas(width, step * len(rows) + 84, label, "wide" if wide else "narrow")
    axes = canvas.axes(left, 44, 14, 40)
    ends = [0.0]
    for i, row in enumerate(rows):
        ends += _candidate(canvas, axes, row, i, wide, row in report.shipped_rows)
    _values(canvas, axes, ends, f"effect on {metric.title}", as_number)
    axes.set_ylim(len(rows) - 0.4, -0.75)
    if not metric.greater_is_better:
        axes.invert_xaxis()
    for x, text, side in ((0, "← worse", "left"), (1, "better →", "right")):
        axes.text(x, 1.01, text, transform=axes.transAxes, color=GREY, va="bottom", ha=side)
    return canvas


def _candidate(
    canvas: Canvas, axes: Any, row: CandidateRow, i: int, wide: bool, mine: bool
) -> list[float]:
    """Draw a line of the forest; return the ends of what was drawn."""
    control = row.role == "control"
    colour = BLUE if mine else GREY if control else INK
    look = {"ms": 8 if mine else 6.5, "mfc": "white" if control else colour, "mew": 1.5}
    ends = _line(axes, row.effect, i, colour, 2.4 if mine else 1.5, "s" if control else "o", look)
    x, y, across, up = (-0.02, i, "right", "center") if wide else (0, i - 0.18, "left", "bottom")
    axes.text(
        x, y, canvas.name(row.title + " (control)" * control, 38 if wide else 46), ha=across, va=up,
        transform=axes.get_yaxis_transform(), color=BLUE if mine else INK,
        weight="bold" if mine else "normal", bbox=_BACKED,
    )  # fmt: skip
    return ends


def _line(
    axes: Any, found: Any, y: float, colour: str, width: float, marker: str, look: dict[str, Any]
) -> list[float]:
    """Draw a value and its interval or range, where it has one; return the ends."""
    ends = ends_of(found)
    if all(map(is_known, ends)):
        axes.plot(ends, [y, y], color=colour, lw=width, solid_capstyle="butt")
    axes.plot([found.value], [y], marker, **{"mec": colour, **look})
    return [end for end in (*ends, found.value) if is_known(end)]


def _values(
    canvas: Canvas, axes: Any, ends: list[float], label: str, write: Callable[..., str]
) -> None:
    """Set an axis of values with zero on it, and rows without ticks across."""
    axes.axvline(0, color=INK, lw=1)
    axes.grid(visible=False, axis="y")
    span = max(ends) - min(ends) or 1.0
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    set_scale(axes, "x", write, min(ends) - 0.06 * span, max(ends) + 0.06 * span)
    axes.set_xlabel(canvas.name(label, 46))


@as_svg
def precision_recall(report: Report) -> Canvas | None:
    """Draw precision against recall for the chosen model and for the baseline."""
    curves, at = report.curves, report.outcome
    if curves is None:
        return None
    label = "Precision against recall of the chosen model on the test set"
    if at and at.precision:
        label += f"; at the operating point recall {percent(at.recall.value)}"
        label += f", precision {percent(at.precision.value)}"
    canvas, axes = _square(
        label, "found", "recall: share of the rare rows found", "precision: share of alerts right"
    )
    share = report.classes[1].share
    axes.axhline(share, **_DOTTED)
    axes.text(0.01, share + 0.012, "chance", color=GREY, fontsize=9.5, va="bottom")
    if curves.baseline:
        axes.plot(curves.baseline.recall, curves.baseline.precision, **DASHED)
    curve = curves.precision_recall
    axes.plot(curve.recall, curve.precision, color=BLUE)
    if at and at.precision:
        _operating(axes, at.recall.value, at.precision.value)
    set_scale(axes, "x", as_share, 0, 1)
    set_scale(axes, "y", as_share, 0, 1.02)
    return canvas


@as_svg
def calibration(report: Report) -> Canvas | None:
    """Draw the share of rare rows against the stated probability, in bins with intervals."""
    bins = report.curves.calibration if report.curves else ()
    if not bins:
        return None
    label = "Calibration on the test set, stated probability and share that was rare: "
    label += spoken([(percent(one.mean_proba), percent(one.share.value)) for one in bins])
    canvas, axes = _square(label, "held", "stated probability", "share that was truly rare")
    draw_calibration(axes, bins)
    return canvas


@as_svg
def gain(report: Report) -> Canvas | None:
    """Draw the share of rare rows found against the share of rows looked at."""
    if report.curves is None:
        return None
    curve, at = report.curves.gain, report.outcome
    label = "Share of the rare rows found against the share of all rows that get an alert"
    canvas, axes = _square(
        label, "gain", "share of all rows with an alert", "share of the rare rows found"
    )
    half = curve.alerts[curve.recall >= 0.5].min(initial=1.0)
    log = bool(half < 0.1)  # half of the rare rows are found soon
    axes.plot(curve.alerts, curve.recall, color=BLUE)
    least = max(curve.alerts[curve.alerts > 0].min(), 1e-5) if log else 0.0
    line = np.geomspace(least, 1, 50) if log else np.array([0.0, 1.0])
    axes.plot(line, line, **_DOTTED)
    if at and at.alerts:
        _operating(axes, at.alert_rate, at.recall.value)
    set_scale(axes, "x", as_share, least, 1, log=log)
    set_scale(axes, "y", as_share, 0, 1.02)
    return canvas


@as_svg
def cost(report: Report) -> Canvas | None:
    """Draw the cost of mistakes against the threshold."""
    curve = report.curves.cost if report.curves else None
    if curve is None:
        return None
    order = np.argsort(curve.threshold)
    x, y = curve.threshold[order], 1000 * curve.cost[order]
    drawn = (x > 0) & np.isfinite(x)  # on a scale of powers
    if not drawn.any():
        return None
    x, y = x[drawn], y[drawn]
    best = int(np.argmin(y))
    label = "Cost of mistakes per 1,000 rows against the threshold; the least is "
    label += f"{significant(y[best])} near {significant(x[best])}"
    canvas, axes = _square(
        label, "cost", "threshold: act at this probability or more", "cost per 1,000 rows"
    )
    axes.plot(x, y, color=BLUE)
    at = report.outcome.threshold if report.outcome else None
    if is_known(at) and at > 0:
        _operating(axes, at, float(np.interp(np.log(at), np.log(x), y)))
    set_scale(axes, "y", as_number, 0, max(float(y.max()) * 1.06, 1e-9))
    axes.set_xscale("log")
    set_scale(axes, "x", as_number, *axes.get_xlim(), log=True)
    return canvas


@as_svg
def importance(report: Report) -> Canvas | None:
    """Draw how much the objective worsens when a column is shuffled, strongest first."""
    rows = [(row.column, row.loss) for row in report.importance[:_MOST_COLUMNS]]
    label = "What drives the model, strongest first: "
    return _dots(rows, label, f"loss in {report.goal.metric.title} without it", "columns")


@as_svg
def per_class(report: Report) -> Canvas | None:
    """Draw the recall of every class with its interval, the rarest class first."""
    rows = [(row.label, row.recall) for row in report.per_class if row.recall][:MOST_ROWS]
    return _dots(rows, "Recall of each class, rarest first: ", "recall", "classes", as_share)


def _dots(
    rows: Sequence[tuple[str, Estimate | Range]],
    label: str,
    x_label: str,
    key: str,
    write: Callable[..., str] = as_number,
) -> Canvas | None:
    if not rows:
        return None
    label += spoken([(name, measured(found)) for name, found in rows])
    canvas = Canvas(WIDTH, 36 * len(rows) + 52, label, key)
    axes = canvas.axes(10, 42, 14, 6)
    ends = [0.0]
    for i, (name, found) in enumerate(rows):
        y = i + 0.12
        axes.axhline(y, color=LIGHT, lw=0.6, zorder=0)
        ends += _line(
            axes, found, y, BLUE, 1.4, "o", {"ms": 6.5, "mfc": BLUE, "mec": "white", "mew": 1}
        )
        axes.text(
            0, i - 0.1, canvas.name(name, 46), transform=axes.get_yaxis_transform(), va="bottom",
            ha="left", fontsize=11.5, bbox=_BACKED,
        )  # fmt: skip
    _values(canvas, axes, ends, x_label, write)
    axes.set_ylim(len(rows) - 0.45, -0.7)
    return canvas
