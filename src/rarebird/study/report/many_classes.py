"""Sentences and plots of a report on many classes."""

import math

from .class_content import Confusion
from .content import Report
from .draw import as_svg, draw_calibration, spoken
from .numerals import count, percent, plural
from .svg import Canvas

MOST_CLASSES = 20  # of more the largest confusions are listed in place of the matrix
_NAMED = 3
_WIDTH, _PANEL = 360, 176


def rarest_found(confusion: Confusion) -> str:
    """Return what became of the rarest classes on the test set."""
    told = []
    for code in confusion.rarest[:_NAMED]:
        row = confusion.counts[code]
        found = row[code]
        fate = (
            "all found" if found == sum(row) else f"{count(found)} found" if found else "none found"
        )
        told.append(f"“{confusion.labels[code]}” ({plural(sum(row), 'row')}, {fate})")
    return f"The rarest classes of the test set: {', '.join(told)}." if told else ""


def worst_confusion(confusion: Confusion) -> str:
    """Return the pair of classes that is confused most often."""
    if not confusion.largest:
        return "No row was taken for another class."
    one = confusion.largest[0]
    return (
        f"Most often “{one.true}” is taken for “{one.predicted}”: {plural(one.n, 'row')}, "
        f"{percent(one.share)} of that class."
    )


@as_svg
def class_calibration(report: Report) -> Canvas | None:
    """Draw the calibration of the rarest classes, each against the rest."""
    drawn = report.many.calibration if report.many else ()
    drawn = tuple(one for one in drawn if one.bins)
    if not drawn:
        return None
    lines = math.ceil(len(drawn) / 2)
    label = "Calibration on the test set of each class against the rest, the highest bin: "
    label += spoken(
        [
            (
                one.label,
                f"{percent(one.bins[-1].mean_proba)} stated, {percent(one.bins[-1].share.value)}",
            )
            for one in drawn
        ]
    )
    canvas = Canvas(_WIDTH, _PANEL * lines + 24, label, "classes-held")
    for i, one in enumerate(drawn):
        line, column = divmod(i, 2)
        left, bottom = column * _WIDTH / 2 + 44, (lines - 1 - line) * _PANEL + 50
        axes = canvas.axes(
            left, bottom, _WIDTH / 2 * (1 - column) + 18, canvas.height - bottom - _PANEL + 54
        )
        draw_calibration(axes, one.bins, ticks=3)
        axes.tick_params(length=2, labelsize=9)
        name = f"{canvas.name(one.label, 14)} ({count(one.n)})"
        axes.text(0, 1.05, name, transform=axes.transAxes, va="bottom", fontsize=10.5)
    canvas.figure.text(0.5, 8 / canvas.height, "stated probability", ha="center", fontsize=10)
    return canvas
