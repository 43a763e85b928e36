"""The contract of every resampler: checked data in, a plan out; one executor makes the rows."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, clone

from rarebird._errors import DataError, ParameterError, format_label
from rarebird._params import Instance, Int, OneOf, Rule, check_params
from rarebird.counts import ClassCounts
from rarebird.neighbors.backends import backend
from rarebird.tables.aligned import resample_aligned
from rarebird.tables.convert import Table, as_table
from rarebird.tables.labels import as_labels
from rarebird.tables.plan import Plan
from rarebird.tables.table import is_pandas

from .targets import sampling_targets

__all__ = ["Resampler"]

NeighborsRule = OneOf(
    Int(min=1), Instance("a neighbours object with fit and kneighbors", methods=("kneighbors",))
)
BackendRule = OneOf(
    None, Instance("a backend's name", types=(str,)), Instance("a backend", methods=("kneighbors",))
)


@dataclass(frozen=True)
class Checked:
    """What a method's hook works on.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n, d), or None
        The numbers; ``None`` where the method says that it reads none (``reads``).
    table : Table
        The input by columns, for methods that read categories.
    codes : ndarray of shape (n,)
        Class codes 0 .. C-1, in the order of the sorted labels.
    classes : ndarray of shape (C,)
        The labels.
    targets : dict of int to int
        For each targeted class code, in order: rows to add (over) or to keep (under).
    counts : ndarray of shape (C,)
        Rows of each class.
    """

    X: Any
    table: Table
    codes: np.ndarray
    classes: np.ndarray
    targets: dict[int, int]
    counts: np.ndarray = field(repr=False)

    def rows_of(self, code: int) -> np.ndarray:
        """Return the rows of a class, in order."""
        return np.flatnonzero(self.codes == code)

    def name(self, code: int) -> str:
        """Return a class and its row count for messages, such as ``'yes' (7 rows)``."""
        n = int(self.counts[code])
        return f"{format_label(self.classes[code])} ({n} row{'s' if n != 1 else ''})"


class Resampler(OneToOneFeatureMixin, BaseEstimator):
    """Base of all resamplers; a subclass writes the hook `_plan`.

    Class attributes state what the method is: ``kind`` (``"over"``, ``"under"``, ``"clean"``),
    ``reads`` (``"baseline"``, ``"numbers"`` or ``"table"``), ``sparse_too``, ``missing_too`` and
    ``rules``. A card (`rarebird.registry`) says the rest.
    """

    _estimator_type = "sampler"
    kind: ClassVar[str] = "over"
    reads: ClassVar[str] = "numbers"
    sparse_too: ClassVar[bool] = True
    missing_too: ClassVar[bool] = False
    keeps_index: ClassVar[bool] = False
    rules: ClassVar[dict[str, Rule]] = {}

    def _plan(self, data: Checked) -> Plan:
        """Return the plan for checked data; must not change the data."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.target_tags.required = True
        tags.input_tags.sparse = self.sparse_too
        tags.input_tags.allow_nan = self.missing_too or self.reads == "baseline"
        tags.input_tags.string = self.reads != "numbers"
        tags.input_tags.categorical = self.reads != "numbers"
        return tags

    def fit(self, X: Any, y: Any) -> "Resampler":
        """Check X of shape (n, d) and y of shape (n,), and set ``sampling_strategy_``.

        Raises
        ------
        DataError, ParameterError
            As `fit_resample`.
        """
        self._check(X, y)
        return self

    def fit_resample(
        self, X: Any, y: Any, *, keep_index: bool | None = None, **aligned: Any
    ) -> Any:
        """Return X and y resampled, and after them every aligned array.

        Parameters
        ----------
        X : array, sparse matrix, list or data frame of shape (n, d)
            The same kind comes out, with its column names and types.
        y : array, list, series or frame of shape (n,) or (n, 1), or one-hot of shape (n, C)
            Labels; the same kind comes out.
        keep_index : bool or None, default=None
            Keep the pandas index of real rows and label new ones, or number anew. ``None`` does
            as imbalanced-learn: RandomUnderSampler keeps the index, all others number anew.
        **aligned : array-likes of n values or rows
            Weights, groups, costs and the like. A kept row keeps its own. A new row takes a float
            array's value interpolated as the row itself was, within its parents' range, and its
            base row's value of anything else.

        Returns
        -------
        tuple
            ``(X, y)``, or ``(X, y, *aligned)`` in the order given.

        Raises
        ------
        DataError
            If the data cannot be used: one class only, values that are missing or no numbers
            where the method needs them, a class too small, arrays of different lengths.
        ParameterError
            If a parameter is outside its rule.
        """
        data, labels = self._check(X, y)
        plan = self._plan(data)
        if getattr(self, "neighbors", None) is not None:
            rough = getattr(backend(self.neighbors), "approximate", False)
            search = f"{self.neighbors}" + (" (approximate)" if rough else "")
            plan = replace(plan, notes={**plan.notes, "neighbors": search})
        self.plan_ = plan
        keep = self.keeps_index if keep_index is None else keep_index
        X_new = data.table.build(plan, keep_index=keep)
        y_new = labels.build(plan, X_new)
        if not aligned:
            return X_new, y_new
        owner = type(self).__name__
        index = X_new.index if is_pandas(X_new) else None
        n = data.table.n_rows
        rest = (resample_aligned(v, plan, n, k, owner, index) for k, v in aligned.items())
        return (X_new, y_new, *rest)

    def _check(self, X: Any, y: Any) -> tuple[Checked, Any]:
        owner = type(self).__name__
        check_params(owner, self.rules, self.get_params(deep=False))
        if isinstance(getattr(self, "random_state", None), np.random.Generator):
            raise ParameterError(
                f"{owner}: random_state is a NumPy generator, which cannot give imbalanced-learn's "
                "rows; give a whole number, a RandomState or None."
            )
        labels = as_labels(y, owner)
        table = as_table(X, owner)
        if len(labels.codes) != table.n_rows:
            raise DataError(
                f"{owner}: X and y have inconsistent numbers of samples, {table.n_rows} and "
                f"{len(labels.codes)}."
            )
        if table.is_sparse and not self.sparse_too:
            raise DataError(
                f"{owner}: a sparse matrix was passed, but dense data are required. Use "
                "X.toarray() if it fits into memory."
            )
        self._set_names(table)
        if hasattr(self, "sampling_strategy"):
            aims = sampling_targets(
                self.sampling_strategy,
                labels.flat,
                type(self).kind,
                counts=ClassCounts(labels.counts, labels.classes),
                owner=owner,
            )
            place = {label: code for code, label in enumerate(labels.classes)}
            targets = OrderedDict((place[c], n) for c, n in aims.items())
            self.sampling_strategy_ = aims
        else:
            targets = OrderedDict()
        numbers = self._numbers(table, owner) if self.reads == "numbers" else None
        data = Checked(numbers, table, labels.codes, labels.classes, targets, labels.counts)
        return data, labels

    def _set_names(self, table: Table) -> None:
        self.n_features_in_ = table.n_columns
        if table.names is not None and all(isinstance(name, str) for name in table.names):
            self.feature_names_in_ = np.array(table.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _numbers(self, table: Table, owner: str, *, missing_too: bool | None = None) -> Any:
        """Return the table's numbers, finite; gaps where the method, or the caller, takes them."""
        missing_too = self.missing_too if missing_too is None else missing_too
        X = table.matrix()
        values = X.data if sparse.issparse(X) else X
        if values.dtype.kind == "f" and not np.isfinite(values.sum(dtype=float)):
            if np.isinf(values).any():
                raise DataError(f"{owner}: X contains infinity; replace it by a number.")
            if np.isnan(values).any() and not missing_too:
                place = "" if sparse.issparse(X) else self._where(X, table)
                raise DataError(
                    f"{owner}: X contains NaN{place}. Fill the gaps (SimpleImputer, say), or use "
                    "SMOTE, RandomOverSampler or RandomUnderSampler, which take them as they are."
                )
        return X

    @staticmethod
    def _where(X: np.ndarray, table: Table) -> str:
        gaps = np.isnan(X).sum(axis=0)
        worst = int(np.argmax(gaps))
        return f", {gaps.sum()} in all, {gaps[worst]} of them in column {table.name(worst)}"

    def _neighbors(self, X: Any, wanted: Any, *, extra: int = 1) -> Any:
        """Return a neighbour search fitted on X that finds ``wanted + extra`` rows by default."""
        if not isinstance(wanted, (int, np.integer)):
            return clone(wanted).fit(X)
        k = int(wanted) + extra
        name = getattr(self, "neighbors", None) or "exact"
        search = backend(name, k, n_jobs=getattr(self, "n_jobs", None))
        return (search if isinstance(name, str) else clone(search).set_params(n_neighbors=k)).fit(X)

    @property
    def sample_indices_(self) -> np.ndarray:
        """Input row of each output row: itself, or the base row of a new one; shape (n_out,)."""
        return self._planned().base

    @property
    def parents_(self) -> np.ndarray:
        """Input rows each output row was made of, shape (n_out, p), filled up with -1."""
        return self._planned().parents

    @property
    def is_synthetic_(self) -> np.ndarray:
        """Whether an output row is new, shape (n_out,)."""
        return self._planned().is_synthetic

    def _planned(self) -> Plan:
        if "plan_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has not resampled yet; call fit_resample.")
        return self.plan_


def too_few(owner: str, who: str, n: int, parameter: str, k: int, *, way_out: str) -> DataError:
    """Return the error for a class with too few rows for its neighbours."""
    less = f"{parameter}<={n - 1}, or " if n > 1 else ""
    return DataError(
        f"{owner}: class {who} is too small: {parameter}={k} needs at least {k + 1} rows "
        f"(Expected n_neighbors <= n_samples_fit, but n_neighbors = {k + 1}, n_samples_fit = {n}). "
        f"Use {less}{way_out}."
    )
