"""The contract of every resampler: checked data in, a plan out; one executor makes the rows."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.base import OneToOneFeatureMixin, clone

from rarebird._errors import DataError, ParameterError
from rarebird._params import check_params
from rarebird._random import as_legacy_rng, as_rng
from rarebird._typing import LabelsLike, TableLike
from rarebird.counts import ClassCounts
from rarebird.neighbors.backends import backend
from rarebird.tables.class_labels import ClassLabels
from rarebird.tables.columns import finite_numbers
from rarebird.tables.convert import as_table
from rarebird.tables.executor import execute
from rarebird.tables.plan import Plan
from rarebird.tables.table import Table
from rarebird.tables.target import Target

from .checked import Checked, Rows
from .parameters import AS_RESAMPLERS, Declared
from .targets import sampling_targets

__all__ = ["Resampler"]


class Resampler(OneToOneFeatureMixin, Declared):
    """Base of all resamplers; a subclass writes the hook `_plan`.

    Annotated class attributes are parameters (see `rarebird.resample.parameters`). Those without
    an annotation state what the method is: ``sampling_type`` (``"over"``, ``"under"``,
    ``"clean"``), ``reads`` (``"labels"``, ``"numbers"`` or ``"table"``), ``sparse_too``,
    ``missing_too``, ``mixed_too`` (its numbers are only searched by ``neighbors`` and interpolated:
    a backend that measures categories and missing values is enough for a table with such) and
    ``legacy_rng`` (draws with NumPy's legacy generator, for imbalanced-learn's rows). A card
    (`rarebird.registry`) says the rest.
    """

    _estimator_type = "sampler"
    sampling_type: ClassVar[str] = "over"
    reads: ClassVar[str] = "numbers"
    sparse_too: ClassVar[bool] = True
    missing_too: ClassVar[bool] = False
    mixed_too: ClassVar[bool] = False
    legacy_rng: ClassVar[bool] = False
    keeps_index: ClassVar[bool] = False
    texts: ClassVar[dict[str, str]] = {"raises": AS_RESAMPLERS}

    def _plan(self, data: Any) -> Plan:
        """Return the plan for checked data; must not change the data."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.target_tags.required = True
        tags.input_tags.sparse = self.sparse_too
        tags.input_tags.allow_nan = self._takes_missing() or self.reads == "labels"
        tags.input_tags.string = self.reads != "numbers"
        tags.input_tags.categorical = self.reads != "numbers"
        return tags

    def fit(self, X: TableLike, y: LabelsLike) -> "Resampler":
        """Check X of shape (n, d) and y of shape (n,), and set ``sampling_strategy_``.

        Raises
        ------
        DataError, ParameterError
            As `fit_resample`.
        """
        self._check(X, y)
        return self

    def plan(self, X: TableLike, y: LabelsLike) -> Plan:
        """Return which rows come out and how new ones arise; no row is made.

        Parameters
        ----------
        X, y
            As in `fit_resample`.

        Returns
        -------
        Plan
            Over the rows of X; `rarebird.tables.execute` carries it out. ``changes`` says whether
            it does anything.

        Raises
        ------
        DataError, ParameterError
            As `fit_resample`.
        """
        return self._run(self._check(X, y)[0])

    def fit_resample(
        self, X: TableLike, y: LabelsLike, *, keep_index: bool | None = None, **aligned: Any
    ) -> Any:
        """Return X and y resampled, and after them every aligned array.

        Parameters
        ----------
        X : array, sparse matrix, list or data frame of shape (n, d)
            The same kind comes out, with its column names and types.
        y : array, list, series or frame of shape (n,) or (n, 1), or one-hot of shape (n, C)
            Labels; the same kind comes out. Multi-label methods: label sets of 0 and 1, shape
            (n, L).
        keep_index : bool or None, default=None
            Keep the pandas index of real rows and label new ones, or number all rows. ``None``
            does as imbalanced-learn: RandomUnderSampler keeps the index, all others number.
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
        return self._resample(self._check(X, y), keep_index, aligned)

    def partial_fit_resample(
        self, X: TableLike, y: LabelsLike, *, keep_index: bool | None = None, **aligned: Any
    ) -> Any:
        """Return the next batch of a stream, resampled.

        Each batch is resampled by itself, as by `fit_resample`, and random draws go on where the
        last batch ended. `fit`, `plan` and `fit_resample` end the stream.

        Parameters
        ----------
        X, y, keep_index, **aligned
            As in `fit_resample`.

        Returns
        -------
        tuple
            ``(X, y)``, or ``(X, y, *aligned)`` in the order given.

        Raises
        ------
        DataError
            If the batch has another number of columns than those before, and as `fit_resample`.
        ParameterError
            If a parameter is outside its rule.
        """
        return self._resample(self._check(X, y, streaming=True), keep_index, aligned)

    def _resample(self, checked: tuple[Any, ...], keep_index: bool | None, aligned: Any) -> Any:
        data, target = checked
        return execute(
            self._run(data),
            data.table,
            target,
            aligned,
            owner=type(self).__name__,
            keep_index=self.keeps_index if keep_index is None else keep_index,
        )

    def _run(self, data: Any) -> Plan:
        """Return the plan for checked data, with what its reader should know, and remember it."""
        plan = self._plan(data)
        notes = dict(plan.notes)
        if getattr(self, "neighbors", None) is not None:
            rough = getattr(backend(self.neighbors), "approximate", False)
            notes["neighbors"] = f"{self.neighbors}" + (" (approximate)" if rough else "")
        self.plan_ = replace(plan, notes=notes, n_rows=data.table.n_rows)
        return self.plan_

    def _check(self, X: TableLike, y: LabelsLike, *, streaming: bool = False) -> tuple[Any, Target]:
        """Return what the hook works on, and the target, after every check."""
        owner = type(self).__name__
        check_params(owner, self.rules, self.get_params(deep=False))
        if not streaming:
            self.__dict__.pop("stream_rng_", None)
        target = self._target(y)
        table = as_table(X, owner)
        if target.n_rows != table.n_rows:
            raise DataError(
                f"{owner}: X and y have inconsistent numbers of samples, {table.n_rows} and "
                f"{target.n_rows}."
            )
        if table.is_sparse and not self.sparse_too:
            raise DataError(
                f"{owner}: a sparse matrix was passed, but dense data are required. Use "
                "X.toarray() if it fits into memory."
            )
        before = self.n_features_in_ if "stream_rng_" in vars(self) else table.n_columns
        if before != table.n_columns:
            raise DataError(
                f"{owner}: this batch has {table.n_columns} columns, the stream so far had "
                f"{before}. Give a new sampler to a new stream."
            )
        self._set_names(table)
        start = self._starter()
        if streaming:
            self.stream_rng_ = vars(self).get("stream_rng_") or start()
            start = partial(getattr, self, "stream_rng_")
        targets = self._targets(target, streaming=streaming)
        return self._data(table, target, start, targets), target

    def _target(self, y: LabelsLike) -> Target:
        """Return the adapter for y."""
        return ClassLabels(y, type(self).__name__)

    def _targets(self, target: Any, *, streaming: bool) -> dict[int, int]:
        """Return the rows to add to, or to keep of, each targeted class code."""
        if not hasattr(self, "sampling_strategy"):
            return {}
        found: Any = sampling_targets(
            self.sampling_strategy,
            target.flat,
            self.sampling_type,
            counts=ClassCounts(target.counts, target.classes),
            owner=type(self).__name__,
        )
        self.sampling_strategy_ = found
        code_of = {label: code for code, label in enumerate(target.classes)}
        return {code_of[label]: n for label, n in found.items()}

    def _data(
        self, table: Table, target: Any, start: Callable[[], Any], targets: dict[int, int]
    ) -> Rows:
        """Return what the hook works on."""
        return Checked(
            X=self._numbers(table),
            table=table,
            start=start,
            codes=target.codes,
            classes=target.classes,
            counts=target.counts,
            targets=targets,
        )

    def _numbers(self, table: Table) -> Any:
        """Return the table's numbers, where the method reads them."""
        if self.reads != "numbers":
            return None
        return finite_numbers(table, type(self).__name__, missing_too=self._takes_missing())

    def _takes_missing(self) -> bool:
        """Say whether values may be missing: a search object of the user's measures what it can."""
        own = getattr(self, "neighbors", None)
        return self.missing_too or (self.mixed_too and hasattr(own, "kneighbors"))

    def _for_mixed(self, categorical: list[int]) -> "Resampler":
        """Return a copy for numbers of which some are missing, or are codes of these categories.

        Raises
        ------
        ParameterError
            If the method can do nothing with such a table.
        """
        known = self.get_params(deep=False)
        if self.reads == "labels":
            return clone(self)
        if "categorical_features" in known:
            return clone(self).set_params(categorical_features=categorical or "auto")
        if not self.mixed_too:
            raise ParameterError(
                f"{type(self).__name__} takes no table with categories or missing values. Encode "
                "and fill them first, or use SMOTE, BorderlineSMOTE, SMOTEENN or TomekLinks."
            )
        from rarebird.neighbors.mixed_backend import MixedNeighbors

        return clone(self).set_params(neighbors=MixedNeighbors(categorical=tuple(categorical)))

    def _refusal(self, data: Checked, code: int, text: str) -> DataError:
        """Return the error that names the sampler, a class and its rows, and what is wrong."""
        return DataError(f"{type(self).__name__}: class {data.name(code)} {text}")

    def _starter(self) -> Callable[[], Any]:
        """Return a function that returns the generator at its start."""
        given = getattr(self, "random_state", None)
        make = as_legacy_rng if self.legacy_rng else as_rng
        if isinstance(given, (int, np.integer)):
            seed = int(given)
            return lambda: make(seed)
        rng = make(given)
        return lambda: rng

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
