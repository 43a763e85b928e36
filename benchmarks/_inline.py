"""Runs a study's cells in this process: a benchmark of thousands of fits needs no workers."""

import rarebird.study.job as job
from rarebird.study.cell import read_rows, run_cell


def run_cells(store, plan, *, jobs, progress=lambda done, total: None):
    """Run every cell that is not stored yet, one after the other."""
    rows = read_rows(store.folder / "rows")
    for cell in plan["cells"]:
        if cell["id"] not in store.done():
            run_cell(store, rows, plan, cell)


def use() -> None:
    """Make studies of this process run their cells here."""
    job.run_cells = run_cells
