"""MLSMOTE: new rows between rows of a rare label, with label sets and categories by vote."""

from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError
from rarebird.registry import register
from rarebird.tables.columns import finite_numbers, read_columns, split_columns
from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows, Explicit, Interpolated

from .multilabel import FOR_LABEL_SETS, Labelled, MultilabelResampler
from .parameters import Backend, Columns, Positive
from .searches import fitted_search
from .votes import lowest_leader


def rank_labels(Y: np.ndarray, rows: np.ndarray, neighbors: np.ndarray) -> np.ndarray:
    """Return the label set of each new row: labels that more than half of row and neighbours have.

    ``Y`` (n, L) holds the label sets, ``rows`` (m,) the base rows, ``neighbors`` (m, k) theirs.

    Examples
    --------
    >>> Y = np.array([[1, 0, 1], [1, 1, 0], [0, 1, 0]]) == 1
    >>> rank_labels(Y, np.array([0]), np.array([[1, 2]])).astype(int).tolist()
    [[1, 1, 0]]
    """
    counts = Y[rows].astype(int)
    for near in neighbors.T:
        counts += Y[near]
    return 2 * counts > neighbors.shape[1] + 1


def label_shares(codes: np.ndarray, has_label: np.ndarray) -> np.ndarray:
    """Return sqrt(2) P(label | category) for each value: their distances are the VDM's.

    The VDM of two categories is sqrt(sum_c (P(c | a) - P(c | b))^2) over c: label or not. In
    ``codes`` (n, v) a missing category, -1, is one of its own.

    Examples
    --------
    >>> shares = label_shares(np.array([[0], [0], [1]]), np.array([True, False, True]))
    >>> (shares / 2**0.5).round(2).ravel().tolist()
    [0.5, 0.5, 1.0]
    """
    shares = np.empty(codes.shape)
    for j, column in enumerate(codes.T + 1):
        totals = np.maximum(np.bincount(column), 1)
        shares[:, j] = (np.bincount(column, has_label) / totals)[column]
    return np.sqrt(2) * shares


def _sparse_between(
    rng: np.random.Generator, X: Any, base: np.ndarray, other: np.ndarray
) -> sparse.csr_array:
    """Return x_j + u_j (x'_j - x_j) of sparse rows, a u_j ~ U(0, 1) for each stored difference.

    Examples
    --------
    >>> X = sparse.csr_array([[1.0, 0.0, 4.0], [1.0, 0.0, 0.0]])
    >>> one = np.array([0])
    >>> _sparse_between(np.random.default_rng(0), X, one, one + 1).toarray().round(2).tolist()
    [[1.0, 0.0, 1.45]]
    """
    start = sparse.csr_array(X[base]).astype(float)
    difference = sparse.csr_array(X[other] - start)
    difference.eliminate_zeros()
    difference.data *= rng.uniform(size=len(difference.data))
    return start + difference


