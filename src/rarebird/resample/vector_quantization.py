"""Vector quantisation: a class, or its part of a stream's window, as few weighted rows."""

from typing import Annotated, Any

import numpy as np

from rarebird._params import OneOf, Real
from rarebird._threads import parallel_map
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows, Explicit

from .checked import FOR_CLASSES, Checked
from .clusters import ClusteringRule, centres_of, check_clustering, first_of_each
from .extremes import extremes
from .parameters import Jobs, Positive
from .quantizer import quantize, squared_distances
from .under_sampler import UnderSampler


@register(
    name="vector-quantization",
    **FOR_CLASSES,
    summary="Large classes, or their part of a stream's window, become few weighted rows.",
    evidence="imbalanced-learn 0.14.2 ClusterCentroids on the same clustering: identical rows; "
    "slow reference; the paper's rules: weights, monotone distortion, small classes untouched",
    rare_cases="one row suffices; a single class is refused, but for a window of a stream",
    example={},
    papers=("pvq",),
)
class VectorQuantizationSampler(UnderSampler):
    """Under-samples to the code words of a vector quantiser of each class, and windows of a stream.

    A class of no more than K rows stays as it is. A larger one is cut into K cells, and each cell
    gives one row, with the number of rows in the cell as its weight. A stream is given window by
    window to `partial_fit_resample`, which gives at most ``max_rows`` rows a class; of a window
    one class is enough (Sultan, 2022).

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
    >>> sampler = VectorQuantizationSampler(max_rows=2)
    >>> for start in (0, 100):
    ...     rows = np.arange(start, start + 100.0)[:, None]
    ...     X_new, y_new = sampler.partial_fit_resample(rows, np.ones(100, dtype=int))
    >>> X_new.ravel().tolist(), sampler.weights_.tolist(), sampler.rows_seen_
    ([124.0, 174.0], [50.0, 50.0], {1: 200})
    """

    sparse_too = False
    voting: Annotated[str, OneOf("hard", "soft")] = "hard"
    estimator: Annotated[Any, ClusteringRule] = None
    n_parts: Positive = 1
    tol: Annotated[float, Real(min=0)] = 1e-3
    max_rows: Positive = 1000
    n_jobs: Jobs = None

    def _targets(self, target: Any, *, streaming: bool) -> dict[int, int]:
        if streaming:
            return dict.fromkeys(range(len(target.classes)), self.max_rows)
        self.rows_seen_: dict[Any, int] = {}
        return super()._targets(target, streaming=streaming)

    def _plan(self, data: Checked) -> Plan:
        small = all(data.targets.get(code, n) >= n for code, n in enumerate(data.counts))
        weights = data.once("weights", dict[int, np.ndarray])
        plan = Plan((AllRows(len(data.codes)),)) if small else super()._plan(data)
        counts = enumerate(data.counts.tolist())
        self.weights_ = np.concatenate([weights.get(code, np.ones(n)) for code, n in counts])
        if "stream_rng_" in vars(self):
            seen = getattr(self, "rows_seen_", {})
            now = zip(data.classes.tolist(), data.counts.tolist(), strict=True)
            self.rows_seen_ = seen | {label: seen.get(label, 0) + n for label, n in now}
        return plan

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray | Explicit:
        members = data.rows_of(code)
        if n_keep >= len(members) or n_keep == 0:
            data.memory["weights"][code] = np.ones(len(members[:n_keep]))
            return members[:n_keep]
        X = data.X[members].astype(float)
        centres, cells = self._cells(X, members % self.n_parts, n_keep)
        sizes = np.bincount(cells, minlength=len(centres)).astype(float)
        away = squared_distances(X, centres, cells)
        near = first_of_each(cells, away, np.ones(len(centres), int))
        if self.voting == "hard":
            data.memory["weights"][code] = sizes[cells[near]]
            return members[near]
        data.memory["weights"][code] = sizes
        return Explicit(centres, members[near[np.argsort(cells[near])]][:, None])

    def _cells(self, X: np.ndarray, part: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the centres of a class, and each row's cell: none is empty."""
        if self.n_parts == 1:
            return self._fitted(X, k, np.ones(len(X)))

        def task(number: int) -> tuple[np.ndarray, np.ndarray]:
            own = X[part == number]
            return self._fitted(own, k, np.ones(len(own)))

        done = parallel_map(task, range(self.n_parts), self.n_jobs)
        words, word_of = np.empty((0, X.shape[1])), np.empty(len(X), dtype=np.intp)
        for number, (centres, cells) in enumerate(done):
            word_of[part == number] = len(words) + cells
            words = np.concatenate([words, centres])
        sizes = np.bincount(word_of, minlength=len(words)).astype(float)
        centres, cells = self._fitted(words, k, sizes)
        return centres, cells[word_of]

    def _fitted(self, X: np.ndarray, k: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
