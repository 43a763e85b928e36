"""The report's plots: each function takes the report's data and returns an SVG, or ``""``."""

from collections.abc import Callable
from functools import wraps

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from . import words
from .numerals import MINUS, count, known, measured, percent, significant
from .svg import BLUE, GREY, INK, LIGHT, ORANGE, Canvas, styled

MOST_POINTS = 240
MOST_ROWS = 30
WIDTH, HEIGHT = 360, 290


def _plot(draw: Callable[..., Canvas | None]) -> Callable[..., str]:
    @wraps(draw)
    def as_svg(*args, **kwargs) -> str:
        with styled():
            canvas = draw(*args, **kwargs)
            return "" if canvas is None else canvas.svg()

    return as_svg


def thin(x, y, *, most: int = MOST_POINTS, log_x: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Keep at most ``most`` points of a line, evenly spaced along its drawn length.

    Points that are not finite are left out; the first and the last point stay.

    >>> x, y = thin(range(1000), range(1000), most=5)
    >>> x.tolist()
    [0.0, 250.0, 500.0, 750.0, 999.0]
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    keep = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not log_x))
    x, y = x[keep], y[keep]
    if len(x) <= most:
        return x, y
    across = np.log(x) if log_x else x
    steps = np.hypot(np.diff(across) / (np.ptp(across) or 1), np.diff(y) / (np.ptp(y) or 1))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    index = np.unique(np.searchsorted(along, np.linspace(0, along[-1], most)))
    index = np.unique(np.concatenate([[0], index.clip(0, len(x) - 1), [len(x) - 1]]))
    return x[index], y[index]


def _number(value: float, _position: object = None) -> str:
    if value == 0:
        return "0"
    text = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
    return (MINUS if value < 0 else "") + text


def _share(value: float, _position: object = None) -> str:
    return _number(round(value * 100, 8)) + " %"


def _log(axis, formatter: Callable[..., str]) -> None:
    axis.set_major_locator(LogLocator(numticks=6))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(formatter))


def _square(canvas: Canvas, x_label: str, y_label: str):
    axes = canvas.axes(54, 44, 20, 26)
    axes.set_xlabel(x_label)
    axes.text(-0.14, 1.04, y_label, transform=axes.transAxes, va="bottom", ha="left")
    axes.tick_params(length=3)
    return axes


def _operating(axes, x: float, y: float) -> None:
    axes.plot([x], [y], "o", ms=9, mfc=ORANGE, mec="white", mew=1.4, zorder=5, clip_on=False)


@_plot
def counts(data: dict) -> Canvas | None:
    """Draw the rows of each class as bars; of many classes the rarest and the most common."""
    rows = sorted((r for r in data.get("counts") or [] if known(r.get("n"))), key=lambda r: -r["n"])
    if not rows:
        return None
    if len(rows) > MOST_ROWS:
        rows = rows[:2] + rows[-(MOST_ROWS - 2) :]
    total = sum(r["n"] for r in data["counts"] if known(r.get("n")))
    label = "Rows of each class: " + "; ".join(f"{r['class']}: {count(r['n'])}" for r in rows[:12])
    canvas = Canvas(WIDTH, 38 * len(rows) + 8, label, "counts")
    axes = canvas.axes(4, 4, 4, 4)
    axes.set_axis_off()
    longest = rows[0]["n"] or 1
    for i, r in enumerate(rows):
        rare = words.is_positive(data, r["class"]) or (
            data.get("task") != "binary" and i == len(rows) - 1
        )
        colour = ORANGE if rare else BLUE
        axes.barh(i + 0.2, max(r["n"] / longest, 0.004), height=0.38, color=colour)
        axes.text(0, i - 0.1, canvas.name(r["class"], 28), va="bottom", ha="left", fontsize=11.5)
        share = r.get("share") if known(r.get("share")) else r["n"] / (total or 1)
        axes.text(
            1,
            i - 0.1,
            f"{count(r['n'])}  ({percent(share)})",
            va="bottom",
            ha="right",
            fontsize=11.5,
            color=INK,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.5, -0.6)
    return canvas


