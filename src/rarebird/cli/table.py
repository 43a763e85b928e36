"""A table on the terminal."""

import shutil
import sys
import textwrap
from collections.abc import Sequence


def show(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under column names; the last column wraps, 160 wide where there is no terminal."""
    total = shutil.get_terminal_size().columns if sys.stdout.isatty() else 160
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns) - 1)]
    start = sum(widths) + 2 * len(widths)
    for row in (columns, *rows):
        fixed = "".join(f"{cell:<{width + 2}}" for cell, width in zip(row, widths, strict=False))
        wrapped = textwrap.wrap(row[-1], max(total - start, 30)) or [""]
        print(fixed + ("\n" + " " * start).join(wrapped))
