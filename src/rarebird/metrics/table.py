"""The metrics by name: one row of a table each, for two classes and for many."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, suggest
from rarebird.registry import register

from . import _checks
from . import cells as cm
from . import functions as fn

__all__ = ["Metric", "cost_metric", "get_metric", "metric_names", "per_class"]

MACRO = "macro, one against the rest"


@dataclass(frozen=True)
class Metric:
    """A metric that knows what it needs, which direction is good and what it is called.

    ``metric(y, output)`` takes class codes 0..C-1 and, by ``needs``, predicted codes (``"labels"``)
    or scores or probabilities of shape (n, C); for two classes (n,) is the score of class 1.

    Parameters
    ----------
    name : str
        The name on the command line.
    fn : callable
        For ``"labels"``: of the arrays tp, fp, fn, tn if ``per_class``, else of confusion matrices
        (..., C, C). For the others: of (y, output, sample_weight=), two classes if ``per_class``.
    greater_is_better : bool
        The good direction.
    needs : {"labels", "scores", "probabilities"}
        What the output must hold.
    objective : {"ranking", "probability", "decision"}
        What it is a measure of.
    title : str
        The name in a sentence.
    per_class : bool
        Whether more than two classes are averaged, one against the rest, over the classes that
        have rows.
    averaging : str
        What happens with more than two classes, in words.
    tasks : tuple of str
        Of ``"binary"`` and ``"multiclass"``.

    Examples
    --------
    >>> get_metric("f1")([0, 0, 1, 1], [0, 1, 1, 1])
    0.8
    >>> get_metric("ap")([0, 1, 2], [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]])
    1.0
    """

    name: str
    fn: Callable[..., Any]
    greater_is_better: bool
    needs: str
    objective: str
    title: str
    per_class: bool = True
    averaging: str = MACRO
    tasks: tuple[str, ...] = ("binary", "multiclass")

    def __call__(
        self, y: Any, output: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the metric's value; nan where it needs a class that has no rows.

        Parameters
        ----------
        y : array-like of shape (n,)
            Class codes.
        output : array-like of shape (n,) or (n, C)
            See the class.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        n_classes : int, optional
            C; by default from the columns, or from the largest code.

        Raises
        ------
        DataError
            If y or output is not what the metric needs.
        """
        if self.needs == "labels":
            matrix = cm.confusion(y, self._labels(output), n_classes, sample_weight)
            return float(self.from_confusion(matrix))
        y = _checks.codes(self.title, "y", y)
        if self.needs == "probabilities":
            output = _checks.probabilities(self.title, output, len(y))
            y = _checks.codes(self.title, "y", y, output.shape[1])
            return float(self.fn(y, output, sample_weight=sample_weight))
        columns = _columns(self.title, y, output, n_classes)
        y = _checks.codes(self.title, "y", y, max(2, len(columns)))
        if len(columns) == 1:
            return float(self.fn(y, columns[0], sample_weight=sample_weight))
        rows = np.bincount(y, weights=sample_weight, minlength=len(columns))
        present = np.flatnonzero(rows > 0)
        values = [self.fn(y == c, columns[c], sample_weight=sample_weight) for c in present]
        values = [v for v in values if not np.isnan(v)]
        return float(np.mean(values)) if values else float("nan")

    def from_confusion(self, matrix: Any) -> np.ndarray:
        """Return the values of a ``"labels"`` metric for confusion matrices of shape (..., C, C).

        Raises
        ------
        ParameterError
            If the metric needs scores.
        """
        if self.needs != "labels":
            raise ParameterError(f"{self.name} needs {self.needs}, not a confusion matrix.")
        matrix = np.asarray(matrix, float)
        if not self.per_class:
            return self.fn(matrix)
        cells = cm.one_against_rest(matrix)
        values = self.fn(*cells)
        if matrix.shape[-1] == 2:
            return values[..., 1]
        present = (cells[0] + cells[2] > 0) & ~np.isnan(values)
        return cm.ratio(np.where(present, values, 0).sum(-1), present.sum(-1), np.nan)

    def from_cells(self, tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
        """Return the values of a ``"labels"`` metric of two classes, one for each set of counts.

        Raises
        ------
        ParameterError
            If the metric needs scores.

        Examples
        --------
        >>> get_metric("recall").from_cells([0, 1, 2], [0, 0, 3], [2, 1, 0], [5, 5, 2])
        array([0. , 0.5, 1. ])
        """
        if self.needs == "labels" and self.per_class:
            return self.fn(*(np.asarray(x, float) for x in (tp, fp, fn, tn)))
        return self.from_confusion(cm.matrix_of_cells(tp, fp, fn, tn))

    def _labels(self, output: Any) -> Any:
        if np.ndim(output) != 1:
            raise DataError(
                f"{self.title}: needs predicted labels of shape (n,), and the output has shape "
                f"{np.shape(output)}; decide first (argmax, or a threshold)."
            )
        return output


def _columns(who: str, y: np.ndarray, output: Any, n_classes: int | None) -> list[np.ndarray]:
    """Return one score column for two classes (that of class 1), else one for each class."""
    s = _checks.scores(who, output, len(y))
    if n_classes is not None and s.ndim == 2 and s.shape[1] != n_classes:
        raise DataError(f"{who}: the output has {s.shape[1]} columns for {n_classes} classes.")
    if s.ndim == 1 and n_classes not in (None, 2):
        raise DataError(
            f"{who}: {n_classes} classes need one score column each; got shape {s.shape}."
        )
    if s.ndim == 1 or s.shape[1] == 1:
        return [s.reshape(-1)]
    return [s[:, 1]] if s.shape[1] == 2 else list(s.T)


def per_class(
    metric: Metric,
    y: Any,
    output: Any,
    *,
    sample_weight: Any = None,
    n_classes: int | None = None,
) -> np.ndarray:
    """Return the metric of every class against the rest, shape (C,); nan for a class with no rows.

    Parameters
    ----------
    metric : Metric
        From `get_metric`.
    y, output, sample_weight, n_classes
        As for the metric itself.

    Raises
    ------
    DataError
        If y or output is not what the metric needs.

    Notes
    -----
    C times the cost of the metric.

    Examples
    --------
    >>> per_class(get_metric("recall"), [0, 0, 0, 1], [0, 0, 1, 1]).round(3)
    array([0.667, 1.   ])
    """
    y = _checks.codes(metric.title, "y", y)
    if metric.needs == "labels":
        output = _checks.codes(metric.title, "output", metric._labels(output), n_classes)
        count = n_classes or int(max(y.max(initial=1), output.max(initial=1))) + 1
        columns = [output == c for c in range(count)]
    elif metric.needs == "probabilities":
        columns = list(_checks.probabilities(metric.title, output, len(y)).T)
    else:
        columns = _columns(metric.title, y, output, n_classes)
        if len(columns) == 1:
            columns = [-columns[0], columns[0]]
    y = _checks.codes(metric.title, "y", y, len(columns))
    rows = np.bincount(y, weights=sample_weight, minlength=len(columns))
    return np.array(
        [
            metric(y == c, column, sample_weight=sample_weight) if rows[c] > 0 else np.nan
            for c, column in enumerate(columns)
        ]
    )


# name, title, needs, objective, greater is better, per class, function, evidence, paper
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("ap", "average precision", "scores", "ranking", True, True,
     fn.average_precision, "scikit-learn 1.9: equal values", "Davis2006"),
    ("roc-auc", "ROC AUC", "scores", "ranking", True, True,
     fn.roc_auc, "scikit-learn 1.9: equal values", "Mann1947"),
    ("brier", "Brier score", "probabilities", "probability", False, False,
     fn.brier, "scikit-learn 1.9: equal values", "Brier1950"),
    ("logloss", "log loss", "probabilities", "probability", False, False,
     fn.log_loss, "scikit-learn 1.9: equal values", "Good1952"),
    ("balanced-accuracy", "balanced accuracy", "labels", "decision", True, False,
     cm.balanced_accuracy_of_matrix, "scikit-learn 1.9: equal values", ""),
    ("f1", "F1", "labels", "decision", True, True,
     partial(cm.f_beta_of_cells, beta=1.0), "scikit-learn 1.9: equal values", "vanRijsbergen1979"),
    ("f2", "F2", "labels", "decision", True, True,
     partial(cm.f_beta_of_cells, beta=2.0), "scikit-learn 1.9: equal values", "vanRijsbergen1979"),
    ("f0.5", "F0.5", "labels", "decision", True, True,
     partial(cm.f_beta_of_cells, beta=0.5), "scikit-learn 1.9: equal values", "vanRijsbergen1979"),
    ("mcc", "Matthews correlation", "labels", "decision", True, False,
     cm.mcc_of_matrix, "scikit-learn 1.9: equal values", "Gorodkin2004"),
    ("gmean", "geometric mean of recalls", "labels", "decision", True, False,
     cm.geometric_mean_of_matrix, "imbalanced-learn 0.14: equal values", "Kubat1997"),
    ("kappa", "Cohen's kappa", "labels", "decision", True, False,
     cm.kappa_of_matrix, "scikit-learn 1.9: equal values", "Cohen1960"),
    ("precision", "precision", "labels", "decision", True, True,
     cm.precision_of_cells, "scikit-learn 1.9: equal values", ""),
    ("recall", "recall", "labels", "decision", True, True,
     cm.recall_of_cells, "scikit-learn 1.9: equal values", ""),
    ("specificity", "specificity", "labels", "decision", True, True,
     cm.specificity_of_cells, "scikit-learn 1.9: equal values", ""),
    ("recall@1%", "recall in the top 1%", "scores", "ranking", True, True,
     partial(fn.recall_at_k, k=0.01), "slow reference: mean over all orders of the ties",
     "McSherry2008"),
    ("precision@1%", "precision in the top 1%", "scores", "ranking", True, True,
     partial(fn.precision_at_k, k=0.01), "slow reference: mean over all orders of the ties",
     "McSherry2008"),
)  # fmt: skip

