"""How far a study is, on the terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def show_progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a progress callable: a bar on a terminal, plain lines elsewhere, nothing with -q."""
    if quiet:
        yield lambda stage, done, total: None
        return
    if not sys.stderr.isatty():
        last: list[tuple[str, int]] = [("", -1)]

        def line(stage: str, done: int, total: int) -> None:
            tenth = 10 * done // max(total, 1)
            if (stage, tenth) != last[0]:
                last[0] = (stage, tenth)
                count = f" {done}/{total}" if total > 1 else ""
                print(f"{stage}{count}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        shown = [""]

        def move(stage: str, done: int, total: int) -> None:
            if stage != shown[0]:
                shown[0] = stage
                bar.reset(task, description=stage, total=total if total > 1 else None)
            bar.update(task, completed=done, description=stage)

        yield move
