"""Runs a study's fits in this process: a benchmark of thousands of fits needs no workers."""

from rarebird.study import pool, steps


def use() -> None:
    """Make studies of this process run their fits here."""
    steps.Workers = pool.InThisProcess
