"""Vector quantisation: a class, or its part of a stream's window, as few weighted rows."""

from typing import Any, ClassVar

import numpy as np

from rarebird._errors import DataError
from rarebird._params import Instance, Int, OneOf, Real, check_params
from rarebird._threads import parallel_map
from rarebird.registry import register
from rarebird.tables.plan import AllRows, Explicit, Kept, Plan

from .base import Checked, Resampler
from .cluster_centroids import centres_of, check_clustering
from .clustered_under_sampler import first_of_each
from .near_miss import extremes


def lloyd(
    X: np.ndarray, centres: np.ndarray, weights: np.ndarray, *, tol: float = 1e-3
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return centres, each row's cell, and the distortions on the way, which never rise.

    Each step gives a row to its nearest centre and moves the centre to its rows' weighted mean,
    until the distortion sum_i w_i |x_i - c_i|^2 falls by less than the share ``tol``.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> centres, cells, distortions = lloyd(X, np.array([[0.0], [1.0]]), np.ones(4))
    >>> centres.tolist(), cells.tolist(), distortions
    ([[0.5], [8.5]], [0, 0, 1, 1], [113.0, 14.0, 1.0, 1.0])
    """
    distortions: list[float] = []
    while True:
        cells = extremes(X, centres, 1)[:, 0]
        distortions.append(float(weights @ _gaps(X, centres, cells)))
        centres = _means(X, weights, cells, centres)
        if len(distortions) > 1 and distortions[-1] >= distortions[-2] * (1 - tol):
            return centres, cells, distortions


def quantize(
    X: np.ndarray, k: int, weights: np.ndarray, *, tol: float = 1e-3
) -> tuple[np.ndarray, np.ndarray]:
    """Return at most k centres, and the cell of each row, none empty.

    From the mean on, every centre is split in two, c +- 0.01 (f - c) with f its farthest row, and
    `lloyd` settles them, until there are k (Linde, Buzo and Gray, 1980); the last split is of the
    cells with the largest distortion. There are fewer than k if fewer rows differ.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Rows.
    k : int
        Centres wanted.
    weights : ndarray of shape (n,)
        Weight of each row.
    tol : float, default=1e-3
        See `lloyd`.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0], [20.0]])
    >>> centres, cells = quantize(X, 3, np.ones(5))
    >>> centres.ravel().tolist(), cells.tolist()
    ([20.0, 0.5, 8.5], [1, 1, 2, 2, 0])
    """
    cells = np.zeros(len(X), dtype=np.intp)
    centres = _means(X, weights, cells, np.zeros((1, X.shape[1])))
    total = np.inf
    while len(centres) < k:
        gaps = _gaps(X, centres, cells)
        before, total = total, float(weights @ gaps)
        if not total < before * (1 - 1e-12):
            break  # rounding is all that is left
        spread = np.bincount(cells, weights * gaps, minlength=len(centres))
        worst = np.argsort(-spread, kind="stable")[: k - len(centres)]
        worst = np.sort(worst[spread[worst] > 0])
        farthest = np.lexsort((-gaps, cells))[np.searchsorted(np.sort(cells), worst)]
        step = 0.01 * (X[farthest] - centres[worst])
        fresh = centres[worst] - step
        centres[worst] += step
        centres, cells, _ = lloyd(X, np.concatenate([centres, fresh]), weights, tol=tol)
        used, cells = np.unique(cells, return_inverse=True)
        centres = centres[used]
    return centres, cells


def _gaps(X: np.ndarray, centres: np.ndarray, cells: np.ndarray) -> np.ndarray:
    gaps = X - centres[cells]
    return np.einsum("ij,ij->i", gaps, gaps)


def _means(X: np.ndarray, w: np.ndarray, cells: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Return the weighted mean of each cell's rows, and the old centre of an empty cell."""
    total = np.bincount(cells, w, minlength=len(old))
    sums = np.stack([np.bincount(cells, w * column, minlength=len(old)) for column in X.T], axis=1)
    return np.where(total[:, None] > 0, sums / np.maximum(total, 1e-300)[:, None], old)


