"""Multi-label data: how imbalanced the labels are, and the contract of the resamplers for it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError
from rarebird._params import check_params
from rarebird.tables.convert import Table, as_table
from rarebird.tables.plan import Explicit, Interpolated, Kept, Plan

from .base import Resampler

__all__ = ["MultilabelResampler", "cvir", "irlbl", "mean_ir", "scumble"]


def irlbl(Y: Any) -> np.ndarray:
    """Return the imbalance ratio of each label: rows of the most frequent one / rows of the label.

    Parameters
    ----------
    Y : array, sparse matrix, list of rows or data frame of shape (n, L)
        Label sets of 0 and 1.

    Returns
    -------
    ndarray of shape (L,)
        At least 1; NaN for a label without rows (Charte et al., 2015).

    Raises
    ------
    DataError
        If Y is no matrix of 0 and 1.

    Examples
    --------
    >>> irlbl([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]).tolist()
    [1.0, 2.0, nan]
    """
    return ratios(LabelSets(Y, "irlbl").matrix.sum(axis=0))


def mean_ir(Y: Any) -> float:
    """Return MeanIR, the mean of `irlbl` over the labels that have rows; NaN if there are none.

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> mean_ir([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]])
    1.5
    """
    found = irlbl(Y)
    found = found[~np.isnan(found)]
    return float(found.mean()) if len(found) else float("nan")


def cvir(Y: Any) -> float:
    """Return CVIR, the standard deviation of `irlbl` (over L - 1) / `mean_ir`.

    NaN if fewer than two labels have rows.

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> round(cvir([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]), 3)
    0.471
    """
    found = irlbl(Y)
    found = found[~np.isnan(found)]
    return float(found.std(ddof=1) / found.mean()) if len(found) > 1 else float("nan")


def scumble(Y: Any) -> float:
    """Return SCUMBLE, the mean over the rows of 1 - geometric / arithmetic mean of their IRLbl.

    The means are over the labels that a row has; a row without labels counts 0. In [0, 1): the
    larger, the more often frequent and rare labels come together, which resampling of whole rows
    cannot undo (Charte et al., 2014).

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> round(scumble([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]), 4)
    0.0286
    """
    matrix = LabelSets(Y, "scumble").matrix
    ratio = np.nan_to_num(ratios(matrix.sum(axis=0)), nan=1.0)
    size = np.maximum(matrix.sum(axis=1), 1)
    geometric = np.exp(matrix @ np.log(ratio) / size)
    arithmetic = np.where(matrix.any(axis=1), matrix @ ratio / size, 1.0)
    return float(np.mean(1 - geometric / arithmetic))


def ratios(counts: np.ndarray) -> np.ndarray:
    """Return the largest count / each count, NaN for a count of 0.

    Examples
    --------
    >>> ratios(np.array([4, 2, 0])).tolist()
    [1.0, 2.0, nan]
    """
    return np.max(counts) / np.where(counts > 0, counts, np.nan)


class LabelSets:
    """Label sets of any kind as truth values and back.

    Attributes
    ----------
    matrix : ndarray of bool of shape (n, L)
        Which row has which label.
    """

    def __init__(self, Y: Any, owner: str):
        shape = np.shape(Y) if isinstance(Y, (list, tuple)) else getattr(Y, "shape", ())
        if len(shape) != 2:
            raise DataError(
                f"{owner}: y must be label sets, a matrix of 0 and 1 of shape (n, L); got shape "
                f"{tuple(shape)}. For one label a row use RandomOverSampler, SMOTE and the like."
            )
        try:
            self.table = as_table(Y, owner)
            values = self.table.matrix()
        except DataError as error:
            raise DataError(f"{owner}: y must be label sets of 0 and 1. ({error})") from None
        values = values.toarray() if sparse.issparse(values) else values
        wrong = ~((values == 0) | (values == 1))
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise DataError(
                f"{owner}: y must be label sets of 0 and 1; row {row} has {values[row, column]} "
                f"for the label {self.table.name(column)}."
            )
        self.matrix = values == 1

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the label sets of the plan's rows as the kind of y that came in."""
        sources = tuple(self._source(source) for source in plan.sources)
        columns = tuple(range(self.matrix.shape[1]))
        out = self.table.build(Plan(sources, voted=columns, order=plan.order))
        if sparse.issparse(out):
            out = out.astype(self.table.matrix().dtype)
        pandas = all(type(kind).__module__.startswith("pandas") for kind in (out, X_new))
        return out.set_axis(X_new.index) if pandas else out

    def _source(self, source: Any) -> Any:
        """Return a source whose new rows take each label's 0 or 1 from a row that has it."""
        if isinstance(source, Kept):
            return source
        if self.table.is_sparse:
            rows = sparse.csr_array(source.labels.astype(self.table.matrix().dtype))
            return Explicit(rows, source.labels, source.parents)
        with_one, with_none = self.matrix.argmax(axis=0), (~self.matrix).argmax(axis=0)
        donors = np.where(source.labels, with_one, with_none)
        none = np.zeros(len(source))
        return Interpolated(source.base, source.base, none, source.labels, donors=donors)


