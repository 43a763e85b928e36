"""Checked rows, and metrics as functions of sums over rows that are weighted at random."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from .cells import nanmean

LARGEST, CHUNK = 40_000_000, 4_000_000  # random weights in all, and at once


@dataclass(frozen=True)
class Rows:
    """Checked rows: the truth, what is judged, the weights, and the number of classes."""

    y: np.ndarray
    out: np.ndarray
    weight: np.ndarray
    n_classes: int

    def take(self, index: np.ndarray) -> "Rows":
        """Return some of the rows."""
        return Rows(self.y[index], self.out[index], self.weight[index], self.n_classes)

    def used(self) -> "Rows":
        """Return the rows of positive weight."""
        return self if (self.weight > 0).all() else self.take(self.weight > 0)

    def present(self) -> np.ndarray:
        """Return the codes of the classes that have rows."""
        return np.unique(self.y)


@dataclass(frozen=True)
class Sums:
    """A metric as ``finish(weights @ features)`` for row weights of shape (B, n)."""

    features: sparse.csr_array
    finish: Callable[[np.ndarray], np.ndarray]

    def summed(self, member: sparse.csr_array) -> "Sums":
        """Return the same with a row of features for each block of rows, member (blocks, n)."""
        return replace(self, features=sparse.csr_array(member @ self.features.astype(member.dtype)))


def reweighted(parts: list[Sums], weights: np.ndarray) -> np.ndarray:
    """Return the metric under each row of weights (B, n), classes averaged; nan where undefined."""
    sums = (np.ascontiguousarray((p.features.T @ weights.T).T, dtype=float) for p in parts)
    return nanmean(np.stack([p.finish(s) for p, s in zip(parts, sums, strict=True)], -1))


def random_weights(rng: np.random.Generator, weight: np.ndarray) -> Iterator[np.ndarray]:
    """Yield chunks (b, n) of row weights of the Bayesian bootstrap, 200 to 2,000 in all."""
    n = len(weight)
    size, step = int(np.clip(LARGEST // n, 200, 2000)), max(1, CHUNK // n)
    for start in range(0, size, step):
        yield rng.standard_exponential((min(step, size - start), n)) * weight


def effective(w: np.ndarray) -> float:
    """Return the number of equally weighted rows that say as much, (sum w)^2 / sum w^2."""
    return float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0