@register(
    name="vector-quantization",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Large classes, or their part of a stream's window, become few weighted rows.",
    evidence="imbalanced-learn 0.14.2 ClusterCentroids on the same clustering: identical rows; "
    "slow reference; the paper's rules: weights, monotone distortion, small classes untouched",
    rare_cases="one row suffices; a single class is refused, but for a window of a stream",
    example={},
    papers=("pvq",),
)
class VectorQuantizationSampler(Resampler):
    """Under-samples to the code words of a vector quantiser of each class, and windows of a stream.

    A class of no more than K rows stays as it is. A larger one is cut into K cells, and each cell
    gives one row, with the number of rows in the cell as its weight. A stream is given window by
    window to `partial_fit_resample`, which gives at most ``max_rows`` rows a class (Sultan, 2022).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`; ``{"max_rows": 500}`` gives every class the same K. Of
        `fit_resample` only.
    voting : {"hard", "soft"}, default="hard"
        The row of the cell nearest to its centre, or the centre itself.
    estimator : clustering or None, default=None
        Has the parameter ``n_clusters`` and, fitted, ``cluster_centers_``; ``None`` splits cells
        from the mean on, without chance; see `quantize`.
    n_parts : int, default=1
        Parts into which rows are dealt in turn; each is quantised alone, then their code words,
        weighted, together.
    tol : float, default=1e-3
        Share of the distortion that a step must still win.
    max_rows : int, default=1000
        K of `partial_fit_resample`.
    n_jobs : int or None, default=None
        Threads for the parts; the rows do not depend on it.

    Attributes
    ----------
    weights_ : ndarray of shape (n_out,)
        Rows that each row stands for.
    rows_seen_ : dict of label to int
        Rows of the stream so far.

    Raises
    ------
    DataError, ParameterError
        As `Resampler.fit_resample`.

    Notes
    -----
    O(n K d) for a step over n rows of a class, O(log K) rounds of some steps each; the paper
    leaves its quantiser open. There are fewer than K rows where fewer differ.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1], [2], [50], [52], [7]]), np.array([0, 0, 0, 0, 0, 1])
    >>> sampler = VectorQuantizationSampler(sampling_strategy={0: 2})
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new.ravel().tolist(), sampler.weights_.tolist()
    ([1.0, 50.0, 7.0], [3.0, 2.0, 1.0])
    >>> X_new, y_new = VectorQuantizationSampler(max_rows=2).partial_fit_resample(X, y)
    >>> y_new.tolist()
    [0, 0, 1]
    """

    kind = "under"
    sparse_too = False
    rules: ClassVar = {
        "voting": OneOf("hard", "soft"),
        "estimator": OneOf(
            None, Instance("a clustering with fit and predict", methods=("fit", "predict"))
        ),
        "n_parts": Int(min=1),
        "tol": Real(min=0),
        "max_rows": Int(min=1),
        "n_jobs": OneOf(None, Int()),
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        voting: str = "hard",
        estimator: Any = None,
        n_parts: int = 1,
        tol: float = 1e-3,
        max_rows: int = 1000,
        n_jobs: int | None = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.voting = voting
        self.estimator = estimator
        self.n_parts = n_parts
        self.tol = tol
        self.max_rows = max_rows
        self.n_jobs = n_jobs

    def partial_fit_resample(self, X: Any, y: Any, **aligned: Any) -> Any:
        """Return one window of a stream with at most ``max_rows`` rows of each class.

        Parameters
        ----------
        X, y, **aligned
            As `fit_resample`; one class is enough.

        Raises
        ------
        DataError
            If the window has another number of columns than those before, and as `fit_resample`.
        ParameterError
            If a parameter is outside its rule.

        Examples
        --------
        >>> sampler = VectorQuantizationSampler(max_rows=2)
        >>> for start in (0, 100):
        ...     rows = np.arange(start, start + 100.0)[:, None]
        ...     X_new, y_new = sampler.partial_fit_resample(rows, np.ones(100, dtype=int))
        >>> X_new.ravel().tolist(), sampler.weights_.tolist(), sampler.rows_seen_
        ([124.0, 174.0], [50.0, 50.0], {1: 200})
        """
        check_params(type(self).__name__, self.rules, self.get_params(deep=False))
        window = VectorQuantizationWindow(self)
        out = window.fit_resample(X, y, **aligned)
        seen = getattr(self, "rows_seen_", {})
        before = getattr(self, "n_features_in_", window.n_features_in_)
        if seen and before != window.n_features_in_:
            raise DataError(
                f"VectorQuantizationSampler: this window has {window.n_features_in_} columns, the "
                f"stream so far had {before}. Give a new sampler to a new stream."
            )
        self.n_features_in_ = window.n_features_in_
        self.plan_, self.weights_ = window.plan_, window.weights_
        self.rows_seen_ = seen | {
            label: seen.get(label, 0) + n for label, n in window.counts_.items()
        }
        return out

    def _plan(self, data: Checked) -> Plan:
        self.rows_seen_: dict[Any, int] = {}
        plan, self.weights_ = self._quantized(data, data.targets)
        return plan

    def _quantized(self, data: Checked, targets: dict[int, int]) -> tuple[Plan, np.ndarray]:
        """Return the plan, and the weights of its rows."""
        small = all(targets.get(code, n) >= n for code, n in enumerate(data.counts))
        if small:
            return Plan((AllRows(len(data.codes)),)), np.ones(len(data.codes))
        sources: list[Any] = []
        weights = []
        for code, n in enumerate(data.counts):
            members = data.rows_of(code)
            k = targets.get(code, n)
            if k >= n:
                sources.append(Kept(members))
                weights.append(np.ones(n))
            elif k > 0:
                X = data.X[members].astype(float)
                centres, cells = self._cells(X, members % self.n_parts, k)
                sizes = np.bincount(cells, minlength=len(centres))
                near = first_of_each(cells, _gaps(X, centres, cells), np.ones(len(centres), int))
                if self.voting == "hard":
                    sources.append(Kept(members[near]))
                    weights.append(sizes[cells[near]].astype(float))
                else:
                    near = near[np.argsort(cells[near])]
                    labels = np.full(len(centres), code)
                    sources.append(Explicit(centres, labels, members[near][:, None]))
                    weights.append(sizes.astype(float))
        return Plan(tuple(sources)), np.concatenate(weights)

    def _cells(self, X: np.ndarray, part: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the centres of a class, and each row's cell: none is empty."""
        if self.n_parts == 1:
            return self._fit(X, k, np.ones(len(X)))

        def task(number: int) -> tuple[np.ndarray, np.ndarray]:
            own = X[part == number]
            return self._fit(own, k, np.ones(len(own)))

        done = parallel_map(task, range(self.n_parts), self.n_jobs)
        words = np.concatenate([centres for centres, _ in done])
        word_of = np.empty(len(X), dtype=np.intp)
        start = 0
        for number, (centres, cells) in enumerate(done):
            word_of[part == number] = start + cells
            start += len(centres)
        sizes = np.bincount(word_of, minlength=len(words)).astype(float)
        centres, cells = self._fit(words, k, sizes)
        return centres, cells[word_of]

    def _fit(self, X: np.ndarray, k: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the centres of rows, and each row's cell: none is empty."""
        if len(X) <= k:
            return X, np.arange(len(X))
        if self.estimator is None:
            return quantize(X, k, weights, tol=self.tol)
        estimator = check_clustering(self.estimator, type(self).__name__)
        heavy = weights if (weights != 1).any() else None
        centres = centres_of(estimator, X, k, type(self).__name__, weights=heavy)
        used, cells = np.unique(extremes(X, centres, 1)[:, 0], return_inverse=True)
        return centres[used], cells


class VectorQuantizationWindow(Resampler):
    """A window of a stream: what `VectorQuantizationSampler` does to it, one class being enough.

    Parameters
    ----------
    sampler : VectorQuantizationSampler
        Its parameters hold.

    Raises
    ------
    DataError, ParameterError
        As `VectorQuantizationSampler.partial_fit_resample`.

    Examples
    --------
    >>> window = VectorQuantizationWindow(VectorQuantizationSampler(max_rows=1))
    >>> window.fit_resample(np.array([[0.0], [1.0], [5.0]]), np.array([1, 1, 1]))[0].tolist()
    [[1.0]]
    """

    kind = "under"
    sparse_too = False

    def __init__(self, sampler: VectorQuantizationSampler):
        self.sampler = sampler

    def _plan(self, data: Checked) -> Plan:
        labels = [label.item() for label in data.classes]
        self.counts_ = dict(zip(labels, data.counts.tolist(), strict=True))
        most = dict.fromkeys(range(len(data.classes)), self.sampler.max_rows)
        plan, self.weights_ = self.sampler._quantized(data, most)
        return plan