@_plot
def forest(data: dict, *, wide: bool = False) -> Canvas | None:
    """Draw the paired difference of every candidate to the baseline, better to the right."""
    rows = [
        r
        for r in data.get("candidates") or []
        if r["role"] != "baseline" and known((r.get("difference") or {}).get("value"))
    ]
    if not rows:
        return None
    up = words.greater_is_better(data)
    rows = sorted(rows, key=lambda r: r["difference"]["value"], reverse=up)[:MOST_ROWS]
    chosen = data["verdict"].get("chosen")
    label = f"Paired differences to the baseline in {words.metric_title(data)}: " + "; ".join(
        f"{words.title_of(r)} {measured(r['difference'], sign=True)}" for r in rows
    )
    step = 34 if wide else 46
    height = step * len(rows) + 84
    canvas = Canvas(660 if wide else WIDTH, height, label, "wide" if wide else "narrow")
    axes = canvas.axes(230 if wide else 10, 44, 14, 40)
    ends = [0.0]
    for i, r in enumerate(rows):
        d = r["difference"]
        mine = r["name"] == chosen
        colour = BLUE if mine else GREY if r["role"] == "control" else INK
        ends += _interval(axes, d, i, colour, 2.4 if mine else 1.5)
        marker = "s" if r["role"] == "control" else "o"
        face = "white" if r["role"] == "control" else colour
        axes.plot([d["value"]], [i], marker, ms=8 if mine else 6.5, mfc=face, mec=colour, mew=1.5)
        test = r.get("test_difference")
        if test and known(test.get("value")):
            ends += _interval(axes, test, i + 0.24, ORANGE, 1.0)
            axes.plot([test["value"]], [i + 0.24], "D", ms=4, mfc="white", mec=ORANGE, mew=1.1)
        _row_label(canvas, axes, r, i, wide, mine)
    axes.axvline(0, color=INK, lw=1)
    span = max(ends) - min(ends) or 1.0
    axes.set_xlim(min(ends) - 0.06 * span, max(ends) + 0.06 * span)
    if not up:
        axes.invert_xaxis()
    axes.set_ylim(len(rows) - 0.4, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.set_xlabel(canvas.name(f"difference in {words.metric_title(data)}", 46))
    axes.text(0, 1.01, "← worse", transform=axes.transAxes, color=GREY, va="bottom", ha="left")
    axes.text(1, 1.01, "better →", transform=axes.transAxes, color=GREY, va="bottom", ha="right")
    return canvas


def _interval(axes, d: dict, y: float, colour: str, width: float) -> list[float]:
    return _line(axes, d, ("low", "high"), y, colour, width)


def _line(
    axes, d: dict, ends_of: tuple[str, str], y: float, colour: str, width: float
) -> list[float]:
    low, high = (d.get(key) for key in ends_of)
    if not (known(low) and known(high)):
        return [d["value"]]
    axes.plot([low, high], [y, y], color=colour, lw=width, solid_capstyle="butt")
    return [low, high]


def _row_label(canvas: Canvas, axes, row: dict, i: int, wide: bool, mine: bool) -> None:
    title = words.title_of(row) + (" (control)" if row["role"] == "control" else "")
    colour = BLUE if mine else INK
    weight = "bold" if mine else "normal"
    across = axes.get_yaxis_transform()
    if wide:
        x, y, text, up = -0.02, i, canvas.name(title, 34), "center"
        axes.text(x, y, text, transform=across, ha="right", va=up, color=colour, weight=weight)
    else:
        x, y, text, up = 0, i - 0.18, canvas.name(title, 46), "bottom"
        axes.text(x, y, text, transform=across, ha="left", va=up, color=colour, weight=weight)


@_plot
def precision_recall(data: dict) -> Canvas | None:
    """Draw precision against recall for the chosen model and for the baseline."""
    curves = data.get("curves") or {}
    curve = curves.get("precision_recall")
    if not curve or not curve.get("recall"):
        return None
    at = curves.get("operating") or {}
    label = "Precision against recall of the chosen model on the test set"
    if known(at.get("recall")) and known(at.get("precision")):
        label += (
            f"; at the operating point recall {percent(at['recall'])}, "
            f"precision {percent(at['precision'])}"
        )
    canvas = Canvas(WIDTH, HEIGHT, label, "found")
    axes = _square(
        canvas, "recall: share of the rare rows found", "precision: share of alerts right"
    )
    base = curves.get("baseline_precision_recall")
    share = words.prior_share(data)
    if known(share):
        axes.axhline(share, color=GREY, lw=1, dashes=(1, 2))
        axes.text(0.01, share + 0.012, "chance", color=GREY, fontsize=9.5, va="bottom")
    if base and base.get("recall"):
        axes.plot(*thin(base["recall"], base["precision"]), color=GREY, dashes=(4, 2), lw=1.5)
    axes.plot(*thin(curve["recall"], curve["precision"]), color=BLUE)
    if known(at.get("recall")) and known(at.get("precision")):
        _operating(axes, at["recall"], at["precision"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_share))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    return canvas


@_plot
def calibration(data: dict) -> Canvas | None:
    """Draw the share of rare rows against the stated probability, in bins with intervals."""
    rows = [
        r
        for r in (data.get("curves") or {}).get("calibration") or []
        if known(r.get("mean_p")) and known(r.get("share"))
    ]
    if not rows:
        return None
    p = np.array([r["mean_p"] for r in rows])
    logs = p.min() > 0 and p.max() / p.min() > 30
    floor = p.min() / 3 if logs else 0.0
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        "Calibration on the test set, stated probability and share that was rare: "
        + "; ".join(f"{percent(r['mean_p'])}: {percent(r['share'])}" for r in rows[:12]),
        "held",
    )
    axes = _square(canvas, "stated probability", "share that was truly rare")
    top = 0.0
    for r in rows:
        low, high = r.get("low"), r.get("high")
        if known(low) and known(high):
            axes.plot([r["mean_p"]] * 2, [max(low, floor), high], color=BLUE, lw=1.2)
            top = max(top, high)
        top = max(top, r["share"])
    for r in rows:
        face, edge = (BLUE, "white") if r["share"] > 0 else ("white", BLUE)
        y = max(r["share"], floor)
        axes.plot([r["mean_p"]], [y], "o", ms=6, mfc=face, mec=edge, mew=1, clip_on=False)
    end = min(max(top, p.max()) * (1.3 if logs else 1.05), 1.0)
    axes.plot([floor or 0, end], [floor or 0, end], color=GREY, lw=1, dashes=(4, 2), zorder=1)
    if logs:
        axes.set_xscale("log")
        axes.set_yscale("log")
        _log(axes.xaxis, _share)
        _log(axes.yaxis, _share)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(_share))
        axes.yaxis.set_major_formatter(FuncFormatter(_share))
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlim(floor, end)
    axes.set_ylim(floor, end)
    return canvas


