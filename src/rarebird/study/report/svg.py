"""A matplotlib figure as a small inline SVG: text stays text, in the page's font."""

import html
import io
import re
import unicodedata
import warnings

import matplotlib
from matplotlib.figure import Figure

# One quiet palette. The two colours differ in lightness as well as in hue, and every second series
# also differs in dash or marker, so the plots read in grey and for the colour-blind.
INK, GREY, LIGHT = "#1d232b", "#626b77", "#d9dee5"
BLUE, ORANGE = "#1f4e8c", "#c77a1e"

_STYLE = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.8,
    "path.simplify": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
}


def width_of(text: str) -> int:
    """Return the columns a text takes; wide characters take two.

    >>> width_of("ab"), width_of("詐欺")
    (2, 4)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shorten(text: object, columns: int) -> str:
    """Cut a text to so many columns, with an ellipsis, on one line and without control characters.

    >>> shorten("a very long name", 8), shorten("short", 8)
    ('a very …', 'short')
    """
    clean = "".join(c if c.isprintable() else " " for c in str(text))
    if width_of(clean) <= columns:
        return clean
    used, cut = 0, 0
    for c in clean:
        used += width_of(c)
        if used > columns - 1:
            break
        cut += 1
    return clean[:cut] + "…"


class Canvas:
    """A figure whose foreign texts (classes, columns) are put in after drawing.

    matplotlib sees only place holders, so no name can be taken for mathematics or lack a glyph,
    and every name is escaped and carries its full form as a tooltip.

    Parameters
    ----------
    width, height : float
        Size in CSS pixels at which the text has its natural size.
    label : str
        What the plot shows, for those who cannot see it.
    key : str
        What sets the plot's identifiers apart from those of the page's other plots.
    """

    def __init__(self, width: float, height: float, label: str, key: str) -> None:
        self.width, self.height, self.label, self.key = width, height, label, key
        self.figure = Figure(figsize=(width / 72, height / 72))
        self._names: list[tuple[str, str]] = []

    def axes(self, left: float, bottom: float, right: float, top: float):
        """Add axes with margins in pixels."""
        return self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                1 - (left + right) / self.width,
                1 - (bottom + top) / self.height,
            )
        )

    def name(self, text: object, columns: int) -> str:
        """Return the place holder of a foreign text."""
        self._names.append((shorten(text, columns), str(text)))
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


def styled():
    """Return a context in which figures have the report's style whatever the user's own is."""
    return matplotlib.rc_context({**_defaults(), **_STYLE, "svg.hashsalt": "rarebird"})


def _defaults() -> dict:
    kept = ("axes.", "font.", "lines.", "xtick.", "ytick.", "grid.", "text.", "figure.", "savefig.")
    defaults = matplotlib.rcParamsDefault
    return {key: defaults[key] for key in defaults if key.startswith(kept)}
