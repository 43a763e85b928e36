"""A pipeline with samplers in any place: they change rows in fit, and are skipped ever after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import Parameter, signature
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn import pipeline as sk
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import (
    MetadataRequest,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.metaestimators import available_if

from rarebird._errors import DataError, ParameterError, ParameterTypeError, suggest

__all__ = ["Pipeline", "make_pipeline"]

OUTER = "outer."  # before the names of arrays that only pass through an inner pipeline


def _skipped(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")


def _resamples(pipeline: sk.Pipeline) -> list[bool]:
    """Say of each step whether it changes rows in fit: a sampler, or a pipeline that holds one."""
    last = len(pipeline.steps) - 1
    return [
        any(_resamples(step))
        if isinstance(step, sk.Pipeline)
        else hasattr(step, "fit_resample") and not (place == last and hasattr(step, "predict"))
        for place, (_, step) in enumerate(pipeline.steps)
    ]


def _served(pipeline: sk.Pipeline) -> sk.Pipeline:
    """Return scikit-learn's pipeline over the same steps, with every sampler passed through."""
    steps = []
    for (name, step), change in zip(pipeline.steps, _resamples(pipeline), strict=True):
        if change:
            step = _served(step) if isinstance(step, sk.Pipeline) else "passthrough"
        steps.append((name, "passthrough" if step is None else step))
    return sk.Pipeline(steps)


def _own(step: Any) -> Any:
    """Return the step, or for another library's pipeline that holds a sampler ours over it."""
    foreign = isinstance(step, sk.Pipeline) and not isinstance(step, Pipeline)
    if not foreign or not any(_resamples(step)):
        return step
    return Pipeline(
        step.steps, transform_input=step.transform_input, memory=step.memory, verbose=step.verbose
    )


@dataclass(frozen=True)
class _Rows:
    """What flows through fit in the place of X, so that a step can change y and weights too."""

    X: Any
    y: Any
    aligned: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Follows:
    """Stands for an array that belongs to the rows; a step gets today's from `_Rows`."""

    key: str


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"This happened in step {name!r} of the pipeline.")
        raise


def _step_has(method: str) -> Callable[[Any], bool]:
    return lambda self: hasattr(_own(self.step), method)


class _Step(BaseEstimator):
    """A step as scikit-learn's pipeline sees it in fit: it takes and returns `_Rows`."""

    def __init__(self, step: Any, name: str):
        self.step = step
        self.name = name

    def _values(self, rows: _Rows, params: dict[str, Any]) -> dict[str, Any]:
        return {
            name: rows.aligned[value.key] if isinstance(value, _Follows) else value
            for name, value in params.items()
        }

    def _call(self, method: str, rows: _Rows, params: dict[str, Any]) -> Any:
        step = _own(self.step)
        with _named(self.name):
            out = getattr(step, method)(rows.X, rows.y, **self._values(rows, params))
        if step is not self.step:
            self.step.steps = step.steps
        return out

    def fit(self, X: _Rows, y: Any = None, **params: Any) -> "_Step":
        self._call("fit", X, params)
        return self

    @available_if(_step_has("fit_transform"))
    def fit_transform(self, X: _Rows, y: Any = None, **params: Any) -> _Rows:
        return replace(X, X=self._call("fit_transform", X, params))

    @available_if(_step_has("fit_predict"))
    def fit_predict(self, X: _Rows, y: Any = None, **params: Any) -> Any:
        return self._call("fit_predict", X, params)

    @available_if(_step_has("transform"))
    def transform(self, X: Any, **params: Any) -> Any:
        if not isinstance(X, _Rows):
            return self.step.transform(X, **params)
        with _named(self.name):
            return replace(X, X=self.step.transform(X.X, **self._values(X, params)))

    def get_metadata_routing(self) -> Any:
        return get_routing_for_object(_own(self.step))

    def __sklearn_is_fitted__(self) -> bool:
        return True  # the step itself says it better


class _Sampling(_Step):
    """A step that changes rows; ``carried`` names the arrays that later steps need."""

    def __init__(self, step: Any, name: str, carried: tuple[str, ...] = ()):
        super().__init__(step, name)
        self.carried = carried

    def fit(self, X: _Rows, y: Any = None, **params: Any) -> "_Sampling":
        self._call("fit" if hasattr(self.step, "fit") else "fit_resample", X, params)
        return self

    def fit_transform(self, X: _Rows, y: Any = None, **params: Any) -> _Rows:
        carried = {key: X.aligned[key] for key in self.carried}
        values = self._values(X, params)
        with _named(self.name):
            if not isinstance(self.step, sk.Pipeline):
                return _resampled(self.step, self.name, X, values, carried)
            inner = _own(self.step)
            rows = inner._run("fit_transform", X.X, X.y, values, carried)
            self.step.steps = inner.steps
            return rows

    def transform(self, X: Any, **params: Any) -> Any:
        if isinstance(self.step, sk.Pipeline):
            return _served(self.step).transform(X, **params)
        return X

    def get_metadata_routing(self) -> Any:
        if isinstance(self.step, sk.Pipeline):
            return super().get_metadata_routing()
        # fit_resample is none of scikit-learn's methods; here it gets what fit asks for. A name
        # that was never asked for is no error: the pipeline resamples what later steps need.
        asked = get_routing_for_object(self.step)
        request = MetadataRequest(owner=type(self.step).__name__)
        for method in ("fit_resample", "fit"):
            for name, alias in getattr(getattr(asked, method, None), "requests", {}).items():
                if alias is True or isinstance(alias, str):
                    request.fit.add_request(param=name, alias=alias)
        return request


