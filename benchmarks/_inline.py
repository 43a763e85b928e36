"""Runs a study's cells in this process: a benchmark of thousands of fits needs no workers."""

from rarebird.study import steps
from rarebird.study.cell import run_cell
from rarebird.study.rows import read_rows


def run_cells(store, schedule, *, n_jobs, progress=lambda done, total: None):
    """Run every cell that is not stored yet, one after the other."""
    rows = read_rows(store.rows)
    for cell in schedule.cells:
        if cell.id not in store.done():
            store.write_cell(cell.id, *run_cell(rows, schedule, cell))


def use() -> None:
    """Make studies of this process run their cells here."""
    steps.run_cells = run_cells
