"""A matplotlib figure as a small inline SVG: text stays text, in the page's font."""

import html
import io
import re
import unicodedata
import warnings
from bisect import bisect_right
from itertools import accumulate
from typing import Any

import matplotlib
from matplotlib.figure import Figure

# One quiet palette. The two colours differ in lightness as well as in hue, and every second series
# also differs in dash or marker, so the plots read in grey and for the colour-blind.
INK, GREY, LIGHT = "#1d232b", "#626b77", "#d9dee5"
BLUE, ORANGE = "#1f4e8c", "#c77a1e"

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "text.parse_math": False, "path.simplify": True,
    **dict.fromkeys(["font.size", "axes.titlesize", "axes.labelsize"], 11),
    **dict.fromkeys(["xtick.labelsize", "ytick.labelsize"], 10),
    **dict.fromkeys(["axes.edgecolor", "xtick.color", "ytick.color"], GREY),
    **dict.fromkeys(["text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"], INK),
    **dict.fromkeys(["axes.spines.top", "axes.spines.right", "legend.frameon"], False),
    **dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none"),
    "axes.grid": True, "axes.axisbelow": True, "grid.color": LIGHT, "grid.linewidth": 0.6,
    "axes.linewidth": 0.8, "axes.formatter.use_mathtext": False, "axes.unicode_minus": True,
    "lines.linewidth": 1.8,
}  # fmt: skip


def _shorten(text: str, columns: int) -> str:
    """Cut a text to so many columns, on one line; wide characters take two columns.

    >>> _shorten("a very long name", 8), _shorten("short", 8), _shorten("詐欺の取引", 6)
    ('a very …', 'short', '詐欺…')
    """
    clean = "".join(c if c.isprintable() else " " for c in text)
    ends = list(accumulate(1 + (unicodedata.east_asian_width(c) in "WF") for c in clean))
    if not ends or ends[-1] <= columns:
        return clean
    return clean[: bisect_right(ends, columns - 1)] + "…"


class Canvas:
    """A figure whose foreign texts (classes, columns) are put in after drawing.

    matplotlib sees only place holders, so no name can be taken for mathematics or lack a glyph,
    and every name is escaped and carries its full form as a tooltip. Sizes are CSS pixels; ``key``
    sets its identifiers apart from those of other plots.
    """

    def __init__(self, width: float, height: float, label: str, key: str) -> None:
        self.width, self.height, self.label, self.key = width, height, label, key
        self.figure = Figure(figsize=(width / 72, height / 72))
        self._names: list[tuple[str, str]] = []

    def axes(self, left: float, bottom: float, right: float, top: float) -> Any:
        """Add axes with margins in pixels."""
        return self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                1 - (left + right) / self.width,
                1 - (bottom + top) / self.height,
            )
        )

    def name(self, text: str, columns: int) -> str:
        """Return the place holder of a foreign text."""
        self._names.append((_shorten(text, columns), text))
        return f"@{len(self._names) - 1}@"

    def svg(self) -> str:
        """Return the figure as an ``<svg role="img">`` element."""
        stream = io.StringIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a user's style file is not this page's business
            self.figure.savefig(
                stream, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
            )
        text = stream.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r'<g id="[^"]*"', "<g", text)
        text = re.sub(r'font: ([^;"]*?)([\d.]+px) [^;"]*', _shorthand, text)  # as older ones write
        text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
        text = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{self.key}-", text)
        text = re.sub(r"\s*\n\s*", "\n", text)
        head = (
            f'<svg role="img" aria-label="{html.escape(self.label)}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'style="max-width: {self.width * 1.2:g}px"'
        )
        text = re.sub(r"@(\d+)@", self._put, text)
        return re.sub(r"<svg[^>]*", lambda _: head, text, count=1)

    def _put(self, found: re.Match) -> str:
        short, full = self._names[int(found[1])]
        title = f"<title>{html.escape(full)}</title>" if short != full else ""
        return html.escape(short) + title


def _shorthand(found: re.Match) -> str:
    weight = "; font-weight: 700" if re.search("bold|700", found[1]) else ""
    return f"font-size: {found[2]}{weight}"


def styled() -> Any:
    """Return a context in which figures have the report's style whatever the user's own is."""
    ours = ("axes", "font", "lines", "xtick", "ytick", "grid", "text", "figure", "savefig")
    defaults = {k: v for k, v in matplotlib.rcParamsDefault.items() if k.split(".")[0] in ours}
    style: dict[Any, Any] = {**defaults, **_STYLE, "svg.hashsalt": "rarebird"}
    return matplotlib.rc_context(style)