def _resampled(
    sampler: Any, name: str, rows: _Rows, params: dict[str, Any], carried: dict[str, Any]
) -> _Rows:
    """Return the rows that a sampler makes, with the arrays that follow them."""
    takes = signature(sampler.fit_resample).parameters.get("aligned")
    if carried and takes is not None and takes.kind is Parameter.VAR_KEYWORD:
        params = {key: value for key, value in params.items() if key not in carried}
        out = sampler.fit_resample(rows.X, rows.y, **params, **carried)
        return _Rows(out[0], out[1], dict(zip(carried, out[-len(carried) :], strict=True)))
    X, y = sampler.fit_resample(rows.X, rows.y, **params)[:2]
    if not carried:
        return _Rows(X, y)
    index = getattr(sampler, "sample_indices_", None)
    if index is None or len(index) != _n_rows(X):
        names = ", ".join(key.replace(OUTER, "") for key in carried)
        raise DataError(
            f"Pipeline: {names} cannot follow the rows through step {name!r} "
            f"({type(sampler).__name__}), which does not say what its new rows are made of. Use "
            "the sampler of that name in rarebird.resample, one with sample_indices_ "
            f"(RandomOverSampler, say), or leave {names} out."
        )
    index = np.asarray(index)
    return _Rows(X, y, {key: _take(values, index) for key, values in carried.items()})


def _n_rows(X: Any) -> int:
    shape = getattr(X, "shape", None)
    return shape[0] if shape else len(X if hasattr(X, "__len__") else np.asarray(X))


def _belongs_to_rows(value: Any, n: int) -> bool:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return len(shape) > 0 and shape[0] == n
    return (isinstance(value, (list, tuple)) or hasattr(value, "__array__")) and len(value) == n


def _take(values: Any, index: np.ndarray) -> Any:
    if isinstance(values, (list, tuple)):
        return [values[i] for i in index.tolist()]
    if hasattr(values, "iloc"):
        return values.iloc[index]
    if hasattr(values, "tocsr"):
        return values.tocsr()[index]
    if isinstance(values, np.ndarray) or not hasattr(values, "take"):
        return values[index]
    return values.take(index)  # PyArrow


def _serve(method: str) -> Any:
    """Return the public method that leaves its work to the fitted steps without the samplers."""

    @wraps(getattr(sk.Pipeline, method))
    def served(self: "Pipeline", *args: Any, **params: Any) -> Any:
        return getattr(_served(self), method)(*args, **params)

    return available_if(lambda self: bool(getattr(_served(self), method)))(served)


def _last_can(*methods: str) -> Callable[["Pipeline"], bool]:
    def check(self: "Pipeline") -> bool:
        last = self.steps[-1][1]
        passes = _skipped(last) or (_resamples(self)[-1] and not isinstance(last, sk.Pipeline))
        return ("transform" in methods and passes) or any(hasattr(_own(last), m) for m in methods)

    return check


def _hands_rows_on(self: "Pipeline") -> bool:
    return _skipped(self.steps[-1][1]) or (
        any(_resamples(self)) and hasattr(_served(self), "transform")
    )


