"""The rare cases as small tables, one named function each; the same rows each time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rare:
    """A rare case: rows to fit on, rows to predict, and every label the case is about."""

    name: str
    X: np.ndarray
    y: np.ndarray
    X_new: np.ndarray
    classes: np.ndarray  # some may have no rows
    categorical: tuple[int, ...] = ()

    @property
    def codes(self) -> np.ndarray:
        """Labels as places in ``classes``."""
        place = {label: code for code, label in enumerate(self.classes.tolist())}
        return np.array([place[label] for label in self.y.tolist()])

    @property
    def proba(self) -> np.ndarray:
        """Probabilities of shape (n, n_classes) that know something about ``y``, with ties."""
        rng = np.random.default_rng(7)
        noise = rng.dirichlet(np.full(len(self.classes), 2.0), len(self.y))
        own = np.eye(len(self.classes))[self.codes]
        proba = np.round(0.6 * noise + 0.4 * own, 2) + 1e-3
        return proba / proba.sum(axis=1, keepdims=True)


def _table(counts: list[int], d: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return Gaussian classes, shuffled so that no class comes in one block."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), d)) + y[:, None], y


def _case(name: str, X: np.ndarray, y: np.ndarray, classes, **more) -> Rare:
    X_new = more.pop("X_new", None)
    if X_new is None:
        X_new = np.concatenate([X[:15], X[:5] + 0.5])
    return Rare(name, X, y, X_new, np.asarray(classes), **more)


def class_absent() -> Rare:
    """Of the classes 0, 1 and 2 the second has no rows."""
    X, y = _table([60, 0, 40])
    return _case("class_absent", X, y, [0, 1, 2])


def one_row() -> Rare:
    """One row of class 1 among 60."""
    X, y = _table([59, 1])
    return _case("one_row", X, y, [0, 1])


def seven_rows() -> Rare:
    """Seven rows of class 1 among 80."""
    X, y = _table([73, 7])
    return _case("seven_rows", X, y, [0, 1])


def single_class() -> Rare:
    """Every row is of class 0."""
    X, y = _table([40, 0])
    return _case("single_class", X, y, [0, 1])


def one_in_10k() -> Rare:
    """Two rows of class 1 and 20,000 of class 0."""
    X, y = _table([20_000, 2], d=2)
    return _case("one_in_10k", X, y, [0, 1])


def string_labels() -> Rare:
    """Three classes with names of different lengths, in alphabetical order."""
    X, y = _table([60, 25, 12])
    names = np.array(["commonplace", "rare", "very rare"])
    return _case("string_labels", X, names[y], names)


def negative_labels() -> Rare:
    """Labels -7, 3 and 100."""
    X, y = _table([60, 25, 12])
    names = np.array([-7, 3, 100])
    return _case("negative_labels", X, names[y], names)


def duplicate_rows() -> Rare:
    """Thirty different rows, each there four times."""
    X, y = _table([24, 6])
    return _case("duplicate_rows", np.tile(X, (4, 1)), np.tile(y, 4), [0, 1])


def tied_distances() -> Rare:
    """A grid of whole numbers: every distance and every split is tied."""
    X = np.array([[i, j] for i in range(10) for j in range(10)], dtype=float)
    return _case("tied_distances", X, (X.sum(axis=1) > 13).astype(int), [0, 1])


def constant_column() -> Rare:
    """One column never changes, one is constant up to rounding."""
    X, y = _table([70, 20])
    X[:, 1] = 5.0
    X[:, 2] = 1e8 * (1 + 1e-16 * np.arange(len(y)))
    return _case("constant_column", X, y, [0, 1])


def missing_values() -> Rare:
    """A quarter of the values is missing, and one column wholly."""
    X, y = _table([70, 20], d=4)
    X[np.random.default_rng(1).random(X.shape) < 0.25] = np.nan
    X[:, 3] = np.nan
    return _case("missing_values", X, y, [0, 1])


def unseen_categories() -> Rare:
    """A column of category codes; the new rows hold codes that training never saw."""
    X, y = _table([70, 20])
    X[:, 0] = np.arange(len(y)) % 3
    X_new = X[:12].copy()
    X_new[:, 0] = np.repeat([0.0, 3.0, 17.0, np.nan], 3)
    return _case("unseen_categories", X, y, [0, 1], categorical=(0,), X_new=X_new)


RARE: dict[str, Callable[[], Rare]] = {
    make.__name__: make
    for make in (
        class_absent,
        one_row,
        seven_rows,
        single_class,
        one_in_10k,
        string_labels,
        negative_labels,
        duplicate_rows,
        tied_distances,
        constant_column,
        missing_values,
        unseen_categories,
    )
}
