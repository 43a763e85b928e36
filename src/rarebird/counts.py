"""``ClassCounts``: one immutable value for "who is rare"."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._errors import DataError, ParameterError


def encode(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted labels of y, and their index for each row; O(n log C) for numbers."""
    if y.dtype.kind not in "iufb":
        found, codes = np.unique(y, return_inverse=True)
        return found, codes.ravel()
    found = np.unique(y)
    return found, np.searchsorted(found, y.ravel())


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many rows each class has.

    An empty class is legal and has one rule everywhere: its count and prior are 0, its effective
    number is 0, it is in the group ``"few"``, and it takes no part in ratios.

    Parameters
    ----------
    counts : ndarray of shape (n_classes,)
        Rows per class, whole numbers >= 0, or sums of weights.
    classes : ndarray of shape (n_classes,)
        The labels, in the order of ``counts``.

    Raises
    ------
    DataError
        If a count is negative or not finite, the shapes differ, or a label is in no given class.
    ParameterError
        If an effective number is asked for with ``beta`` outside [0, 1].

    Notes
    -----
    O(n log n) time to count n labels, O(n_classes) memory.

    Examples
    --------
    >>> counts = ClassCounts.from_labels(["no", "no", "no", "yes"])
    >>> counts.rarest, counts.imbalance_ratio
    ('yes', 3.0)
    """

    counts: np.ndarray
    classes: np.ndarray

    def __post_init__(self) -> None:
        counts, classes = np.asarray(self.counts), np.asarray(self.classes)
        if counts.ndim != 1 or counts.shape != classes.shape:
            raise DataError(
                f"ClassCounts: {counts.shape} counts, {classes.shape} classes; one count a class."
            )
        if counts.size and (not np.all(np.isfinite(counts)) or counts.min() < 0):
            raise DataError("ClassCounts: a count is negative or not finite.")
        for name, value in (("counts", counts), ("classes", classes)):
            value = value.copy()
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @classmethod
    def from_labels(
        cls, y: Any, *, classes: Any = None, sample_weight: Any = None
    ) -> "ClassCounts":
        """Count labels of shape (n,), over the classes present or ``classes``, which hold them."""
        y = np.asarray(y)
        found, codes = encode(y)
        counts = np.bincount(codes, weights=sample_weight, minlength=len(found))
        if classes is None:
            return cls(counts, found)
        classes = np.asarray(classes)
        index = {label: i for i, label in enumerate(classes.tolist())}
        unknown = [label for label in found.tolist() if label not in index]
        if unknown:
            raise DataError(f"ClassCounts: label {unknown[0]!r} is not among {classes.tolist()}.")
        full = np.zeros(len(classes), dtype=counts.dtype)
        full[[index[label] for label in found.tolist()]] = counts
        return cls(full, classes)

    def __len__(self) -> int:
        return len(self.counts)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ClassCounts)
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.classes, other.classes)
        )

    def __hash__(self) -> int:
        return hash((self.counts.tobytes(), tuple(self.classes.tolist())))

    @property
    def n(self) -> float:
        """Rows in all."""
        return self.counts.sum().item()

    @property
    def prior(self) -> np.ndarray:
        """Share of each class, n_c / n; zeros where there are no rows at all."""
        return self.counts / self.n if self.n else np.zeros(len(self), dtype=float)

    @property
    def rarest(self) -> Any:
        """Label of the smallest class that has rows (of several, the last)."""
        present = np.flatnonzero(self.counts > 0)
        if not present.size:
            raise DataError("ClassCounts: every class is empty, so none is the rarest.")
        smallest = present[self.counts[present] == self.counts[present].min()]
        return self.classes[smallest[-1]].item()

    @property
    def imbalance_ratio(self) -> float:
        """Largest over smallest count among the classes that have rows."""
        present = self.counts[self.counts > 0]
        return float(present.max() / present.min()) if present.size else float("nan")

    def effective_number(self, beta: float = 0.999) -> np.ndarray:
        """Effective number of rows, (1 - beta^n_c) / (1 - beta); Cui et al. (2019)."""
        if not 0 <= beta <= 1:
            raise ParameterError(f"ClassCounts: beta={beta!r} is not allowed; 0 <= beta <= 1.")
        if beta == 1:
            return self.counts.astype(float)
        return (1 - np.power(beta, self.counts)) / (1 - beta)

    def shots(self, *, many: int = 100, few: int = 20) -> dict[str, np.ndarray]:
        """Return the labels with more than ``many`` rows, fewer than ``few``, and between."""
        return {
            "many": self.classes[self.counts > many],
            "medium": self.classes[(self.counts <= many) & (self.counts >= few)],
            "few": self.classes[self.counts < few],
        }