@_plot
def gain(data: dict) -> Canvas | None:
    """Draw the share of rare rows found against the share of rows looked at."""
    curves = data.get("curves") or {}
    curve = curves.get("gain")
    if not curve or not curve.get("recall"):
        return None
    at = curves.get("operating") or {}
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        "Share of the rare rows found against the share of all rows that get an alert",
        "gain",
    )
    axes = _square(canvas, "share of all rows with an alert", "share of the rare rows found")
    share = np.asarray(curve["alerts_share"], dtype=float)
    recall = np.asarray(curve["recall"], dtype=float)
    positive = share[np.isfinite(share) & (share > 0)]
    logs = len(positive) > 0 and _soon(share, recall) < 0.1
    axes.plot(*thin(share, recall, log_x=logs), color=BLUE)
    line = np.geomspace(max(positive.min(), 1e-5), 1, 50) if logs else np.array([0, 1])
    axes.plot(line, line, color=GREY, lw=1, dashes=(1, 2))
    if known(at.get("alerts_share")) and known(at.get("recall")) and at["alerts_share"] > 0:
        _operating(axes, at["alerts_share"], at["recall"])
    if logs:
        axes.set_xscale("log")
        _log(axes.xaxis, _share)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(_share))
    axes.yaxis.set_major_formatter(FuncFormatter(_share))
    axes.set_xlim(line[0], 1)
    axes.set_ylim(0, 1.02)
    return canvas