_MANY = {
    "brier": "squared errors summed over the classes",
    "logloss": "-log of the own class's probability",
    "balanced-accuracy": "mean recall over the classes",
    "mcc": "the formula for many classes",
    "gmean": "geometric mean of the classes' recalls",
    "kappa": "the formula for many classes",
}
_AT_K = {"recall": fn.recall_at_k, "precision": fn.precision_at_k}
_TABLE: dict[str, Metric] = {}

for _name, _title, _needs, _objective, _up, _each, _fn, _evidence, _paper in _ROWS:
    _TABLE[_name] = globals()[
        _name.replace("@1%", "_at_1_percent").replace("-", "_").replace(".", "_")
    ] = register(
        name=_name,
        role="metric",
        place="around",
        tasks=("binary", "multiclass"),
        summary=f"{_title[0].upper()}{_title[1:]}; with many classes: {_MANY.get(_name, MACRO)}."
        + (" Any cut: @100, @1%, @5/1000." if "@" in _name else ""),
        evidence=_evidence,
        inputs=(_needs,),
        example={},
        rare_cases="nan where it needs a class with no rows; a class with no rows leaves the mean",
    )(Metric(_name, _fn, _up, _needs, _objective, _title, _each, _MANY.get(_name, MACRO)))


def metric_names() -> list[str]:
    """Return the names in the table, those with a cut as examples of their family.

    Examples
    --------
    >>> metric_names()[:3]
    ['ap', 'roc-auc', 'brier']
    """
    return list(_TABLE)