class Pipeline(sk.Pipeline):
    """Transformers and samplers one after the other, with an estimator at the end.

    As scikit-learn's pipeline, with samplers (anything with ``fit_resample``) in any place. They
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

    **Inside scikit-learn's pipeline** one with a sampler belongs at the end: in another place its
    changed labels cannot reach the steps behind it.

    Errors of a step carry a note with its name. Beyond the steps, the cost is O(number of steps).

    Examples
    --------
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

    def fit(self, X: Any, y: Any = None, **params: Any) -> "Pipeline":
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
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit every step and return the last one's rows, resampled; parameters as in `fit`."""
        return self._run("fit_transform", X, y, params).X

    @available_if(_last_can("fit_predict"))
    def fit_predict(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit every step and return what the last one's ``fit_predict`` says; see `fit`."""
        return self._run("fit_predict", X, y, params)

    @available_if(_hands_rows_on)
    def fit_resample(self, X: Any, y: Any = None, **params: Any) -> tuple[Any, Any]:
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
        _served(self).set_output(transform=transform)
        return self

    def get_metadata_routing(self) -> Any:
        """Return what the steps request, a sampler's ``fit_resample`` under ``fit``."""
        return sk.Pipeline(self._fit_steps({})).get_metadata_routing()

    def _fit_steps(self, needed: dict[str, int]) -> list[tuple[str, Any]]:
        """Return the steps as scikit-learn fits them; ``needed``: the last user of each array."""
        steps = []
        for place, ((name, step), change) in enumerate(
            zip(self.steps, _resamples(self), strict=True)
        ):
            if change:
                carried = tuple(key for key, last in needed.items() if last > place)
                step = _Sampling(step, name, carried)
            elif not _skipped(step):
                step = _Step(step, name)
            steps.append((name, step))
        return steps

    def _run(
        self,
        method: str,
        X: Any,
        y: Any,
        params: dict[str, Any],
        outer: dict[str, Any] | None = None,
    ) -> Any:
        """Let scikit-learn fit; ``outer`` holds arrays that follow the rows to the very end."""
        self._check_steps()
        if not any(_resamples(self)):
            out = getattr(super(), method)(X, y, **params)
            return _Rows(out, y) if method == "fit_transform" else out
        n, unmoved = _n_rows(X), self.transform_input or ()
        aligned = {
            key: value
            for key, value in params.items()
            if key not in unmoved and _belongs_to_rows(value, n)
        }
        params = {**params, **{key: _Follows(key) for key in aligned}}
        needed = self._last_users(method, params)
        for key, value in (outer or {}).items():
            aligned[OUTER + key], needed[OUTER + key] = value, len(self.steps)
        running = copy(self)  # with the callbacks, if any; the steps stay as they are if it fails
        running.steps = self._fit_steps(needed)
        out = getattr(super(Pipeline, running), method)(_Rows(X, y, aligned), y, **params)
        self.steps = [
            (name, step.step if isinstance(step, _Step) else step) for name, step in running.steps
        ]
        if isinstance(out, _Rows):
            out = replace(out, aligned={key: out.aligned[OUTER + key] for key in outer or {}})
        return out

    def _last_users(self, method: str, params: dict[str, Any]) -> dict[str, int]:
        """Return, for each array of the rows, the place of the last step that gets it."""
        places = {name: place for place, (name, _) in enumerate(self.steps)}
        arrays = [key for key, value in params.items() if isinstance(value, _Follows)]
        if not arrays:
            return {}
        if not get_config()["enable_metadata_routing"]:
            return {key: places.get(key.partition("__")[0], -1) for key in arrays}
        routed = process_routing(self, method, **params)
        users = dict.fromkeys(arrays, -1)
        for name, place in places.items():
            for values in routed.get(name, {}).values():
                for value in values.values():
                    if isinstance(value, _Follows):
                        users[value.key] = place
        return users

    def _check_steps(self) -> None:
        try:
            pairs = [(name, step) for name, step in self.steps]
        except (TypeError, ValueError):
            raise ParameterTypeError(
                f"Pipeline: steps={self.steps!r} is not allowed; it must be a list of "
                "(name, step) pairs. make_pipeline(*steps) finds names itself."
            ) from None
        if not pairs:
            raise ParameterError("Pipeline: The pipeline is empty. Please add steps.")
        names = [name for name, _ in pairs]
        taken = self.get_params(deep=False)
        for name in names:
            if names.count(name) > 1:
                raise ParameterError(f"Pipeline: Names provided are not unique: {name!r} is twice.")
            if name in taken or "__" in name:
                raise ParameterError(
                    f"Pipeline: a step cannot be called {name!r}; a name must not contain __ and "
                    f"must not be one of {', '.join(taken)}."
                )
        for place, (name, step) in enumerate(pairs):
            _check_step(name, step, place == len(pairs) - 1)


def _check_step(name: str, step: Any, is_last: bool) -> None:
    """Raise unless the step can stand where it stands."""
    if _skipped(step):
        return
    who = f"Pipeline: step {name!r} ({step if isinstance(step, str) else type(step).__name__})"
    if isinstance(step, str):
        hint = suggest(step, ["passthrough"])
        raise ParameterTypeError(f"{who}: the only text allowed is 'passthrough'.{hint}")
    if isinstance(step, type):
        raise ParameterTypeError(
            f"Pipeline: step {name!r} is the class {step.__name__}; give an instance, "
            f"{step.__name__}()."
        )
    samples = hasattr(step, "fit_resample")
    if is_last:
        if not samples and not hasattr(step, "fit"):
            raise ParameterTypeError(
                f"{who} is the last one and has neither fit nor fit_resample. Last step of "
                "Pipeline should implement fit or be the string 'passthrough'."
            )
        return
    inner = isinstance(step, sk.Pipeline)
    target = _served(step) if inner else step
    transforms = hasattr(target, "transform") and (
        hasattr(target, "fit") or hasattr(target, "fit_transform")
    )
    if samples and transforms and not inner:
        raise ParameterTypeError(
            f"{who} has both fit_resample and transform, so it is unclear which one is meant; wrap "
            "it in a class that has only one."
        )
    if not (samples or transforms):
        raise ParameterTypeError(
            f"{who} is not the last one, so it must implement fit and transform or fit_resample, "
            "or be the string 'passthrough'."
        )


def make_pipeline(
    *steps: Any,
    memory: Any = None,
    transform_input: list[str] | None = None,
    verbose: bool = False,
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