@dataclass(frozen=True)
class Labelled:
    """What a multi-label method's hook works on.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n, d), or None
        The numbers; ``None`` where the method says that it reads none (``reads``).
    table : Table
        The input by columns.
    sets : LabelSets
        The labels; ``sets.matrix`` is of shape (n, L).
    ratio : ndarray of shape (L,)
        `irlbl` of the input.
    mean_ratio : float
        `mean_ir` of the input.
    """

    X: Any
    table: Table
    sets: LabelSets
    ratio: np.ndarray = field(repr=False)
    mean_ratio: float


class MultilabelResampler(Resampler):
    """Base of the resamplers of multi-label data; a subclass writes the hook `_plan`.

    The plan's new rows carry their label sets as ``labels`` of shape (n_new, L). There is no
    ``sampling_strategy``: which labels are rare is read off their ratios.
    """

    def _plan(self, data: Labelled) -> Plan:  # type: ignore[override]
        """Return the plan for checked data; must not change the data."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags

    def fit_resample(self, X: Any, y: Any, *, keep_index: bool = False, **aligned: Any) -> Any:
        """Return X and the label sets resampled, and after them every aligned array.

        Parameters
        ----------
        X : array, sparse matrix, list or data frame of shape (n, d)
            The same kind comes out, with its column names and types.
        y : array, sparse matrix, list of rows or data frame of shape (n, L)
            Label sets of 0 and 1; the same kind comes out.
        keep_index : bool, default=False
            Keep the pandas index of real rows, and label new rows, instead of numbering anew.
        **aligned : array-likes of n values or rows
            Weights, groups, costs and the like, as in `Resampler.fit_resample`.

        Returns
        -------
        tuple
            ``(X, y)``, or ``(X, y, *aligned)`` in the order given.

        Raises
        ------
        DataError
            If y is no matrix of 0 and 1, or X cannot be used.
        ParameterError
            If a parameter is outside its rule.
        """
        return super().fit_resample(X, y, keep_index=keep_index, **aligned)

    def _check(self, X: Any, y: Any) -> tuple[Any, Any]:
        owner = type(self).__name__
        check_params(owner, self.rules, self.get_params(deep=False))
        sets = LabelSets(y, owner)
        table = as_table(X, owner)
        if len(sets.matrix) != table.n_rows:
            raise DataError(
                f"{owner}: X and y have inconsistent numbers of samples, {table.n_rows} and "
                f"{len(sets.matrix)}."
            )
        counts = sets.matrix.sum(axis=0)
        if not counts.any():
            raise DataError(
                f"{owner}: no row has a label; of {len(counts)} labels all have 0 rows."
            )
        self._set_names(table)
        numbers = self._numbers(table, owner) if self.reads == "numbers" else None
        ratio = ratios(counts)
        return Labelled(numbers, table, sets, ratio, float(np.nanmean(ratio))), sets