@lru_cache(maxsize=256)
def get_metric(name: str) -> Metric:
    """Return the metric of that name.

    Parameters
    ----------
    name : str
        A name of `metric_names`, or ``recall@K`` or ``precision@K`` with K a number of rows
        (``100``), a percentage (``1%``) or a share (``5/1000``).

    Raises
    ------
    ParameterError
        If there is none; near names are suggested.

    Examples
    --------
    >>> get_metric("recall@5/1000").title
    'recall in the top 5/1000'
    """
    key = str(name).strip().lower().replace("_", "-")
    if key in _TABLE:
        return _TABLE[key]
    family, at, cut = key.partition("@")
    if at and family in _AT_K:
        return Metric(
            key, partial(_AT_K[family], k=_share(key, cut)), True, "scores", "ranking",
            f"{family} in the top {cut}",
        )  # fmt: skip
    near = suggest(key, [*_TABLE, "recall@100", "precision@100"])
    raise ParameterError(
        f"No metric is called {name!r}.{near} The names are {', '.join(_TABLE)}; "
        "after @ any number of rows, percentage or share."
    )


def _share(name: str, cut: str) -> float:
    """Read the K of ``recall@K``: 100, 1%, 5/1000."""
    try:
        if cut.endswith("%"):
            k = float(cut[:-1]) / 100
        elif "/" in cut:
            part, whole = cut.split("/")
            k = float(part) / float(whole)
        elif cut.isdigit():
            k = float(cut)
            return float(fn.budget_rows(k, k))
        else:
            k = float(cut)
        if 0 < k < 1:
            return k
    except (ValueError, ZeroDivisionError):
        pass
    raise ParameterError(
        f"{name}: {cut!r} after @ is not allowed; it must be a number of rows (100), a percentage "
        "(1%) or a share (5/1000), above nothing and below everything."
    )


def cost_metric(costs: Any) -> Metric:
    """Return the metric "mean cost of a row" for a cost matrix; smaller is better.

    Parameters
    ----------
    costs : array-like of shape (C, C)
        ``costs[i][j]``: what it costs, in the user's unit, to predict class i where j is true.

    Raises
    ------
    ParameterError
        If the matrix is not square or holds a value that is not finite.

    Examples
    --------
    >>> cost_metric([[0, 20], [1, 0]])([0, 1, 0, 1], [0, 1, 1, 0])
    5.25
    """
    matrix = np.asarray(costs, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ParameterError(
            f"cost_metric: costs has shape {matrix.shape}; it must be a square matrix of numbers, "
            "cost[predicted, true]."
        )
    return Metric(
        "mean-cost", partial(_mean_cost, costs=matrix.T), False, "labels", "decision",
        "mean cost", False, "the mean over all rows",
    )  # fmt: skip


def _mean_cost(matrix: np.ndarray, *, costs: np.ndarray) -> np.ndarray:
    if matrix.shape[-2:] != costs.shape:
        raise DataError(f"mean cost: {costs.shape} costs for {matrix.shape[-1]} classes.")
    return cm.ratio((matrix * costs).sum((-2, -1)), matrix.sum((-2, -1)), np.nan)