@register(
    name="mlsmote",
    **FOR_LABEL_SETS,
    summary="New rows between rows of a rare label; label sets and categories by vote.",
    evidence="slow reference",
    rare_cases="a label of fewer rows than k_neighbors takes all others; one of a single row "
    "repeats it; a label without rows is left out",
    example={"random_state": 0},
    papers=("Charte2015b",),
)
class MLSMOTE(MultilabelResampler):
    """Over-samples multi-label data with new rows between rows of a rare label.

    For each label with IRLbl > MeanIR (`irlbl`, `mean_ir`) and each of its rows x, one new row:
    numbers x_j + u_j (x'_j - x_j), u_j ~ U(0, 1) for each column, x' one of the k nearest rows of
    the label; categories: the most frequent of these k; labels: those of more than half of x and
    the k (Charte et al., 2015).

    Parameters
    ----------
    k_neighbors : int, default=5
        Neighbours. This and the voting are the paper's.

    Raises
    ------
    DataError
        If y is no matrix of 0 and 1, no row has a label, or a number is missing in X.
    ParameterError
        If a parameter is outside its rule, or names no column.

    Notes
    -----
    O(n_l^2 d) for each rare label of n_l rows. As many rows are added as the rare labels have,
    which the method decides. Ratios, rows and neighbours are those of the input, as in the package
    of the authors' group; read literally, the paper's listing adds the new rows between labels.
    Distances: Euclid over the numbers and the label's VDM over the categories; of the tied most
    frequent categories the first in order is taken.

    References
    ----------
    .. [Charte2015b] Charte, F.; Rivera, A. J.; del Jesus, M. J.; Herrera, F. MLSMOTE: approaching
       imbalanced multilabel learning through synthetic instance generation. Knowledge-Based Systems
       89, 2015.

    Examples
    --------
    >>> X = np.array([[0.0], [1], [2], [3], [4], [5], [9], [10], [11]])
    >>> Y = np.array([[1, 0]] * 6 + [[0, 1], [1, 1], [0, 1]])
    >>> X_new, Y_new = MLSMOTE(k_neighbors=2, random_state=0).fit_resample(X, Y)
    >>> X_new[9:].round(2).ravel().tolist(), Y_new[9:].tolist()
    ([9.08, 9.98, 9.37], [[0, 1], [0, 1], [0, 1]])
    """

    reads = "table"
    k_neighbors: Positive = 5
    random_state: Any = None
    categorical_features: Columns = "auto"
    neighbors: Backend = None

    def _plan(self, data: Labelled) -> Plan:
        X, codes, voted = self._columns(data)
        sources: list[Any] = [AllRows(data.table.n_rows)]
        for label in np.flatnonzero(data.ratio > data.mean_ratio):
            members = np.flatnonzero(data.sets[:, label])
            near = members[self._near(X, codes, data.sets[:, label])]
            column = data.rng.integers(near.shape[1], size=len(members))
            other = near[np.arange(len(members)), column]
            y = rank_labels(data.sets, members, near)
            if sparse.issparse(X):
                rows = _sparse_between(data.rng, X, members, other)
                sources.append(Explicit(rows, np.column_stack([members, other]), y))
                continue
            steps = data.rng.uniform(size=(len(members), 1, X.shape[1]))
            chosen = [lowest_leader(column[near])[:, None] for column in codes.T]
            donors = [np.take_along_axis(near, voter, axis=1) for voter in chosen]
            given = np.column_stack(donors) if voted else None
            sources.append(Interpolated(members, other[:, None], steps, y, donors=given))
        return Plan(tuple(sources), voted=tuple(voted))

    def _columns(self, data: Labelled) -> tuple[Any, np.ndarray, list[int]]:
        """Return the numbers, the categories' codes and the categories' columns."""
        owner, table = type(self).__name__, data.table
        numeric, voted = split_columns(table, self.categorical_features, owner)
        if table.is_sparse:
            if voted:
                raise ParameterError(
                    f"{owner}: categorical_features={self.categorical_features!r} is not allowed "
                    "for a sparse table; give X.toarray() if it fits into memory."
                )
            return finite_numbers(table, owner), np.empty((table.n_rows, 0), int), voted
        X, codes = read_columns(table, numeric, voted, owner)
        missing = np.isnan(X).any(axis=0) if X.dtype.kind == "f" else np.zeros(0, dtype=bool)
        if missing.any():
            raise DataError(
                f"{owner}: X contains NaN, in column {table.name(numeric[missing.argmax()])}. Fill "
                "the missing values (SimpleImputer, say), or use MLROS or MLRUS, which take them "
                "as they are."
            )
        return X, codes, voted

    def _near(self, X: Any, codes: np.ndarray, has_label: np.ndarray) -> np.ndarray:
        """Return the positions of the k nearest of each row of a label among its rows."""
        rows = X[has_label]
        if codes.shape[1]:
            rows = np.column_stack([rows, label_shares(codes, has_label)[has_label]])
        k = min(self.k_neighbors, rows.shape[0] - 1)
        if k == 0:
            return np.zeros((1, 1), dtype=np.intp)  # its only row, repeated
        return fitted_search(self, rows, k).kneighbors(rows, return_distance=False)[:, 1:]
