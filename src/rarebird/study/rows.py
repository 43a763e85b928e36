"""The rows that a study learns from: what they hold, a part of them, and their copy on disk."""

from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np

from rarebird._random import seed_of

from .splits import Design
from .store import cannot_write

MINIMUM = 50  # rows of a class that a row cap keeps, where there are as many


@dataclass(frozen=True)
class Rows:
    """Rows of a table as numbers, and how they may be split."""

    X: np.ndarray  # (n, d): numbers, category codes and NaN
    y: np.ndarray  # (n,): class codes
    weight: np.ndarray | None  # (n,): what each row stands for
    design: Design  # how these rows may be split
    n_classes: int  # of the study; some may be absent here
    categorical: tuple[int, ...]  # columns that hold category codes
    costs: np.ndarray | None = None  # (n, C, C): each row's own costs, where the goal has such
    labels: tuple[str, ...] = ()  # of the classes, in code order, for messages

    def take(self, rows: np.ndarray) -> "Rows":
        """Return some of the rows."""
        weight = None if self.weight is None else self.weight[rows]
        parts = {"X": self.X[rows], "y": self.y[rows], "design": self.design.take(rows)}
        return replace(self, **parts, weight=weight, costs=self.costs_of(rows))

    def costs_of(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the costs of some of the rows, where they have their own."""
        return None if self.costs is None else self.costs[rows]

    def capped(self, cap: int, seed: int) -> "Rows":
        """Return at most about ``cap`` of the rows, weighted as `cap_rows` says."""
        rows, weight = cap_rows(self.y, cap, seed)
        return self if len(rows) == len(self.y) else replace(self.take(rows), weight=weight)


def cap_rows(y: np.ndarray, cap: int, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return row numbers of a stratified part of at most about ``cap`` rows, and their weights.

    Classes are thinned alike; a class is not thinned below 50 rows, and where that changes the
    class shares, weights restore them (None where every weight is 1).

    >>> rows, weight = cap_rows(np.repeat([0, 1], [9900, 100]), 1000, seed=0)
    >>> len(rows), weight[[0, -1]].round(2).tolist()
    (1040, [1.04, 0.21])
    """
    if len(y) <= cap:
        return np.arange(len(y)), None
    rng = np.random.default_rng(seed_of(seed, "row cap"))
    counts = np.bincount(y)
    kept = np.minimum(counts, np.maximum(np.round(counts * cap / len(y)), MINIMUM)).astype(int)
    rows = [
        np.sort(rng.choice(np.flatnonzero(y == code), kept[code], replace=False))
        for code in np.flatnonzero(counts)
    ]
    chosen = np.concatenate(rows)
    share = np.divide(counts, kept, out=np.zeros(len(counts)), where=kept > 0)
    weight = share[y[chosen]]
    order = np.argsort(chosen)
    chosen, weight = chosen[order], weight[order] * len(chosen) / weight.sum()
    return chosen, None if np.allclose(weight, 1, atol=0.02) else weight


def write_rows(path: Path, rows: Rows) -> None:
    """Put the rows of the comparison where workers map them into memory."""
    try:
        joblib.dump(rows, path)
    except OSError as error:
        raise cannot_write(path, error) from error


def read_rows(path: Path) -> Rows:
    """Return the rows that `write_rows` wrote, mapped and not copied."""
    return joblib.load(path, mmap_mode="r")
