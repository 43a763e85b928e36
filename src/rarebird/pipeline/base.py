"""The pipeline itself: scikit-learn's fit over steps that may change rows."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import wraps
from typing import Any

from sklearn import get_config
from sklearn import pipeline as sk
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.metaestimators import available_if

from rarebird._typing import LabelsLike, TableLike

from .checks import check_steps
from .rows import OUTER, Follows, Rows, belongs_to_rows, n_rows
from .steps import Sampling, Step, is_skipped, resampling_steps, served

__all__ = ["Pipeline", "make_pipeline"]


def _serve(method: str) -> Any:
    """Return the public method that leaves its work to the fitted steps without the samplers."""

    @wraps(getattr(sk.Pipeline, method))
    def call(self: "Pipeline", *args: Any, **params: Any) -> Any:
        return getattr(served(self), method)(*args, **params)

    return available_if(lambda self: bool(getattr(served(self), method)))(call)


def _last_can(*methods: str) -> Callable[["Pipeline"], bool]:
    def check(self: "Pipeline") -> bool:
        last = self.steps[-1][1]
        passes = is_skipped(last) or (
            resampling_steps(self)[-1] and not isinstance(last, sk.Pipeline)
        )
        return ("transform" in methods and passes) or any(hasattr(_own(last), m) for m in methods)

    return check


def _hands_rows_on(self: "Pipeline") -> bool:
    return is_skipped(self.steps[-1][1]) or (
        any(resampling_steps(self)) and hasattr(served(self), "transform")
    )


class Pipeline(sk.Pipeline):
    """Transformers and samplers one after the other, with an estimator at the end.

    As scikit-learn's pipeline, with samplers (anything with ``fit_resample``) at any step. They
    work in ``fit``, ``fit_transform``, ``fit_predict`` and ``fit_resample`` only; every other
    method sees the rows as they are. A pipeline may be a step: with a sampler in it, it hands on
    the rows and the labels that its own samplers made.

    Parameters
    ----------
    steps : list of (str, object)
        Names and steps. All but the last are transformers, samplers, pipelines of these, or
        ``"passthrough"``; the last may also be any estimator. At the end a sampler counts as one
        that is followed by ``"passthrough"``.
    transform_input : list of str, default=None
        Metadata that earlier steps transform before a step gets it (a validation set, say); needs
        metadata routing. Samplers leave it alone.
    memory : str or joblib.Memory, default=None
        Where fitted transformers and resampled rows are kept for the next fit.
    verbose : bool, default=False
        Whether to report the time that each step takes.

    Raises
    ------
    ParameterError, ParameterTypeError
        In ``fit``: if the names clash or a step is none of the above.
    DataError
        In ``fit``: if an array cannot follow the rows through a sampler.

    Notes
    -----
    **Arrays that belong to the rows.** An array with as many rows as X that is passed to a step
    behind a sampler (``step__sample_weight``, or by metadata routing) is resampled with X. A
    sampler whose ``fit_resample`` ends in ``**aligned`` does this itself; otherwise its
    ``sample_indices_`` tell which values to take; with neither, `DataError` names the step.
    Samplers need no metadata request for it.

    **Inside scikit-learn's pipeline** one with a sampler belongs at the end: elsewhere its
    changed labels cannot reach the steps behind it.

    Errors of a step carry a note with its name. Beyond the steps, the cost is O(number of steps).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> from rarebird.resample import RandomOverSampler
    >>> X, y = np.arange(8.0)[:, None], np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> model = make_pipeline(
    ...     StandardScaler(), RandomOverSampler(random_state=0), LogisticRegression()
    ... ).fit(X, y, logisticregression__sample_weight=np.ones(8))
    >>> model.predict(X).tolist()
    [0, 0, 0, 0, 0, 1, 1, 1]
    >>> model[:2].fit_resample(X, y)[1].tolist()
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    """

    steps: list[tuple[str, Any]]

    def fit(self, X: TableLike, y: LabelsLike = None, **params: Any) -> "Pipeline":
        """Fit every step, the rows transformed and resampled by the steps before it.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n, d)
            Training rows.
        y : array-like of shape (n,), default=None
            Labels.
        **params
            ``step__parameter`` for a step's ``fit``; with metadata routing on, what steps request.
        """
        self._run("fit", X, y, params)
        return self

    @available_if(_last_can("transform", "fit_transform"))
    def fit_transform(self, X: TableLike, y: LabelsLike = None, **params: Any) -> Any:
        """Fit every step and return the last one's rows, resampled; parameters as in `fit`."""
        return self._run("fit_transform", X, y, params).X

    @available_if(_last_can("fit_predict"))
    def fit_predict(self, X: TableLike, y: LabelsLike = None, **params: Any) -> Any:
        """Fit every step and return what the last one's ``fit_predict`` says; see `fit`."""
        return self._run("fit_predict", X, y, params)

    @available_if(_hands_rows_on)
    def fit_resample(self, X: TableLike, y: LabelsLike = None, **params: Any) -> tuple[Any, Any]:
        """Fit every step and return the last one's rows and their labels; parameters as in `fit`.

        There, unless the last step can only predict.
        """
        rows = self._run("fit_transform", X, y, params)
        return rows.X, rows.y

    predict = _serve("predict")
    predict_proba = _serve("predict_proba")
    predict_log_proba = _serve("predict_log_proba")
    decision_function = _serve("decision_function")
    score_samples = _serve("score_samples")
    score = _serve("score")
    transform = _serve("transform")
    inverse_transform = _serve("inverse_transform")
    get_feature_names_out = _serve("get_feature_names_out")

    def set_output(self, *, transform: str | None = None) -> "Pipeline":
        """Set the kind of frame that the transformers return, inner pipelines' too."""
        served(self).set_output(transform=transform)
        return self

    def get_metadata_routing(self) -> Any:
        """Return what the steps request, a sampler's ``fit_resample`` under ``fit``."""
        return sk.Pipeline(self._fit_steps({})).get_metadata_routing()

    def _fit_steps(self, needed: dict[str, int]) -> list[tuple[str, Any]]:
        """Return the steps as scikit-learn fits them; ``needed``: the last user of each array."""
        steps = []
        for index, ((name, step), change) in enumerate(
            zip(self.steps, resampling_steps(self), strict=True)
        ):
            inner = _own(step)
            inner = None if inner is step else inner
            if change:
                carried = tuple(key for key, last in needed.items() if last > index)
                step = Sampling(step, name, inner, carried)
            elif not is_skipped(step):
                step = Step(step, name, inner)
            steps.append((name, step))
        return steps

    def _run(
        self,
        method: str,
        X: TableLike,
        y: LabelsLike,
        params: dict[str, Any],
        outer: dict[str, Any] | None = None,
    ) -> Any:
        """Let scikit-learn fit; ``outer`` holds arrays that follow the rows to the very end."""
        check_steps(self)
        if not any(resampling_steps(self)):
            out = getattr(super(), method)(X, y, **params)
            return Rows(out, y) if method == "fit_transform" else out
        n, unmoved = n_rows(X), self.transform_input or ()
        aligned = {
            key: value
            for key, value in params.items()
            if key not in unmoved and belongs_to_rows(value, n)
        }
        params = {**params, **{key: Follows(key) for key in aligned}}
        needed = self._last_users(method, params)
        for key, value in (outer or {}).items():
            aligned[OUTER + key], needed[OUTER + key] = value, len(self.steps)
        running = copy(self)  # with the callbacks, if any; the steps stay as they are if it fails
        running.steps = self._fit_steps(needed)
        out = getattr(super(Pipeline, running), method)(Rows(X, y, aligned), y, **params)
        self.steps = [
            (name, step.step if isinstance(step, Step) else step) for name, step in running.steps
        ]
        if isinstance(out, Rows):
            out = replace(out, aligned={key: out.aligned[OUTER + key] for key in outer or {}})
        return out

    def _last_users(self, method: str, params: dict[str, Any]) -> dict[str, int]:
        """Return, for each array of the rows, the index of the last step that gets it."""
        index_of = {name: index for index, (name, _) in enumerate(self.steps)}
        arrays = [key for key, value in params.items() if isinstance(value, Follows)]
        if not arrays:
            return {}
        if not get_config()["enable_metadata_routing"]:
            return {key: index_of.get(key.partition("__")[0], -1) for key in arrays}
        routed = process_routing(self, method, **params)
        users = dict.fromkeys(arrays, -1)
        for name, index in index_of.items():
            for values in routed.get(name, {}).values():
                for value in values.values():
                    if isinstance(value, Follows):
                        users[value.key] = index
        return users


def make_pipeline(
    *steps: Any, memory: Any = None, transform_input: list[str] | None = None, verbose: bool = False
) -> Pipeline:
    """Return a `Pipeline` whose steps are named after their classes, in lower case.

    Parameters
    ----------
    *steps : objects
        Transformers, samplers, pipelines, and an estimator at the end.
    memory, transform_input, verbose
        As in `Pipeline`.

    Examples
    --------
    >>> from rarebird.resample import RandomUnderSampler
    >>> list(make_pipeline(RandomUnderSampler(), "passthrough").named_steps)
    ['randomundersampler', 'passthrough']
    """
    return Pipeline(
        sk.make_pipeline(*steps).steps,
        transform_input=transform_input,
        memory=memory,
        verbose=verbose,
    )


def _own(step: Any) -> Any:
    """Return the step, or for another library's pipeline that holds a sampler ours over it."""
    foreign = isinstance(step, sk.Pipeline) and not isinstance(step, Pipeline)
    if not foreign or not any(resampling_steps(step)):
        return step
    return Pipeline(
        step.steps, transform_input=step.transform_input, memory=step.memory, verbose=step.verbose
    )