def _soon(share: np.ndarray, recall: np.ndarray) -> float:
    """Return the share of rows at which half of the rare rows are found."""
    half = share[recall >= 0.5]
    return float(np.nanmin(half)) if len(half) else 1.0


@_plot
def cost(data: dict) -> Canvas | None:
    """Draw the cost of mistakes against the threshold."""
    curves = data.get("curves") or {}
    curve = curves.get("cost")
    if not curve or not curve.get("cost"):
        return None
    x, y = np.asarray(curve["threshold"], float), 1000 * np.asarray(curve["cost"], float)
    order = np.argsort(x)
    x, y = thin(x[order], y[order], log_x=True)
    if not len(x):
        return None
    best = int(np.argmin(y))
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        f"Cost of mistakes per 1,000 rows against the threshold; the least is "
        f"{significant(y[best])} near {significant(x[best])}",
        "cost",
    )
    axes = _square(canvas, "threshold: act at this probability or more", "cost per 1,000 rows")
    axes.plot(x, y, color=BLUE)
    at = (curves.get("operating") or {}).get("threshold")
    if known(at) and at > 0:
        _operating(axes, at, float(np.interp(np.log(at), np.log(x), y)))
    axes.set_xscale("log")
    _log(axes.xaxis, _number)
    axes.yaxis.set_major_formatter(FuncFormatter(_number))
    axes.set_ylim(0, max(float(y.max()) * 1.06, 1e-9))
    return canvas


@_plot
def importance(data: dict, *, most: int = 15) -> Canvas | None:
    """Draw how much the objective worsens when a column is shuffled, strongest first."""
    rows = [r for r in data.get("importance") or [] if known(r.get("value"))]
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: -r["value"])[:most]
    label = "What drives the model, strongest first: " + "; ".join(
        f"{r['column']} {significant(r['value'])}" for r in rows[:10]
    )
    return _dots(
        rows,
        "column",
        ("least", "largest"),
        label,
        f"loss in {words.metric_title(data)} without it",
    )


@_plot
def per_class(data: dict) -> Canvas | None:
    """Draw the objective for every class with its interval, the rarest class first."""
    rows = [r for r in words.per_class(data) if known(r.get("value"))]
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: r.get("n_test") or 0)[:MOST_ROWS]
    label = f"{words.metric_title(data)} of each class, rarest first: " + "; ".join(
        f"{r['class']} {measured(r)}" for r in rows[:12]
    )
    return _dots(rows, "class", ("low", "high"), label, words.metric_title(data))


def _dots(rows: list[dict], key: str, ends_of: tuple[str, str], label: str, x_label: str) -> Canvas:
    canvas = Canvas(WIDTH, 36 * len(rows) + 52, label, f"by-{key}")
    axes = canvas.axes(10, 42, 14, 6)
    ends = [0.0]
    for i, r in enumerate(rows):
        ends += [r["value"], *_line(axes, r, ends_of, i + 0.12, BLUE, 1.4)]
        axes.plot([r["value"]], [i + 0.12], "o", ms=6.5, mfc=BLUE, mec="white", mew=1)
        axes.text(
            0,
            i - 0.1,
            canvas.name(r[key], 46),
            transform=axes.get_yaxis_transform(),
            va="bottom",
            ha="left",
            fontsize=11.5,
        )
    axes.axvline(0, color=INK, lw=1)
    axes.grid(visible=False, axis="y")
    for i in range(len(rows)):
        axes.axhline(i + 0.12, color=LIGHT, lw=0.6, zorder=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    span = max(ends) - min(ends) or 1.0
    axes.set_xlim(min(ends) - (0.03 * span if min(ends) < 0 else 0), max(ends) + 0.05 * span)
    axes.set_ylim(len(rows) - 0.45, -0.7)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.set_xlabel(canvas.name(x_label, 52))
    return canvas
